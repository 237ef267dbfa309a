// Package walk drives real Linux sockets over the edges of the TCP state
// machine. A scripted peer on the other end of a wire sends segments, a program
// makes system calls, and the kernel's own list of sockets says in which state
// the connection is before and after.
//
// Every edge is data: where it begins and ends, in which way, and a script.
// Meanwhile an Endpoint of package tcp holds whole conversations with the kernel.
//
// Nothing outside the namespaces that it makes is touched.
package walk
