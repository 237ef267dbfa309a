package simulate

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// mostCopies bounds what rules that duplicate can make of one packet.
const mostCopies = 8

// network applies rules to packets. It knows nothing of who sends and receives.
type network struct {
	delay  [2]time.Duration
	rules  []Rule
	count  []int // by rule: packets that its match has counted
	random *rand.Rand
	memory map[pair]time.Duration // of firewalls: when a packet of the connection passed last
	ways   []way                  // of the packet that is being sent
}

// way is what becomes of a packet, or of a copy of it.
type way struct {
	packet tcp.Packet
	takes  time.Duration
	lost   string // why, "" if it arrives
}

// pair is a connection to a firewall, whichever way a packet goes.
type pair struct{ low, high netip.AddrPort }

func pairOf(p *tcp.Packet) pair {
	if p.Source.Compare(p.Destination) < 0 {
		return pair{p.Source, p.Destination}
	}
	return pair{p.Destination, p.Source}
}

func newNetwork(c *Config) network {
	return network{
		delay: c.Delay, rules: c.Network, count: make([]int, len(c.Network)),
		random: randomFrom(c.Seed, 1), memory: map[pair]time.Duration{},
	}
}

// randomFrom returns random numbers that depend on the seed, others for each use.
func randomFrom(seed, use uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, use)) }

// send returns what becomes of a packet; the slice is good until the next call.
func (n *network) send(side Side, p *tcp.Packet, now time.Duration) []way {
	n.ways = append(n.ways[:0], way{packet: *p, takes: n.delay[side]})
	for i := range n.rules {
		copies := len(n.ways)
		for j := range copies {
			if w := &n.ways[j]; w.lost == "" && n.meant(i, side, w.packet.Segment, now) {
				n.apply(&n.rules[i], j, now)
			}
		}
	}
	return n.ways
}

// meant tells whether the rule is about the segment, and counts it.
func (n *network) meant(rule int, side Side, s tcp.Segment, now time.Duration) bool {
	m := &n.rules[rule].On
	if !m.fits(side, s, now) {
		return false
	}
	n.count[rule]++
	if k := n.count[rule]; k < m.First || m.Last > 0 && k > m.Last {
		return false
	}
	return m.Chance == 0 || n.random.Float64() < m.Chance
}

func (n *network) apply(rule *Rule, index int, now time.Duration) {
	w := &n.ways[index]
	switch rule.Do {
	case Lose:
		w.lost = WhyRule
	case Duplicate:
		if later := *w; len(n.ways) < mostCopies {
			later.takes = bounded(later.takes + bounded(rule.By))
			n.ways = append(n.ways, later)
		}
	case Delay:
		by := bounded(rule.By)
		if rule.Jitter > 0 {
			by = bounded(by + time.Duration(n.random.Int64N(int64(bounded(rule.Jitter)))))
		}
		w.takes = bounded(w.takes + by)
	case RewriteTarget:
		if w.packet.Destination == rule.Old {
			w.packet.Destination = rule.New
		}
	case RewriteSource:
		if w.packet.Source == rule.Old {
			w.packet.Source = rule.New
		}
	case Forget:
		n.remember(w, rule.By, now)
	}
}

// remember is what a firewall does: a SYN makes it know a connection, anything
// else must belong to one that it knows.
func (n *network) remember(w *way, forgetAfter, now time.Duration) {
	connection := pairOf(&w.packet)
	last, known := n.memory[connection]
	if known && now-last > forgetAfter {
		delete(n.memory, connection)
		known = false
	}
	if !known && SortOf(w.packet.Segment) != SYNs {
		w.lost = WhyFirewall
		return
	}
	n.memory[connection] = now
}
