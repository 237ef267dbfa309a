package loop

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
)

var web = netip.MustParseAddrPort("192.0.2.1:443")

// stage is a host that is flooded, and the hands on it. Its rates are constant
// while the flood lasts: none of its SYNs is one of a client.
type stage struct {
	begun    time.Time
	from, to time.Duration // of the flood
	rate     float64       // SYNs a second

	mode     detect.Action
	counters bpf.Counters
	kernel   detect.Counts
	counted  time.Time

	blindFrom, blindTo time.Duration
	failing            error // of the hands
	beats, keys        int
	lastBeat           time.Time
	did                []string
	handed             chan struct{}
}

func newStage() *stage {
	now := time.Now()
	return &stage{begun: now, counted: now, mode: detect.Disarm, from: time.Second, to: 11 * time.Second, rate: 10_000, handed: make(chan struct{})}
}

// pass counts what came since it was counted last.
func (s *stage) pass() {
	now := time.Now()
	from, to := s.counted.Sub(s.begun), now.Sub(s.begun)
	s.counted = now
	n := uint64(max(min(to, s.to)-max(from, s.from), 0).Seconds() * s.rate)
	switch s.mode {
	case detect.Arm:
		s.counters.Answered += n
		return
	case detect.Shadow:
		s.counters.WouldAnswer += n
	}
	s.kernel.FullCookies += n
	s.kernel.CookiesSent += n
}

func (s *stage) Counts() (detect.Counts, error) {
	s.pass()
	if at := s.counted.Sub(s.begun); at >= s.blindFrom && at < s.blindTo {
		return detect.Counts{}, errors.New("nothing can be read")
	}
	return s.kernel, nil
}

func (s *stage) Look() (detect.Look, error) {
	return detect.Look{Queues: map[netip.AddrPort]detect.Queue{web: {Half: 129, Here: 129, Limit: 128, Sources: 129, Networks: 90}}}, nil
}

func (s *stage) act(do detect.Action, at netip.AddrPort) error {
	s.pass()
	if s.failing != nil {
		return s.failing
	}
	s.mode = do
	s.did = append(s.did, string(do))
	return nil
}

func (s *stage) Shadow(at netip.AddrPort) error { return s.act(detect.Shadow, at) }
func (s *stage) Arm(at netip.AddrPort) error    { return s.act(detect.Arm, at) }
func (s *stage) Disarm(at netip.AddrPort) error { return s.act(detect.Disarm, at) }
func (s *stage) Counters(netip.AddrPort) (bpf.Counters, error) {
	s.pass()
	if over(s) {
		return bpf.Counters{}, errors.New("it is another guard's")
	}
	return s.counters, nil
}
func (s *stage) RotateKey() error            { s.keys++; return nil }
func (s *stage) Beat() error                 { s.beats++; s.lastBeat = time.Now(); return nil }
func (s *stage) HandedOver() <-chan struct{} { return s.handed }

// play runs the loop for a while, in which no time passes.
func (s *stage) play(o Options, long time.Duration) (events []Event, sum Summary) {
	ctx, cancel := context.WithTimeout(context.Background(), long)
	defer cancel()
	sum = Run(ctx, s, s, o, func(e Event) { events = append(events, e) })
	return events, sum
}

func whys(events []Event) (list []detect.Reason) {
	for _, e := range events {
		list = append(list, e.Why)
	}
	return list
}

// TestRun: from the first SYN to the end of the hold.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		events, sum := s.play(Options{}, 9*time.Minute)
		want := []detect.Reason{detect.QueueFull, detect.Flood, detect.Verified, detect.Over}
		if got := whys(events); !slices.Equal(got, want) {
			t.Fatalf("said %v", got)
		}
		if at := events[1].Time.Sub(s.begun); at > s.from+300*time.Millisecond {
			t.Errorf("armed at %v", at)
		}
		if at := events[3].Time.Sub(s.begun); at < s.to+detect.DefaultHold || at > s.to+detect.DefaultHold+10*time.Second {
			t.Errorf("disarmed at %v", at)
		}
		if want := []string{"shadow", "arm", "disarm"}; !slices.Equal(s.did, want) {
			t.Errorf("it did %v", s.did)
		}
		if sum.Armings != 1 || sum.Suspicions != 1 || len(sum.Listeners) != 1 || sum.Listeners[0].Address != web || sum.Listeners[0].Armings != 1 ||
			sum.Listeners[0].Counters.Answered < 90_000 || sum.Armed < time.Minute || sum.Ticks < 5400 || sum.Ended.Sub(sum.Began) != 9*time.Minute {
			t.Errorf("the summary is %+v", sum)
		}
		if s.beats != sum.Ticks || s.keys != 1 {
			t.Errorf("%d beats in %d ticks, %d keys in nine minutes", s.beats, sum.Ticks, s.keys)
		}
	})
}

