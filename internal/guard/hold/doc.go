// Package hold is the life of a guard: one process holds the defence of one
// network namespace, and nothing of it outlives that process unnoticed.
//
// Three parties share it. The session, in the process that decides, attaches the
// programs of package bpf, arms listeners, and makes changes through package apply,
// whose journal is on disk before each change. The reaper, a child in a session of
// its own, holds the same programs and waits for the end of a socket: however the
// guard ends, also by kill -9, the reaper lets every SYN pass, takes the SYN path
// off, undoes the journals, and keeps only the path of ACKs for clients whose
// cookie is under way. The kernel is the third: programs and links live only as
// long as somebody holds them, and armed listeners fall silent when the lease is
// not renewed. If guard and reaper die at once, the links are gone with them, and
// the journals tell the next session, or "guard revert", what to put back.
//
// One guard a network namespace: the name of a socket that belongs to the
// namespace is the lock, and the way to ask its holder. Through it a new version
// takes everything over, keys and counters included, without one SYN unanswered.
//
// Everything is done in the network namespace of the thread that calls Begin.
package hold
