package simulate

import (
	"reflect"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// dice draws from fuzzed octets; when they are used up it draws zeros.
type dice []byte

func (d *dice) draw(n int) int {
	if len(*d) == 0 {
		return 0
	}
	first := int((*d)[0])
	*d = (*d)[1:]
	return first % n
}

// any Config that a few octets describe: all deeds, calls and turns, with and
// without a Service.
func (d *dice) config() Config {
	c := play(listens, opens)
	c.MaxCount, c.MaxTime = 3000, 20*time.Minute
	c.Seed = uint64(d.draw(256))
	if d.draw(3) == 0 {
		c = c.serving(Service{Idle: d.draw(2) == 0, ListenerConfig: tcp.ListenerConfig{
			SynQueue: d.draw(4), AcceptQueue: d.draw(4), Cookies: tcp.CookieMode(d.draw(3)), DeferAccept: d.draw(3), AbortOnOverflow: d.draw(2) == 0}})
		c.Crowd, c.Flood = Crowd{Size: d.draw(5), Every: ms}, Flood{SYNs: d.draw(200), Every: ms}
	}
	lengths := []time.Duration{-1, 0, ms, sec, 10 * sec, 1 << 62}
	for range d.draw(8) {
		c.Network = append(c.Network, Rule{
			On: Match{From: Senders(d.draw(3)), Sorts: Sorts(d.draw(64)), First: d.draw(4), Last: d.draw(5), Chance: float64(d.draw(4)) / 3},
			Do: Deed(d.draw(8)), By: lengths[d.draw(len(lengths))], Jitter: lengths[d.draw(len(lengths))],
			Old: PublicSocket, New: ResponderSocket,
		})
	}
	for range d.draw(12) {
		c.Script = append(c.Script, Act{
			Side: Side(d.draw(2)), Call: tcp.Event(d.draw(8)), Octets: tcp.Size(d.draw(256) * 20), Turn: Turn(d.draw(9)),
			When:   When{At: lengths[d.draw(len(lengths))], Of: Side(d.draw(2)), State: tcp.State(d.draw(12)), After: lengths[d.draw(len(lengths))]},
			Forged: tcp.Segment{Seq: tcp.Seq(d.draw(256) * 4), Ack: tcp.Seq(d.draw(256) * 4), Flags: tcp.Flags(d.draw(256)), Data: tcp.Size(d.draw(64))},
			Wrong:  tcp.Misbehaviour{NeverACK: d.draw(2) == 0, WithholdFIN: d.draw(2) == 0},
		})
	}
	return c
}

// FuzzRun: whatever the network and the script do, nothing panics, a run ends
// within its bounds, time does not run backwards, and a second run is the same.
func FuzzRun(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("one network loses, another delays, and both ends close"))
	f.Add([]byte{7, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 200, 100, 50, 25, 12, 6, 3, 1})
	f.Fuzz(func(t *testing.T, octets []byte) {
		d := dice(octets)
		c := d.config()
		r := Run(c)
		checkRun(t, c, r)
		if again := Run(c); !reflect.DeepEqual(r, again) {
			t.Error("a second run differs")
		}
	})
}

func checkRun(t *testing.T, c Config, r Result) {
	t.Helper()
	const step = 200 // happenings that one occasion can have at most here
	if len(r.Trace) > c.MaxCount+step || r.End > c.MaxTime || r.Lost > r.Segments*mostCopies {
		t.Errorf("%d happenings until %v, %d of %d segments lost", len(r.Trace), r.End, r.Lost, r.Segments)
	}
	var now time.Duration
	for i, h := range r.Trace {
		if h.At < now {
			t.Fatalf("happening %d is at %v, after %v", i, h.At, now)
		}
		now = h.At
	}
	if r.Stopped == Quiet {
		for side, state := range r.States {
			if state.Transient() || state == tcp.TimeWait {
				t.Errorf("nothing more can happen and the %v is in %v", Side(side), state)
			}
		}
	}
}

// FuzzChanges: no flag panics, and what is accepted can be run.
func FuzzChanges(f *testing.F) {
	f.Add("SYN-ACK:2", "originator=10ms", "responder:SEND=5@ESTABLISHED+1s", "there")
	f.Add("5%@1s..2s", "10ms..20ms", "originator:vanish@1s", "")
	f.Add("FIN:2..", "@=9999999h", "originator:CLOSE@2562047h", "both")
	f.Fuzz(func(t *testing.T, which, delay, act, rewrite string) {
		changes := Changes{Lose: []string{which}, Duplicate: []string{which}, Reorder: []string{which}, Delay: []string{delay}, Do: []string{act}, Rewrite: rewrite}
		c, err := changes.Apply(play(listens, opens))
		if err != nil {
			return
		}
		c.MaxCount, c.MaxTime = 1000, time.Hour
		checkRun(t, c, Run(c))
	})
}
