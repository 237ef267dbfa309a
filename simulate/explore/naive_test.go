package explore

import (
	"fmt"
	"slices"
	"testing"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// naive explores by the letter: any packet under way may be lost or duplicated at
// any time, every packet is told from every other by its copies alone, and joint
// states are compared as text. It knows no MSL, so it is for bounds without
// TIME-WAIT. What the search leaves out to be fast must make no difference.
type naive struct {
	*machine
	seen map[string]bool
	met  map[[2]uint32]bool // pairs of locals
	todo []naiveState
}

type naiveState struct {
	ends                  [2]uint32
	losses, copies, early int
	air                   []underWay
}

func (s naiveState) key() string { return fmt.Sprint(s) }

func (n *naive) reach(s naiveState) {
	slices.Sort(s.air)
	if key := s.key(); !n.seen[key] {
		n.seen[key] = true
		n.met[s.ends] = true
		n.todo = append(n.todo, s)
	}
}

func (n *naive) run() {
	first, _ := n.first()
	b := n.bound
	n.reach(naiveState{first.ends, b.Losses, b.Duplicates, b.Early, slices.Clone(first.flight())})
	for len(n.todo) > 0 {
		s := n.todo[len(n.todo)-1]
		n.todo = n.todo[:len(n.todo)-1]
		n.network(s)
		n.users(s)
		n.timeouts(s)
	}
}

func without(air []underWay, i int) []underWay { return slices.Delete(slices.Clone(air), i, i+1) }

// network delivers, loses or duplicates each packet.
func (n *naive) network(s naiveState) {
	for i, u := range s.air {
		t := s
		t.air = without(s.air, i)
		n.happen(t, n.to(u.packet()), incident(u.packet()))
		if u&spare != 0 {
			n.reach(t)
		} else if s.losses > 0 {
			t.losses--
			n.reach(t)
		}
		if s.copies > 0 {
			t = s
			t.copies--
			t.air = append(slices.Clone(s.air), u|spare)
			n.reach(t)
		}
	}
}

func (n *naive) users(s naiveState) {
	for side := range s.ends {
		if n.willCall(n.locals[s.ends[side]], n.locals[s.ends[1-side]]) {
			n.happen(s, simulate.Side(side), callNext)
		}
	}
}

func (n *naive) timeouts(s naiveState) {
	quiet := !slices.ContainsFunc(s.air, func(u underWay) bool { return u&spare == 0 })
	for side := range s.ends {
		l, other := n.locals[s.ends[side]], n.locals[s.ends[1-side]]
		if l.runs(tcp.TimeWaitTimeout) {
			n.happen(s, simulate.Side(side), timeoutOf+incident(tcp.TimeWaitTimeout))
		}
		if !l.runs(tcp.RetransmissionTimeout) || n.givesUp(l, tcp.RetransmissionTimeout) && (!quiet || n.trying(other)) {
			continue
		}
		t := s
		if !quiet {
			t.early--
		}
		if t.early >= 0 {
			n.happen(t, simulate.Side(side), timeoutOf+incident(tcp.RetransmissionTimeout))
		}
	}
}

// happen lets an end step, and sends what it sends.
func (n *naive) happen(s naiveState, side simulate.Side, in incident) {
	o := n.step(s.ends[side], in)
	s.ends[side] = o.next
	s.air = slices.Clone(s.air)
	for _, packet := range o.sent {
		s.air = append(s.air, underWay(packet)<<packetShift)
	}
	n.reach(s)
}

// TestShortcuts: losing when a packet is sent, duplicating when it arrives, and
// preferring a packet to its copy reaches the same pairs of ends as doing all of
// it at any time.
func TestShortcuts(t *testing.T) {
	b := Bound{
		Name: "shortcuts",
		Users: [2][]Call{
			{open.after(1), send("a"), closeCall.met()},
			{listen, closeCall.met()},
		},
		ISS: oneISS, TimeWaitLess: 2,
	}
	for _, budget := range [][3]int{{0, 0, 0}, {2, 0, 0}, {0, 1, 0}, {1, 1, 0}, {0, 0, 1}, {1, 0, 1}} {
		b.Losses, b.Duplicates, b.Early = budget[0], budget[1], budget[2]
		b.Invariants = AllInvariants
		s := newSearch(&b, Limits{States: 1 << 20})
		s.run()
		n := &naive{machine: newMachine(&b), seen: map[string]bool{}, met: map[[2]uint32]bool{}}
		n.run()
		got, want := map[string]bool{}, map[string]bool{}
		for key := range s.judged {
			got[pairKey(s.machine, [2]uint32{uint32(key >> 32), uint32(key)})] = true
		}
		for ends := range n.met {
			want[pairKey(n.machine, ends)] = true
		}
		if len(got) != len(want) {
			t.Errorf("%v: %d pairs of ends, by the letter %d", budget, len(got), len(want))
		}
		for key := range want {
			if !got[key] {
				t.Errorf("%v: a pair of ends is not reached", budget)
				break
			}
		}
	}
}

func pairKey(m *machine, ends [2]uint32) string {
	return string(m.locals[ends[0]].appendKey(nil)) + "|" + string(m.locals[ends[1]].appendKey(nil))
}
