package track

import "strings"

// Anomalies is a set of things worth telling about a segment or a connection.
type Anomalies uint64

// The anomalies. docs/anomalies.md says what each means.
const (
	SYNAgain               Anomalies = 1 << iota // the SYN once more
	SYNACKAgain                                  // the SYN,ACK once more
	SYNInside                                    // a SYN with another ISN on a live connection
	SYNACKOther                                  // a SYN,ACK that acknowledges no SYN that was captured
	BothSYN                                      // both ends sent a SYN: simultaneous open
	BothFIN                                      // both FINs passed each other: simultaneous close
	FINAgain                                     // the FIN once more
	FINMoved                                     // a FIN at another place than the first
	TextAgain                                    // text that was captured before
	Gap                                          // octets before this segment were not captured
	AckUnseen                                    // an acknowledgment of octets that were not captured
	TextAfterFIN                                 // text behind the FIN
	AfterReset                                   // a segment from an end that had sent a RST
	ResetInexact                                 // a RST in the window, not where it must be believed
	ResetOutside                                 // a RST that a receiver must ignore
	OutsideWindow                                // text beyond the window that the receiver gave
	Keepalive                                    // asks an idle end for an acknowledgment
	WindowProbe                                  // text sent into a closed window
	ZeroWindow                                   // the end takes no more text
	TextOnSYN                                    // a SYN with text
	FINOnSYN                                     // SYN and FIN in one segment
	ResetText                                    // a RST with text
	NoACK                                        // a segment inside a connection without the ACK bit
	Contradiction                                // the sender was in no state to send this
	RoleGuessed                                  // who opened the connection is a guess by the ports
	Reused                                       // the same addresses and ports carried an earlier connection
	LargeScale                                   // a window scale above 14
	CapturedTwice                                // a packet that was captured before; nothing else is made of it
	OutOfOrder                                   // text that was missing for a moment
	GapFilled                                    // text that was missing, sent again
	FastRetransmission                           // text again that duplicate acknowledgments asked for
	SpuriousRetransmission                       // text again that was acknowledged
	DuplicateACK                                 // an acknowledgment again, while text is under way
	DSACK                                        // tells of text that arrived twice
	KeepaliveACK                                 // the answer to a keep-alive
	WindowProbeACK                               // the answer to a window probe
	WindowFull                                   // text up to the edge of the window
	WindowOpened                                 // the end takes text again
	WindowShrunk                                 // the window's edge moved back
	BadOption                                    // a TCP option of a wrong size
	AckUnflagged                                 // an acknowledgment number without the ACK bit
	ResetOnSYN                                   // SYN and RST in one segment
	SYNTextIgnored                               // a SYN,ACK that leaves the text of the SYN out

	anomalies = iota
)

var anomalyNames = [anomalies]string{
	"syn-again", "syn-ack-again", "syn-inside", "syn-ack-other", "simultaneous-open", "simultaneous-close",
	"fin-again", "fin-moved", "text-again", "gap", "ack-unseen", "text-after-fin", "after-reset",
	"reset-inexact", "reset-outside", "outside-window", "keepalive", "window-probe", "zero-window",
	"text-on-syn", "fin-on-syn", "reset-text", "no-ack", "contradiction", "role-guessed", "reused", "large-scale",
	"captured-twice", "out-of-order", "gap-filled", "fast-retransmission", "spurious-retransmission",
	"duplicate-ack", "dsack", "keepalive-ack", "window-probe-ack", "window-full", "window-opened", "window-shrunk",
	"bad-option", "ack-unflagged", "reset-on-syn", "syn-text-ignored",
}

// AnomalyList returns every anomaly, in the order of Summary.Anomalies.
func AnomalyList() []Anomalies {
	all := make([]Anomalies, anomalies)
	for i := range all {
		all[i] = 1 << i
	}
	return all
}

// List returns the anomalies of the set one by one.
func (a Anomalies) List() []Anomalies {
	var all []Anomalies
	for ; a != 0; a &= a - 1 {
		all = append(all, a&-a)
	}
	return all
}

// Has tells whether every one of the given anomalies is in the set.
func (a Anomalies) Has(b Anomalies) bool { return a&b == b }

// String joins the stable names with commas.
func (a Anomalies) String() string {
	var names []string
	for i, name := range anomalyNames {
		if a>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}
