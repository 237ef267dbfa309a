package ssfilter

import (
	"math"
	"net/netip"
	"slices"
	"strings"
)

const (
	anAddress = "an address, as in 192.0.2.1, 192.0.2.0/24, [2001:db8::1]:443, :443 or *"
	aPort     = "a port, as in :443 or :https"
)

// families are the prefixes by which ss chooses other kinds of sockets, with
// what to write instead.
var families = []struct{ prefix, advice string }{
	{"inet:", "for IPv4 write 0.0.0.0/0"}, {"inet6:", "for IPv6 write [::]/0"},
	{"unix:", ""}, {"link:", ""}, {"netlink:", ""}, {"vsock:", ""}, {"tipc:", ""}, {"xdp:", ""},
}

// noFamily refuses words like "unix:/run/x.sock".
func (p *parser) noFamily(word token) error {
	for _, family := range families {
		if !strings.HasPrefix(word.text, family.prefix) {
			continue
		}
		if family.advice != "" {
			return p.fail(word, "%q: only TCP sockets are looked at, and a family cannot be chosen like this; %s", family.prefix, family.advice)
		}
		return p.fail(word, "%q: only TCP sockets are looked at, so there are no families", family.prefix)
	}
	return nil
}

// port reads what follows sport or dport.
func (p *parser) port(remote bool) (expr, error) {
	at, op := p.comparison()
	word, err := p.operandWord(p.next(), aPort)
	if err != nil {
		return nil, err
	}
	if err := p.noFamily(word); err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(word.text, ":")
	if name == "" || name == "*" {
		if op != equal && op != unequal {
			return nil, p.fail(at, "%q needs a port behind it, not any port", at.text)
		}
		return signed(anything{remote}, op == unequal), nil
	}
	port, err := p.portNumber(word, name)
	return portIs{remote: remote, op: op, port: port}, err
}

// portNumber reads a port, which stands somewhere in word.
func (p *parser) portNumber(word token, name string) (uint16, error) {
	if n, ok := number(name, math.MaxUint16); ok {
		return uint16(n), nil
	}
	if p.names.Service != nil {
		if port, ok := p.names.Service(name); ok {
			return port, nil
		}
	}
	if strings.Trim(name, "0123456789") == "" {
		return 0, p.fail(word, "%q is no port; ports end at 65535, and a leading 0 means octal", name)
	}
	return 0, p.fail(word, "%q is neither a port nor a service that is known here", name)
}

// host reads what follows src or dst.
func (p *parser) host(remote bool) (expr, error) {
	negative, err := p.equality(side(remote, "src", "dst"))
	if err != nil {
		return nil, err
	}
	word, err := p.operandWord(p.next(), anAddress)
	if err != nil {
		return nil, err
	}
	if err := p.noFamily(word); err != nil {
		return nil, err
	}
	e, err := p.hostAndPort(remote, word)
	return signed(e, negative), err
}

func (p *parser) hostAndPort(remote bool, word token) (expr, error) {
	address, name, ok := splitHost(word.text)
	if !ok {
		return nil, p.fail(word, "%q cannot be read; expected %s", word.text, anAddress)
	}
	prefixes, ok := p.prefixes(address)
	if !ok {
		return nil, p.fail(word, "%q is no address; expected %s", address, anAddress)
	}
	if name == "" || name == "*" {
		return onHosts(remote, prefixes, false, 0), nil
	}
	port, err := p.portNumber(word, name)
	return onHosts(remote, prefixes, true, port), err
}

// onHosts is true of any of the prefixes, and without prefixes of any address.
func onHosts(remote bool, prefixes []netip.Prefix, hasPort bool, port uint16) (e expr) {
	if len(prefixes) == 0 && hasPort {
		return portIs{remote: remote, op: equal, port: port}
	}
	if len(prefixes) == 0 {
		return anything{remote}
	}
	for _, prefix := range prefixes {
		e = join(true, e, hostIs{remote: remote, prefix: prefix, hasPort: hasPort, port: port})
	}
	return e
}

