package explore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestSetHoldsKeys compares the set with a map, on short keys so that most come
// again, and on long ones so that blocks fill up.
func TestSetHoldsKeys(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var s set
	numbers := map[string]uint32{}
	for range 30000 {
		key := make([]byte, random.IntN(3))
		if random.IntN(2) == 0 {
			key = make([]byte, random.IntN(256))
		}
		for i := range key {
			key[i] = byte(random.IntN(40))
		}
		want, known := numbers[string(key)]
		n, isNew := s.add(key)
		if isNew == known || known && n != want || !bytes.Equal(s.key(n), key) {
			t.Fatalf("key %v: number %d, new %v; want %d, new %v", key, n, isNew, want, !known)
		}
		numbers[string(key)] = n
	}
	for key, n := range numbers {
		if string(s.key(n)) != key {
			t.Fatalf("number %d is %v, was %v", n, s.key(n), []byte(key))
		}
	}
}

// TestJointIsReadBack: what append writes, read reads.
func TestJointIsReadBack(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		j := joint{ends: [2]uint32{random.Uint32N(maxLocals), random.Uint32N(maxLocals)}}
		j.losses, j.copies, j.early = uint8(random.IntN(16)), uint8(random.IntN(16)), uint8(random.IntN(16))
		j.cut, j.prompt = random.IntN(2) == 0, [2]bool{random.IntN(2) == 0, random.IntN(2) == 0}
		j.rested = [2]uint8{uint8(random.IntN(3)), uint8(random.IntN(3))}
		for range random.IntN(crowd + 1) {
			j.launch(underWay(random.Uint32()))
		}
		octets := j.append(nil)
		var back joint
		back.read(octets)
		if !bytes.Equal(back.append(nil), octets) || back.ends != j.ends || back.cut != j.cut || !slices.Equal(back.flight(), j.flight()) {
			t.Fatalf("wrote %+v, read %+v", j, back)
		}
		if len(octets) > 255 {
			t.Fatalf("%d octets are too many for the set", len(octets))
		}
	}
}

// TestFlightIsInOrder: packets are launched and landed one by one, whatever is
// under way besides.
func TestFlightIsInOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var j joint
	var want []underWay
	for range 5000 {
		u := underWay(random.IntN(12))
		if random.IntN(2) == 0 {
			if fits := j.launch(u); fits != (len(want) < crowd) {
				t.Fatalf("%d under way: fits %v", len(want), fits)
			} else if fits {
				want = append(want, u)
			}
		} else if i := slices.Index(want, u); i >= 0 {
			j.land(u)
			want = slices.Delete(want, i, i+1)
		}
		slices.Sort(want)
		if !slices.Equal(j.flight(), want) {
			t.Fatalf("under way %v, want %v", j.flight(), want)
		}
	}
}

// TestTwoMSL follows a packet, a copy and an answer through two MSLs.
func TestTwoMSL(t *testing.T) {
	const packet, other, answer = 1 << packetShift, 2 << packetShift, 3 << packetShift
	var j joint
	j.launch(packet | spare)
	j.launch(other)
	j.count(0)
	if want := []underWay{packet | spare | agedByA, other | agedByA}; !slices.Equal(j.flight(), want) {
		t.Fatalf("under way %v, want %v", j.flight(), want)
	}
	j.land(other | agedByA)
	j.launch(answer)
	j.tick(0)
	if want := []underWay{answer | agedByA}; !slices.Equal(j.flight(), want) || j.rested[0] != 1 {
		t.Fatalf("after one MSL %v, want %v", j.flight(), want)
	}
	if j.rested[1] != 0 {
		t.Error("the other side counts too")
	}
}

// TestEveryClosedEndIsAlike: a local in CLOSED is known by its history alone, so
// whatever it was before, its end must behave as a new one.
func TestEveryClosedEndIsAlike(t *testing.T) {
	for _, b := range []Bound{small(aborts()), small(crashes()), small(zeroWindow())} {
		b.Invariants = AllInvariants
		s := newSearch(&b, Limits{States: 8_000_000})
		s.run()
		closed := 0
		for _, l := range s.locals {
			if l.state() != tcp.Closed {
				continue
			}
			closed++
			for _, in := range everything(s.machine) {
				if got, want := behaviour(s.machine, l, l.end.Clone(), in), behaviour(s.machine, l, s.born(l.side), in); got != want {
					t.Fatalf("%s, %v: a closed end answers\n%s\na new one\n%s", b.Name, in.Event, got, want)
				}
			}
		}
		if closed < 3 {
			t.Errorf("%s: only %d closed ends", b.Name, closed)
		}
	}
}

