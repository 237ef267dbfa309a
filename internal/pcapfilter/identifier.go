package pcapfilter

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// identified makes a condition of an ID and the words before it.
func (p *parser) identified(q qualifiers, t token) (expr, error) {
	if q.lacking {
		return nil, refuse(t, "say what %q is: host, net, port, portrange or proto", t.text)
	}
	switch q.kind {
	case "port", "portrange":
		return p.ports(q, t)
	case "proto":
		return p.protocolNumber(q, t)
	case "net":
		return p.network(q, t)
	}
	if q.proto == "ether" {
		return hardware(q, t)
	}
	return p.host(q, t)
}

func (p *parser) host(q qualifiers, t token) (expr, error) {
	if !slices.Contains([]protocol{"", "ip", "ip6", "arp", "rarp"}, q.proto) {
		return nil, refuse(t, "found %q where host, net, port, portrange, proto or src and dst may stand; %q has no addresses of its own", t.text, q.proto)
	}
	if address, err := netip.ParseAddr(t.text); err == nil {
		return p.place(q, t, netip.PrefixFrom(address.WithZone(""), address.BitLen()))
	}
	var found []netip.Addr
	if p.names.Host != nil {
		found = p.names.Host(t.text)
	}
	var whole expr
	for _, address := range found {
		address = address.Unmap()
		if q.proto != "" && address.Is6() != (q.proto == "ip6") {
			continue
		}
		e, err := p.place(q, t, netip.PrefixFrom(address, address.BitLen()))
		if err != nil {
			return nil, err
		}
		whole = join(whole, e)
	}
	if whole == nil {
		return nil, refuse(t, "%q is no address, and no host of this name was found%s", t.text, hint(t))
	}
	return whole, nil
}

// hint is for a word that begins a filter and was perhaps meant as a keyword.
func hint(t token) string {
	if t.number() {
		return `; a port is "port ` + t.text + `"`
	}
	return ""
}

func join(whole, more expr) expr {
	if whole == nil {
		return more
	}
	return alternatives(whole, more)
}

func (p *parser) place(q qualifiers, t token, prefix netip.Prefix) (expr, error) {
	is6 := prefix.Addr().Is6()
	if is6 != (q.proto == "ip6") && q.proto != "" {
		return nil, refuse(t, "%q is an address of the other family than %q", t.text, q.proto)
	}
	return &placed{proto: q.proto, direction: q.direction, prefixes: []netip.Prefix{prefix}}, nil
}

// network reads 192.0.2.0/24, 10/8, 192.168 (which is 192.168.0.0/16) or
// 2001:db8::/32.
func (p *parser) network(q qualifiers, t token) (expr, error) {
	if !slices.Contains([]protocol{"", "ip", "ip6", "arp", "rarp"}, q.proto) {
		return nil, refuse(t, "%q has no networks: write \"%s and net %s\"", q.proto, q.proto, t.text)
	}
	text, bits := t.text, 0
	if !strings.Contains(text, ":") {
		parts := strings.Count(text, ".") + 1
		bits = 8 * parts
		text += strings.Repeat(".0", max(0, 4-parts))
	} else {
		bits = 128
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return nil, refuse(t, "%q is no network such as 192.0.2.0/24", t.text)
	}
	if p.peek().is("/") {
		p.next()
		length := p.next()
		bits, err = strconv.Atoi(length.text)
		if err != nil || bits < 0 || bits > address.BitLen() {
			return nil, refuse(length, "the length of a prefix is 0 to %d", address.BitLen())
		}
	}
	prefix := netip.PrefixFrom(address, bits)
	if prefix.Masked() != prefix {
		return nil, refuse(t, "%s has bits beyond its prefix; the network is %s", prefix, prefix.Masked())
	}
	return p.place(q, t, prefix)
}

func (p *parser) ports(q qualifiers, t token) (expr, error) {
	if !slices.Contains([]protocol{"", "tcp", "udp", "sctp"}, q.proto) {
		return nil, refuse(t, "%q has no ports", q.proto)
	}
	low, err := p.port(t)
	if err != nil {
		return nil, err
	}
	high := low
	if q.kind == "portrange" && p.peek().is("-") {
		p.next()
		if high, err = p.port(p.next()); err != nil {
			return nil, err
		}
	}
	return &ported{q.proto, q.direction, []portRange{{min(low, high), max(low, high)}}}, nil
}

func (p *parser) port(t token) (uint16, error) {
	if n, err := strconv.ParseUint(t.text, 10, 64); err == nil {
		if n > 65535 {
			return 0, refuse(t, "a port is 0 to 65535")
		}
		return uint16(n), nil
	}
	if p.names.Service != nil {
		if n, ok := p.names.Service(t.text); ok {
			return n, nil
		}
	}
	return 0, refuse(t, "%q is no port and no known service", t.text)
}

// The names that may stand behind "proto" (IANA protocol numbers) and "ether
// proto" (EtherTypes).
var (
	protocolNumbers = map[string]uint32{
		"icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "gre": 47, "esp": 50, "ah": 51, "icmp6": 58, "pim": 103, "sctp": 132,
	}
	etherTypes = map[string]uint32{"ip": etherIP, "ip6": etherIP6, "arp": etherARP, "rarp": etherRARP}
)

func (p *parser) protocolNumber(q qualifiers, t token) (expr, error) {
	names, most := protocolNumbers, uint64(255)
	switch q.proto {
	case "ether":
		names, most = etherTypes, 0xffff
	case "", "ip", "ip6":
	default:
		return nil, refuse(t, "\"proto\" stands behind ip, ip6, ether or nothing, not %q", q.proto)
	}
	if q.direction != "" {
		return nil, refuse(t, "a protocol number has no direction")
	}
	if n, known := names[t.text]; known {
		return numbered{q.proto, n}, nil
	}
	n, err := strconv.ParseUint(t.text, 0, 32)
	if err != nil || n > most || q.proto == "ether" && n < 0x600 {
		return nil, refuse(t, "%q is no protocol number or known name", t.text)
	}
	return numbered{q.proto, uint32(n)}, nil
}

// hardware reads an Ethernet address, 02:00:5e:00:53:01.
func hardware(q qualifiers, t token) (expr, error) {
	parts := strings.Split(t.text, ":")
	var address [8]byte
	for i, part := range parts {
		octet, err := strconv.ParseUint(part, 16, 8)
		if err != nil || len(parts) != 6 {
			return nil, refuse(t, "%q is no Ethernet address such as 02:00:5e:00:53:01", t.text)
		}
		address[2+i] = byte(octet)
	}
	return &wired{q.direction, binary.BigEndian.Uint64(address[:])}, nil
}
