// Package feedback reads what receivers report (RTCP, RFC 3550 section 6 and RFC 4585) without allocating for what comes
// often. It is pure: bytes in, values out.
//
// Start reading at Each.
package feedback
