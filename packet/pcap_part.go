package packet

import "encoding/binary"

// NextOf reads on to the next packets that belong to a part of the flows, as many
// as frames has room for, and passes over those that Frame.Flow shows to belong
// to another. Packets passed over count as read. It returns how many frames there
// are, 0 at the end, after which Err says whether it was the true one. mine is
// false for a single frame whose flow was not to be seen. Data and Comment of the
// frames are valid until the next call.
func (r *Reader) NextOf(p *Part, frames []Frame) (n int, mine bool) {
	if p.Of <= 1 {
		if !r.Next(&frames[0]) {
			return 0, false
		}
		return 1, false
	}
	for {
		if n := r.pick(p, frames); n > 0 {
			return n, true
		}
		if !r.Next(&frames[0]) {
			return 0, false
		}
		if flow, shown := frames[0].Flow(); !shown || p.Has(flow) {
			return 1, shown
		}
	}
}

// mostPicked frames are looked for at once.
const mostPicked = 64

// place is where a record begins behind the cursor, and the packet's number among
// those from there.
type place struct{ at, number int }

// pick reads the records that are the part's own, as long as all show their flow
// and are whole in the window.
func (r *Reader) pick(p *Part, frames []Frame) (n int) {
	h := &r.pcap
	if r.isNG || r.endian.big || h.swapped || h.maybe || h.header != sizeRecord || h.link != LinkEthernet {
		return 0
	}
	b := r.w.rest()
	n, end := h.seek(p, b, r.places[:min(len(frames), mostPicked)])
	for i, one := range r.places[:n] {
		record := b[one.at:]
		rec := littleRecord(record)
		r.fillRecord(&frames[i], rec, record[:sizeRecord+rec.captured], r.packets+uint64(one.number))
	}
	r.packets += uint64(end.number)
	r.w.at += end.at
	return n
}

// seek notes where the part's own records are, till it has as many as there are
// places, and returns how many, and where it ended. Whose a record is, is as good
// as random, and a jump that nobody can foresee costs more than the look: so it
// notes every place and moves on by what is the part's own.
func (h *pcapHeader) seek(p *Part, b []byte, places []place) (n int, end place) {
	of, own, key := uint64(p.Of), uint64(p.Number), p.Key
	for n < len(places) && len(b)-end.at >= sizeRecord+sizePlain {
		head := (*[sizeRecord + sizePlain]byte)(b[end.at:])
		rec := littleRecord(head[:])
		next := end.at + sizeRecord + int(rec.captured)
		flow, shown := plainFlow((*[sizePlain]byte)(head[sizeRecord:]))
		if !h.sound(rec) || rec.captured < sizePlain || len(b) < next {
			break
		}
		if !shown {
			other := Frame{Data: b[end.at+sizeRecord : next], Link: LinkEthernet}
			if flow, shown = other.Flow(); !shown {
				break
			}
		}
		end.number++
		places[n] = place{end.at, end.number}
		n += isZero(partOf(flow, key, of) ^ own)
		h.last, end.at = rec.seconds, next
	}
	return n, end
}

// isZero returns 1 for 0 and 0 for other small numbers, without a jump.
func isZero(n uint64) int { return int((n - 1) >> 63) }

// littleRecord is Reader.recordAt for the byte order of almost all captures.
func littleRecord(b []byte) record {
	when, size := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return record{uint32(when), uint32(when >> 32), uint32(size), uint32(size >> 32)}
}

// sizePlain is Ethernet, an IPv4 header without options, and TCP's ports.
const sizePlain = 14 + 24

// plainFlow is Frame.Flow for IPv4 straight behind Ethernet, read in few pieces.
func plainFlow(b *[sizePlain]byte) (of uint64, ok bool) {
	const (
		kind, kindMask         = 0x450008, 0xffffff     // octets 12 to 14: the type, version and size
		transport, transportIs = 0x06000000, 0xff00ff3f // octets 20 to 23: no fragment, TCP
	)
	kindIs := binary.LittleEndian.Uint32(b[12:])&kindMask ^ kind
	transportHas := binary.LittleEndian.Uint32(b[20:])&transportIs ^ transport
	ends, ports := binary.BigEndian.Uint64(b[26:]), be32(b[34:])
	return flow(0, uint64(uint32(ends)^uint32(ends>>32)), uint16(ports)^uint16(ports>>16)), kindIs|transportHas == 0
}
