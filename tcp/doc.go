// Package tcp describes one TCP connection as RFC 9293 does: its eleven states,
// its sequence space, its segments, and the table of transitions.
//
// The table is data. A Row says what an end does when an Event happens in a
// State while a Guard holds, where that is written, and what Linux does instead.
// An arriving segment is first reduced to Facts by Classify; Next then finds the
// row. What a row asks for is named by Actions and carried out by somebody else.
// The rows stand in rows_*.go, a file for each family of states.
//
// The package is pure: it has no clock, opens no file and no socket, and imports
// only the standard library.
package tcp
