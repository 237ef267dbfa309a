package explore

import (
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// FuzzRun explores small bounds of any kind: no panic, the limits hold, and each
// run that is shown has as many moves as it says.
func FuzzRun(f *testing.F) {
	f.Add([]byte{1, 1, 0, 0, 2, 2, 3, 5, 5, 1, 1, 3, 3})
	f.Add([]byte{0, 0, 1, 255, 1, 1, 4, 6, 6, 0, 2, 7, 7})
	f.Fuzz(func(t *testing.T, octets []byte) {
		b := fuzzBound(octets)
		r, err := Run(b, Limits{States: 3000})
		if err != nil {
			t.Fatal(err)
		}
		if r.States > 3000+maxSent*200 || r.Exhausted == (r.Unmet != "") {
			t.Fatalf("%d joint states, exhausted %v, %q", r.States, r.Exhausted, r.Unmet)
		}
		sum := 0
		for _, from := range r.Pairs {
			for _, n := range from {
				sum += n
			}
		}
		if sum != r.States {
			t.Fatalf("%d pairs for %d joint states", sum, r.States)
		}
		for _, v := range r.Violations {
			if v.Invariant&^AllInvariants != 0 || v.Moves > 0 && len(v.Trace) < v.Moves {
				t.Fatalf("%v after %d moves: %d happenings", v.Invariant, v.Moves, len(v.Trace))
			}
		}
	})
}

// fuzzBound makes a bound of octets: what the network may do, a few switches, and
// calls for one user after the other.
func fuzzBound(octets []byte) Bound {
	next := func() byte {
		if len(octets) == 0 {
			return 0
		}
		first := octets[0]
		octets = octets[1:]
		return first
	}
	b := Bound{Name: "fuzz", ISS: [2][]tcp.Seq{{100, 110}, {300, 301}}}
	b.Losses, b.Duplicates, b.Early = int(next()%3), int(next()%3), int(next()%3)
	bits := next()
	b.Cut, b.Assassination, b.Keepalive, b.UserTimeout = bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
	b.TimeWaitLess, b.Buffer = int(bits>>4%3), tcp.Size(bits>>6)
	for len(octets) > 0 && len(b.Users[1]) < 8 {
		side := len(octets) % 2
		b.Users[side] = append(b.Users[side], []Call{listen, open, send("t"), receive, closeCall, abort, crash, closeCall.met()}[next()%8])
	}
	return b
}
