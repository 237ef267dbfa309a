// Package tcp describes one TCP connection as RFC 9293 does: its eleven states,
// its sequence space, its segments, and the table of transitions.
//
// The table is data. A Row says what an end does when an Event happens in a
// State while a Guard holds, where that is written, and what Linux does instead.
// An arriving segment is first reduced to Facts by Classify; Next then finds the
// row. The rows stand in rows_*.go, a file for each family of states. Who only
// observes a connection asks the table what a segment must have done.
//
// An Endpoint is the machine itself: it takes the rows and carries out the
// Actions that they name, with the variables, queues and timers of one end. A
// Listener is a passive OPEN that stays, with its two queues. Both are told what
// happens and when, and answer with what is to be done.
//
// The package is pure: it has no clock, opens no file and no socket, and imports
// only the standard library.
package tcp
