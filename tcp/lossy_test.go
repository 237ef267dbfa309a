package tcp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// lossyNet joins two ends by a network that loses, duplicates and reorders, all
// by its seed, and keeps their timers.
type lossyNet struct {
	random   *rand.Rand
	ends     [2]*Endpoint
	got      [2][]byte
	due      []delivery
	now      time.Duration
	loss     float64
	segments int
	trace    []string
}

type delivery struct {
	at time.Duration
	to int
	p  Packet
}

func (n *lossyNet) step(end int, in Incident) {
	e := n.ends[end]
	for _, f := range e.Step(n.now, in) {
		switch f.Kind {
		case SendPacket:
			n.carry(1-end, f.Packet)
		case DeliverData:
			n.got[end] = append(n.got[end], f.Text...)
		}
		if len(n.trace) < 3000 {
			n.trace = append(n.trace, fmt.Sprintf("%9.3f %d %-12v %v", n.now.Seconds(), end, e.State(), f))
		}
	}
}

func (n *lossyNet) carry(to int, p Packet) {
	n.segments++
	for range 1 + min(n.random.IntN(8), 1)*n.random.IntN(2) {
		if n.random.Float64() < n.loss {
			continue
		}
		delay := time.Duration(5+n.random.IntN(200)) * time.Millisecond
		n.due = append(n.due, delivery{n.now + delay, to, p})
	}
}

// read lets a user who takes text only now and then do so. Windows close that
// way, and open again.
func (n *lossyNet) read() {
	for end, e := range n.ends {
		if !e.cfg.AutoReceive && n.random.IntN(6) == 0 && e.State() != Closed {
			n.step(end, Incident{Event: CallReceive, Size: Size(n.random.IntN(2000))})
		}
	}
}

// next lets happen what is due first; false if nothing ever will.
func (n *lossyNet) next() bool {
	n.read()
	first, at, found := -1, time.Duration(0), false
	for i, d := range n.due {
		if !found || d.at < at {
			first, at, found = i, d.at, true
		}
	}
	end, timer := -1, Event(0)
	for i, e := range n.ends {
		if event, when, ok := e.Deadline(); ok && (!found || when < at) {
			end, timer, at, found = i, event, when, true
		}
	}
	if !found {
		return false
	}
	n.now = max(n.now, at)
	if end >= 0 {
		n.step(end, Incident{Event: timer})
		return true
	}
	d := n.due[first]
	n.due = slices.Delete(n.due, first, first+1)
	n.step(d.to, Incident{Event: SegmentArrives, Packet: d.p})
	return true
}

func (n *lossyNet) run(t *testing.T, steps int, until func() bool) {
	t.Helper()
	for range steps {
		if until() {
			return
		}
		if !n.next() {
			break
		}
		for _, e := range n.ends {
			checkInvariants(t, e)
		}
	}
	if !until() {
		t.Fatalf("%v and %v after %v, %d and %d octets\n%s", n.ends[0].State(), n.ends[1].State(), n.now,
			len(n.got[0]), len(n.got[1]), joinLast(n.trace, 60))
	}
}

func joinLast(lines []string, n int) (text string) {
	for _, line := range lines[max(0, len(lines)-n):] {
		text += line + "\n"
	}
	return text
}

func checkInvariants(t *testing.T, e *Endpoint) {
	t.Helper()
	v := e.Variables()
	switch {
	case !v.SND.UNA.LessEqual(v.SND.NXT):
		t.Fatalf("SND.UNA %v is beyond SND.NXT %v", v.SND.UNA, v.SND.NXT)
	case e.unsent() < 0:
		t.Fatalf("%d octets unsent", e.unsent())
	case v.RCV.WND > max(e.cfg.ReceiveBuffer, 65535):
		t.Fatalf("RCV.WND %v", v.RCV.WND)
	case Size(len(e.receive.unread))+v.RCV.WND > max(e.cfg.ReceiveBuffer, 65535):
		t.Fatalf("%d unread and a window of %d octets", len(e.receive.unread), v.RCV.WND)
	}
	last := v.RCV.NXT
	for _, f := range e.receive.held {
		if f.seq.Less(last) || len(f.text) == 0 {
			t.Fatalf("held text at %v overlaps or is empty, before it %v", f.seq, last)
		}
		last = f.end()
	}
	if timer, _, running := e.Deadline(); running && (e.State() == Closed || e.State() == Listen) {
		t.Fatalf("%v runs in %v", timer, e.State())
	}
}