// TestDryRunArmsNothing: it says the same and only shadows.
func TestDryRunArmsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		events, sum := s.play(Options{Options: detect.Options{DryRun: true}}, 2*time.Minute)
		if got := whys(events); !slices.Equal(got, []detect.Reason{detect.QueueFull, detect.Flood, detect.Over}) {
			t.Errorf("said %v", got)
		}
		if !slices.Equal(s.did, []string{"shadow", "disarm"}) || sum.Listeners[0].Counters.WouldAnswer == 0 || sum.Listeners[0].Counters.Answered > 0 {
			t.Errorf("it did %v: %+v", s.did, sum)
		}
	})
}

// TestBlind: without sight the lease is not renewed, what is armed is disarmed
// after a while, and it begins anew when it sees.
func TestBlind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.to, s.blindFrom, s.blindTo = time.Hour, 5*time.Second, 20*time.Second
		events, _ := s.play(Options{}, 15*time.Second)
		want := []detect.Reason{detect.QueueFull, detect.Flood, detect.Verified, detect.Blind, detect.TooBlind}
		if got := whys(events); !slices.Equal(got, want) {
			t.Fatalf("said %v", got)
		}
		if events[3].Err == nil || events[4].Time.Sub(events[3].Time) > Patience || s.mode != detect.Disarm {
			t.Errorf("%+v", events[3:])
		}
		if beaten := s.lastBeat.Sub(s.begun); beaten > s.blindFrom {
			t.Errorf("the lease was renewed %v after the beginning", beaten)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.to, s.blindFrom, s.blindTo = time.Hour, 5*time.Second, 6*time.Second
		events, _ := s.play(Options{}, 15*time.Second)
		if got := whys(events)[3:]; !slices.Equal(got, []detect.Reason{detect.Blind, detect.Sees}) || s.mode != detect.Arm {
			t.Errorf("blind for a second: said %v", got)
		}
	})
}

// TestHandsFail: it is said why, and tried again.
func TestHandsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.to, s.failing = time.Hour, errors.New("nobody listens there")
		events, sum := s.play(Options{}, 25*time.Second)
		if got := whys(events); len(got) < 2 || got[0] != detect.CannotWatch || events[0].Err == nil || sum.Armings != 0 || len(got) > 6 {
			t.Errorf("said %v: %+v", got, sum)
		}
	})
}

// TestHandedOver: it ends without touching anything.
func TestHandedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		time.AfterFunc(5*time.Second, func() { close(s.handed) })
		events, sum := s.play(Options{}, time.Minute)
		if answered := sum.Listeners[0].Counters.Answered; answered < 30_000 {
			t.Errorf("%d answered till it was handed over", answered)
		}
		if !sum.HandedOver || sum.Ended.Sub(sum.Began) > 6*time.Second || s.mode != detect.Arm || len(events) != 3 {
			t.Errorf("%+v, said %v", sum, whys(events))
		}
	})
}

// TestContinues: what the guard before had armed is disarmed in its time, or kept
// as long as the flood lasts.
func TestContinues(t *testing.T) {
	for _, lasts := range []time.Duration{0, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := newStage()
			s.mode, s.from, s.to, s.counters.Answered = detect.Arm, 0, lasts, 12345
			events, sum := s.play(Options{Armed: []netip.AddrPort{web}}, 5*time.Minute)
			got := whys(events)
			if len(got) != 2 || got[0] != detect.Continues || got[1] != detect.Over {
				t.Fatalf("said %v", got)
			}
			if after := events[1].Time.Sub(s.begun) - lasts; after < detect.DefaultHold || after > detect.DefaultHold+10*time.Second {
				t.Errorf("disarmed %v after the end of the flood", after)
			}
			if got := sum.Listeners[0].Counters.Answered; got > uint64(lasts.Seconds()*s.rate)+1 {
				t.Errorf("%d answered are counted as of this run", got)
			}
		})
	}
}
