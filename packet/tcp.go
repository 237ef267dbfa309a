package packet

import "github.com/synoptic-net/synoptic/tcp"

const leastTCP = 20 // octets of a TCP header without options

// readTCP reads the segment (RFC 9293 section 3.1). The fixed header must have
// been captured; options may be cut.
func readTCP(d *Decoder, s *Segment) step {
	b := d.rest()
	if len(b) < leastTCP {
		return d.shortTCP(s, leastTCP)
	}
	header, size := int(b[12]>>4)*4, d.end-d.at
	switch {
	case header < leastTCP:
		return d.stop(DamagedTCP)
	case header > size:
		return d.shortTCP(s, header)
	}
	d.segment(s, d.b, d.at, d.end)
	return d.stop(IsSegment)
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

// segment reads a header that is known to fit. The segment is captured[at:] and
// ended at end on the wire.
func (d *Decoder) segment(s *Segment, captured []byte, at, end int) {
	b, size := captured[at:], end-at
	header := s.tcpFields(b)
	s.TCP.Data = tcp.Size(size - header)
	if header > leastTCP {
		present := min(header, len(b))
		s.readOptions(b[leastTCP:present], header-present)
	}
	if len(b) > header {
		s.TextAt, s.TextSize = uint32(at+header), uint32(len(b)-header)
	}
	if len(b) < size {
		s.Marks |= Truncated
	}
	if !d.SkipChecksums {
		s.Checksum = d.check(s, b, size)
	}
}

// tcpFields reads the fixed header and returns the size of the whole one.
func (s *Segment) tcpFields(b []byte) int {
	b = b[:leastTCP]
	s.Tuple.SourcePort, s.Tuple.DestinationPort = be16(b), be16(b[2:])
	s.TCP.Seq, s.TCP.Ack = tcp.Seq(be32(b[4:])), tcp.Seq(be32(b[8:]))
	s.TCP.Flags, s.TCP.Window = tcp.Flags(b[13]), tcp.Size(be16(b[14:]))
	s.Urgent = be16(b[18:])
	return int(b[12]>>4) * 4
}

// check judges the checksum of a segment of the given size.
func (d *Decoder) check(s *Segment, b []byte, size int) Checksum {
	if len(b) < size || d.hidden || s.Marks.Has(Fragmented) {
		return ChecksumUnknown
	}
	return checksumTCP(b[:size], &s.Tuple)
}
