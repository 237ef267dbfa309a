package tcp

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// A SYN cookie is an ISS that says all that a listener must know of a half-open
// connection (RFC 4987 section 3.6 and appendix A): from the top, 5 bits of a
// count of time, 3 bits for the peer's MSS, 24 bits of a keyed hash over sockets,
// IRS and those 8 bits.

// cookieMSS are the sizes of segments that a cookie can remember, octets.
var cookieMSS = [8]uint16{256, 536, 1024, 1220, 1360, 1440, 1460, 8960}

const (
	cookieTick = 64 * time.Second // unit of the count of time
	cookieAge  = 1                // a cookie is good in its tick and this many after it
	countBits  = 1<<5 - 1
	hashBits   = 1<<24 - 1
)

// cookie returns the ISS with which a SYN is answered.
func (l *Listener) cookie(syn Packet) Seq {
	index := 0
	for i, size := range cookieMSS {
		if size <= syn.Options.MSS {
			index = i
		}
	}
	count := uint32(l.now/cookieTick) & countBits
	return l.cookieOf(syn, syn.Segment.Seq, count<<3|uint32(index))
}

func (l *Listener) cookieOf(p Packet, irs Seq, top uint32) Seq {
	var buffer [64]byte
	b := appendSocket(buffer[:0], p.Source)
	b = appendSocket(b, p.Destination)
	b = binary.BigEndian.AppendUint32(b, uint32(irs))
	b = append(b, byte(top))
	return Seq(top<<24 | uint32(l.cfg.CookieHash(b))&hashBits)
}

func appendSocket(b []byte, s netip.AddrPort) []byte {
	if addr := s.Addr().Unmap(); addr.IsValid() {
		as16 := addr.As16()
		b = append(b, as16[:]...)
	}
	return binary.BigEndian.AppendUint16(b, s.Port())
}

// cookieOpens returns the SYN that an acknowledgment answers to, made up again
// from the cookie in SEG.ACK; false if that is no cookie of ours, or too old.
func (l *Listener) cookieOpens(p Packet) (syn Packet, iss Seq, ok bool) {
	iss, irs := p.Segment.Ack.Sub(1), p.Segment.Seq.Sub(1)
	top := uint32(iss) >> 24
	age := (uint32(l.now/cookieTick) - top>>3) & countBits
	if age > cookieAge || l.cookieOf(p, irs, top) != iss {
		return Packet{}, 0, false
	}
	syn = Packet{Source: p.Source, Destination: p.Destination,
		Segment: Segment{Seq: irs, Flags: SYN, Window: p.Segment.Window},
		Options: Options{MSS: cookieMSS[top&7]}}
	return syn, iss, true
}
