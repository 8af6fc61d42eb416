// Package picture reads picture files that people bring: decodes them within bounds, scales them upright, and takes out what
// they say besides their pixels: where and with what a photo was taken is nobody else's business. All functions are pure and
// take bytes from anybody.
package picture
