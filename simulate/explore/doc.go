// Package explore tries every interleaving of two tcp.Endpoints within a bound:
// a breadth-first model checker for the state machine of RFC 9293.
//
// A Bound says what the users do and how often the network may lose, duplicate
// and retransmit too early. Run takes every order of calls, arrivals and
// timeouts that the bound allows, checks the Invariants in each joint state, and
// returns a Report: how many joint states there are, which pairs of states and
// which rows of the table were met, and for each broken invariant a shortest
// run that breaks it.
//
// # A joint state
//
// It is the two ends, the packets under way, what is left of the bound, and what
// the invariants need to remember. Ends and packets are numbered as they are
// met, so a joint state is some 25 octets and is compared exactly: two are taken
// for one only if they are one, and no hash can hide a joint state. What an end
// does with a packet is computed once. An end is known by Endpoint.AppendKey and
// its absolute ISS and IRS; an end in CLOSED by its history alone.
//
// # The network
//
// Packets under way arrive in any order. A loss is decided when the packet is
// sent and a duplication when it arrives, the copy staying under way: any other
// moment gives the same runs. A copy may also never arrive.
//
// # Time
//
// The explorer has no clock. Anything under way may arrive and any timer may
// fire in any order, except for what follows from three assumptions: no packet
// lives longer than one MSL (RFC 9293 section 3.4.1), TIME-WAIT lasts 2 MSL
// (section 3.4.2), and a retransmission timeout is shorter than an MSL.
//
//   - An end in TIME-WAIT counts two MSLs. One is over only when all that was
//     under way at its beginning has arrived, or was a copy, which is then gone.
//   - It is over only if the peer's retransmission timer has not run through it
//     without firing.
//   - A retransmission timer fires at will while nothing but copies is under way.
//     Else it is early, and the bound says how often that may be. An end gives up
//     (R2) only when nothing is under way and its peer has nothing left to repeat.
//   - A keep-alive is sent when nothing else goes on; hours have passed, and no
//     copy is left. Users lose patience only when the network has been cut.
//
// So TIME-WAIT outlives every packet sent before it and every answer to one, and
// nothing else; what two ends in TIME-WAIT count is not compared. Timeouts are
// all alike, and ACKs are not limited in rate (RFC 9293 by the letter).
//
// The package is pure: it has no clock, opens no file and no socket.
package explore
