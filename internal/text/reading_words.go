package text

// anomalyMeanings say what is odd; docs/anomalies.md says more.
var anomalyMeanings = map[string]string{
	"syn-again": "the SYN once more", "syn-ack-again": "the SYN,ACK once more", "syn-inside": "a SYN with another ISN on a live connection",
	"syn-ack-other": "a SYN,ACK for no SYN that was captured", "simultaneous-open": "both ends sent a SYN", "simultaneous-close": "both FINs passed each other",
	"fin-again": "the FIN once more", "fin-moved": "a FIN at another place than the first", "text-again": "text captured before: sent again",
	"gap": "octets before it were not captured", "ack-unseen": "acknowledges what was not captured", "text-after-fin": "text behind the FIN",
	"after-reset": "from an end that had sent a RST", "reset-inexact": "a RST in the window, not where it must be believed",
	"reset-outside": "a RST that must be ignored", "outside-window": "text beyond the window", "keepalive": "asks an idle end for a sign of life",
	"window-probe": "asks an end whose window is closed", "zero-window": "the end takes no more text", "text-on-syn": "a SYN with text",
	"fin-on-syn": "SYN and FIN in one segment", "reset-text": "a RST with text", "no-ack": "no ACK bit inside a connection",
	"contradiction": "its sender was in no state to send it", "role-guessed": "who opened is guessed by the ports",
	"reused": "the same addresses and ports carried an earlier connection", "large-scale": "a window scale above 14",
	"captured-twice": "a packet that was captured before: nothing else is made of it", "out-of-order": "text that was missing for a moment",
	"gap-filled": "text that was missing: sent again, lost before the capture", "fast-retransmission": "text that duplicate acknowledgments asked for",
	"spurious-retransmission": "text that was acknowledged: sent again for nothing", "duplicate-ack": "the same acknowledgment while text is under way",
	"dsack": "tells of text that arrived twice", "keepalive-ack": "a sign of life that was asked for", "window-probe-ack": "the answer to a window probe",
	"window-full": "text up to the edge of the window", "window-opened": "the end takes text again", "window-shrunk": "the window's edge moved back",
	"bad-option": "a TCP option of a wrong size", "ack-unflagged": "an acknowledgment number without the ACK bit",
	"reset-on-syn": "SYN and RST in one segment", "syn-text-ignored": "a SYN,ACK that leaves the SYN's text out",
}

// notReadMeanings say why a packet gave no segment, or a segment no connection.
var notReadMeanings = map[string]string{
	"unknown-link": "a link type that is not read", "not-ip": "another protocol than IP", "udp": "UDP", "icmp": "ICMP",
	"other-transport": "IP with another protocol", "later-fragment": "a fragment behind the first", "tiny-fragment": "a fragment that ends in the TCP header",
	"encrypted": "encrypted", "compressed": "compressed headers", "cut-short": "the capture ends before the TCP header does",
	"damaged-link": "a damaged link-layer header", "damaged-ip": "a damaged IP header", "damaged-tcp": "a damaged TCP header", "too-deep": "too many headers",
	"no-room": "no memory to follow the connection: --memory", "bad-checksum": "a wrong checksum: the receiver drops it", "equal-ends": "both ends are the same",
}
