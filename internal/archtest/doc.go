// Package archtest holds the rules about who may import whom, as a test over go list. It has no other code.
package archtest
