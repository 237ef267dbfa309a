package detect

import (
	"slices"
	"testing"
	"time"
)

// TestFloods: each of them is armed against within 300 ms of the first SYN that
// met a full queue, works, and is disarmed when the hold is over.
func TestFloods(t *testing.T) {
	for name, m := range map[string]model{
		"quick":                 {flood: between(time.Second, 5*time.Second, 50_000), clients: constant(100), rtt: 40 * time.Millisecond, cookies: 1},
		"slow":                  {flood: between(time.Second, 5*time.Second, 500), clients: constant(20), rtt: 40 * time.Millisecond, cookies: 1},
		"no clients":            {flood: between(time.Second, 5*time.Second, 5000), clients: constant(0), cookies: 1},
		"always cookies":        {flood: between(time.Second, 5*time.Second, 50_000), clients: constant(100), rtt: 40 * time.Millisecond, cookies: 2},
		"the kernel's cookies":  {flood: between(time.Second, 5*time.Second, 20_000), clients: constant(100), rtt: 40 * time.Millisecond, cookies: 1, bound: true},
		"another queue is full": {flood: between(time.Second, 5*time.Second, 20_000), clients: constant(100), rtt: 40 * time.Millisecond, cookies: 1, others: 5},
		"one beside a crowd":    {flood: between(time.Second, 5*time.Second, 20_000), clients: constant(2000), rtt: 20 * time.Millisecond, cookies: 1},
	} {
		t.Run(name, func(t *testing.T) {
			m.limit = 128
			said := m.play(t, Options{Hold: 10 * time.Second}, 30*time.Second)
			arms, ends := only(said, Arm), only(said, Disarm)
			if len(arms) != 1 || arms[0].Why != Flood {
				t.Fatalf("armed %d times: %v", len(arms), reasons(said))
			}
			if took := arms[0].At - m.metFirst; m.cookies == 1 && m.others == 0 && took > 300*time.Millisecond {
				t.Errorf("armed after %v", took)
			}
			if !slices.Contains(reasons(said), Verified) && m.others == 0 {
				t.Errorf("it was never told that the defence works: %v", reasons(said))
			}
			last := ends[len(ends)-1]
			if last.Why != Over || last.At < 14*time.Second || last.At > 25*time.Second {
				t.Errorf("disarmed at %v (%v), the flood ended at 5 s and the hold is 10 s", last.At, last.Why)
			}
		})
	}
}

// TestNoFloods: nothing of this is one, and nothing is armed.
func TestNoFloods(t *testing.T) {
	none := constant(0)
	rush := func(at time.Duration) float64 { // twenty times as many, all at once
		if at > 2*time.Second {
			return 20 * 200
		}
		return 200
	}
	for name, test := range map[string]struct {
		model
		told Reason // "" where there is nothing to tell
	}{
		"quiet":                            {model{limit: 128, clients: constant(100), flood: none, rtt: 30 * time.Millisecond, cookies: 1}, ""},
		"a rush that finds room":           {model{limit: 4096, clients: rush, flood: none, rtt: 30 * time.Millisecond, cookies: 1}, ""},
		"a rush":                           {model{limit: 64, clients: rush, flood: none, rtt: 30 * time.Millisecond, cookies: 1}, Crowd},
		"a rush of those far away":         {model{limit: 64, clients: rush, flood: none, rtt: 75 * time.Millisecond, cookies: 1}, Crowd},
		"a rush, always cookies":           {model{limit: 64, clients: rush, flood: none, rtt: 30 * time.Millisecond, cookies: 2}, ""},
		"a rush with some who do not come": {model{limit: 64, clients: rush, flood: constant(200), rtt: 30 * time.Millisecond, cookies: 1}, Crowd},
		"a scan, always cookies":           {model{limit: 128, clients: none, flood: constant(3), cookies: 2}, ""},
		"a program that never accepts":     {model{limit: 64, clients: rush, flood: none, rtt: 30 * time.Millisecond, cookies: 1, stalled: true}, AcceptFull},
		"the same and a flood":             {model{limit: 64, clients: constant(2000), flood: between(3*time.Second, 9*time.Second, 20_000), rtt: 30 * time.Millisecond, cookies: 1, stalled: true}, AcceptFull},
		"checksums that are left open":     {model{limit: 64, clients: constant(50), flood: constant(5000), rtt: 30 * time.Millisecond, cookies: 1, unsummed: true}, Checksums},
		"SYNs on another way":              {model{limit: 64, clients: none, flood: constant(5000), cookies: 1, elsewhere: true}, Elsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			said := test.play(t, Options{}, 20*time.Second)
			if arms := only(said, Arm); len(arms) > 0 {
				t.Fatalf("armed: %+v", arms[0])
			}
			if test.told != "" && !slices.Contains(reasons(said), test.told) {
				t.Errorf("%v was never told: %v", test.told, reasons(said))
			}
			if test.told == "" && len(said) > 0 {
				t.Errorf("said %v", reasons(said))
			}
		})
	}
}

