package evidence

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/netip"
	"path"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/host"
)

// Anonymize returns a copy in which addresses, host, process, user, cgroup and
// link-layer names are replaced. The replacement keeps what a diagnosis reads:
// the same name always becomes the same name, two addresses that share their
// first n bits still share exactly their first n bits (so networks, routes and
// source spread survive), ports and special addresses stay. Without the key
// nobody can reverse it; give each recipient a key of its own.
func Anonymize(b *Bundle, key []byte) *Bundle {
	a := newAnonymizer(key)
	out := *b
	out.Anonymized = true
	out.Host = host.Identity{Name: a.name("host", b.Host.Name), Kernel: b.Host.Kernel, NetNS: a.name("netns", b.Host.NetNS)}
	out.Sources = a.sources(b.Sources)
	out.Snapshots = mapped(b.Snapshots, a.snapshot)
	out.ProcessesBefore = a.processes(b.ProcessesBefore)
	out.ProcessesAfter = a.processes(b.ProcessesAfter)
	out.Routes = mapped(b.Routes, a.route)
	out.Neighbours = mapped(b.Neighbours, a.neighbour)
	out.Settings = a.settings(b.Settings)
	out.Baseline = a.baseline(b.Baseline)
	out.Packets = a.packets(b.Packets)
	out.Events = a.events(b.Events)
	out.Probes = mapped(b.Probes, func(p Probe) Probe {
		p.Local, p.Remote = a.addrPort(p.Local), a.addrPort(p.Remote)
		return p
	})
	out.Firewall = mapped(b.Firewall, func(r host.FilterRule) host.FilterRule {
		r.Table, r.Chain = a.name("table", r.Table), a.name("chain", r.Chain)
		r.Asks.Source, r.Asks.Destination = a.prefix(r.Asks.Source), a.prefix(r.Asks.Destination)
		return r
	})
	out.Conntrack = mapped(b.Conntrack, func(t host.Tracked) host.Tracked {
		t.From, t.To = a.addrPort(t.From), a.addrPort(t.To)
		t.ReplyFrom, t.ReplyTo = a.addrPort(t.ReplyFrom), a.addrPort(t.ReplyTo)
		return t
	})
	out.Published = mapped(b.Published, a.published)
	out.Namespaces = mapped(b.Namespaces, func(n *Bundle) *Bundle {
		if n == nil {
			return nil
		}
		return Anonymize(n, key)
	})
	return &out
}

func mapped[T any](list []T, change func(T) T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, item := range list {
		out[i] = change(item)
	}
	return out
}

type anonymizer struct {
	mac   hash.Hash
	addrs map[netip.Addr]netip.Addr
}

func newAnonymizer(key []byte) *anonymizer {
	return &anonymizer{mac: hmac.New(sha256.New, key), addrs: map[netip.Addr]netip.Addr{}}
}

func (a *anonymizer) digest(parts ...string) []byte {
	a.mac.Reset()
	for _, part := range parts {
		a.mac.Write([]byte(part))
		a.mac.Write([]byte{0})
	}
	return a.mac.Sum(nil)
}

// name replaces a word by "kind-1f2e3d4c"; the empty word stays empty, because
// emptiness itself is evidence (no executable, no container).
func (a *anonymizer) name(kind, word string) string {
	if word == "" {
		return ""
	}
	return kind + "-" + hex.EncodeToString(a.digest(kind, word)[:4])
}

// addr flips each bit by a keyed function of the bits before it. Unspecified,
// loopback, multicast and link-local addresses stay: their class is evidence
// and says nothing about the user.
func (a *anonymizer) addr(in netip.Addr) netip.Addr {
	if !in.IsValid() || keeps(in) {
		return in
	}
	plain := in.Unmap().WithZone("")
	out, known := a.addrs[plain]
	if !known {
		out = a.flip(plain)
		a.addrs[plain] = out
	}
	if in.Is4In6() {
		return netip.AddrFrom16(out.As16())
	}
	return out
}

func keeps(addr netip.Addr) bool {
	return addr.IsUnspecified() || addr.IsLoopback() || addr.IsMulticast() || addr.IsLinkLocalUnicast()
}

// flip is prefix preserving. Leading bits that name a class (first octet of
// IPv4, first 16 bits of IPv6) stay as they are when the result would land in
// a special range.
func (a *anonymizer) flip(in netip.Addr) netip.Addr {
	bytes := in.AsSlice()
	out := make([]byte, len(bytes))
	for bit := range len(bytes) * 8 {
		at, mask := bit/8, byte(0x80>>(bit%8))
		value := bytes[at] & mask
		if bit >= fixedBits(in) && a.prefixBit(bytes, bit) {
			value ^= mask
		}
		out[at] |= value
	}
	flipped, _ := netip.AddrFromSlice(out)
	return flipped
}

// fixedBits keeps the bits that decide the class of an address: private,
// documentation, global.
func fixedBits(in netip.Addr) int {
	if in.Is4() {
		return 8
	}
	return 16
}

