package track

import (
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/internal/traffic"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestWatch: each change of state is told at its segment, in the words of Each,
// and all anomalies are.
func TestWatch(t *testing.T) {
	var told []Event
	tr := New(Config{Transitions: true, Watch: func(e *Event) { told = append(told, *e) }})
	feed(tr, traffic.NewConnections(4, 50), 20_000)
	tr.Flush()
	changes, odd := map[uint64][]Transition{}, map[uint64]Anomalies{}
	for _, e := range told {
		if !e.Changed() && e.Anomalies == 0 {
			t.Fatalf("nothing happened: %+v", e)
		}
		odd[e.Connection] |= e.Anomalies
		for i := range e.From {
			if e.From[i] != e.To[i] {
				changes[e.Connection] = append(changes[e.Connection], Transition{Number: e.Number, From: e.From[i], To: e.To[i], Originator: i == 0})
			}
		}
	}
	number := uint64(0)
	tr.Each(func(c *Conn) bool {
		number++
		want := slices.Clone(c.Transitions)
		got := changes[number]
		if len(got) < len(want) {
			t.Fatalf("connection %d: %d changes told, %d kept", number, len(got), len(want))
		}
		for i, w := range want {
			if !slices.ContainsFunc(got, func(g Transition) bool {
				return g.Number == w.Number && (g.From == w.From || g.From == tcp.Unknown) && g.To == w.To && g.Originator == w.Originator
			}) {
				t.Fatalf("connection %d: change %d %+v was not told", number, i, w)
			}
		}
		if rest := odd[number] &^ (c.Anomalies); rest != 0 {
			t.Errorf("connection %d: told of %v, kept %v", number, odd[number], c.Anomalies)
		}
		return true
	})
	if number < 1000 {
		t.Errorf("%d connections", number)
	}
}

// TestWatchRoles: an event is from the Originator to the Responder, whoever sent
// the segment and whichever address is the smaller one.
func TestWatchRoles(t *testing.T) {
	for _, swapped := range []bool{false, true} {
		var told []Event
		tr := New(Config{Watch: func(e *Event) { told = append(told, *e) }})
		tuple := packet.Tuple{Source: packet.Address4(1), Destination: packet.Address4(2), SourcePort: 3, DestinationPort: 4}
		if swapped {
			tuple = tuple.Reverse()
		}
		for i, s := range []packet.Segment{
			{Tuple: tuple, TCP: tcp.Segment{Seq: 9, Flags: tcp.SYN}},
			{Tuple: tuple.Reverse(), TCP: tcp.Segment{Seq: 7, Ack: 10, Flags: tcp.SYN | tcp.ACK}},
		} {
			s.Number, s.Time = uint64(i+1), int64(i+1)*1e6
			tr.Add(&s)
			tr.Flush()
			if len(told) != i+1 {
				t.Fatalf("%d events after %d segments", len(told), i+1)
			}
		}
		e := told[1]
		if e.Tuple != tuple || e.ByOriginator || e.Number != 2 || e.To[1] != tcp.SynReceived || e.From[0] != tcp.SynSent {
			t.Errorf("swapped %v: %+v", swapped, e)
		}
	}
}