// TestRushThenFlood: who was a crowd may be a flood later.
func TestRushThenFlood(t *testing.T) {
	m := model{limit: 64, clients: constant(4000), flood: between(5*time.Second, 8*time.Second, 50_000), rtt: 30 * time.Millisecond, cookies: 1}
	said := m.play(t, Options{}, 10*time.Second)
	arms := only(said, Arm)
	if len(arms) != 1 || arms[0].At < 5*time.Second || arms[0].At > 5*time.Second+500*time.Millisecond {
		t.Fatalf("armed at %v: %v", arms, reasons(said))
	}
	if got := reasons(said); got[1] != Crowd {
		t.Errorf("told %v", got)
	}
}

// TestPulses: a flood that comes and goes, however often, is not followed by the
// guard's coming and going.
func TestPulses(t *testing.T) {
	for _, period := range []time.Duration{400 * time.Millisecond, time.Second, 3 * time.Second, 9 * time.Second, 11 * time.Second, 25 * time.Second, 100 * time.Second, 290 * time.Second} {
		pulse := func(at time.Duration) float64 {
			if at%period < period/4 {
				return 20_000
			}
			return 0
		}
		m := model{limit: 128, clients: constant(50), flood: pulse, rtt: 30 * time.Millisecond, cookies: 1}
		said := m.play(t, Options{Hold: 10 * time.Second}, 8*period+30*time.Second)
		most := 1
		if period*3/4 > 10*time.Second {
			most = 2 // the first time nobody knows that it will be back
		}
		if arms := only(said, Arm); len(arms) == 0 || len(arms) > most {
			t.Errorf("every %v: armed %d times: %v", period, len(arms), reasons(said))
		}
	}
}

// TestWithdraws: a defence that does harm, or does nothing, is taken back, said
// why, and not tried again before the hold is over.
func TestWithdraws(t *testing.T) {
	flood := constant(20_000)
	for name, test := range map[string]struct {
		model
		why Reason
	}{
		"nobody comes back":  {model{clients: constant(200), rtt: 30 * time.Millisecond, deaf: true}, Nobody},
		"the kernel refuses": {model{clients: constant(200), rtt: 30 * time.Millisecond, refusing: true}, Refused},
	} {
		t.Run(name, func(t *testing.T) {
			m := test.model
			m.limit, m.cookies, m.flood = 128, 1, flood
			said := m.play(t, Options{Hold: 20 * time.Second}, 15*time.Second)
			arms, ends := only(said, Arm), only(said, Disarm)
			if len(arms) != 1 || len(ends) != 1 || ends[0].Why != test.why || ends[0].At-arms[0].At > 4*time.Second {
				t.Errorf("said %+v", said)
			}
		})
	}
}

// TestDryRun: it comes to the same verdicts without answering, also where the
// kernel has no cookies.
func TestDryRun(t *testing.T) {
	for _, cookies := range []int{0, 1} {
		m := model{limit: 128, clients: constant(50), flood: between(time.Second, 4*time.Second, 20_000), rtt: 30 * time.Millisecond, cookies: cookies}
		said := m.play(t, Options{Hold: 10 * time.Second, DryRun: true}, 30*time.Second)
		arms, ends := only(said, Arm), only(said, Disarm)
		if len(arms) != 1 || arms[0].At-m.metFirst > 300*time.Millisecond || len(ends) == 0 || ends[len(ends)-1].Why != Over {
			t.Errorf("tcp_syncookies=%d: %v", cookies, reasons(said))
		}
		crowd := model{limit: 64, clients: constant(3000), flood: constant(0), rtt: 30 * time.Millisecond, cookies: cookies}
		if said := crowd.play(t, Options{DryRun: true}, 10*time.Second); len(only(said, Arm)) > 0 {
			t.Errorf("tcp_syncookies=%d: a crowd: %v", cookies, reasons(said))
		}
	}
}

// TestFailed: what could not be carried out is tried again, and not at once.
func TestFailed(t *testing.T) {
	d := New(Options{})
	l := &listener{address: listenerOf}
	d.listeners[listenerOf] = l
	d.begun, d.last = true, time.Minute
	d.become(l, watched)
	d.Failed(Verdict{Do: Shadow, Listener: listenerOf})
	if l.mode != idle || l.notBefore <= d.last {
		t.Errorf("%+v", l)
	}
	d.become(l, armed)
	if list := d.Blind(); len(list) != 1 || list[0] != listenerOf || len(d.Armed()) != 0 {
		t.Errorf("blind: %v", list)
	}
}

// TestBeginsAnew: counters that fall are no event.
func TestBeginsAnew(t *testing.T) {
	d := New(Options{})
	d.Step(Sample{At: 0, Kernel: Counts{FullCookies: 100, CookiesSent: 100}})
	if out := d.Step(Sample{At: Tick, Kernel: Counts{FullCookies: 50}}); out.Look || len(out.Verdicts) > 0 {
		t.Errorf("%+v", out)
	}
	if out := d.Step(Sample{At: 2 * Tick, Kernel: Counts{FullCookies: 51}}); !out.Look {
		t.Error("a SYN that met a full queue raises no suspicion")
	}
}
