package packet

import (
	"encoding/binary"
	"math/bits"
)

// Magic numbers of pcap files, read with the little end first.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // with 8 octets more a record
)

const (
	sizePcap     = 24 // file header
	sizeRecord   = 16
	sizeModified = 24
	leastLimit   = 256 << 10 // records of this size are believed whatever the header says
)

// pcapHeader is what the file header says, ready for use.
type pcapHeader struct {
	magic     uint32
	link      LinkType
	header    int    // octets of a record header
	limit     uint32 // largest captured length that is believed
	tick      uint32 // nanoseconds a tick
	perSecond uint32 // ticks
	swapped   bool   // lengths stand in the other order
	maybe     bool   // they do if that makes sense
	last      uint32 // seconds of the last record
	iface     uint32
}

// isPcap tells whether a file header begins at the cursor, and keeps its byte
// order.
func (r *Reader) isPcap() bool {
	magic := r.w.rest()
	if len(magic) < 4 {
		return false
	}
	for _, e := range []endian{{false}, {true}} {
		switch e.u32(magic) {
		case magicMicro, magicNano, magicModified:
			r.endian = e
			return true
		}
	}
	return false
}

// pcapBegin takes the file header.
func (r *Reader) pcapBegin() error {
	if !r.w.need(sizePcap) {
		r.finish(sizePcap)
		return r.err
	}
	b := r.w.rest()
	magic, major, minor := r.endian.u32(b), r.endian.u16(b[4:]), r.endian.u16(b[6:])
	h := pcapHeader{magic: magic, header: sizeRecord, tick: 1000, perSecond: 1e6}
	switch magic {
	case magicNano:
		h.tick, h.perSecond = 1, 1e9
	case magicModified:
		h.header = sizeModified
	}
	// Before version 2.3 the lengths stood the other way round, and in some
	// files of 2.3; DG/UX wrote version 543.
	h.swapped = major == 2 && minor < 3 || major == 543
	h.maybe = major == 2 && minor == 3
	snap := r.endian.u32(b[16:])
	h.limit = min(max(snap, leastLimit), maxRecord)
	h.link = LinkType(r.endian.u32(b[20:])) // above are the size of the FCS and reserved bits
	r.w.at += sizePcap
	described := Interface{Link: h.link, SnapLength: snap, Clock: Clock{Units: uint64(h.perSecond)}}
	h.iface, _ = r.known.add(0, described)
	r.pcap = h
	return nil
}

// record is a record header.
type record struct {
	seconds, fraction uint32
	captured, length  uint32
}

// recordAt reads a header of at least 16 octets, two numbers at a time.
func (r *Reader) recordAt(b []byte) record {
	when, size := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if r.endian.big {
		when = bits.RotateLeft64(bits.ReverseBytes64(when), 32)
		size = bits.RotateLeft64(bits.ReverseBytes64(size), 32)
	}
	if p := &r.pcap; p.swapped || p.maybe && uint32(size) > uint32(size>>32) {
		size = bits.RotateLeft64(size, 32)
	}
	return record{uint32(when), uint32(when >> 32), uint32(size), uint32(size >> 32)}
}

// sound tells whether nothing speaks against the header. Headers of nothing but
// zeros are the unwritten end of a file.
func (p *pcapHeader) sound(h record) bool {
	return h.captured <= h.length && h.captured <= p.limit && h.fraction < p.perSecond && h.length > 0
}

// nextRecord reads one record.
func (r *Reader) nextRecord(f *Frame) bool {
	for {
		if !r.w.need(r.pcap.header) {
			return r.finish(r.pcap.header)
		}
		h := r.recordAt(r.w.rest())
		if !r.pcap.sound(h) && !r.doubtful(&h) {
			continue
		}
		size := r.pcap.header + int(h.captured)
		if !r.w.need(size) {
			if !r.goesOn(size, DamagedRecord, (*Reader).findRecord) {
				return false
			}
			continue
		}
		r.packets++
		r.pcap.last = h.seconds
		r.fillRecord(f, h, r.w.rest()[:size], r.packets)
		r.w.at += size
		return true
	}
}

func (r *Reader) fillRecord(f *Frame, h record, b []byte, number uint64) {
	p := &r.pcap
	f.Data = b[p.header:]
	f.Length = int(min(h.length, 1<<30))
	f.Time = int64(h.seconds)*second + int64(h.fraction)*int64(p.tick)
	f.Number, f.Interface, f.Link = number, p.iface, p.link
	f.Direction, f.Dropped = DirectionUnknown, 0
	if f.Comment != nil {
		f.Comment = nil
	}
	if p.header == sizeModified {
		f.Direction = modifiedDirection(b[22])
	}
}

// modifiedDirection reads the packet type that the modified format has behind
// the interface and the protocol.
func modifiedDirection(packetType byte) Direction {
	switch {
	case packetType == cookedOutgoing:
		return Outbound
	case packetType < 3:
		return Inbound
	default:
		return DirectionUnknown
	}
}

// anotherHeader tells whether b begins with the header of another pcap file, as
// it does where files were put behind one another. Only versions in use are
// recognised, for these octets could also be a time of 2055.
func anotherHeader(b []byte) bool {
	if len(b) < sizePcap {
		return false
	}
	for _, e := range []endian{{false}, {true}} {
		switch e.u32(b) {
		case magicMicro, magicNano, magicModified:
			return e.u16(b[4:]) == 2 && e.u16(b[6:]) == 4 && binary.LittleEndian.Uint64(b[8:]) == 0
		}
	}
	return false
}
