package live

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/tcp"
)

func parse(t *testing.T, text string) *ssfilter.Filter {
	t.Helper()
	filter, err := ssfilter.Parse(text, ssfilter.Names{})
	if err != nil {
		t.Fatal(err)
	}
	return filter
}

// TestFlood: 3,000 forged SYNs, none of which becomes a socket, are told one by
// one, by looking.
func TestFlood(t *testing.T) {
	const least = 3000
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	here := inodeOf(t, s.server)
	s.server.Set("net.ipv4.tcp_max_syn_backlog", "65536")
	s.client.Route("11.0.0.0/8", lab.ServerAddress) // what answers forged SYNs goes nowhere
	half := func() uint64 {
		counts, err := s.server.Counts()
		if err != nil {
			t.Fatal(err)
		}
		return counts[tcp.SynReceived]
	}
	seen := watched(t, Options{NetNS: here, Visit: visiting(w)}, func() {
		attacker := s.client.Program("attacker")
		attacker.Flood(lab.ServerAddress+":8080", "11.0.0.0/8", 1000)
		w.Wait("3000 half-open connections", func() (bool, string) { n := half(); return n >= least, fmt.Sprint(n) })
		if w.Err() != nil {
			t.Fatal(w.Err())
		}
	})
	begun := map[tuple]int{}
	for _, x := range seen {
		if x.From == tcp.Listen && x.To == tcp.SynReceived && x.Source == Iterator && x.Kind == host.Request {
			begun[tuple{x.NetNS, x.Local, x.Remote}]++
			if age := time.Since(x.Time); age > time.Minute || age < 0 {
				t.Fatalf("it began %v ago", age)
			}
		}
	}
	for at, n := range begun {
		if n != 1 {
			t.Errorf("%v began %d times", at, n)
		}
	}
	if t.Logf("%d half-open connections were told", len(begun)); len(begun) < least {
		t.Errorf("only %d of at least %d half-open connections were told", len(begun), least)
	}
}

// TestThousandCloses: a thousand connections are seen to enter TIME-WAIT. On a busy
// machine one or two are minisockets in FIN-WAIT-2 when the FIN comes, and of what
// these become nothing tells.
func TestThousandCloses(t *testing.T) {
	const many, silent = 1000, 5
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	there := inodeOf(t, s.client)
	expected := ways{}
	o := Options{NetNS: there, Filter: parse(t, "state time-wait"), Visit: visiting(w)}
	seen := watched(t, o, func() {
		for range many {
			client, server, from := s.open()
			s.finish(client, server)
			expected.expect(tuple{there, from, s.at}, closesFirst[2:])
		}
	})
	for at := range expected {
		if len(expected) > many-silent && !told(seen, at) {
			delete(expected, at)
		}
	}
	if expected.check(t, seen); len(seen) != len(expected) {
		t.Errorf("%d transitions, not %d", len(seen), many)
	}
}

// told tells whether there is a transition of a connection.
func told(seen []Transition, at tuple) bool {
	return slices.ContainsFunc(seen, func(x Transition) bool { return tuple{x.NetNS, x.Local, x.Remote} == at })
}
