package packet

import "encoding/binary"

// Decoder takes frames apart. The zero value is ready. It is not safe for
// concurrent use: each goroutine has its own.
type Decoder struct {
	// SkipChecksums leaves Segment.Checksum at ChecksumUnchecked and IPChecksumBad
	// unset. It saves a pass over the text.
	SkipChecksums bool
	// Counts says how many frames came to which end.
	Counts Reasons

	// The frame at hand. Layers take their headers off by moving at.
	b      []byte // captured octets, up to the end of the layer at hand
	at     int    // where the layer at hand begins
	end    int    // where it ended on the wire; beyond len(b) if the capture cut it
	reason Reason // why there is no segment
	hidden bool   // addresses under the checksum are not known
	parted bool   // an outer packet was fragmented, so what is inside ends early
}

// step reads the header at the cursor and returns what reads the next one, or
// nil when the reason is known.
type step func(*Decoder, *Segment) step

// maxSteps is how many headers a frame may have, and maxTunnels how many
// tunnels. What has more is no traffic but an attack on those who look at it.
const (
	maxSteps   = 48
	maxTunnels = 8
)

// Decode reads the frame into the segment and counts the outcome. Only with
// IsSegment does the segment mean something.
func (d *Decoder) Decode(f *Frame, s *Segment) Reason {
	s.reset(f)
	d.hidden = false
	if !d.plain(f, s) {
		return d.follow(f, s)
	}
	d.Counts[IsSegment]++
	return IsSegment
}

// follow goes from header to header.
func (d *Decoder) follow(f *Frame, s *Segment) Reason {
	d.b, d.at, d.end = f.Data, 0, max(f.Length, len(f.Data))
	d.reason, d.parted = TooDeep, false
	next := f.Link.step()
	for n := 0; next != nil && n < maxSteps; n++ {
		next = next(d, s)
	}
	d.b = nil
	d.Counts[d.reason]++
	return d.reason
}

// step returns the reader of a link type's first header.
func (l LinkType) step() step {
	switch l {
	case LinkEthernet:
		return ethernet
	case LinkRaw, LinkRawBSD, LinkRawOpen:
		return rawIP
	case LinkIPv4:
		return ip4
	case LinkIPv6:
		return ip6
	case LinkNull, LinkLoop:
		return loopback
	case LinkSLL:
		return sll
	case LinkSLL2:
		return sll2
	case Link80211:
		return wifi
	case LinkRadiotap:
		return radiotap
	case LinkPPP, LinkPPPHDLC:
		return ppp
	case LinkPPPD:
		return pppDirected
	case LinkPPPoE:
		return pppoe
	case LinkLLC:
		return llc
	case LinkCiscoHDLC:
		return ciscoHDLC
	case LinkMPLS:
		return mpls
	case LinkNFLOG:
		return nflog
	default:
		return unknownLink
	}
}

func unknownLink(d *Decoder, _ *Segment) step { return d.stop(UnknownLink) }

// stop ends the frame with a reason.
func (d *Decoder) stop(r Reason) step {
	d.reason = r
	return nil
}

// short ends a frame that has no n octets left: the capture was cut, or, where
// the packet itself ended before, the header is damaged.
func (d *Decoder) short(n int, damaged Reason) step {
	if d.at+n <= d.end || d.parted {
		return d.stop(CutShort)
	}
	return d.stop(damaged)
}

// rest returns the captured octets from the cursor on.
func (d *Decoder) rest() []byte { return d.b[d.at:] }

// bound ends the layer n octets behind the cursor. What stands behind is
// padding or a trailer. A layer that claims to be longer than the one around it
// is believed, for captures lie about lengths, but marked.
func (d *Decoder) bound(s *Segment, n int) {
	end := d.at + n
	if end > d.end && !d.parted {
		s.Marks |= LengthBeyondFrame
	}
	d.end = end
	if len(d.b) > end {
		d.b = d.b[:end]
	}
}

// enter notes a tunnel.
func (d *Decoder) enter(s *Segment, kind Tunnel, id uint32, next step) step {
	if s.Tunnels == maxTunnels {
		return d.stop(TooDeep)
	}
	s.Tunnels++
	s.Tunnel, s.TunnelID = kind, id
	return next
}

// rawIP tells IPv4 from IPv6 by the version field.
func rawIP(d *Decoder, _ *Segment) step {
	b := d.rest()
	if len(b) == 0 {
		return d.short(1, DamagedLink)
	}
	switch b[0] >> 4 {
	case 4:
		return ip4
	case 6:
		return ip6
	default:
		return d.stop(NotIP)
	}
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
