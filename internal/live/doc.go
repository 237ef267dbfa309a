// Package live tells every transition of every TCP connection of a host as it
// happens, in RFC 9293 words.
//
// Two sources are joined. A tracepoint tells at once of everything that happens
// to full sockets (source "event"), with its own time, the process whose system
// call it is, and the time in the state that was left. Of two kinds of object no
// tracepoint tells: half-open requests, which become sockets only when the
// handshake is over, and the minisockets that wait in TIME-WAIT or, for a program
// that closed, in FIN-WAIT-2. These are looked at several times a second (source
// "iterator"): that a half-open connection began is told late but with its right
// time, that one ended is told with the time at which it was first missed, once
// enough looks have missed it.
//
// Beside transitions it tells mishaps, if they are asked for: segments that this
// host drops and why, RSTs, what is sent again, and errors of sockets.
//
// An entry into TIME-WAIT is an event: the socket's last one. What goes by
// between two looks is not seen: a half-open connection that was refused at
// once, but never one that opened.
package live