// private are the networks whose addresses stay in them: that nobody outside can
// dial them is evidence.
var private = []netip.Prefix{
	netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), // RFC 1918; 10.0.0.0/8 stays anyhow
	netip.MustParsePrefix("100.64.0.0/10"), // RFC 6598
}

// leadsToPrivate tells whether so many first bits are those of a private network
// that has more of them.
func leadsToPrivate(bytes []byte, bits int) bool {
	addr, _ := netip.AddrFromSlice(bytes)
	for _, p := range private {
		if bits < p.Bits() && addr.Is4() && netip.PrefixFrom(p.Addr(), bits).Contains(addr) {
			return true
		}
	}
	return false
}

func (a *anonymizer) prefixBit(bytes []byte, bit int) bool {
	if leadsToPrivate(bytes, bit) {
		return false
	}
	masked := make([]byte, bit/8+1)
	copy(masked, bytes[:bit/8+1])
	masked[bit/8] &= ^byte(0xff >> (bit % 8))
	return a.digest("bit", strconv.Itoa(bit), string(masked))[0]&1 == 1
}

func (a *anonymizer) addrPort(in netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.addr(in.Addr()), in.Port())
}

func (a *anonymizer) prefix(in netip.Prefix) netip.Prefix {
	if !in.IsValid() {
		return in
	}
	return netip.PrefixFrom(a.addr(in.Addr()), in.Bits()).Masked()
}

func (a *anonymizer) sources(in []Source) []Source {
	return mapped(in, func(s Source) Source {
		if strings.Contains(s.Why, "/") {
			s.Why = "could not be read" // reasons may quote paths and names
		}
		return s
	})
}

func (a *anonymizer) snapshot(in host.Snapshot) host.Snapshot {
	in.Sockets = mapped(in.Sockets, func(s host.Socket) host.Socket {
		s.Local, s.Remote = a.addrPort(s.Local), a.addrPort(s.Remote)
		s.UID = a.user(s.UID)
		return s
	})
	return in
}

// user keeps root apart from everybody else, which is all that a reader needs.
func (a *anonymizer) user(uid uint32) uint32 {
	if uid == 0 {
		return 0
	}
	digest := a.digest("uid", strconv.FormatUint(uint64(uid), 10))
	return 10000 + uint32(digest[0])<<8 + uint32(digest[1])
}

func (a *anonymizer) processes(in host.Processes) host.Processes {
	in.List = mapped(in.List, func(p host.Process) host.Process {
		p.Name = a.name("program", p.Name)
		if p.Exe != "" {
			p.Exe = path.Join(exeFolder(p.Exe), p.Name)
		}
		p.UID = a.user(p.UID)
		p.Cgroup = a.name("cgroup", p.Cgroup)
		p.Container = a.name("container", p.Container)
		return p
	})
	return in
}

func (a *anonymizer) baseline(in *host.Baseline) *host.Baseline {
	if in == nil {
		return nil
	}
	out := *in
	out.Host = a.name("host", in.Host)
	out.Listeners = mapped(in.Listeners, func(k host.KnownListener) host.KnownListener {
		k.Local, k.UID = a.addrPort(k.Local), a.user(k.UID)
		k.Name = a.name("program", k.Name)
		if k.Exe != "" {
			k.Exe = path.Join(exeFolder(k.Exe), k.Name)
		}
		return k
	})
	return &out
}

// exeFolder keeps only whether a program runs from a temporary folder, which
// is evidence.
func exeFolder(exe string) string {
	for _, folder := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
		if strings.HasPrefix(exe, folder+"/") {
			return folder
		}
	}
	return "/bin"
}

func (a *anonymizer) route(in host.Route) host.Route {
	in.Destination = a.prefix(in.Destination)
	in.Gateway, in.Source = a.addr(in.Gateway), a.addr(in.Source)
	in.Interface = a.link(in.Interface)
	return in
}

// published keeps the shape of a rule; its place may name a customer.
func (a *anonymizer) published(p host.Published) host.Published {
	p.Rule = a.name("rule", p.Rule)
	p.To, p.From, p.Target = a.prefix(p.To), a.prefix(p.From), a.addrPort(p.Target)
	p.In, p.NotIn = a.link(p.In), a.link(p.NotIn)
	return p
}

func (a *anonymizer) neighbour(in host.Neighbour) host.Neighbour {
	in.Address = a.addr(in.Address)
	in.Interface = a.link(in.Interface)
	in.LinkLayer = a.name("mac", in.LinkLayer)
	return in
}

func (a *anonymizer) link(name string) string {
	if name == "lo" {
		return name
	}
	return a.name("if", name)
}

// settings keeps every value; a name may hold an interface.
func (a *anonymizer) settings(in host.Settings) host.Settings {
	if in == nil {
		return nil
	}
	out := make(host.Settings, len(in))
	for name, value := range in {
		parts := strings.Split(name, ".")
		if len(parts) > 4 && (parts[2] == "conf" || parts[2] == "neigh") && parts[3] != "all" && parts[3] != "default" {
			last := len(parts) - 1
			parts = append(parts[:3:3], a.link(strings.Join(parts[3:last], ".")), parts[last])
		}
		out[strings.Join(parts, ".")] = value
	}
	return out
}
