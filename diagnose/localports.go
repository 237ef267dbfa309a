package diagnose

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// timeWaitLength is TCP_TIMEWAIT_LEN: no setting changes it.
const timeWaitLength = 60 * time.Second

const (
	portRangeSetting = "net.ipv4.ip_local_port_range"
	reservedSetting  = "net.ipv4.ip_local_reserved_ports"
)

// portRange is where connect() takes local ports from when the program does
// not choose one.
type portRange struct {
	first, last uint16
	reserved    []portSpan // of ip_local_reserved_ports, which it leaves out
	size        int        // ports that connect() may take
}

type portSpan struct{ first, last uint16 }

// portRange returns the range; ok is false when the settings do not tell it.
func (x *index) portRange() (r portRange, ok bool) {
	if x.ports == nil {
		r, _ := x.readPortRange()
		x.ports = &r
	}
	return *x.ports, x.ports.size > 0
}

func (x *index) readPortRange() (r portRange, ok bool) {
	fields := strings.Fields(x.bundle.Settings[portRangeSetting])
	if len(fields) != 2 {
		return r, false
	}
	span, ok := readSpan(fields[0], fields[1])
	r.first, r.last = span.first, span.last
	for _, text := range strings.Split(x.bundle.Settings[reservedSetting], ",") {
		first, last, two := strings.Cut(strings.TrimSpace(text), "-")
		if !two {
			last = first
		}
		if span, ok := readSpan(first, last); ok {
			r.reserved = append(r.reserved, span)
		}
	}
	for port := int(r.first); ok && port <= int(r.last); port++ {
		if r.has(uint16(port)) {
			r.size++
		}
	}
	return r, ok
}

func readSpan(first, last string) (portSpan, bool) {
	a, okA := number(first)
	b, okB := number(last)
	if !okA || !okB || a < 1 || a > b || b > 65535 {
		return portSpan{}, false
	}
	return portSpan{uint16(a), uint16(b)}, true
}

func (r portRange) has(port uint16) bool {
	if port < r.first || port > r.last {
		return false
	}
	for _, span := range r.reserved {
		if port >= span.first && port <= span.last {
			return false
		}
	}
	return true
}

// lane is from one of our addresses to one destination: connect() takes a local
// port that no other connection in the same lane has.
type lane struct {
	source netip.Addr
	target netip.AddrPort
}

// usage is what a lane has of the range.
type usage struct {
	lane
	size    int             // of the range
	ports   map[uint16]bool // taken, also by listeners
	sockets []seen          // that take them
	waiting []seen          // those of them in TIME-WAIT
}

// crowded tells whether nine ports of ten are taken, exhausted whether at most
// one of fifty is free: connect() searches them all, and those in TIME-WAIT
// come free and go again between two looks.
func (u *usage) crowded() bool   { return len(u.ports)*10 >= u.size*9 }
func (u *usage) exhausted() bool { return (u.size-len(u.ports))*50 <= u.size }

// mostlyWaiting tells whether TIME-WAIT is why.
func (u *usage) mostlyWaiting() bool { return len(u.waiting)*2 >= len(u.ports) }

// crowdedWays returns the ways that have few local ports left, in the order of
// the dump.
func (x *index) crowdedWays() []*usage {
	r, ok := x.portRange()
	if x.ways != nil || !ok {
		return x.ways
	}
	x.ways = []*usage{}
	listening := x.listeningPorts(r)
	counts := map[lane]int{}
	x.eachDialled(r, func(w lane, _ seen) { counts[w]++ })
	usages := map[lane]*usage{}
	x.eachDialled(r, func(w lane, s seen) {
		if (counts[w]+len(listening))*10 < r.size*9 {
			return
		}
		if usages[w] == nil {
			usages[w] = &usage{lane: w, size: r.size, ports: maps.Clone(listening)}
			x.ways = append(x.ways, usages[w])
		}
		usages[w].add(s)
	})
	x.ways = slices.DeleteFunc(x.ways, func(u *usage) bool { return !u.crowded() })
	return x.ways
}

// listeningPorts are those of the range that connect() passes over because a
// listener has them.
func (x *index) listeningPorts(r portRange) map[uint16]bool {
	ports := map[uint16]bool{}
	for at := range x.listeners {
		if r.has(at.Port()) {
			ports[at.Port()] = true
		}
	}
	return ports
}

// eachDialled calls each with what was dialled from a port of the range and keeps
// that port from others in the same lane.
func (x *index) eachDialled(r portRange, each func(lane, seen)) {
	for _, state := range tcp.States() {
		for _, s := range x.byState[state] {
			if x.dialledFrom(s.now, r) && !x.reusable(s.now) {
				each(lane{s.now.Local.Addr(), s.now.Remote}, s)
			}
		}
	}
}

func (u *usage) add(s seen) {
	u.ports[s.now.Local.Port()] = true
	u.sockets = append(u.sockets, s)
	if s.now.State == tcp.TimeWait {
		u.waiting = append(u.waiting, s)
	}
}

// dialledFrom tells whether a connection was dialled from a port of the range.
func (x *index) dialledFrom(s *host.Socket, r portRange) bool {
	return s.State != tcp.Listen && s.Kind != host.Request && r.has(s.Local.Port()) && x.listenerOf(s.Local) == nil
}

// reusable tells whether connect() may take the port of a socket in TIME-WAIT
// (tcp_twsk_unique): tcp_tw_reuse allows it, the peer sends timestamps, and the
// connection is older than the delay.
func (x *index) reusable(s *host.Socket) bool {
	return s.State == tcp.TimeWait && x.reuses(s.Remote.Addr()) && timeWaitLength-s.Expires >= x.reuseDelay()
}

// reuses tells whether tcp_tw_reuse is in force towards an address: 2 means
// loopback only, 1 everywhere.
func (x *index) reuses(peer netip.Addr) bool {
	mode, _ := x.setting("net.ipv4.tcp_tw_reuse")
	stamps, known := x.setting("net.ipv4.tcp_timestamps")
	return (mode == 1 || mode == 2 && peer.IsLoopback()) && (stamps > 0 || !known)
}

func (x *index) reuseDelay() time.Duration {
	delay, ok := x.setting("net.ipv4.tcp_tw_reuse_delay")
	if !ok || delay > int(timeWaitLength.Milliseconds()) {
		return time.Second
	}
	return time.Duration(delay) * time.Millisecond
}
