package diagnose

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const (
	// manyIdle is how many idle connections of one kind are worth a word: each
	// that outlives its peer is a descriptor for ever.
	manyIdle = 100
	// longIdle is longer than servers commonly keep an idle connection by a timer
	// of their own, which nothing outside of them shows.
	longIdle = 10 * time.Minute
)

// noKeepalive: many idle connections of one program and listener, or dialled by
// one program to places with many each, without any timer: should their peers
// vanish, nothing would ever notice. A program gets one finding for all that it
// dialled.
func noKeepalive(x *index) []Finding {
	type kind struct {
		leak
		place netip.AddrPort // zero for a listener's
	}
	kinds := map[kind]*held{}
	var order []*held
	for _, s := range x.byState[tcp.Established] {
		if !x.untended(s) {
			continue
		}
		key := kind{leak: x.leakOf(s.now, x.owner(s.now))}
		if !key.local.IsValid() {
			key.place = s.now.Remote
		}
		if kinds[key] == nil {
			kinds[key] = &held{leak: key.leak}
			order = append(order, kinds[key])
		}
		kinds[key].sockets = append(kinds[key].sockets, s)
	}
	return x.untendedFindings(order)
}

func (x *index) untendedFindings(kinds []*held) []Finding {
	programs := map[leak]*held{}
	var order []*held
	for _, k := range kinds {
		if len(k.sockets) < manyIdle {
			continue
		}
		if g := programs[k.leak]; g != nil {
			g.sockets = append(g.sockets, k.sockets...)
			continue
		}
		programs[k.leak] = k
		order = append(order, k)
	}
	findings := make([]Finding, 0, len(order))
	for _, g := range order {
		x.claim(g.sockets)
		findings = append(findings, x.untendedFinding(g))
	}
	return findings
}

// untended tells whether nothing moves on the connection, nothing waits on it,
// and no timer runs.
func (x *index) untended(s seen) bool { return s.now.Untended(s.before, x.span) }

func (x *index) untendedFinding(g *held) Finding {
	long := 0
	for _, s := range g.sockets {
		if s.now.IdleFor() >= longIdle {
			long++
		}
	}
	f := Finding{
		State: tcp.Established, Severity: Info, Count: len(g.sockets), Subject: x.subject(g.pid),
		Summary:   Say("no-keepalive", x.who(g.pid), len(g.sockets)),
		RefutedBy: Say("no-keepalive-refuted"),
		Fate:      Outlook{Text: Say("no-keepalive-fate"), Forever: true},
		Evidence: []Evidence{{
			Source: sockets, Fact: "no-timer", Value: float64(len(g.sockets)), Unit: "sockets",
			Text:    Say("no-timer", len(g.sockets), wholeSeconds(longest(g.sockets, (*host.Socket).IdleFor))),
			Recheck: untendedCheck(g),
		}},
		Excluded: []Exclusion{
			{"peer-not-reading", Say("nothing-waits")},
		},
		Remedies: []Remedy{{ID: "enable-keepalive", Text: Say("remedy-keepalive"), Risk: Say("remedy-keepalive-risk")}},
	}
	if long*2 >= len(g.sockets) {
		f.Severity = Notice
	}
	g.about(&f.Subject)
	x.askedOf(&f, g)
	return f
}

// untendedCheck is a command that lists the connections with their timers.
func untendedCheck(g *held) string {
	to, one := g.target()
	switch {
	case !g.local.IsValid() && one:
		return "ss -tnpoi state established dst " + ssTarget(to)
	case !g.local.IsValid() && g.pid != 0:
		return fmt.Sprintf("ss -tnpo state established | grep pid=%d,", g.pid)
	}
	return fmt.Sprintf("ss -tnpoi state established '( sport = :%d )'", g.sockets[0].now.Local.Port())
}
