package detect

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// law is what holds whatever the samples are.
type law struct {
	t        testing.TB
	hold     time.Duration
	met      time.Duration // the last event of the kernel, -1: none
	modes    map[netip.AddrPort]mode
	armed    map[netip.AddrPort]time.Duration
	was      map[netip.AddrPort]bool // it was armed before
	asked    map[netip.AddrPort]uint64
	lastSaid time.Duration
}

func newLaw(t testing.TB, hold time.Duration) *law {
	return &law{t: t, hold: hold, met: -1, modes: map[netip.AddrPort]mode{}, armed: map[netip.AddrPort]time.Duration{},
		was: map[netip.AddrPort]bool{}, asked: map[netip.AddrPort]uint64{}}
}

// check holds one step against the law.
func (w *law) check(s Sample, out Output) {
	w.t.Helper()
	if out.Next < 0 || out.Next > Tick || out.Next == 0 && (!out.Look || s.Look != nil) {
		w.t.Fatalf("the next sample is wanted after %v, look: %v", out.Next, out.Look)
	}
	for _, v := range out.Verdicts {
		if v.At < w.lastSaid || v.At != s.At {
			w.t.Fatalf("said of %v at %v: %+v", v.At, s.At, v)
		}
		w.lastSaid = v.At
		w.one(v)
	}
}

func (w *law) one(v Verdict) {
	w.t.Helper()
	at, before := v.Listener, w.modes[v.Listener]
	switch v.Do {
	case Shadow:
		if before != idle || v.Why != QueueFull {
			w.t.Fatalf("shadowed while in mode %d: %+v", before, v)
		}
		w.modes[at] = watched
	case Arm:
		if before != watched || v.Why != Flood || w.met < 0 || v.At-w.met > recent+Tick*30 {
			w.t.Fatalf("armed while in mode %d, the last event was at %v: %+v", before, w.met, v)
		}
		if v.Facts.Share() >= half || v.Facts.Hold < w.hold || w.was[at] && v.At-w.armed[at] < w.hold {
			w.t.Fatalf("armed at %v before, and again: %+v", w.armed[at], v)
		}
		w.modes[at], w.armed[at], w.was[at], w.asked[at] = armed, v.At, true, 0
	case Disarm:
		if before == idle || v.Why == Over && (before != armed || v.At-w.armed[at] < w.hold) || (v.Why == Calm) != (before == watched) {
			w.t.Fatalf("disarmed while in mode %d, armed at %v: %+v", before, w.armed[at], v)
		}
		w.modes[at] = idle
	case Tell:
		if before == armed && v.Why != AcceptFull {
			if v.Facts.Asked < w.asked[at] {
				w.t.Fatalf("%d SYNs were told of before: %+v", w.asked[at], v)
			}
			w.asked[at] = v.Facts.Asked
		}
	default:
		w.t.Fatalf("%+v is no verdict", v)
	}
}

// FuzzDetector: no sequence of samples breaks the law.
func FuzzDetector(f *testing.F) {
	f.Add(uint64(1), []byte{10, 0, 0, 0, 10, 200, 0, 1, 10, 255, 9, 7})
	f.Add(uint64(7), []byte("a flood that comes and goes, and comes again, for ever and ever"))
	f.Fuzz(func(t *testing.T, seed uint64, script []byte) {
		random := rand.New(rand.NewPCG(seed, 1))
		hold := time.Duration(1+random.IntN(20)) * time.Second
		d, w := New(Options{Hold: hold, DryRun: seed%5 == 0}), newLaw(t, hold)
		s := Sample{Tallies: map[netip.AddrPort]Tally{}}
		want := false
		for _, b := range script {
			advanceAtRandom(random, b, &s, want)
			if random.IntN(500) == 0 {
				s.Kernel = Counts{}
			}
			was := d.kernel.last()
			if metFull(was, s.Kernel) > 0 {
				w.met = s.At
			}
			out := d.Step(s)
			w.check(s, out)
			want = out.Look
			if want && out.Next == 0 && b&4 != 0 { // as the loop does
				s.Look = lookAtRandom(random)
				out = d.Step(s)
				w.check(s, out)
				want = out.Look
			}
		}
	})
}

var someListeners = []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("192.0.2.1:443"), netip.MustParseAddrPort("[2001:db8::1]:80")}

// advanceAtRandom makes the next sample of one octet and chance.
func advanceAtRandom(r *rand.Rand, b byte, s *Sample, want bool) {
	s.At += time.Duration(b>>4) * 10 * time.Millisecond
	if b>>4 == 15 {
		s.At += time.Duration(r.IntN(20)) * time.Second
	}
	up := func(n *uint64, odds byte) {
		if b&odds != 0 {
			*n += uint64(r.IntN(1 << r.IntN(12)))
		}
	}
	k := &s.Kernel
	up(&k.FullCookies, 1)
	up(&k.FullDrops, 2)
	up(&k.CookiesSent, 1)
	up(&k.CookiesBack, 4)
	up(&k.Overflows, 8)
	up(&k.Opened, 4)
	for _, at := range someListeners {
		t := s.Tallies[at]
		up(&t.SYNs, 3)
		up(&t.Accepted, 4)
		up(&t.Passed, 8)
		up(&t.BadChecksum, 8)
		up(&t.Refused, 8)
		up(&t.Forged, 8)
		s.Tallies[at] = t
	}
	if s.Look = nil; want || b&15 == 15 {
		s.Look = lookAtRandom(r)
	}
}

