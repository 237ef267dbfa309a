package detect

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"
)

// TestAlwaysArmsOnlyTheFlooded: with tcp_syncookies=2 no queue tells whose flood it
// is, so whoever else was asked once is not armed for it.
func TestAlwaysArmsOnlyTheFlooded(t *testing.T) {
	third := netip.MustParseAddrPort("192.0.2.1:22")
	c := scene{
		kernel: Counts{FullCookies: 512, CookiesSent: 512, CookiesBack: 11, Opened: 11}, always: true,
		tallies: map[netip.AddrPort]Tally{listenerOf: {SYNs: 500}, secondListener: {SYNs: 11}, third: {SYNs: 1}},
		queues:  map[netip.AddrPort]Queue{listenerOf: {Limit: 128}, secondListener: {Limit: 128}, third: {Limit: 4}},
	}
	said := c.play(Options{}, 5*time.Second)
	if arms := only(said, Arm); len(arms) != 1 || arms[0].Listener != listenerOf || arms[0].At > 400*time.Millisecond {
		t.Errorf("armed %+v", arms)
	}
	if c.looks > 60 {
		t.Errorf("%d looks in 5 s", c.looks)
	}
}

// TestAlwaysElsewhere: a flood on a port that nobody watches is said once, and does
// not make anybody look all the time.
func TestAlwaysElsewhere(t *testing.T) {
	c := scene{
		kernel: Counts{FullCookies: 510, CookiesSent: 510, CookiesBack: 10, Opened: 10}, always: true,
		tallies: map[netip.AddrPort]Tally{listenerOf: {SYNs: 10}},
		queues:  map[netip.AddrPort]Queue{listenerOf: {Limit: 128}, secondListener: {Limit: 128}},
	}
	said := c.play(Options{}, 20*time.Second)
	told := 0
	for _, v := range said {
		if v.Why == Elsewhere {
			told++
		}
	}
	if arms := only(said, Arm); len(arms) > 0 || told != 1 || c.looks > 80 {
		t.Errorf("armed %v, %d looks, said %v", arms, c.looks, reasons(said))
	}
}

// TestAlwaysStalled: whose program does not accept is said, and not that it is
// somebody else's.
func TestAlwaysStalled(t *testing.T) {
	stalled := Queue{Limit: 128, Waiting: 129}
	c := scene{kernel: floodCounts, tallies: floodTally, queues: one(stalled), always: true}
	said := c.play(Options{}, 10*time.Second)
	if got := reasons(said); len(only(said, Arm)) > 0 || !slices.Contains(got, AcceptFull) || slices.Contains(got, Elsewhere) {
		t.Errorf("said %v", got)
	}
}

// TestWhoseClientsComeIsNeverArmed: whatever floods are on others, and whatever the
// kernel does with a full queue, a listener whose own SYNs become connections stays
// as it is.
func TestWhoseClientsComeIsNeverArmed(t *testing.T) {
	flooded := 0
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 5))
		always := seed%4 != 0
		delay := time.Duration(random.IntN(2)) * closely // of an ACK: within the time that a handshake is given
		d, s, look := New(Options{}), Sample{Tallies: map[netip.AddrPort]Tally{}}, false
		queues := map[netip.AddrPort]Queue{listenerOf: fullQueue, secondListener: fullQueue}
		flood, crowd := uint64(random.IntN(1<<random.IntN(14))), 1+random.IntN(1<<random.IntN(8))
		var due []uint64 // clients of the last steps, whose ACKs are to come
		next := time.Duration(0)
		for at := time.Duration(0); at < 4*time.Second; at += closely {
			came := uint64(random.IntN(crowd + 1))
			due = append(due, came)
			k, web, other := &s.Kernel, s.Tallies[listenerOf], s.Tallies[secondListener]
			k.FullCookies += flood + came
			k.CookiesSent += flood + came
			if n := int(delay / closely); len(due) > n {
				k.CookiesBack += due[len(due)-1-n]
				k.Opened += due[len(due)-1-n]
			}
			web.SYNs += flood
			other.SYNs += came
			s.Tallies[listenerOf], s.Tallies[secondListener] = web, other
			for s.At = at; at >= next; {
				if s.Look = nil; look {
					s.Look = &Look{Queues: queues, Always: always}
				}
				out := d.Step(s)
				look, next = out.Look, at+out.Next
			}
		}
		for _, at := range d.Armed() {
			if at == secondListener {
				t.Fatalf("seed %d: armed, and all its clients come (flood %d, clients to %d, always %v)", seed, flood, crowd, always)
			}
			flooded++
		}
	}
	if flooded < 100 {
		t.Errorf("only %d floods were met: the law was hardly tried", flooded)
	}
}

// TestACKsOfOthers: where ACKs of other connections come, and hardly a SYN, it is
// disarmed within seconds; in a flood it is not, whoever forges ACKs besides.
func TestACKsOfOthers(t *testing.T) {
	few := phase{lasts: 5 * time.Second, tally: Tally{SYNs: 0, Forged: 4}}
	some := phase{lasts: 5 * time.Second, tally: Tally{SYNs: 1, Accepted: 1, Forged: 2}}
	small := some
	small.tally = Tally{SYNs: 3, Forged: 3} // 120 a second, of whom nobody comes: 840 would wait
	for name, test := range map[string]struct {
		after phase
		ends  bool
	}{
		"no SYN":               {few, true},
		"less than would fill": {phase{lasts: 5 * time.Second, tally: Tally{Forged: 1}}, true},
		"a flood and ACKs":     {phase{lasts: 5 * time.Second, tally: Tally{SYNs: 500, Accepted: 3, Forged: 5000}}, false},
		"a small flood":        {small, false},
		"clients, few forged":  {phase{lasts: 5 * time.Second, tally: Tally{SYNs: 3, Accepted: 3, Forged: 1}}, false},
		"quiet":                {phase{lasts: 5 * time.Second}, false},
	} {
		t.Run(name, func(t *testing.T) {
			said := through(Options{}, peace, underFlood, test.after)
			i := slices.IndexFunc(said, func(v Verdict) bool { return v.Why == OthersACKs })
			if (i >= 0) != test.ends {
				t.Fatalf("said %v", reasons(said))
			}
			if i < 0 {
				return
			}
			v, armed := said[i], only(said, Arm)[0].At
			if v.Do != Disarm || v.Facts.Forged < 10 || v.At-armed < absence || v.At-armed > absence+4*Tick {
				t.Errorf("%v after arming: %+v", v.At-armed, v)
			}
		})
	}
	again := through(Options{Hold: 20 * time.Second}, peace, underFlood, few, phase{lasts: 10 * time.Second, kernel: underFlood.kernel, tally: underFlood.tally})
	if arms := only(again, Arm); len(arms) != 1 {
		t.Errorf("armed again within the hold: %v", reasons(again))
	}
}
