package packet

import "github.com/synoptic-net/synoptic/tcp"

// readTCP reads the segment (RFC 9293 section 3.1). The fixed header must have
// been captured; options may be cut.
func readTCP(d *Decoder, s *Segment) step {
	const least = 20
	b := d.rest()
	if len(b) < least {
		return d.shortTCP(s, least)
	}
	header, size := int(b[12]>>4)*4, d.end-d.at
	switch {
	case header < least:
		return d.stop(DamagedTCP)
	case header > size:
		return d.shortTCP(s, header)
	}
	s.Tuple.SourcePort, s.Tuple.DestinationPort = be16(b), be16(b[2:])
	s.TCP.Seq, s.TCP.Flags = tcp.Seq(be32(b[4:])), tcp.Flags(b[13])
	s.TCP.Ack = tcp.Seq(be32(b[8:]))
	s.TCP.Window, s.Urgent = tcp.Size(be16(b[14:])), be16(b[18:])
	s.TCP.Data = tcp.Size(size - header)
	if header > least {
		captured := min(header, len(b))
		s.readOptions(b[least:captured], header-captured)
	}
	d.text(s, b, header, size)
	d.reason = IsSegment
	return nil
}

// shortTCP tells a header that the fragment ends before from one that the
// capture cut and from one that lies.
func (d *Decoder) shortTCP(s *Segment, n int) step {
	switch {
	case d.at+n <= d.end:
		return d.stop(CutShort)
	case s.Marks.Has(Fragmented):
		return d.stop(TinyFragment)
	default:
		return d.stop(DamagedTCP)
	}
}

// text notes where the captured text is and judges the checksum.
func (d *Decoder) text(s *Segment, b []byte, header, size int) {
	if len(b) > header {
		s.TextAt, s.TextSize = uint32(d.at+header), uint32(len(b)-header)
	}
	if len(b) < size {
		s.Marks |= Truncated
	}
	switch {
	case d.SkipChecksums:
	case len(b) < size || d.hidden || s.Marks.Has(Fragmented):
		s.Checksum = ChecksumUnknown
	default:
		s.Checksum = checksumTCP(b[:size], &s.Tuple)
	}
}
