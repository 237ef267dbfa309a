// Package host holds what a kernel said about its TCP connections: sockets,
// snapshots, counters, settings, routes, neighbours and processes. It is pure
// data: who read it, and how, is not its concern.
//
// Kernel spellings and numbers of the states live here, in one table
// (vocabulary.go), and nowhere else.
package host
