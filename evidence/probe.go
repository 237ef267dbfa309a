package evidence

import "net/netip"

// ProbeKind says what is sent to learn whether a peer lives.
type ProbeKind string

// The kinds.
const (
	// ProbeSegment is an empty segment of a connection with numbers that do not fit.
	// Who has the connection acknowledges it and changes nothing (RFC 9293 section
	// 3.10.7.4), who has not resets it.
	ProbeSegment ProbeKind = "segment"
	// ProbeConnect is a new connection to the same port, reset once it stands.
	ProbeConnect ProbeKind = "connect"
	// ProbeEcho is an ICMP echo request. It proves little: a gateway may answer in
	// the peer's name, and many hosts answer TCP and no echo.
	ProbeEcho ProbeKind = "echo"
)

// ProbeAnswer says what came back.
type ProbeAnswer string

// The answers.
const (
	AnswerNone        ProbeAnswer = ""
	AnswerSegment     ProbeAnswer = "segment"     // an acknowledgment, or text: the peer has the connection
	AnswerReset       ProbeAnswer = "reset"       // RST: the host is there, the connection or the program is not
	AnswerAccepted    ProbeAnswer = "accepted"    // the new connection stood
	AnswerEcho        ProbeAnswer = "echo"        // an echo reply
	AnswerUnreachable ProbeAnswer = "unreachable" // an ICMP error, or no way from here
)

// Probe is one question to a peer and its answer. Addresses are those of the
// connection that it is about.
type Probe struct {
	Kind   ProbeKind      `json:"kind"`
	Local  netip.AddrPort `json:"local"`
	Remote netip.AddrPort `json:"remote"`
	Sent   int            `json:"sent,omitempty"` // times; 0 when it could not be sent
	Answer ProbeAnswer    `json:"answer,omitempty"`
	After  float64        `json:"after_seconds,omitempty"` // from the last sending to the answer
	Why    string         `json:"why,omitempty"`           // it could not be sent or waited for

	Timestamps bool `json:"-"` // the connection carries them (RFC 7323), so its segments must too
}

// Asked tells whether it left this host.
func (p *Probe) Asked() bool { return p.Sent > 0 }

// Silent tells whether it left this host, was waited for, and nothing came back.
func (p *Probe) Silent() bool { return p.Asked() && p.Answer == AnswerNone && p.Why == "" }
