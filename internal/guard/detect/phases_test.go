package detect

import (
	"net/netip"
	"slices"
	"testing"
	"time"
)

// phase is what happens every 25 ms for a while, or till something is armed.
type phase struct {
	lasts   time.Duration
	kernel  Counts
	tally   Tally
	armed   bool // it ends when the listener is armed
	restart bool // the kernel's counters begin anew before it
}

// through plays phases one after the other. A look is taken when it is wanted.
func through(o Options, phases ...phase) (said []Verdict) {
	d := New(o)
	s, look := Sample{Tallies: map[netip.AddrPort]Tally{}}, false
	for _, p := range phases {
		if p.restart {
			s.Kernel = Counts{}
		}
		c := scene{kernel: p.kernel, tallies: map[netip.AddrPort]Tally{listenerOf: p.tally}}
		for end := s.At + p.lasts; s.At < end; s.At += closely {
			c.add(&s)
			if s.Look = nil; look {
				s.Look = &Look{Queues: one(fullQueue)}
			}
			out := d.Step(s)
			said, look = append(said, out.Verdicts...), out.Look
			if p.armed && len(d.Armed()) > 0 {
				break
			}
		}
	}
	return said
}

var (
	peace      = phase{lasts: time.Second, kernel: Counts{Opened: 5}}
	underFlood = phase{lasts: 5 * time.Second, kernel: Counts{FullCookies: 500, CookiesSent: 500, CookiesBack: 3, Opened: 3}, tally: Tally{SYNs: 500}, armed: true}
)

// TestAfterArming: what the defence does decides whether it stays.
func TestAfterArming(t *testing.T) {
	lonely := underFlood
	lonely.kernel.CookiesBack, lonely.kernel.Opened = 0, 0
	damaged := underFlood
	damaged.tally.BadChecksum = 400
	for name, test := range map[string]struct {
		phases []phase
		want   Reason // the first thing said after arming
	}{
		"it works":              {[]phase{peace, underFlood, {lasts: 5 * time.Second, tally: Tally{SYNs: 500, Accepted: 3}}}, Verified},
		"nobody there to come":  {[]phase{peace, lonely, {lasts: 20 * time.Second, tally: Tally{SYNs: 500}}}, Verified},
		"nobody comes any more": {[]phase{peace, underFlood, {lasts: 5 * time.Second, tally: Tally{SYNs: 500}}}, Nobody},
		"damaged, and nobody":   {[]phase{peace, damaged, {lasts: 5 * time.Second, tally: Tally{SYNs: 50, BadChecksum: 450}}}, Checksums},
		"the kernel refuses":    {[]phase{peace, underFlood, {lasts: 5 * time.Second, tally: Tally{SYNs: 500, Refused: 3}}}, Refused},
		"SYNs go another way":   {[]phase{peace, underFlood, {lasts: 5 * time.Second, kernel: Counts{FullCookies: 500, CookiesSent: 500}}}, NotReached},
		"half of them do":       {[]phase{peace, underFlood, {lasts: 5 * time.Second, kernel: Counts{FullCookies: 500, CookiesSent: 500}, tally: Tally{SYNs: 500, Accepted: 3}}}, StillFull},
		"kernel's own cookies":  {[]phase{peace, underFlood, {lasts: 5 * time.Second, kernel: Counts{FullCookies: 500, CookiesBack: 3}, tally: Tally{SYNs: 500}}}, Verified},
		"the flood ends":        {[]phase{peace, underFlood, {lasts: 90 * time.Second}}, Over},
		"only clients are left": {[]phase{peace, underFlood, {lasts: 5 * time.Second, tally: Tally{SYNs: 3, Accepted: 3}}}, CrowdNow},
	} {
		t.Run(name, func(t *testing.T) {
			got := slices.DeleteFunc(reasons(through(Options{}, test.phases...)), func(r Reason) bool { return r == Calm })
			if len(got) < 3 || got[1] != Flood || got[2] != test.want {
				t.Errorf("said %v", got)
			}
		})
	}
}

// TestOneIsNoneYet: who came once and not again may have had nothing more to ask.
func TestOneIsNoneYet(t *testing.T) {
	rare := underFlood
	rare.kernel.CookiesBack = 0
	first := rare
	first.lasts, first.kernel.CookiesBack = closely, 1
	said := through(Options{}, peace, first, rare, phase{lasts: 20 * time.Second, tally: Tally{SYNs: 500}})
	if got := reasons(said); slices.Contains(got, Nobody) || !slices.Contains(got, Flood) {
		t.Errorf("said %v", got)
	}
}

// TestRestart: counters that begin anew do not blind it.
func TestRestart(t *testing.T) {
	long := phase{lasts: 5 * time.Second, kernel: Counts{CookiesSent: 100_000, CookiesBack: 100_000, Opened: 100_000}}
	flood := underFlood
	flood.restart = true
	said := through(Options{}, long, flood)
	arms := only(said, Arm)
	if len(arms) != 1 || arms[0].At > long.lasts+400*time.Millisecond {
		t.Errorf("said %v", said)
	}
}

// TestDrip: three SYNs that meet a full queue in half a second are no flood.
func TestDrip(t *testing.T) {
	drop := phase{lasts: closely, kernel: Counts{FullCookies: 3, CookiesSent: 3}, tally: Tally{SYNs: 3}}
	pause := phase{lasts: 500 * time.Millisecond, tally: Tally{SYNs: 1}}
	if said := through(Options{}, peace, drop, pause, drop, pause, drop, pause, drop, pause); len(only(said, Arm)) > 0 {
		t.Errorf("armed: %v", reasons(said))
	}
}
