package diagnose

import (
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// passOn is within what time a proxy passes the end of a stream on and has it
// acknowledged: a delayed acknowledgement and a slow path.
const passOn = time.Second

// proxy is a program that holds CLOSE-WAIT and FIN-WAIT-2 in pairs: the end of
// each stream came in on one connection and went out on another.
type proxy struct {
	pid           int
	ended, passed []seen // as many CLOSE-WAIT as FIN-WAIT-2, in pairs
	inbound       bool   // the ended ones came in: a client left, and the server behind does not close
}

// proxies finds the pairs by program, direction and time.
func (x *index) proxies() []*proxy {
	if x.paired != nil {
		return x.proxying
	}
	x.paired = map[int]bool{}
	ended, passed := x.halves(tcp.CloseWait), x.halves(tcp.FinWait2)
	for way, half := range ended {
		opposite := way
		opposite.inbound = !way.inbound
		p := pairUp(half, passed[opposite])
		if most := max(len(half), len(passed[opposite])); len(p.ended) < 2 || len(p.ended)*10 < most*8 {
			continue
		}
		p.pid, p.inbound = way.pid, way.inbound
		for _, s := range slices.Concat(p.ended, p.passed) {
			x.paired[s.at] = true
		}
		x.proxying = append(x.proxying, p)
	}
	slices.SortFunc(x.proxying, func(a, b *proxy) int { return byFirst(a.ended, b.ended) })
	return x.proxying
}

// inPair tells whether the socket is one of a proxy's pair.
func (x *index) inPair(s seen) bool {
	x.proxies()
	return x.paired[s.at]
}

// way is a program and a direction.
type way struct {
	pid     int
	inbound bool
}

// halves returns the unmoved sockets of a state that a visible program holds
// and whose last segment has a time.
func (x *index) halves(state tcp.State) map[way][]seen {
	groups := map[way][]seen{}
	for _, s := range x.byState[state] {
		pid := x.owner(s.now)
		if pid == 0 || s.now.Kind != host.Full || !s.outlived() || s.moved() || !s.now.HasInfo || x.toItself(s.now) {
			continue
		}
		at := way{pid, x.listenerOf(s.now.Local) != nil}
		groups[at] = append(groups[at], s)
	}
	return groups
}

// pairUp matches two piles by the time of their last segment: of a CLOSE-WAIT
// that is the FIN that came, of a FIN-WAIT-2 the acknowledgement of ours.
func pairUp(ended, passed []seen) *proxy {
	byTime := func(list []seen) []seen {
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(a, b seen) int { return int(a.now.Info.LastAckRecv - b.now.Info.LastAckRecv) })
		return list
	}
	ended, passed = byTime(ended), byTime(passed)
	p := &proxy{}
	for len(ended) > 0 && len(passed) > 0 {
		apart := ended[0].now.Info.LastAckRecv - passed[0].now.Info.LastAckRecv
		switch {
		case apart > passOn:
			passed = passed[1:]
		case apart < -passOn:
			ended = ended[1:]
		default:
			p.ended, p.passed = append(p.ended, ended[0]), append(p.passed, passed[0])
			ended, passed = ended[1:], passed[1:]
		}
	}
	return p
}

// proxiedCulprit: the program that holds the pairs passed each end on as it
// should; the one at the far side of the FIN-WAIT-2 does not close.
func proxiedCulprit(x *index) []Finding {
	list := x.proxies()
	findings := make([]Finding, 0, len(list))
	for _, p := range list {
		x.claim(p.ended)
		x.claim(p.passed)
		findings = append(findings, x.proxiedFinding(p))
	}
	return findings
}

func (x *index) proxiedFinding(p *proxy) Finding {
	n := len(p.ended)
	f := Finding{
		State: tcp.CloseWait, Severity: leakSeverity(n, false), Count: n,
		Summary:   x.proxiedSummary(p),
		RefutedBy: Say("proxied-refuted"),
		Fate:      Outlook{Text: Say("proxied-fate"), Forever: true},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "pairs", Value: float64(n), Unit: "pairs",
				Text: Say("pairs-in-time", n), Recheck: "ss -tnpi state close-wait state fin-wait-2",
			},
			{
				Source: evidence.SourceProcesses, Fact: "holds-both", Value: float64(2 * n), Unit: "descriptors",
				Text: Say("holds-both", x.who(p.pid)), Recheck: "ss -tnp state close-wait state fin-wait-2",
			},
		},
		Excluded: []Exclusion{
			{"app-not-closing", Say("passed-on", x.who(p.pid))},
			{"half-close-held", Say("passed-on", x.who(p.pid))},
			{"peer-not-closing", Say("still-owned")},
		},
		Remedies: []Remedy{
			{ID: "fix-behind-proxy", Text: Say("remedy-fix-behind"), Risk: Say("remedy-fix-close-risk")},
			{ID: "limit-half-closed", Text: Say("remedy-limit-half-closed", x.who(p.pid)), Risk: Say("remedy-limit-half-closed-risk")},
		},
	}
	f.Subject.Local = x.cameInAt(p.came())
	if to, ok := p.behind(); ok {
		f.Subject.Peer = to.String()
		if l := x.listenerOf(to); l != nil && x.ours(to.Addr()) {
			f.Subject = x.subject(x.listenerPID(l))
			f.Subject.Peer = to.String()
		}
	}
	return f
}

func (x *index) proxiedSummary(p *proxy) Message {
	if to, ok := p.behind(); ok {
		return Say("proxied-culprit", len(p.ended), x.who(p.pid), to.String())
	}
	return Say("proxied-culprit-many", len(p.ended), x.who(p.pid))
}

// came returns the half of the pairs that came in through a listener.
func (p *proxy) came() []seen {
	if p.inbound {
		return p.ended
	}
	return p.passed
}

// behind is the place that does not close, when it is one.
func (p *proxy) behind() (netip.AddrPort, bool) {
	g := held{sockets: p.passed}
	return g.target()
}

// proxyRival: like numbers of CLOSE-WAIT and FIN-WAIT-2 in one process leave a
// proxy open, unless the times of their last segments lie apart. The other ends
// of the very same connections do not count.
func (x *index) proxyRival(f *Finding, g *held, other tcp.State) {
	const rival = "proxied-culprit"
	partners := x.unpaired(other)[way{g.pid, !g.local.IsValid()}]
	switch {
	case len(partners)*2 < len(g.sockets):
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("no-pairs", other.String())})
	case timed(partners) && timed(g.sockets) && len(pairUp(g.sockets, partners).ended)*10 < len(g.sockets):
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("pairs-apart", other.String())})
	default:
		f.Open = append(f.Open, Exclusion{rival, Say("pairs", len(partners), other.String())})
	}
}

// unpaired returns the sockets of a state that somebody holds and that are in no
// pair, by program and direction; those of process 0 are of all programs.
func (x *index) unpaired(state tcp.State) map[way][]seen {
	if groups, known := x.single[state]; known {
		return groups
	}
	groups := map[way][]seen{}
	for _, s := range x.byState[state] {
		if s.now.Inode == 0 || !s.outlived() || x.inPair(s) || x.toItself(s.now) {
			continue
		}
		inbound := x.listenerOf(s.now.Local) != nil
		for _, pid := range distinctOf(x.owner(s.now), 0) {
			groups[way{pid, inbound}] = append(groups[way{pid, inbound}], s)
		}
	}
	x.single[state] = groups
	return groups
}

func timed(group []seen) bool {
	return !slices.ContainsFunc(group, func(s seen) bool { return !s.now.HasInfo })
}
