package packet

import (
	"encoding/binary"
	"math/bits"
)

// Flow folds the two ends to a number that is the same for both directions. It
// hides nothing and different tuples may have the same one: it is for sharing
// work out, not for telling connections apart.
func (t *Tuple) Flow() uint64 {
	return flow(t.Source.Hi^t.Destination.Hi, t.Source.Lo^t.Destination.Lo, t.SourcePort^t.DestinationPort)
}

// Part is one of several parts of all flows, as even as a hash makes them. The
// zero value is the whole.
type Part struct {
	Of     int    // how many parts there are
	Number int    // of this one, from 0
	Key    uint64 // chooses another division
}

// Has tells whether a flow belongs to the part.
func (p *Part) Has(flow uint64) bool { return p.Of <= 1 || p.NumberOf(flow) == p.Number }

// NumberOf returns the number of the part that a flow belongs to.
func (p *Part) NumberOf(flow uint64) int { return int(partOf(flow, p.Key, uint64(p.Of))) }

// partOf divides. What flows differ in are few bits, so they are mixed twice.
func partOf(flow, key, of uint64) uint64 {
	h := (flow ^ key) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	high, _ := bits.Mul64(h, of)
	return high
}

// flow takes what the ends differ in.
func flow(high, low uint64, ports uint16) uint64 {
	return high*0x9e3779b97f4a7c15 ^ bits.RotateLeft64(low, 16) ^ uint64(ports)
}

// Flow returns the Flow of the segment in the frame without decoding it: of IPv4
// without options and fragments, and of IPv6 without extension headers, straight
// behind Ethernet, one VLAN tag or a Linux cooked header. Of other frames, and
// of those that hold no TCP, ok is false. Where it is true, Decode finds a
// segment with this Flow or none.
func (f *Frame) Flow() (of uint64, ok bool) {
	at, kind := f.network()
	if at == 0 || len(f.Data) < at {
		return 0, false
	}
	b := f.Data[at:]
	switch kind {
	case etherIP4:
		const version, fragment = 0x45, 0x3fff
		if len(b) < 24 || b[0] != version || be16(b[6:])&fragment != 0 || b[9] != protoTCP {
			return 0, false
		}
		return flow(0, uint64(be32(b[12:])^be32(b[16:])), be16(b[20:])^be16(b[22:])), true
	case etherIP6:
		if len(b) < 44 || b[0]>>4 != 6 || b[6] != protoTCP {
			return 0, false
		}
		high := binary.BigEndian.Uint64(b[8:]) ^ binary.BigEndian.Uint64(b[24:])
		low := binary.BigEndian.Uint64(b[16:]) ^ binary.BigEndian.Uint64(b[32:])
		return flow(high, low, be16(b[40:])^be16(b[42:])), true
	default:
		return 0, false
	}
}

// network returns where the network's header begins in the frame, and its
// Ethernet type; 0 where it is not at once to be seen.
func (f *Frame) network() (at int, kind uint16) {
	b := f.Data
	if len(b) < 20 {
		return 0, 0
	}
	switch f.Link {
	case LinkEthernet:
		if kind = be16(b[12:]); kind == etherVLAN {
			return 18, be16(b[16:])
		}
		return 14, kind
	case LinkSLL:
		return 16, be16(b[14:])
	case LinkSLL2:
		return 20, be16(b)
	default:
		return 0, 0
	}
}
