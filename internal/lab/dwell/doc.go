// Package dwell compares how long the two witnesses of a connection say that an
// end stood in a state: the kernel that holds the end, and the packets that were
// captured beside it.
//
// A dwell interval is one stay of one end in one state of RFC 9293, section
// 3.3.2, with its two edges. CLOSED and LISTEN are no stays: there is no
// connection. The tests of the package make connections in namespaces of their
// own and hold the one witness against the other.
package dwell
