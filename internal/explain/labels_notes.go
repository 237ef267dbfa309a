package explain

// noteLabels are what commands say beside their answer, and the line of check.
var noteLabels = map[string]sentence{
	"window-left": always("looking, %[1]s s left (Ctrl-C ends it early) "),

	"probe-announce": counting(1,
		"probing 1 host: at most 10 packets a second, and once more what stays silent (Ctrl-C stops it)",
		"probing %[1]d hosts: at most 10 packets a second, and once more what stays silent (Ctrl-C stops it)"),
	"probe-segment": always("an empty TCP segment on idle connections with"),
	"probe-echo":    always("an ICMP echo request to"),
	"probe-connect": always("a new TCP connection, reset as soon as it stands, to"),
	"probe-ports":   always("%[1]s, port%[2]s"),
	"probe-also":    always("hosts that leave their segments unanswered get an ICMP echo request too"),
	"probe-risk": always("risk: a peer that has forgotten its connection answers RST, with a number that our kernel ignores; " +
		"in one of many thousands it does not, and the connection, which was dead, ends"),

	"record-done":            always("recorded %[1]s s, %[2]d sockets: %[3]s"),
	"record-done-namespaces": always("recorded %[1]s s, %[2]d sockets in %[3]d network namespaces: %[4]s"),
	"lab-building":           always("building the world, and looking at it ..."),
	"lab-building-one":       always("building %[1]s ..."),
	"lab-inside":             always("You are on %[1]s; \"exit\" ends it all. From another terminal:"),
	"lab-stands":             always("The world stands until you press Enter. From another terminal:"),
	"lab-progress":           always("%[1]d of %[2]d scenarios"),
	"walk-progress":          always("%[1]d of %[2]d edges"),

	"check-fine":     always("no problem found"),
	"check-finding":  always("%[1]s (%[2]s): %[3]s"),
	"check-unjudged": always("%[1]s cannot be judged: it needs %[2]s"),
	"check-no-limit": always("%[1]d sockets in %[2]s, and no limit that they come near"),
	"check-limit":    always("%[1]s uses %[2]s %% of a limit, %[3]s"),

	"capture-taken":      counting(1, "1 packet on %[2]s in %[3]s s, %[4]s", "%[1]d packets on %[2]s in %[3]s s, %[4]s"),
	"capture-none-lost":  always("none dropped"),
	"capture-lost":       always("%[1]d dropped in %[2]d overflows (capture less: FILTER, --sample, --snaplen)"),
	"capture-written":    always("%[1]s: %[2]s"),
	"capture-no-segment": counting(1, "1 packet not shown: no TCP segment", "%[1]d packets not shown: no TCP segment"),

	"comment-connection": always("connection %[1]s, originator %[2]s, responder %[3]s"),
	"comment-moved":      always(" to "), // between two states
	"comment-finding":    always("finding %[1]s (%[2]s, %[3]s): %[4]s"),
	"comment-end":        always("comments end where more than %[1]d packets came in a second, to spare the host"),

	"read-progress":    always("reading %[1]s, %[2]d %% "),
	"read-progress-mb": always("reading %[1]s, %[2]d MB "),

	"witness-head":    always("Three witnesses, at the end of the window:"),
	"witness-sockets": always("SOCKETS"),
	"witness-events":  always("EVENTS"),
	"witness-packets": always("PACKETS"),
	"witness-agree":   always("They agree about every connection."),
	"witness-differ":  always("%[1]d in %[2]s by sockets, %[3]s by %[4]s: %[5]s (%[6]s)"),
	"witness-or":      always(" or "),
}
