package text

// anomalyMeanings say what is odd; docs/anomalies.md says more.
var anomalyMeanings = map[string]string{
	"syn-again": "the SYN once more", "syn-ack-again": "the SYN,ACK once more", "syn-inside": "a SYN with another ISN on a live connection",
	"syn-ack-other": "a SYN,ACK for no SYN that was captured", "simultaneous-open": "both ends sent a SYN", "simultaneous-close": "both FINs passed each other",
	"fin-again": "the FIN once more", "fin-moved": "a FIN at another place than the first", "text-again": "text captured before: sent again",
	"gap": "octets before it were not captured", "ack-unseen": "acknowledges what was not captured", "text-after-fin": "text behind the FIN",
	"after-reset": "from an end that had sent a RST", "reset-inexact": "a RST in the window, not where it must be believed",
	"reset-outside": "a RST that must be ignored", "outside-window": "text beyond the window", "keepalive": "asks an idle end for a sign of life",
	"window-probe": "text sent into a closed window", "zero-window": "the end takes no more text", "text-on-syn": "a SYN with text",
	"fin-on-syn": "SYN and FIN in one segment", "reset-text": "a RST with text", "no-ack": "no ACK bit inside a connection",
	"contradiction": "its sender was in no state to send it", "role-guessed": "who opened is guessed by the ports",
	"reused": "the same addresses and ports carried an earlier connection", "large-scale": "a window scale above 14",
}

// notReadMeanings say why a packet gave no segment, or a segment no connection.
var notReadMeanings = map[string]string{
	"unknown-link": "a link type that is not read", "not-ip": "another protocol than IP", "udp": "UDP", "icmp": "ICMP",
	"other-transport": "IP with another protocol", "later-fragment": "a fragment behind the first", "tiny-fragment": "a fragment that ends in the TCP header",
	"encrypted": "encrypted", "compressed": "compressed headers", "cut-short": "the capture ends before the TCP header does",
	"damaged-link": "a damaged link-layer header", "damaged-ip": "a damaged IP header", "damaged-tcp": "a damaged TCP header", "too-deep": "too many headers",
	"no-room": "no memory to follow the connection: --memory", "bad-checksum": "a wrong checksum: the receiver drops it", "equal-ends": "both ends are the same",
}
