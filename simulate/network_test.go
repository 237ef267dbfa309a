package simulate

import (
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// sendAll sends one segment of each flags through the rules, a second apart, and
// returns when each arrives after it was sent; negative: lost.
func sendAll(rules []Rule, flags ...tcp.Flags) (took []time.Duration) {
	n := newNetwork(&Config{Network: rules, Delay: [2]time.Duration{10 * ms, 20 * ms}, Seed: 1})
	for i, f := range flags {
		p := tcp.Packet{Source: OriginatorSocket, Destination: ResponderSocket, Segment: tcp.Segment{Flags: f}}
		for _, w := range n.send(Originator, &p, time.Duration(i)*sec) {
			if w.lost != "" {
				w.takes = -1
			}
			took = append(took, w.takes)
		}
	}
	return took
}

func TestRules(t *testing.T) {
	const syn, ack, fin = tcp.SYN, tcp.ACK, tcp.FIN | tcp.ACK
	const lost = time.Duration(-1)
	tests := []struct {
		name  string
		rules []Rule
		flags []tcp.Flags
		want  []time.Duration
	}{
		{"none", nil, []tcp.Flags{syn, ack}, []time.Duration{10 * ms, 10 * ms}},
		{"lose the second of a sort", []Rule{{On: Match{Sorts: ACKs}.Only(2), Do: Lose}},
			[]tcp.Flags{syn, ack, syn, ack, ack}, []time.Duration{10 * ms, 10 * ms, 10 * ms, lost, 10 * ms}},
		{"lose from the second on", []Rule{{On: Match{Sorts: ACKs, First: 2}, Do: Lose}},
			[]tcp.Flags{ack, syn, ack, ack}, []time.Duration{10 * ms, 10 * ms, lost, lost}},
		{"lose the responder's", []Rule{{On: Match{From: OfResponder}, Do: Lose}}, []tcp.Flags{syn}, []time.Duration{10 * ms}},
		{"lose the originator's", []Rule{{On: Match{From: OfOriginator}, Do: Lose}}, []tcp.Flags{syn}, []time.Duration{lost}},
		{"lose from 1 s to 2 s", []Rule{{On: Match{Since: sec, Before: 2 * sec}, Do: Lose}},
			[]tcp.Flags{ack, ack, ack}, []time.Duration{10 * ms, lost, 10 * ms}},
		{"delay adds", []Rule{{Do: Delay, By: 5 * ms}, {On: Match{Sorts: FINs}, Do: Delay, By: ms}},
			[]tcp.Flags{syn, fin}, []time.Duration{15 * ms, 16 * ms}},
		{"a copy later", []Rule{{On: Match{Sorts: SYNs}, Do: Duplicate, By: sec}}, []tcp.Flags{syn, ack},
			[]time.Duration{10 * ms, sec + 10*ms, 10 * ms}},
		{"the copy is lost as the second", []Rule{{Do: Duplicate}, {On: Match{}.Only(2), Do: Lose}}, []tcp.Flags{syn},
			[]time.Duration{10 * ms, lost}},
		{"what is lost is not copied", []Rule{{Do: Lose}, {Do: Duplicate}}, []tcp.Flags{syn}, []time.Duration{lost}},
		{"a firewall knows SYNs", []Rule{{Do: Forget, By: 90 * sec}}, []tcp.Flags{ack, syn, ack}, []time.Duration{lost, 10 * ms, 10 * ms}},
		{"and forgets", []Rule{{Do: Forget, By: sec / 2}}, []tcp.Flags{syn, ack, syn}, []time.Duration{10 * ms, lost, 10 * ms}},
	}
	for _, test := range tests {
		if got := sendAll(test.rules, test.flags...); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// TestCopiesAreBounded: rules that duplicate what rules duplicated end.
func TestCopiesAreBounded(t *testing.T) {
	rules := slices.Repeat([]Rule{{Do: Duplicate}}, 40)
	if got := sendAll(rules, tcp.SYN); len(got) != mostCopies {
		t.Errorf("%d copies", len(got))
	}
}

func TestRewriting(t *testing.T) {
	n := newNetwork(&Config{Network: []Rule{
		{Do: RewriteTarget, Old: PublicSocket, New: ResponderSocket}, {Do: RewriteSource, Old: ResponderSocket, New: PublicSocket}}})
	there := n.send(Originator, &tcp.Packet{Source: OriginatorSocket, Destination: PublicSocket}, 0)[0].packet
	back := n.send(Responder, &tcp.Packet{Source: ResponderSocket, Destination: OriginatorSocket}, 0)[0].packet
	if there.Destination != ResponderSocket || there.Source != OriginatorSocket || back.Source != PublicSocket || back.Destination != OriginatorSocket {
		t.Errorf("there %v to %v, back %v to %v", there.Source, there.Destination, back.Source, back.Destination)
	}
}

// TestChance: about as often as asked.
func TestChance(t *testing.T) {
	lost := 0
	for _, took := range sendAll([]Rule{{On: Match{Chance: 0.25}, Do: Lose}}, make([]tcp.Flags, 10_000)...) {
		if took < 0 {
			lost++
		}
	}
	if lost < 2300 || lost > 2700 {
		t.Errorf("%d of 10,000 are lost", lost)
	}
}

// TestQueue: in order of time, and of coming where times are equal.
func TestQueue(t *testing.T) {
	var q queue
	random := randomFrom(1, 1)
	for i := range 1000 {
		q.push(time.Duration(random.IntN(50)), arrivalDue, i)
	}
	last, _ := q.pop()
	for range 999 {
		o, ok := q.pop()
		if !ok || o.at < last.at || o.at == last.at && o.index < last.index {
			t.Fatalf("%v comes after %v", o, last)
		}
		last = o
	}
	if _, ok := q.pop(); ok {
		t.Error("more comes out than went in")
	}
}