// splitHost parts address and port, either of which may be "". As in ss the
// last colon outside brackets (and behind the "/", if there is one) begins the
// port, so 2001:db8::1:80 is port 80 of 2001:db8::1. What cannot be read like
// that may be an IPv6 address as a whole.
func splitHost(word string) (address, port string, ok bool) {
	if strings.HasPrefix(word, "[") {
		return splitBrackets(word)
	}
	if rest, any := strings.CutPrefix(word, "*"); any {
		return "", strings.TrimPrefix(rest, ":"), rest == "" || rest[0] == ':'
	}
	colon := strings.LastIndexByte(word, ':')
	if colon < max(0, strings.IndexByte(word, '/')) {
		return word, "", true
	}
	if asWhole(word, word[:colon], word[colon+1:]) {
		return word, "", true
	}
	return word[:colon], word[colon+1:], true
}

// asWhole tells that the last colon of word does not begin a port.
func asWhole(word, address, port string) bool {
	if _, ok := parsePrefix(address); !ok {
		return strings.Contains(address, ":")
	}
	_, isAddress := parsePrefix(word)
	_, isPort := number(port, math.MaxUint16)
	return isAddress && !isPort
}

// splitBrackets reads [address], [address/bits] and [address]/bits, with or
// without a port.
func splitBrackets(word string) (address, port string, ok bool) {
	address, rest, ok := strings.Cut(word[1:], "]")
	if !ok || address == "" {
		return "", "", false
	}
	rest, port, hasPort := strings.Cut(rest, ":")
	return address + rest, port, (rest == "" || rest[0] == '/') && (!hasPort || port != "")
}

// prefixes reads an address, a prefix or a host name; none means any address.
func (p *parser) prefixes(address string) (list []netip.Prefix, ok bool) {
	if slices.Contains([]string{"", "any", "all", "default"}, address) {
		return nil, true
	}
	if prefix, ok := parsePrefix(address); ok {
		return []netip.Prefix{prefix}, true
	}
	if p.names.Host == nil {
		return nil, false
	}
	for _, a := range p.names.Host(address) {
		if a = a.Unmap().WithZone(""); a.IsValid() {
			list = append(list, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return list, len(list) > 0
}

// parsePrefix reads an address with or without "/" and a length or an IPv4
// netmask. Its bits behind the length do not count.
func parsePrefix(text string) (netip.Prefix, bool) {
	text, length, has := strings.Cut(text, "/")
	address, ok := parseAddress(text)
	if !ok {
		return netip.Prefix{}, false
	}
	bits := address.BitLen()
	if has {
		if bits, ok = prefixLength(length, bits); !ok {
			return netip.Prefix{}, false
		}
	}
	if address.Is4In6() && bits >= 96 {
		address, bits = address.Unmap(), bits-96
	}
	return netip.PrefixFrom(address, bits).Masked(), true
}

func prefixLength(text string, largest int) (int, bool) {
	if n, ok := number(text, uint64(largest)); ok {
		return int(n), true
	}
	mask, err := netip.ParseAddr(text)
	if err != nil || !mask.Is4() || largest != 32 {
		return 0, false
	}
	return ones(mask.As4())
}

// ones counts the leading ones of a netmask, which must have no others.
func ones(mask [4]byte) (count int, ok bool) {
	for i := range 32 {
		set := mask[i/8]&(0x80>>(i%8)) != 0
		if set && count < i {
			return 0, false
		}
		if set {
			count++
		}
	}
	return count, true
}

// parseAddress reads an IPv6 address, or an IPv4 address that may lack its last
// numbers, as in 10/8.
func parseAddress(text string) (netip.Addr, bool) {
	if strings.Contains(text, ":") {
		address, err := netip.ParseAddr(text)
		return address, err == nil && address.Zone() == ""
	}
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var bytes [4]byte
	for i, part := range parts {
		n, ok := number(part, math.MaxUint8)
		if !ok {
			return netip.Addr{}, false
		}
		bytes[i] = byte(n)
	}
	return netip.AddrFrom4(bytes), true
}
