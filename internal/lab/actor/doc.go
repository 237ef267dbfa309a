// Package actor is the other side of the lab: what our own binary does when the
// lab runs it again inside a namespace, as a server that leaks, a client that
// never closes, a pool, a proxy, a scanner or a flood. An actor is told what to
// do in one line of JSON at a time on standard input, answers each on standard
// output, and ends when standard input does, so that it never outlives the lab.
package actor
