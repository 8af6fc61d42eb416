// Package picture reads what a picture file says besides its pixels, and takes it out: where and with what a photo was taken
// is nobody else's business. All functions are pure and take bytes from anybody.
package picture
