package track

import (
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// strange is a set of what is odd about a header, whatever the connection.
type strange uint8

const (
	strangeOption strange = 1 << iota
	strangeACK
	strangeSACK
)

func strangeOf(p *packet.Segment) (odd strange) {
	if p.Marks&packet.OptionsMalformed != 0 {
		odd = strangeOption
	}
	if p.TCP.Flags&tcp.ACK == 0 && p.TCP.Ack != 0 {
		odd |= strangeACK
	}
	if p.Options.Blocks != 0 && repeated(p) {
		odd |= strangeSACK
	}
	return odd
}

// anomalies returns the set in the words of the whole package.
func (s strange) anomalies() (odd Anomalies) {
	if s&strangeOption != 0 {
		odd = BadOption
	}
	if s&strangeACK != 0 {
		odd |= AckUnflagged
	}
	if s&strangeSACK != 0 {
		odd |= DSACK
	}
	return odd
}

// repeated tells whether the first SACK block tells of text that arrived twice: it
// lies below the acknowledgment, or within the second block (RFC 2883 section 4).
func repeated(p *packet.Segment) bool {
	blocks := p.Options.Received()
	first := blocks[0]
	if p.TCP.Flags&tcp.ACK != 0 && first.Right.LessEqual(p.TCP.Ack) {
		return true
	}
	return len(blocks) > 1 && blocks[1].Left.LessEqual(first.Left) && first.Right.LessEqual(blocks[1].Right)
}