// everything lists what can happen to an end in CLOSED.
func everything(m *machine) []tcp.Incident {
	var list []tcp.Incident
	for _, event := range tcp.Events() {
		if event != tcp.SegmentArrives {
			list = append(list, tcp.Incident{Event: event, Text: []byte("t")})
		}
	}
	for _, p := range m.packets {
		list = append(list, tcp.Incident{Event: tcp.SegmentArrives, Packet: p})
	}
	return list
}

// behaviour says what an end does, and what it does with an arriving SYN then.
func behaviour(m *machine, l *local, end *tcp.Endpoint, in tcp.Incident) string {
	c := l.clone()
	m.stepping = c
	syn := tcp.Packet{Source: sockets[1-l.side], Destination: sockets[l.side], Segment: tcp.Segment{Seq: 7000, Flags: tcp.SYN, Window: 900}}
	said := fmt.Sprint(end.Step(0, in))
	said += fmt.Sprint(end.Step(0, tcp.Incident{Event: tcp.SegmentArrives, Packet: syn}))
	if end.State() == tcp.Closed {
		return said // what is left of the old connection in its key means nothing
	}
	return said + string(end.AppendKey(nil))
}

// TestTracesAreTrue plays each run again on new ends that know nothing of the
// search, and compares what happens.
func TestTracesAreTrue(t *testing.T) {
	bounds, reports := explored(t)
	runs := 0
	for i, b := range bounds {
		for _, v := range reports[i].Violations {
			replay(t, &b, v.Trace)
			runs++
		}
	}
	if runs < 6 {
		t.Errorf("only %d runs", runs)
	}
}

func replay(t *testing.T, b *Bound, trace simulate.Trace) {
	t.Helper()
	m := newMachine(b)
	ends := [2]*local{{side: 0, end: m.born(0)}, {side: 1, end: m.born(1)}}
	made := [2]int{}
	sent := map[int]string{}
	var due []tcp.Effect
	for i, h := range trace {
		l := ends[h.Side]
		m.stepping = l
		in := tcp.Incident{Event: h.Event}
		switch h.Kind {
		case simulate.Noted:
			if h.Why == WhyCrash {
				l.end = m.born(l.side)
				made[h.Side]++
			}
			continue
		case simulate.Called:
			in.Text = []byte(b.Users[h.Side][made[h.Side]].Text)
			made[h.Side]++
		case simulate.Fired:
		case simulate.Arrived:
			if was, ok := sent[h.Number]; !ok || was != fmt.Sprint(h.Packet) {
				t.Fatalf("%s, %d: packet %d arrives as %v, was sent as %s", b.Name, i, h.Number, h.Packet, was)
			}
			in = tcp.Incident{Event: tcp.SegmentArrives, Packet: h.Packet}
		default:
			due = follow(t, b, due, h)
			if h.Kind == simulate.Sent {
				sent[h.Number] = fmt.Sprint(h.Packet)
			}
			continue
		}
		if len(due) > 0 {
			t.Fatalf("%s, %d: %v is not in the trace", b.Name, i, due)
		}
		due = slices.DeleteFunc(slices.Clone(l.end.Step(0, in)), func(f tcp.Effect) bool {
			return f.Kind == tcp.StartTimer || f.Kind == tcp.StopTimer
		})
	}
}

// follow takes the effect that a happening tells of from those that are due.
func follow(t *testing.T, b *Bound, due []tcp.Effect, h simulate.Happening) []tcp.Effect {
	t.Helper()
	if h.Kind == simulate.Lost {
		return due
	}
	if len(due) == 0 {
		t.Fatalf("%s: %v of %v, and nothing is due", b.Name, h.Kind, h.Side)
	}
	f := due[0]
	same := h.Kind == simulate.Took && f.Row == h.Row ||
		h.Kind == simulate.Sent && fmt.Sprint(f.Packet) == fmt.Sprint(h.Packet) ||
		h.Kind == simulate.Delivered && len(f.Text) == int(h.Octets) ||
		h.Kind == simulate.Told && f.Word == h.Word
	if !same {
		t.Fatalf("%s: %+v in the trace, %v is due", b.Name, h, f)
	}
	return due[1:]
}
