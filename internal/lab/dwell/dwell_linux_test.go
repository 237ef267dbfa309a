package dwell

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

var (
	connections = flag.Int("connections", 700, "how many connections are made")
	seed        = flag.Uint64("seed", 1, "of the pauses and the order of connections")
)

// atOnce is how many connections go on at one time: more would keep two
// processors so busy that packets and calls wait for each other.
const atOnce = 120

// compared is what both witnesses are asked for. A transition is told before the
// segment that shows it is sent, and after the one that caused it was captured;
// an end whose program holds its lock takes a segment when the program lets go.
var compared = Rule{Least: 5 * time.Millisecond, Tolerance: 3 * time.Millisecond}

// TestDwell: how long each end of a connection stood in each of its states, by
// the packets at its host, is what the host's own kernel tells.
func TestDwell(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of connections in real time: five seconds and more")
	}
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s := newStage(t, w)
	defer s.close()
	s.acquaint(t)
	watch := observe(t, s, func() { s.play(t, *connections, *seed) })
	sum := newSummary()
	for host, mine := range map[string]map[netip.Addr]bool{s.client.Name: addresses(0), s.server.Name: addresses(1)} {
		seen := map[end][]Change{}
		sum.cut += watch.packets[host].changes(host, mine, seen)
		for at := range watch.kernel.told {
			if at.host == host && seen[at] == nil {
				seen[at] = nil // no packet of it
			}
		}
		for at, changes := range seen {
			sum.add(t, s, at, watch.kernel.changes(at, watch.over), changes, watch.over)
		}
	}
	t.Logf("%d transitions that the tracepoint did not tell of", watch.kernel.missed)
	sum.judge(t)
}

// addresses are those of the client (0) or the server (1).
func addresses(side int) map[netip.Addr]bool {
	mine := map[netip.Addr]bool{}
	for _, w := range ways {
		mine[netip.MustParseAddr([]string{w.client, w.server}[side])] = true
	}
	return mine
}

// play makes connections of all kinds on all ways.
func (s *stage) play(t *testing.T, count int, seed uint64) {
	var deck []*play
	for i := range plays {
		for range plays[i].weight {
			deck = append(deck, &plays[i])
		}
	}
	turns := make(chan int)
	var players sync.WaitGroup
	for range atOnce {
		players.Go(func() {
			for n := range turns {
				random := rand.New(rand.NewPCG(seed, uint64(n)))
				d := &dialogue{stage: s, play: deck[n%len(deck)], random: random, way: ways[random.IntN(len(ways))], port: uint16(0)}
				if d.play.slow {
					d.way = ways[2+random.IntN(2)]
				}
				if d.play.needsPort() || random.IntN(2) == 0 {
					d.port = firstPort + uint16(n)
				}
				if err := d.play.do(d); err != nil && !(errors.Is(err, errNotAccepted) && d.at.server.Port() == lossy) {
					t.Errorf("%s, %s: %v", d.play.name, d.way.name, err)
				}
				d.end()
			}
		})
	}
	for n := range count {
		turns <- n
	}
	close(turns)
	players.Wait()
}

// firstPort is that of the client of the first connection.
const firstPort = 1000

func (p *play) needsPort() bool {
	return strings.HasPrefix(p.name, "both open") || strings.HasPrefix(p.name, "port used again")
}

// acquaint lets the hosts learn each other's addresses, which would keep the
// first SYN from leaving at once.
func (s *stage) acquaint(t *testing.T) {
	for i, way := range ways {
		d := &dialogue{stage: s, play: &plays[0], way: way, random: rand.New(rand.NewPCG(0, uint64(i)))}
		if err := d.play.do(d); err != nil {
			t.Error(err)
		}
		d.end()
	}
}

// summary counts what was compared.
type summary struct {
	equal, different int
	looked           int // of the equal: an edge is known from looks only
	open             int // of the equal: lasted when the watch ended
	hidden           map[string]int
	states           map[tcp.State]*[2]int // equal, different
	offsets          []time.Duration
	cut              int // connections of which not every transition was kept
	shown            int
}

func newSummary() *summary {
	return &summary{hidden: map[string]int{}, states: map[tcp.State]*[2]int{}}
}

// add compares one end.
func (s *summary) add(t *testing.T, stage *stage, at end, kernel, packets []Change, over time.Time) {
	meet := meeting{at.local, at.remote}
	if at.host == "server" {
		meet = meeting{at.remote, at.local}
	}
	names := []string{}
	for _, p := range stage.plays[meet] {
		names = append(names, p.name)
	}
	for _, p := range compared.Compare(Intervals(kernel, over), Intervals(packets, over)) {
		counts := s.states[p.Stay().State]
		if counts == nil {
			counts = new([2]int)
			s.states[p.Stay().State] = counts
		}
		switch why := hides(stage.plays[meet], at.host == "server", meet.server.Port() == lossy, p); {
		case p.Equal:
			counts[0]++
			s.same(p)
		case why != "":
			s.hidden[why]++
		default:
			counts[1]++
			s.different++
			if s.shown++; s.shown <= 12 {
				t.Logf("%s, %s at the %s, %v:\n kernel  %s\n packets %s", strings.Join(names, ", then "), at.local, at.host, p.Stay().State, line(kernel), line(packets))
			}
		}
	}
}

