package inventory

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Ratio is how much of a limit is used: 1 is all of it.
type Ratio struct {
	Used, Limit int
	Of          string // what the limit is, and whose
}

// Value returns the ratio, 0 where no limit is known.
func (r Ratio) Value() float64 {
	if r.Limit <= 0 {
		return 0
	}
	return float64(r.Used) / float64(r.Limit)
}

// String says it in words: "129 of 128: half-open queue of [::]:80".
func (r Ratio) String() string { return fmt.Sprintf("%d of %d: %s", r.Used, r.Limit, r.Of) }

// RatioOf returns how close the sockets of a state come to what limits them: for
// LISTEN and SYN-RECEIVED the fullest queue of a listener, for TIME-WAIT
// tcp_max_tw_buckets or the ports towards one destination, for SYN-SENT the
// ports towards one destination, and for every other state the descriptors of
// the process that holds most of them. ok is false when no limit is known.
func RatioOf(state tcp.State, sockets []host.Socket, owners *Owners, settings host.Settings) (worst Ratio, ok bool) {
	var all []Ratio
	switch state {
	case tcp.Listen, tcp.SynReceived:
		all = queueRatios(state, Listeners(sockets, owners, settings))
	case tcp.TimeWait:
		all = append(portRatios(state, sockets, settings), bucketRatio(sockets, settings)...)
	case tcp.SynSent:
		all = portRatios(state, sockets, settings)
	case tcp.Established, tcp.FinWait1, tcp.FinWait2, tcp.CloseWait, tcp.Closing, tcp.LastAck, tcp.Closed, tcp.Unknown:
		all = descriptorRatios(state, sockets, owners)
	}
	for _, r := range all {
		if r.Limit > 0 && (!ok || r.Value() > worst.Value()) {
			worst, ok = r, true
		}
	}
	return worst, ok
}

func queueRatios(state tcp.State, list []Listener) (all []Ratio) {
	for i := range list {
		q, name := list[i].AcceptQueue, "accept queue of "
		if state == tcp.SynReceived {
			q, name = list[i].SynQueue, "half-open queue of "
		}
		all = append(all, Ratio{q.Length, q.Limit, name + list[i].Local.String()})
	}
	return all
}

func bucketRatio(sockets []host.Socket, settings host.Settings) []Ratio {
	const name = "net.ipv4.tcp_max_tw_buckets"
	limit, err := strconv.Atoi(settings[name])
	if err != nil {
		return nil
	}
	used := 0
	for i := range sockets {
		if sockets[i].State == tcp.TimeWait {
			used++
		}
	}
	return []Ratio{{used, limit, name}}
}

// route is a source address and a destination: each may use every local port
// once.
type route struct {
	from netip.Addr
	to   netip.AddrPort
}

func portRatios(state tcp.State, sockets []host.Socket, settings host.Settings) (all []Ratio) {
	low, high, ok := portRange(settings)
	if !ok {
		return nil
	}
	used := map[route]int{}
	for i := range sockets {
		s := &sockets[i]
		if port := s.Local.Port(); s.State == state && port >= low && port <= high {
			used[route{s.Local.Addr(), s.Remote}]++
		}
	}
	for r, n := range used {
		all = append(all, Ratio{n, int(high-low) + 1, "local ports towards " + r.to.String()})
	}
	return all
}

func portRange(settings host.Settings) (low, high uint16, ok bool) {
	fields := strings.Fields(settings["net.ipv4.ip_local_port_range"])
	if len(fields) != 2 {
		return 0, 0, false
	}
	first, err := strconv.ParseUint(fields[0], 10, 16)
	last, err2 := strconv.ParseUint(fields[1], 10, 16)
	return uint16(first), uint16(last), err == nil && err2 == nil && first <= last
}

func descriptorRatios(state tcp.State, sockets []host.Socket, owners *Owners) (all []Ratio) {
	held := map[int]int{}
	var holders []Owner
	for i := range sockets {
		if sockets[i].State != state {
			continue
		}
		holders = owners.Of(sockets[i].Inode, holders[:0])
		for _, o := range holders {
			held[o.PID]++
		}
	}
	for pid, n := range held {
		if p := owners.Process(pid); p != nil {
			all = append(all, Ratio{n, int(p.OpenFiles), fmt.Sprintf("open files of %s[%d]", p.Name, pid)})
		}
	}
	return all
}
