package track

// Anomalies is a set of things worth telling about a segment or a connection.
type Anomalies uint32

// The anomalies. docs/anomalies.md says what each means.
const (
	SYNAgain        Anomalies = 1 << iota // the SYN once more
	SYNACKAgain                           // the SYN,ACK once more
	SYNInside                             // a SYN with another ISN on a live connection
	SYNACKOther                           // a SYN,ACK that acknowledges no SYN that was captured
	BothSYN                               // both ends sent a SYN: simultaneous open
	BothFIN                               // both FINs passed each other: simultaneous close
	FINAgain                              // the FIN once more
	FINMoved                              // a FIN at another place than the first
	TextAgain                             // text that was captured before
	Gap                                   // octets before this segment were not captured
	AckUnseen                             // an acknowledgment of octets that were not captured
	TextAfterFIN                          // text behind the FIN
	AfterReset                            // a segment from an end that had sent a RST
	ResetInexact                          // a RST in the window, not where it must be believed
	ResetOutside                          // a RST that a receiver must ignore
	OutsideWindow                         // text beyond the window that the receiver gave
	Keepalive                             // asks an idle end for an acknowledgment
	WindowProbe                           // text sent into a closed window
	ZeroWindow                            // the end takes no more text
	TextOnSYN                             // a SYN with text
	FINOnSYN                              // SYN and FIN in one segment
	ResetText                             // a RST with text
	NoACK                                 // a segment inside a connection without the ACK bit
	Contradiction                         // the sender was in no state to send this
	RoleGuessed                           // who opened the connection is a guess by the ports
	Reused                                // the same addresses and ports carried an earlier connection
	DuplicatePacket                       // the packet was captured twice
	LargeScale                            // a window scale above 14

	anomalyEnd
)
