package explain

// finWaitMessages belong to causes of FIN-WAIT-1, FIN-WAIT-2, CLOSING and
// LAST-ACK.
var finWaitMessages = map[string]sentence{
	"half-close-held": counting(2,
		"%[1]s has finished sending on one connection and neither reads nor closes it.",
		"%[1]s has finished sending on %[2]d connections and neither reads nor closes them."),
	"half-close-held-refuted":     always("bytes arriving on these connections: then a half-closed transfer is in use"),
	"half-close-held-fate":        always("FIN-WAIT-2 that a program holds has no timer, whatever tcp_fin_timeout says: they stay until %[1]s closes them or the peer sends its FIN"),
	"still-owned":                 always("a program still holds them; of an orphan the kernel would be rid after tcp_fin_timeout"),
	"remedy-close-after-shutdown": always("Fix the program: after shutdown() read to the end with a time limit, then close()"),
}
