package detect

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

var secondListener = netip.MustParseAddrPort("192.0.2.1:8443")

// scene is a host on which the same happens every 25 ms, till it ends.
type scene struct {
	kernel  Counts                   // what is added to the kernel's counters
	tallies map[netip.AddrPort]Tally // and to those of the guard, of whom it follows
	queues  map[netip.AddrPort]Queue
	always  bool
	until   time.Duration // when nothing happens any more; 0: never
	looks   int           // that were made
}

// play lets the detector watch.
func (c *scene) play(o Options, long time.Duration) (said []Verdict) {
	d := New(o)
	s := Sample{Tallies: map[netip.AddrPort]Tally{}}
	next, look := time.Duration(0), false
	for at := time.Duration(0); at < long; at += closely {
		if c.until == 0 || at < c.until {
			c.add(&s)
		}
		for s.At = at; at >= next; {
			if s.Look = nil; look {
				c.looks++
				s.Look = &Look{Queues: c.queues, Always: c.always}
			}
			out := d.Step(s)
			said = append(said, out.Verdicts...)
			look, next = out.Look, at+out.Next
		}
	}
	return said
}

func (c *scene) add(s *Sample) {
	k := &s.Kernel
	k.FullCookies += c.kernel.FullCookies
	k.FullDrops += c.kernel.FullDrops
	k.CookiesSent += c.kernel.CookiesSent
	k.CookiesBack += c.kernel.CookiesBack
	k.Overflows += c.kernel.Overflows
	k.Opened += c.kernel.Opened
	for at, add := range c.tallies {
		t := s.Tallies[at]
		t.SYNs += add.SYNs
		t.Accepted += add.Accepted
		t.Passed += add.Passed
		t.BadChecksum += add.BadChecksum
		t.Refused += add.Refused
		t.Forged += add.Forged
		s.Tallies[at] = t
	}
}

var (
	fullQueue   = Queue{Half: 129, Here: 129, Limit: 128}
	quietQueue  = Queue{Half: 3, Here: 3, Limit: 128}
	floodCounts = Counts{FullCookies: 500, CookiesSent: 500}
	floodTally  = map[netip.AddrPort]Tally{listenerOf: {SYNs: 500}, secondListener: {SYNs: 10}}
)

func one(q Queue) map[netip.AddrPort]Queue { return map[netip.AddrPort]Queue{listenerOf: q} }

// TestWhoIsArmed: the listener whose queue is full, if its program accepts.
func TestWhoIsArmed(t *testing.T) {
	stalled, atLimit := fullQueue, fullQueue
	stalled.Waiting, atLimit.Waiting = 129, 128
	asleep := Queue{Limit: 128, Waiting: 129}
	overflowing := floodCounts
	overflowing.Overflows = 600
	for name, test := range map[string]struct {
		scene
		armed []netip.AddrPort
		told  Reason
	}{
		"the full one of two": {scene{kernel: floodCounts, tallies: floodTally,
			queues: map[netip.AddrPort]Queue{listenerOf: fullQueue, secondListener: quietQueue}}, []netip.AddrPort{listenerOf}, ""},
		"both": {scene{kernel: floodCounts, tallies: floodTally,
			queues: map[netip.AddrPort]Queue{listenerOf: fullQueue, secondListener: fullQueue}}, []netip.AddrPort{listenerOf, secondListener}, ""},
		"none here":                         {scene{kernel: floodCounts, queues: one(quietQueue)}, nil, Elsewhere},
		"none whose accept queue is full":   {scene{kernel: floodCounts, tallies: floodTally, queues: one(stalled)}, nil, AcceptFull},
		"none while accept queues overflow": {scene{kernel: overflowing, tallies: floodTally, queues: one(atLimit)}, nil, AcceptFull},
		"but where those are another's": {scene{kernel: overflowing, tallies: floodTally,
			queues: map[netip.AddrPort]Queue{listenerOf: atLimit, secondListener: asleep}}, []netip.AddrPort{listenerOf}, AcceptFull},
		"nobody hears of it": {scene{kernel: floodCounts, queues: one(fullQueue)}, nil, Elsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			var armed []netip.AddrPort
			said := test.play(Options{}, 5*time.Second)
			for _, v := range only(said, Arm) {
				armed = append(armed, v.Listener)
			}
			if !slices.Equal(armed, test.armed) || test.told != "" && !slices.Contains(reasons(said), test.told) {
				t.Errorf("armed %v, said %v", armed, reasons(said))
			}
			for _, v := range only(said, Shadow) {
				if q := test.queues[v.Listener]; !q.crowded() {
					t.Errorf("shadowed %v, whose queue has room", v.Listener)
				}
			}
		})
	}
}

// TestFewSayNothing: a handful of SYNs that met a full queue are no flood yet.
func TestFewSayNothing(t *testing.T) {
	c := scene{kernel: Counts{FullCookies: 3, CookiesSent: 3}, tallies: floodTally, queues: one(fullQueue), until: 75 * time.Millisecond}
	if said := c.play(Options{}, 20*time.Second); len(only(said, Arm)) > 0 {
		t.Errorf("armed for nine SYNs: %v", reasons(said))
	}
}

// TestSuspicionEnds: what came to nothing is no longer counted, and said once.
func TestSuspicionEnds(t *testing.T) {
	c := scene{kernel: Counts{FullCookies: 100, CookiesSent: 100, CookiesBack: 100}, tallies: floodTally, queues: one(fullQueue), until: time.Second}
	said := c.play(Options{}, time.Minute)
	if got, want := reasons(said), []Reason{QueueFull, Crowd, Calm}; !slices.Equal(got, want) {
		t.Fatalf("said %v", got)
	}
	if last := said[2]; last.Do != Disarm || last.At < time.Second+calm-Tick || last.At > time.Second+calm+2*Tick {
		t.Errorf("%+v", last)
	}
	if c.looks > 2 {
		t.Errorf("%d looks at a crowd of one second", c.looks)
	}
}

// TestAlwaysCookies: where each SYN is said to meet a full queue, nobody looks at
// each of them.
func TestAlwaysCookies(t *testing.T) {
	c := scene{kernel: Counts{FullCookies: 10, CookiesSent: 10, CookiesBack: 10, Opened: 10}, queues: one(quietQueue), always: true}
	if said := c.play(Options{}, time.Minute); len(said) > 0 || c.looks > 1 {
		t.Errorf("%d looks, said %v", c.looks, reasons(said))
	}
}

// TestCrowdEndsTheHold: clients that stay are no flood, also if those of them who
// do not come would fill the queue.
func TestCrowdEndsTheHold(t *testing.T) {
	c := scene{kernel: floodCounts, tallies: map[netip.AddrPort]Tally{listenerOf: {SYNs: 500}}, queues: one(fullQueue)}
	d, s := New(Options{Hold: 20 * time.Second}), Sample{Tallies: map[netip.AddrPort]Tally{}}
	var said []Verdict
	for s.At = 0; s.At < time.Minute; s.At += closely {
		if len(d.Armed()) > 0 { // the flood is over, and 300 clients a tick have come, of whom ten stay away
			c.kernel, c.tallies = Counts{}, map[netip.AddrPort]Tally{listenerOf: {SYNs: 300, Accepted: 290}}
		}
		c.add(&s)
		s.Look = &Look{Queues: c.queues}
		said = append(said, d.Step(s).Verdicts...)
	}
	if got := reasons(said); !slices.Equal(got, []Reason{QueueFull, Flood, CrowdNow, Calm, Over}) && !slices.Equal(got, []Reason{QueueFull, Flood, CrowdNow, Over}) {
		t.Errorf("said %v", got)
	}
}
