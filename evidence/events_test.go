package evidence

import (
	"bytes"
	"net/netip"
	"reflect"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func placeOf(port uint16, n uint64) host.MishapAt {
	return host.MishapAt{
		Mishap: host.Mishap{Kind: host.Dropped, Reason: host.DropNetfilter, State: tcp.SynReceived, Segment: "SYN,ACK", Outgoing: true, Hook: host.Output},
		Local:  netip.MustParseAddrPort("203.0.113.5:80"), Remote: netip.AddrPortFrom(netip.MustParseAddr("198.51.100.7"), port), Count: n,
	}
}

// TestTidyEventsAreBounded: the places with most mishaps stay, and what goes is
// counted.
func TestTidyEventsAreBounded(t *testing.T) {
	e := &Events{Untold: 3}
	for i := range MishapPlacesKept + 10 {
		e.Places = append(e.Places, placeOf(uint16(i+1), uint64(i+1)))
	}
	e.Tidy()
	if len(e.Places) != MishapPlacesKept || e.Untold != 3+55 || e.Places[0].Count != MishapPlacesKept+10 {
		t.Errorf("%d places, %d untold, the first %+v", len(e.Places), e.Untold, e.Places[0])
	}
}

// TestEventsAreKept: they are the same when a bundle is read again; anonymised,
// addresses differ and ports, counts and reasons do not.
func TestEventsAreKept(t *testing.T) {
	b := &Bundle{Events: &Events{
		Transitions: []EventTransition{{From: tcp.Listen, To: tcp.SynReceived, Count: 4}},
		Mishaps:     []host.MishapCount{{Mishap: placeOf(1, 1).Mishap, Count: 9}, {Mishap: host.Mishap{Kind: host.ResetSent, Reason: "NO_SOCKET"}, Count: 2}},
		Places:      []host.MishapAt{placeOf(4000, 9)}, Untold: 2, Lost: 1,
	}}
	var file bytes.Buffer
	if err := Write(&file, b); err != nil {
		t.Fatal(err)
	}
	read, err := Read(&file)
	if err != nil || !reflect.DeepEqual(read.Events, b.Events) {
		t.Fatalf("%+v, %v", read.Events, err)
	}
	hidden := Anonymize(b, []byte("key")).Events
	p, was := hidden.Places[0], b.Events.Places[0]
	if p.Local.Addr() == was.Local.Addr() || p.Remote.Addr() == was.Remote.Addr() {
		t.Errorf("%v and %v are still there", p.Local, p.Remote)
	}
	if p.Local.Port() != was.Local.Port() || p.Mishap != was.Mishap || p.Count != was.Count || !reflect.DeepEqual(hidden.Mishaps, b.Events.Mishaps) {
		t.Errorf("%+v", hidden)
	}
	if b.Events.Places[0] != was {
		t.Error("the original changed")
	}
}

func TestTotalOfEvents(t *testing.T) {
	e := &Events{Mishaps: []host.MishapCount{{Mishap: host.Mishap{Kind: host.Dropped}, Count: 5}, {Mishap: host.Mishap{Kind: host.ResetSent}, Count: 7}, {Mishap: host.Mishap{Kind: host.Dropped, Reason: "X"}, Count: 1}}}
	if n := e.Total(func(m *host.Mishap) bool { return m.Kind == host.Dropped }); n != 6 {
		t.Errorf("%d drops", n)
	}
}
