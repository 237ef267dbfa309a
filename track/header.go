package track

import (
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// headerOf names what is odd about a header, whatever the connection.
func headerOf(p *packet.Segment) (odd Anomalies) {
	if p.Marks&packet.OptionsMalformed != 0 {
		odd = BadOption
	}
	if p.TCP.Ack != 0 && p.TCP.Flags&tcp.ACK == 0 {
		odd |= AckUnflagged
	}
	if p.Options.Blocks != 0 && repeated(p) {
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
