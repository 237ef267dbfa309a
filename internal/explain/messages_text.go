package explain

// textMessages belong to diagnoses of pasted text.
var textMessages = map[string]sentence{
	"text-pile":         counting(1, "One connection in %[2]s; a text of one moment shows that, and not why.", "%[1]d connections in %[2]s; a text of one moment shows that, and not why."),
	"text-pile-refuted": always("a second text, a little later, in which other connections are in this state: then they come and go, and are no pile"),
	"text-pile-fate":    always("timers tell, and this text has none that could be judged; \"synoptic diagnose\" on that host reads them"),
	"text-port":         counting(1, "one of the %[2]d is on local port %[3]s", "%[1]d of the %[2]d are on local port %[3]s"),
	"text-target":       counting(1, "one of the %[2]d goes to %[3]s", "%[1]d of the %[2]d go to %[3]s"),
	"text-peers":        always("peers: %[1]d different; networks (/24, or /48 for IPv6): %[2]d"),
	"text-rival":        always("makes such a pile; counters, timers and a second look would tell"),
}
