// Package detect tells a SYN flood from what looks like one, as a state machine
// over samples: it has no clock, reads nothing and changes nothing.
//
// It has no threshold of traffic. What begins a suspicion is the kernel's own
// word that a queue of half-open connections was full. What decides is whether
// those who ask also come: of the SYNs of a flood next to none becomes a
// connection, of those of a crowd nearly all. Between the two poles the middle is
// taken. A full accept queue is a program that does not accept, and no flood.
//
// What ends a defence is the same in reverse, with a lower mark: the SYNs that
// still come are those of clients, or what stays of them would fill less than
// half of the queue; and it has been so for the whole hold. A flood that comes
// back sooner than it was forgotten is waited for twice as long as it stayed
// away, so that one that comes in pulses is met once.
//
// Times are since one moment of the caller's choice, by a clock that does not
// jump. Counters only rise; where one falls, it began anew.
package detect
