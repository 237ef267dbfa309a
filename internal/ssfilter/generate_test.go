package ssfilter

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// generator makes filters and sockets from small pools, so that they often
// agree.
type generator struct {
	*rand.Rand
	addresses []string // of src and dst
	ports     []string
	other     []string // whole conditions
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// filter is text with states in front, in words of ss.
func (g *generator) filter() string {
	var words []string
	for g.IntN(3) == 0 {
		words = append(words, g.pick("state", "exclude", "state"), g.pick("all", "connected", "synchronized", "bucket", "big",
			"established", "listening", "time-wait", "syn-recv", "syn-sent", "close-wait", "fin-wait-2", "CLOSED"))
	}
	if len(words) == 0 || g.IntN(4) > 0 {
		words = append(words, g.list(3))
	}
	return strings.Join(words, " ")
}

func (g *generator) list(depth int) string {
	text := g.term(depth)
	for g.IntN(2) == 0 {
		text += g.pick(" ", " and ", " && ", " & ", " or ", " || ", " | ") + g.term(depth)
	}
	return text
}

func (g *generator) term(depth int) string {
	switch {
	case g.IntN(4) == 0:
		return g.pick("not ", "! ") + g.term(depth)
	case depth > 0 && g.IntN(4) == 0:
		return "( " + g.list(depth-1) + " )"
	}
	return g.condition()
}

func (g *generator) condition() string {
	switch g.IntN(4) {
	case 0:
		text := g.pick("src ", "dst ", "src = ", "dst eq ") + g.pick(g.addresses...)
		if g.IntN(4) == 0 {
			text += g.pick(g.ports...)
		}
		return text
	case 1, 2:
		return g.pick("sport ", "dport ") + g.pick("", "= ", "== ", "!= ", "> ", "< ", ">= ", "<= ", "eq ", "ne ", "neq ", "gt ", "lt ",
			"ge ", "geq ", "le ", "leq ") + g.pick(g.ports...)
	}
	return g.pick(g.other...)
}

// anyFilters is for filters that need not be understood by ss.
func anyFilters(seed uint64) *generator {
	return &generator{
		Rand: rand.New(rand.NewPCG(seed, 1)),
		addresses: []string{
			"0.0.0.0", "0.0.0.0/0", "127.0.0.1", "127/8", "10.0.0.0/255.0.0.0", "10.1.2.3", "*",
			"[::]", "[::/0]", "[::]/0", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:0:0/96]", "[::ffff:0.0.0.0]", "[::/64]", "[2001:db8::/32]",
		},
		ports: []string{":0", ":1", ":80", ":443", ":8080", ":65535"},
		other: []string{
			"autobound", "dev 0", "dev = 1", "dev != 2", "fwmark 0", "fwmark 1/0xff", "fwmark != 0x100/0x100", "fwmark 3/1",
			"cgroup /a", "cgroup != /a", "cgroup /b", "src != 127/8", "dst != [::1]", "sport = *", "dst :80",
		},
	}
}

// names knows two cgroups and nothing else.
var names = Names{Cgroup: func(path string) (uint64, bool) {
	id, ok := map[string]uint64{"/a": 11, "/b": 22}[path]
	return id, ok
}}

var pool4 = []string{"0.0.0.0", "127.0.0.1", "127.0.0.2", "10.1.2.3", "192.0.2.1"}
var pool6 = []string{"::", "::1", "2001:db8::1", "fe80::1", "::2:0:0", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:0.0.0.0"}

func (g *generator) socket() kernelSocket {
	s := kernelSocket{family: familyIPv4, state: tcp.States()[g.IntN(11)], bindLock: g.IntN(2) == 0}
	pool := pool4
	if g.IntN(2) == 0 {
		s.family, pool = familyIPv6, pool6
	}
	ports := []uint16{1, 79, 80, 443, 8080, 65535}
	s.local, s.sport = netip.MustParseAddr(g.pick(pool...)), ports[g.IntN(len(ports))]
	s.remote = unspecified(netip.MustParseAddr(pool[0])) // a peer that is missing is not a mapped one
	if g.IntN(3) > 0 {
		s.remote, s.dport = netip.MustParseAddr(g.pick(pool...)), ports[g.IntN(len(ports))]
	}
	s.ifindex, s.mark = uint32(g.IntN(3)), []uint32{0, 1, 3, 0x100, 0x101}[g.IntN(5)]
	s.cgroup = []uint64{0, 11, 22, 33}[g.IntN(4)]
	return s
}

func (s kernelSocket) String() string {
	return fmt.Sprintf("%v family %d %v:%d %v:%d lock %v if %d mark %#x cgroup %d",
		s.state, s.family, s.local, s.sport, s.remote, s.dport, s.bindLock, s.ifindex, s.mark, s.cgroup)
}
