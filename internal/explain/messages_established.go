package explain

// establishedMessages belong to causes of ESTABLISHED.
var establishedMessages = map[string]sentence{
	"peer-vanished": counting(2,
		"%[1]s is gone without a FIN: one connection of %[3]s still shows as ESTABLISHED, and nothing answers.",
		"%[1]s is gone without a FIN: %[2]d connections of %[3]s still show as ESTABLISHED, and nothing answers."),
	"peers-vanished":           always("%[1]d peers are gone without a FIN, with a connection or a few each (%[2]d in all): clients that went out of reach."),
	"try-new-connections":      always("whether those hosts are gone or only these connections are dropped, new connections to them would tell"),
	"peer-vanished-refuted":    always("any segment from that address"),
	"peer-vanished-fate":       always("the kernel gives up within %[1]d s and the program gets ETIMEDOUT"),
	"unanswered":               counting(1, "one socket repeats what it sent or asks by keepalive (at most %[2]d in a row) without an answer", "%[1]d sockets repeat what they sent or ask by keepalive (at most %[2]d in a row) without an answer"),
	"silence":                  always("nothing was heard on them for up to %[1]d s"),
	"window-open":              always("the retransmission or keepalive timer runs, not the zero-window probe: the peer never said that its window is closed"),
	"neighbour-failed":         always("the link layer gets no answer from %[1]s or from the gateway towards it"),
	"link-layer-silent":        always("not even the link layer is answered, so no rule for TCP is to blame"),
	"try-new-connection":       always("a new connection to %[1]s would tell whether the host is gone or only these connections are dropped"),
	"small-segments-lost":      always("segments smaller than the maximum are lost too"),
	"only-full-segments":       always("only full-size segments are outstanding; a ping of that size with don't-fragment would tell"),
	"remedy-kill-dead":         always("End these sockets now; the program gets an error and can clean up"),
	"remedy-kill-dead-risk":    always("a peer that was only cut off for a while loses its connections; there is no undo"),
	"remedy-user-timeout":      always("Let the program set TCP_USER_TIMEOUT, and SO_KEEPALIVE where connections are idle, so that it notices within seconds"),
	"remedy-user-timeout-risk": always("a path that is interrupted for longer than the timeout ends the connections"),
}
