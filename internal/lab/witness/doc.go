// Package witness compares what three witnesses say of the same connections of
// one host at the same time: the kernel's list of sockets (sock_diag), its events
// as they happened (tracepoint and iterator), and the packets that were captured.
//
// Each names a state of RFC 9293, section 3.3.2, for the host's own end. Where
// two of them differ, the difference has a reason with a name and a proof, or it
// is unexplained. The package owns no clock and reads nothing.
package witness