// lossyConfig varies all that the ends can be told.
func lossyConfig(random *rand.Rand, end int) EndpointConfig {
	c := EndpointConfig{Seed: random.Uint64(), Retries: 40, SynRetries: 40, AutoReceive: random.IntN(2) == 0}
	sockets := [2]struct{ mine, peers int }{{0, 1}, {1, 0}}[end]
	all := [2]EndpointConfig{{Local: socketA}, {Local: socketB}}
	c.Local, c.Foreign = all[sockets.mine].Local, all[sockets.peers].Local
	if iss := Seq(random.Uint32()); random.IntN(2) == 0 {
		c.ISS = func() Seq { return iss }
	} else {
		wraps := Seq(0).Sub(Size(random.IntN(3000)))
		c.ISS = func() Seq { return wraps }
	}
	c.MSS = uint16(40 + random.IntN(1000))
	c.ReceiveBuffer = Size(200 + random.IntN(4000))
	if random.IntN(3) == 0 {
		c.ReceiveBuffer = Size(70000 + random.IntN(200000))
	}
	c.WindowScaling, c.Timestamps, c.SACK = random.IntN(2) == 0, random.IntN(2) == 0, random.IntN(2) == 0
	c.IgnoreRSTInTimeWait = random.IntN(2) == 0
	c.SendWindow = Size(100 + random.IntN(5000))
	return c
}

// TestLossyNetwork: whatever the network does, both ends get all text once and
// in order, and both end in CLOSED.
func TestLossyNetwork(t *testing.T) {
	seeds := uint64(2000)
	if testing.Short() {
		seeds = 100
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { lossyRun(t, seed) })
	}
}

func lossyRun(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 9293))
	n := &lossyNet{random: random, loss: []float64{0, 0.05, 0.2, 0.4}[random.IntN(4)]}
	n.ends = [2]*Endpoint{NewEndpoint(lossyConfig(random, 0)), NewEndpoint(lossyConfig(random, 1))}
	opens := []Event{CallPassiveOpen, CallActiveOpen}[random.IntN(2)] // both active: simultaneous
	n.step(1, Incident{Event: opens})
	n.step(0, Incident{Event: CallActiveOpen})
	var want [2][]byte
	for end := range want {
		want[end] = make([]byte, random.IntN(12000))
		for i := range want[end] {
			want[end][i] = byte(random.Uint32())
		}
	}
	early := random.IntN(2) == 0 // SEND and CLOSE before the handshake is over
	if !early || opens == CallPassiveOpen {
		n.run(t, 10000, func() bool { return n.ends[0].State().Synchronized() && n.ends[1].State().Synchronized() })
	}
	order := random.IntN(2)
	for _, end := range []int{order, 1 - order} {
		n.step(end, Incident{Event: CallSend, Text: want[1-end]})
		if n.ends[end].State() != SynSent { // there CLOSE throws the SEND away
			n.step(end, Incident{Event: CallClose})
		}
		for range random.IntN(50) {
			n.next()
		}
	}
	for end, e := range n.ends {
		n.run(t, 100000, func() bool { return e.State() != SynSent })
		n.step(end, Incident{Event: CallClose})
	}
	n.run(t, 200000, func() bool { return n.ends[0].State() == Closed && n.ends[1].State() == Closed })
	for end := range want {
		if !bytes.Equal(n.got[end], want[end]) {
			t.Fatalf("end %d got %d octets, not the %d sent\n%s", end, len(n.got[end]), len(want[end]), joinLast(n.trace, 60))
		}
	}
}