func lookAtRandom(r *rand.Rand) *Look {
	l := &Look{Queues: map[netip.AddrPort]Queue{}, Always: r.IntN(4) == 0}
	for _, at := range someListeners[:r.IntN(len(someListeners)+1)] {
		l.Queues[at] = Queue{Half: r.IntN(300), Here: r.IntN(300), Limit: r.IntN(256), Waiting: r.IntN(256)}
	}
	return l
}

// TestLaw is the fuzz target over long sequences.
func TestLaw(t *testing.T) {
	armings := 0
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 2))
		d, w := New(Options{Hold: 5 * time.Second}), newLaw(t, 5*time.Second)
		s, want := Sample{Tallies: map[netip.AddrPort]Tally{}}, false
		for range 3000 {
			advanceAtRandom(random, byte(random.UintN(256)), &s, want)
			if metFull(d.kernel.last(), s.Kernel) > 0 {
				w.met = s.At
			}
			out := d.Step(s)
			w.check(s, out)
			armings += len(only(out.Verdicts, Arm))
			want = out.Look
		}
	}
	if armings < 100 {
		t.Errorf("only %d armings: the law was hardly tried", armings)
	}
}

// TestCrowdsNeverArm: of whatever size, at whatever pace, as long as nine of ten
// come.
func TestCrowdsNeverArm(t *testing.T) {
	told := 0
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 3))
		rates := make([]float64, 40)
		for i := range rates {
			rates[i] = float64(random.IntN(1 << random.IntN(14)))
		}
		rate := func(at time.Duration) float64 { return rates[int(at/(250*time.Millisecond))%len(rates)] }
		m := model{
			limit: 1 << random.IntN(10), cookies: random.IntN(3), rtt: time.Duration(random.IntN(60)) * time.Millisecond,
			clients: rate, flood: func(at time.Duration) float64 { return rate(at) * 0.1 },
		}
		if m.cookies == 0 {
			m.flood = constant(0) // else the few who do not come fill the queue, and nobody comes
			m.limit += 64
		}
		said := m.play(t, Options{}, 12*time.Second)
		told += len(said)
		if arms := only(said, Arm); len(arms) > 0 {
			t.Fatalf("seed %d (limit %d, cookies %d, rtt %v): %+v", seed, m.limit, m.cookies, m.rtt, arms[0])
		}
	}
	if told < 100 {
		t.Errorf("only %d verdicts: the crowds were too small to be suspected", told)
	}
}

// TestFloodsAlwaysArm: of whatever size, as long as the queue is met full and nine
// of ten do not come.
func TestFloodsAlwaysArm(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 4))
		rate := float64(500 + random.IntN(1<<(10+random.IntN(8))))
		m := model{
			limit: 1 << (4 + random.IntN(5)), cookies: 1 + random.IntN(2), rtt: time.Duration(random.IntN(300)) * time.Millisecond,
			clients: constant(rate * 0.1 * random.Float64()), flood: constant(rate),
		}
		said := m.play(t, Options{}, 4*time.Second)
		arms := only(said, Arm)
		if len(arms) != 1 || m.cookies == 1 && arms[0].At-m.metFirst > 300*time.Millisecond {
			t.Fatalf("seed %d (%v/s, limit %d, cookies %d): %v, met first at %v", seed, rate, m.limit, m.cookies, said, m.metFirst)
		}
	}
}

// BenchmarkPeace is a tick in which nothing happens.
func BenchmarkPeace(b *testing.B) {
	d := New(Options{})
	s := Sample{Kernel: Counts{Opened: 1}}
	for range 200 {
		s.At += Tick
		d.Step(s)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.At += Tick
		s.Kernel.Opened += 10
		d.Step(s)
	}
}

// BenchmarkArmed is a tick in a flood.
func BenchmarkArmed(b *testing.B) {
	m := model{limit: 128, clients: constant(100), flood: constant(50_000), cookies: 1}
	m.play(b, Options{}, time.Second)
	d := New(Options{})
	l := &listener{address: listenerOf, mode: armed}
	d.listeners[listenerOf] = l
	s := Sample{Tallies: map[netip.AddrPort]Tally{listenerOf: {}}}
	b.ReportAllocs()
	for b.Loop() {
		s.At += Tick
		t := s.Tallies[listenerOf]
		t.SYNs += 5000
		s.Tallies[listenerOf] = t
		d.Step(s)
	}
}
