package live

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestSummary: the kernel counts each transition of so many dialogues, and its
// times are those that the dialogues took.
func TestSummary(t *testing.T) {
	const many, stay = 20, 30 * time.Millisecond
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	sum, err := OpenSummary(Options{NetNS: inodeOf(t, s.client), Filter: parse(t, "dport = :8080")})
	if err != nil {
		t.Fatal(err)
	}
	defer sum.Close()
	for range many {
		client, server, _ := s.open()
		<-time.After(stay)
		s.finish(client, server)
	}
	tallies, err := sum.Read()
	if err != nil {
		t.Fatal(err)
	}
	expected := map[tcp.Edge]bool{}
	for _, e := range append(append([]tcp.Edge{}, opensActively...), closesFirst...) {
		expected[e] = true
	}
	for _, x := range tallies {
		if x.To == tcp.TimeWait && x.Count <= many {
			x.Count = many // a minisocket may have been in FIN-WAIT-2 when the FIN came, of which nothing tells
		}
		if !expected[x.Edge] || x.Count != many || x.HasTimes == (x.From == tcp.Closed) {
			t.Errorf("%v: %d times, %v", x.Edge, x.Count, x.HasTimes)
		}
		if x.From == tcp.Established && (x.Median < stay*7/8 || x.Median > 10*stay || x.P99 < x.Median) {
			t.Errorf("%v lasted %v, 99 %% under %v, where each waited %v", x.From, x.Median, x.P99, stay)
		}
		delete(expected, x.Edge)
	}
	delete(expected, closesFirst[2])
	for e := range expected {
		t.Errorf("%v was not counted", e)
	}
}

// TestSummaryOfOneState: times are right where the filter hides what was before.
func TestSummaryOfOneState(t *testing.T) {
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	sum, err := OpenSummary(Options{NetNS: inodeOf(t, s.server), Filter: parse(t, "state last-ack")})
	if err != nil {
		t.Fatal(err)
	}
	defer sum.Close()
	client, server, _ := s.open()
	s.finish(client, server)
	tallies, err := sum.Read()
	if err != nil {
		t.Fatal(err)
	}
	if len(tallies) != 2 || tallies[0].To != tcp.LastAck || tallies[1].From != tcp.LastAck || !tallies[0].HasTimes || !tallies[1].HasTimes {
		t.Errorf("%+v", tallies)
	}
}
