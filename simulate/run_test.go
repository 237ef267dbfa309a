package simulate

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// chancy is a Config in which much is left to chance.
func chancy(seed uint64) Config {
	whenOpen := func(side Side) When { return once(side, tcp.Established, 0) }
	c := play(listens, opens, sends(Originator, 5000, whenOpen(Originator)), sends(Responder, 5000, whenOpen(Responder)),
		does(Originator, tcp.CallClose, whenOpen(Originator)), follows).with(
		Rule{On: Match{Chance: 0.2}, Do: Lose},
		Rule{On: Match{Chance: 0.2}, Do: Duplicate, By: 30 * ms},
		Rule{On: Match{Chance: 0.2}, Do: Delay, By: 30 * ms, Jitter: 20 * ms})
	c.Seed = seed
	return c.both(func(e *tcp.EndpointConfig) { e.MSS = 500 })
}

// TestSameSeedSameTrace, and another seed another one.
func TestSameSeedSameTrace(t *testing.T) {
	for seed := range uint64(20) {
		first, again := Run(chancy(seed)), Run(chancy(seed))
		if !reflect.DeepEqual(first, again) {
			t.Errorf("seed %d: two runs differ", seed)
		}
		if other := Run(chancy(seed + 100)); reflect.DeepEqual(first.Trace, other.Trace) {
			t.Errorf("seeds %d and %d give the same run", seed, seed+100)
		}
	}
}

// TestTextComesThrough: whatever the network does to single packets, all text is
// delivered once and both ends close.
func TestTextComesThrough(t *testing.T) {
	for seed := range uint64(200) {
		r := Run(chancy(seed))
		var got [2]tcp.Size
		for _, h := range r.Trace {
			if h.Kind == Delivered {
				got[h.Side] += h.Octets
			}
		}
		gaveUp := slices.ContainsFunc(r.Trace, func(h Happening) bool {
			return h.Kind == Took && (h.Row.Event == tcp.RetransmissionExhausted || h.Row.Actions&(tcp.SignalReset|tcp.FailReset) != 0)
		})
		if !gaveUp && got != [2]tcp.Size{5000, 5000} {
			t.Errorf("seed %d: %v octets are delivered", seed, got)
		}
		if r.States != [2]tcp.State{tcp.Closed, tcp.Closed} || r.Stopped != Quiet {
			t.Errorf("seed %d ends in %v, stopped %d", seed, r.States, r.Stopped)
		}
	}
}

// TestTraceIsOrdered: time does not run backwards, each packet that arrives or
// is lost was sent before, and the states change by rows alone.
func TestTraceIsOrdered(t *testing.T) {
	for seed := range uint64(50) {
		checkTrace(t, Run(chancy(seed)).Trace)
	}
}

func checkTrace(t *testing.T, trace Trace) {
	t.Helper()
	sent := map[int]bool{}
	states := [2]tcp.State{tcp.Closed, tcp.Closed}
	var now time.Duration
	for i, h := range trace {
		if h.At < now {
			t.Fatalf("happening %d is at %v, after %v", i, h.At, now)
		}
		now = h.At
		switch h.Kind {
		case Sent:
			sent[h.Number] = true
		case Arrived, Lost:
			if !sent[h.Number] {
				t.Fatalf("happening %d: packet %d was never sent", i, h.Number)
			}
		case Took:
			if h.Row.From == states[h.Side] {
				states[h.Side] = h.Row.To
			}
		}
		if h.States != states {
			t.Fatalf("happening %d %v: states %v, want %v", i, h.Kind, h.States, states)
		}
	}
}

// TestBounds: a run that would never end is stopped, and says so.
func TestBounds(t *testing.T) {
	c := play(listens, opens)
	c.MaxTime = 15 * ms
	if r := Run(c); r.Stopped != TimeIsUp || r.End != 10*ms || r.States[Responder] != tcp.SynReceived {
		t.Errorf("stopped %d at %v in %v", r.Stopped, r.End, r.States)
	}
	c = bulk()
	c.MaxCount = 1000
	if r := Run(c); r.Stopped != TooMuch || len(r.Trace) < 500 || len(r.Trace) > 1100 {
		t.Errorf("stopped %d after %d happenings", r.Stopped, len(r.Trace))
	}
}

// TestWatchSeesTheTrace: what is told is what would be written.
func TestWatchSeesTheTrace(t *testing.T) {
	c := chancy(7)
	want := Run(c).Trace
	var told Trace
	c.Watch = func(h *Happening) { told = append(told, *h) }
	if r := Run(c); len(r.Trace) != 0 || !reflect.DeepEqual(told, want) {
		t.Errorf("%d are told and %d written", len(told), len(want))
	}
}
