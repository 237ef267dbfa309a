package explore

// Bounds that break something on purpose. What they break, and how, is the
// reason for a rule.

// timeWaitZero: TIME-WAIT ends as soon as it begins, and an old duplicate meets
// the next connection (RFC 9293 section 3.6.1).
func timeWaitZero() Bound {
	b := reuse()
	b.Name, b.TimeWaitLess, b.Breaks = "time-wait-zero", 2, OwnText|RealFIN|NoReset
	return b
}

// timeWaitHalf: TIME-WAIT is one MSL. That outlives old text, but not what the
// peer sends again meanwhile because the last ACK was lost.
func timeWaitHalf() Bound {
	b := reuse()
	b.Name, b.TimeWaitLess, b.Breaks = "time-wait-half", 1, NoReset
	return b
}

// lastACKLost: TIME-WAIT is as long as it ought to be, but the last ACK is lost and
// the FIN that the peer sends again is late: it begins its way before TIME-WAIT
// ends and arrives in the next connection.
func lastACKLost() Bound {
	b := reuse()
	b.Name, b.Losses, b.Breaks = "last-ack-lost", 1, RealFIN|NoReset
	return b
}

// closeInHandshake: a CLOSE in SYN-RECEIVED leads to FIN-WAIT-1, where no state
// tells any more that our SYN was never acknowledged. An end that has crashed and
// was woken by an old SYN so joins a connection of its former life.
func closeInHandshake() Bound {
	b := crashes()
	b.Name, b.Breaks = "close-in-handshake", KnownPair
	b.Users[1] = []Call{listen, crash, listen, closeCall.joined()}
	return b
}

// assassination: a RST ends TIME-WAIT, as RFC 9293 has it. The three hazards of
// RFC 1337 follow.
func assassination() Bound {
	b := reuse()
	b.Name, b.Assassination, b.Breaks = "assassination", true, OwnText|FullTimeWait|NoReset
	return b
}

// halfOpen: an end crashes, and without keep-alives nobody tells the other.
func halfOpen() Bound {
	b := crashes()
	b.Name, b.Keepalive, b.Breaks = "half-open", false, NoDeadlock
	return b
}