// same notes an equal pair.
func (s *summary) same(p Pair) {
	s.equal++
	looked := false
	for _, edge := range []struct {
		kernel, packets Edge
		open            bool
	}{{p.Kernel.From, p.Packets.From, false}, {p.Kernel.To, p.Packets.To, p.Kernel.Open}} {
		switch {
		case edge.open:
			s.open++
		case edge.kernel.Earliest != edge.kernel.Latest:
			looked = true
		default:
			s.offsets = append(s.offsets, edge.packets.Latest.Sub(edge.kernel.Latest).Abs())
		}
	}
	if looked {
		s.looked++
	}
}

// hides returns why the wire does not show a stay, "" when it should.
func hides(plays []*play, server, lost bool, pair Pair) string {
	for _, p := range plays {
		for _, h := range p.hidden {
			if h.server == server && h.states.Has(pair.Stay().State) {
				return h.why
			}
		}
	}
	half := pair.Kernel == nil && pair.Packets.State == tcp.SynReceived && server && pair.Packets.Length() < 2*settle
	switch {
	case pair.Vague || half:
		return betweenLooks
	case lost && pair.Stay().State == tcp.SynSent:
		return gaveUp
	case lost && finUnsent(pair):
		return congested
	}
	return ""
}

// finUnsent tells whether the kernel has closed and the packets do not show it,
// or not yet.
func finUnsent(p Pair) bool {
	if p.Kernel == nil || p.Packets == nil {
		return false
	}
	open := tcp.SetOf(tcp.Established, tcp.CloseWait)
	closed := tcp.SetOf(tcp.FinWait1, tcp.LastAck)
	switch k := p.Kernel; {
	case open.Has(k.State):
		return p.Packets.State == k.State && k.To.Latest.Before(p.Packets.To.Latest)
	case closed.Has(k.State):
		return open.Has(p.Packets.State) || p.Packets.State == k.State && k.From.Latest.Before(p.Packets.From.Latest)
	}
	return false
}

func line(changes []Change) string {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "%s %s", c.Latest.Format("05.0000"), c.State)
		if c.Earliest != c.Latest {
			fmt.Fprintf(&b, " (within %v)", c.Latest.Sub(c.Earliest).Round(time.Millisecond))
		}
		b.WriteString("  ")
	}
	return b.String()
}

// judge prints the sums and demands the bar.
func (s *summary) judge(t *testing.T) {
	all := s.equal + s.different
	t.Logf("%d stays that the wire can show: %d equal, %d different (%.3f %%); of the equal, %d have an edge known from looks, %d lasted at the end",
		all, s.equal, s.different, 100*float64(s.equal)/float64(max(all, 1)), s.looked, s.open)
	for _, state := range slices.Sorted(maps.Keys(s.states)) {
		t.Logf("  %-13v %6d equal %4d different", state, s.states[state][0], s.states[state][1])
	}
	if slices.Sort(s.offsets); len(s.offsets) > 0 {
		at := func(share float64) time.Duration { return s.offsets[int(share*float64(len(s.offsets)-1))] }
		t.Logf("  edges lie apart: median %v, 99 %% %v, 99.9 %% %v, at most %v", at(0.5), at(0.99), at(0.999), at(1))
	}
	if s.cut > 0 {
		t.Logf("  %d connections changed their states as often as is kept, or more often", s.cut)
	}
	s.judgeHidden(t, all)
	for _, state := range (tcp.AllStates &^ nothing).States() {
		if n := s.states[state]; n == nil || n[0]*100 < *connections {
			t.Errorf("%v is hardly compared: %v", state, n)
		}
	}
	if all < 6**connections || s.equal*1000 < all*999 {
		t.Errorf("%d of %d equal: 99.9 %% is the bar", s.equal, all)
	}
}

// judgeHidden demands that little is put down to reasons: what the plays make on
// purpose is one stay in forty, and what comes about by itself one in two hundred.
func (s *summary) judgeHidden(t *testing.T, all int) {
	sum := 0
	for _, why := range slices.Sorted(maps.Keys(s.hidden)) {
		t.Logf("  %5d not shown: %s", s.hidden[why], why)
		if sum += s.hidden[why]; (why == congested || why == betweenLooks) && s.hidden[why]*200 > all {
			t.Errorf("%d of %d stays are put down to one reason: %s", s.hidden[why], all, why)
		}
	}
	if sum*25 > all {
		t.Errorf("%d stays are not shown, beside %d that are", sum, all)
	}
}
