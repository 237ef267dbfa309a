package pasted

import (
	"bytes"
	"net/netip"
)

// end is one end of a connection as a column shows it.
type end struct {
	at    netip.AddrPort
	cut   bool // the address is, or may be, shortened
	named bool // a name stands for the address or the port
	star  bool // "*" stands for any address
}

// family tells which "any" a star means.
type family uint8

const (
	v4 family = iota
	v6
)

// readEnd reads an address and a port, split where the tool splits them. It
// fails when the column cannot be an address at all.
func readEnd(addr, port []byte, f family) (end, bool) {
	if len(addr) == 0 || len(port) == 0 {
		return end{}, false
	}
	var e end
	number, ok := readPort(port)
	e.named = !ok
	a, ok := readAddr(addr)
	switch {
	case string(addr) == "*":
		e.star, a = true, anyOf(f)
	case !ok && !isName(addr):
		return end{}, false
	case !ok:
		e.named = true
	}
	e.at = netip.AddrPortFrom(a, number)
	return e, true
}

func anyOf(f family) netip.Addr {
	if f == v6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// readPort reads a number or "*"; services by name are not looked up.
func readPort(b []byte) (uint16, bool) {
	if string(b) == "*" {
		return 0, true
	}
	n, ok := decimal(b, 65535)
	return uint16(n), ok
}

// readAddr reads an address, with or without brackets, and drops its zone: the
// kernel tells the interface by number, apart from the address.
func readAddr(b []byte) (netip.Addr, bool) {
	if a, ok := readIPv4(b); ok {
		return a, true
	}
	if i := bytes.IndexByte(b, '%'); i >= 0 {
		b = append(b[:i:i], trailing(b[i:])...)
		if a, ok := readIPv4(b); ok {
			return a, true
		}
	}
	if len(b) > 1 && b[0] == '[' && b[len(b)-1] == ']' {
		b = b[1 : len(b)-1]
	}
	if len(b) > 45 || bytes.IndexByte(b, ':') < 0 {
		if a, ok := readIPv4(b); ok { // some print "[127.0.0.1]" for a mapped one
			return a, true
		}
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(string(b))
	return a.Unmap(), err == nil
}

// trailing keeps the bracket that closes after a zone.
func trailing(zone []byte) []byte {
	if zone[len(zone)-1] == ']' {
		return []byte("]")
	}
	return nil
}

// readIPv4 reads dotted decimal.
func readIPv4(b []byte) (netip.Addr, bool) {
	var parts [4]byte
	n, digits, part := 0, 0, 0
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			n, digits = n*10+int(c-'0'), digits+1
			if digits > 3 || n > 255 {
				return netip.Addr{}, false
			}
		case c == '.' && digits > 0 && part < 3:
			parts[part] = byte(n)
			n, digits, part = 0, 0, part+1
		default:
			return netip.Addr{}, false
		}
	}
	if digits == 0 || part != 3 {
		return netip.Addr{}, false
	}
	parts[3] = byte(n)
	return netip.AddrFrom4(parts), true
}

// isName tells whether the column may hold a host name: letters, digits, dots,
// hyphens and underscores, with a letter among them.
func isName(b []byte) bool {
	letters := false
	for _, c := range b {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80:
			letters = true
		case c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_':
		default:
			return false
		}
	}
	return letters
}

// fullLength tells whether an IPv6 address without brackets is surely whole: it
// has all eight groups and the last one cannot be longer.
func fullLength(b []byte) bool {
	last := bytes.LastIndexByte(b, ':')
	return bytes.Count(b, []byte(":")) == 7 && !bytes.Contains(b, []byte("::")) && len(b)-last-1 == 4
}

// setEnds puts both ends into the row. No peer is the zero AddrPort, as the
// kernel's dump has it.
func (s *scanner) setEnds(local, remote end) {
	socket := &s.row.Socket
	socket.Local = local.at
	if a := remote.at.Addr(); remote.at.Port() != 0 || a.IsValid() && !a.IsUnspecified() {
		socket.Remote = remote.at
	}
	if local.cut || remote.cut {
		s.text.Cut++
	}
	if local.named || remote.named {
		s.text.Named++
	}
	s.text.Knows.Addresses = true
}

// splitColon splits at the last colon.
func splitColon(b []byte) (addr, port []byte) {
	i := bytes.LastIndexByte(b, ':')
	if i < 0 {
		return nil, nil
	}
	return b[:i], b[i+1:]
}

// readColon reads "address:port".
func readColon(b []byte, f family) (end, bool) {
	addr, port := splitColon(b)
	return readEnd(addr, port, f)
}

func isIPv6Text(b []byte) bool { return bytes.Count(b, []byte(":")) >= 2 }

// cutEnd is an end whose address lacks an unknown part: only its port counts.
func cutEnd(port uint16) end {
	return end{at: netip.AddrPortFrom(netip.Addr{}, port), cut: true}
}
