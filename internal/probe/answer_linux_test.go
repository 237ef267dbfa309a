package probe

import (
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// FuzzAnswer: whatever comes is read without harm, and only a segment from the
// peer's port to ours is an answer.
func FuzzAnswer(f *testing.F) {
	local, remote := netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("198.51.100.7:40000")
	p := &evidence.Probe{Kind: evidence.ProbeSegment, Local: local, Remote: remote, Timestamps: true}
	for flags, want := range map[tcp.Flags]evidence.ProbeAnswer{
		tcp.ACK: evidence.AnswerSegment, tcp.RST: evidence.AnswerReset, tcp.RST | tcp.ACK: evidence.AnswerReset,
		tcp.SYN | tcp.ACK: evidence.AnswerNone, tcp.SYN: evidence.AnswerNone,
	} {
		b := tcp.AppendSegment(nil, tcp.Packet{Source: remote, Destination: local, Segment: tcp.Segment{Flags: flags}})
		if got := answerOf(b, p); got != want {
			f.Errorf("%v is read as %q, want %q", flags, got, want)
		}
		f.Add(b)
		f.Add(tcp.AppendSegment([]byte{0x45, 19: 0}, forged(p)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e := echo{v4: true, id: 7}
		_ = e.mine(payload(b, true))
		for _, v4 := range []bool{true, false} {
			rest := payload(b, v4)
			if answer := answerOf(rest, p); answer != evidence.AnswerNone && (len(rest) < 20 || rest[0] != 40000>>8 || rest[3] != 80) {
				t.Errorf("%x is read as %q", b, answer)
			}
		}
	})
}

// The second segment is on the other side of every window, and keeps the rest.
func TestAgainIsHalfWayRound(t *testing.T) {
	p := forged(&evidence.Probe{Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: netip.MustParseAddrPort("198.51.100.7:9"), Timestamps: true})
	q := again(p)
	if q.Segment.Seq-p.Segment.Seq != 1<<31 || q.Segment.Ack-p.Segment.Ack != 1<<31 || q.Segment.Timestamp.Value-p.Segment.Timestamp.Value != 1<<31 {
		t.Errorf("%v after %v", q, p)
	}
	if q.Segment.Flags != tcp.ACK || len(q.Text) != 0 || !q.Segment.Timestamp.Present {
		t.Errorf("%v", q)
	}
}
