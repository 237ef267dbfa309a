package track

import "github.com/synoptic-net/synoptic/tcp"

// Word is how a connection went, in the vocabulary of Zeek's conn_state.
type Word uint8

// The words.
const (
	OTH    Word = iota // no SYN was captured
	S0                 // a SYN that nobody answered
	S1                 // established, not ended
	SF                 // established, ended by both
	REJ                // the SYN was refused with a RST
	S2                 // the Originator ended its direction, the Responder did not
	S3                 // the Responder did, the Originator did not
	RSTO               // the Originator sent a RST
	RSTR               // the Responder sent a RST
	RSTOS0             // a SYN and then a RST from the Originator, nothing from the Responder
	RSTRH              // a SYN,ACK and a RST from the Responder, no SYN from the Originator
	SH                 // a SYN and a FIN from the Originator, nothing from the Responder
	SHR                // a SYN,ACK and a FIN from the Responder, no SYN from the Originator
	words
)

var wordNames = [words]string{"OTH", "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR"}

// String returns Zeek's word.
func (w Word) String() string {
	if w < words {
		return wordNames[w]
	}
	return "conn_state?"
}

// word judges what both ends have sent. As with Zeek, an end that was not heard
// from its SYN on counts as absent until it ends.
func (c *core) word() Word {
	o, r := &c.ends[c.originator()], &c.ends[1-c.originator()]
	began, answered := o.opened(), r.opened()
	switch {
	case r.sentAny(sentRST) && began && !answered && !o.sentAny(sentACK):
		return REJ
	case r.sentAny(sentRST):
		return either(began, RSTR, RSTRH)
	case o.sentAny(sentRST):
		return either(answered, RSTO, RSTOS0)
	case o.has(finSeen) && r.has(finSeen):
		return SF
	case o.has(finSeen):
		return either(answered, S2, SH)
	case r.has(finSeen):
		return either(began, S3, SHR)
	case began && answered:
		return S1
	case began && !r.has(heard) && !o.sentAny(sentACK):
		return S0
	default:
		return OTH
	}
}

func either(yes bool, a, b Word) Word {
	if yes {
		return a
	}
	return b
}

// opened tells whether a SYN of the end was captured.
func (e *end) opened() bool { return e.sentAny(sentSYN | sentSYNACK) }

func (e *end) sentAny(s sent) bool { return sent(e.sent)&s != 0 }

// pair returns the likely states, the Originator's first.
func (c *core) pair() (tcp.State, tcp.State) {
	o := c.originator()
	return c.ends[o].showing(), c.ends[1-o].showing()
}
