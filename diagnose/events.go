package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const events = evidence.SourceEvents

// eventRules judge by what the kernel told as it happened and by the sockets.
// What they settle is settled before packets and sockets are asked, because the
// kernel names the reason.
var eventRules = []struct {
	cause Cause
	rule  func(*index) []Finding
}{
	{"synack-blocked-here", eventBlocked},
	{"synack-dropped-here", eventAnswers},
	{"hairpin-source-dropped", eventHairpins},
	{"ack-lost", eventACKs},
	{"established-dropped", eventDropped},
}

// joinEvents runs them, for the causes that can be judged at all.
func (x *index) joinEvents() {
	if x.bundle.Events == nil || x.first == nil {
		return
	}
	assessed := map[Cause]bool{}
	for _, row := range Catalogue() {
		assessed[row.Cause] = len(x.missing(row)) == 0
	}
	for _, j := range eventRules {
		if assessed[j.cause] {
			x.judged[j.cause] = j.rule(x)
		}
	}
}

// barring are reasons of drops that somebody decided on: rules and filters of
// this host, and not what TCP, the route or the link does.
var barring = map[string]bool{
	host.DropNetfilter: true, host.DropTrafficControl: true, host.DropTrafficIngress: true, host.DropReversePath: true,
	"BPF_CGROUP_EGRESS": true, "XDP": true, "SECURITY_HOOK": true, "XFRM_POLICY": true, "SOCKET_FILTER": true,
}

func barred(m *host.Mishap) bool { return m.Kind == host.Dropped && barring[m.Reason] }

func synackOut(m *host.Mishap) bool { return barred(m) && m.Outgoing && m.Segment == synAck }
func synackIn(m *host.Mishap) bool  { return barred(m) && !m.Outgoing && m.Segment == synAck }
func ackIn(m *host.Mishap) bool     { return barred(m) && !m.Outgoing && m.Segment == "ACK" }

var synAck = (tcp.SYN | tcp.ACK).String()

// toll is how many mishaps there were, and of which sort most of them are.
type toll struct {
	count int
	most  int
	sort  host.Mishap
}

func (t *toll) add(m *host.MishapAt) {
	t.count += int(m.Count)
	if int(m.Count) > t.most {
		t.most, t.sort = int(m.Count), m.Mishap
	}
}

// placesOf returns what went wrong between two ends.
func (x *index) placesOf(local, remote netip.AddrPort) []*host.MishapAt {
	if x.places == nil {
		x.places = map[identity][]*host.MishapAt{}
		for i := range x.told().Places {
			p := &x.told().Places[i]
			at := identity{local: p.Local, remote: p.Remote}
			x.places[at] = append(x.places[at], p)
		}
	}
	return x.places[identity{local: local, remote: remote}]
}

// told is what the kernel told; nothing where it was not asked.
func (x *index) told() *evidence.Events {
	if x.bundle.Events == nil {
		return &evidence.Events{}
	}
	return x.bundle.Events
}

// tollOf adds up the mishaps of a socket that are wanted.
func (x *index) tollOf(s *host.Socket, wanted func(*host.Mishap) bool) (t toll) {
	for _, p := range x.placesOf(s.Local, s.Remote) {
		if wanted(&p.Mishap) {
			t.add(p)
		}
	}
	return t
}

// tollsOf adds up those of a group, and returns the sockets that had some.
func (x *index) tollsOf(group []seen, wanted func(*host.Mishap) bool) (t toll, struck []seen) {
	for _, s := range group {
		one := x.tollOf(s.now, wanted)
		if one.count == 0 {
			continue
		}
		struck = append(struck, s)
		t.count += one.count
		if one.most > t.most {
			t.most, t.sort = one.most, one.sort
		}
	}
	return t, struck
}

// total adds up mishaps of the whole window, wherever they were.
func (x *index) total(wanted func(*host.Mishap) bool) int { return int(x.told().Total(wanted)) }

// drops is the evidence of segments that were dropped.
func (t *toll) drops(fact string) Evidence {
	return Evidence{
		Source: events, Fact: fact, Value: float64(t.count), Unit: "in window",
		Text: Say("segments-dropped", t.count, t.sort.Segment, t.where()), Recheck: "synoptic trace --with drops",
	}
}

// where says by whom and for which reason.
func (t *toll) where() Message {
	switch {
	case t.sort.Hook != host.NoHook:
		return Say("dropped-at-hook", string(t.sort.Hook), t.sort.Reason)
	case t.sort.Function != "":
		return Say("dropped-in-function", t.sort.Function, t.sort.Reason)
	default:
		return Say("dropped-for-reason", t.sort.Reason)
	}
}

// happened is evidence of mishaps in the window; ok is false when there were none.
func happened(fact string, n int, kind string, text Message) (e Evidence, ok bool) {
	return Evidence{Source: events, Fact: fact, Value: float64(n), Unit: "in window", Text: text, Recheck: "synoptic trace --with " + kind}, n > 0
}
