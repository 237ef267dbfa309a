package pcapfilter

import (
	"encoding/binary"
	"net/netip"
)

// directed joins what must be true of the source and of the destination.
func directed(direction string, source, destination condition) condition {
	switch direction {
	case "src":
		return source
	case "dst":
		return destination
	case "and":
		return all{source, destination}
	default:
		return some{source, destination}
	}
}

// lower looks into the headers that hold the address: of IPv4, ARP and RARP, or
// of IPv6.
func (p *placed) lower(l *layout) (condition, error) {
	if p.is6() {
		return all{l.protocol(etherIP6), directed(p.direction, p.within(l, 8), p.within(l, 24))}, nil
	}
	var found some
	for _, h := range []struct {
		proto               protocol
		source, destination uint32
	}{{"ip", 12, 16}, {"arp", 14, 24}, {"rarp", 14, 24}} {
		if p.proto == "" || p.proto == h.proto {
			found = append(found, all{l.protocol(etherTypes[string(h.proto)]), directed(p.direction, p.within(l, h.source), p.within(l, h.destination))})
		}
	}
	return found, nil
}

func (p *placed) is6() bool { return p.prefixes[0].Addr().Is6() }

// within asks for an address of the prefixes at an offset.
func (p *placed) within(l *layout, offset uint32) condition {
	var found some
	for _, prefix := range p.prefixes {
		found = append(found, within(prefix, l, offset))
	}
	return found
}

// within compares the words of an address with a prefix.
func within(prefix netip.Prefix, l *layout, offset uint32) condition {
	var equal all
	address, bits := prefix.Addr().AsSlice(), prefix.Bits()
	for at := 0; at < len(address) && at*8 < bits; at += 4 {
		word := binary.BigEndian.Uint32(address[at:])
		t := equals(l.at(offset+uint32(at), 4), word)
		if have := bits - at*8; have < 32 {
			t.mask = ^uint32(0) << (32 - have)
		}
		equal = append(equal, t)
	}
	return equal
}

// lower looks at IPv4 packets that are no later fragments, and at IPv6 packets
// without extension headers.
func (p *ported) lower(l *layout) (condition, error) {
	var over4, over6 some
	for _, name := range []string{"tcp", "udp", "sctp"} {
		if p.proto == "" || p.proto == protocol(name) {
			over4 = append(over4, l.over4(protocolNumbers[name]))
			over6 = append(over6, equals(l.at(6, 1), protocolNumbers[name]))
		}
	}
	behind := func(offset uint32) load { return load{behindIP4, l.network + offset, 2} }
	return some{
		all{l.protocol(etherIP6), over6, directed(p.direction, p.between(l.at(40, 2)), p.between(l.at(42, 2)))},
		all{l.protocol(etherIP), over4, l.unfragmented(), directed(p.direction, p.between(behind(0)), p.between(behind(2)))},
	}, nil
}

func (p *ported) between(l load) condition {
	var found some
	for _, r := range p.ranges {
		if r.low == r.high {
			found = append(found, equals(l, uint32(r.low)))
			continue
		}
		found = append(found, all{test{load: l, op: opAtLeast, with: uint32(r.low)}, negation{test{load: l, op: opGreater, with: uint32(r.high)}}})
	}
	return found
}

func (w *wired) lower(l *layout) (condition, error) {
	if l.network != 14 {
		return nil, &LinkError{"an Ethernet address", l.name}
	}
	at := func(offset uint32) condition {
		return all{equals(load{absolute, offset + 2, 4}, uint32(w.address)), equals(load{absolute, offset, 2}, uint32(w.address>>32))}
	}
	return directed(w.direction, at(6), at(0)), nil
}

func (w way) lower(l *layout) (condition, error) {
	out := equals(l.way, packetOutgoing)
	if w == "outbound" {
		return out, nil
	}
	return negation{out}, nil
}
