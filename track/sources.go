package track

import (
	"cmp"
	"net/netip"
	"slices"
)

// Source is a network that connections were attempted from.
type Source struct {
	Network  netip.Prefix // a /24 of IPv4, a /48 of IPv6
	Attempts uint64       // SYNs without a connection, at least
}

// sourcesKept is how many networks are watched, and sourcesTold how many are
// told.
const (
	sourcesKept = 1024
	sourcesTold = 10
)

// sources finds the networks that send most SYNs in fixed memory: each has one
// place, which it must defend against the others that share it, so that a
// network with more than half of the SYNs of its place always stays.
type sources struct {
	places [sourcesKept]sourcePlace
}

type sourcePlace struct {
	network uint64
	count   uint32
	is4     bool
}

// mostSYNs keeps a count from wrapping.
const mostSYNs = 1<<32 - 1

func (s *sources) count(o *slot) {
	var network uint64
	if o.is4 {
		network = uint64(o.four.addresses[o.side&1] >> 8)
	} else {
		network = o.six.addresses[o.side&1].Hi >> 16
	}
	p := &s.places[mix(network^0x9e3779b97f4a7c15, 0xd1b54a32d192ed03)%sourcesKept]
	switch {
	case p.count == 0:
		*p = sourcePlace{network: network, count: 1, is4: o.is4}
	case p.network != network || p.is4 != o.is4:
		p.count--
	case p.count < mostSYNs:
		p.count++
	}
}

func (p *sourcePlace) prefix() netip.Prefix {
	if p.is4 {
		n := uint32(p.network) << 8
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8)}), 24)
	}
	var a [16]byte
	for i := range 6 {
		a[i] = byte(p.network >> (40 - 8*i))
	}
	return netip.PrefixFrom(netip.AddrFrom16(a), 48)
}

func (s *sources) top() []Source {
	var all []Source
	for i := range s.places {
		if p := &s.places[i]; p.count > 0 {
			all = append(all, Source{p.prefix(), uint64(p.count)})
		}
	}
	return largest(all)
}

// largest keeps those with most attempts; equal ones stand by address.
func largest(all []Source) []Source {
	slices.SortFunc(all, func(a, b Source) int {
		return cmp.Or(cmp.Compare(b.Attempts, a.Attempts), a.Network.Addr().Compare(b.Network.Addr()))
	})
	return slices.Clip(all[:min(len(all), sourcesTold)])
}

func mergeSources(a, b []Source) []Source {
	count := map[netip.Prefix]uint64{}
	for _, s := range slices.Concat(a, b) {
		count[s.Network] += s.Attempts
	}
	all := make([]Source, 0, len(count))
	for network, n := range count {
		all = append(all, Source{network, n})
	}
	return largest(all)
}
