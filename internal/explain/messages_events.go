package explain

// eventMessages say what the kernel told as it happened.
var eventMessages = map[string]sentence{
	"segments-dropped":    counting(1, "the kernel dropped one segment (%[2]s) here, %[3]s", "the kernel dropped %[1]d segments (%[2]s) here, %[3]s"),
	"dropped-at-hook":     always("by a firewall rule at the %[1]s hook (%[2]s)"),
	"dropped-in-function": always("in %[1]s (%[2]s)"),
	"dropped-for-reason":  always("for the reason %[1]s"),

	"synacks-never-left":       counting(1, "the kernel told of one SYN-ACK that it dropped before it left", "the kernel told of %[1]d SYN-ACKs that it dropped before they left"),
	"clients-come-again":       counting(1, "one client came back with another SYN, as forged addresses never do", "%[1]d clients came back with another SYN, as forged addresses never do"),
	"clients-came-once":        always("most clients were seen once only, as forged addresses would be"),
	"answers-came-and-went":    counting(1, "one SYN-ACK came, and this host dropped it", "%[1]d SYN-ACKs came, and this host dropped them"),
	"acks-came-and-went":       counting(1, "one ACK came, and this host dropped it", "%[1]d ACKs came, and this host dropped them"),
	"established-dropped-here": counting(1, "A connection with %[2]s gets nothing through: this host itself drops its segments (%[3]s).", "%[1]d connections with %[2]s get nothing through: this host itself drops their segments (%[3]s)."),
	"dropped-by-this-host":     counting(1, "the kernel told of one segment that a rule of this host dropped", "the kernel told of %[1]d segments that a rule of this host dropped"),
	"remedy-find-rule-here":    always("Find the rule of this host that drops them, and let established connections pass"),

	"sent-again":            counting(1, "one segment was sent again in %[2]s in the window", "segments were sent again %[1]d times in %[2]s in the window"),
	"given-up":              counting(1, "one connection with %[2]s was given up in the window (ETIMEDOUT)", "%[1]d connections with %[2]s were given up in the window (ETIMEDOUT)"),
	"acks-refused":          counting(1, "one final ACK of a handshake met the full accept queue", "%[1]d final ACKs of handshakes met the full accept queue"),
	"no-neighbour-created":  counting(1, "one segment could not be sent for lack of a neighbour entry (NEIGH_CREATEFAIL)", "%[1]d segments could not be sent for lack of a neighbour entry (NEIGH_CREATEFAIL)"),
	"reverse-path-dropped":  counting(1, "the kernel told of one TCP segment that it dropped so (IP_RPFILTER)", "the kernel told of %[1]d TCP segments that it dropped so (IP_RPFILTER)"),
	"no-answer-filtered":    always("none of the segments that were dropped is an answer to a SYN"),
	"resets-by-reason":      counting(1, "one RST was sent in %[3]s (%[2]s)", "%[1]d RSTs were sent in %[3]s (%[2]s)"),
	"resets-without-socket": counting(1, "one RST was sent for no connection (%[2]s)", "%[1]d RSTs were sent for no connection (%[2]s)"),
	"syns-refused":          counting(1, "what was refused is one SYN, and no SYN-ACK", "what was refused are %[1]d SYNs, and no SYN-ACK"),
	"reset-in-state":        counting(1, "a RST ended one connection in %[2]s", "RSTs ended %[1]d connections in %[2]s"),
}
