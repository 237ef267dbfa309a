package diagnose

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// standing is how an explanation of a group stands before its rivals.
type standing uint8

const (
	ruledOut standing = iota // a fact excludes it
	leftOpen                 // nothing settles it
	likely                   // the facts speak for it and against its rivals
)

const (
	// poolMost is the most connections that a pool to one place commonly keeps.
	// More may be a pool or a slow leak.
	poolMost = 32
	// farewell is the most unread bytes that a server leaves when it ends an idle
	// connection: a TLS alert, or the parting error of a database.
	farewell = 256
)

// maybePool judges whether the connections are a pool's, which lets the server
// close first and looks again at the next use: dialled, to one place, not read
// since the end came, bounded and stable.
func (x *index) maybePool(g *held) standing {
	if _, because := x.notPool(g); because {
		return ruledOut
	}
	if len(g.sockets) > poolMost {
		return leftOpen
	}
	return likely
}

// notPool returns the fact that speaks against a pool, ok when there is one.
func (x *index) notPool(g *held) (because Message, ok bool) {
	_, onePlace := g.target()
	read, most := 0, uint32(0)
	for _, s := range g.sockets {
		if s.now.RecvQueue == 0 {
			read++
		}
		most = max(most, s.now.RecvQueue)
	}
	switch {
	case g.local.IsValid():
		return Say("came-in", g.local.String()), true
	case g.grew:
		return Say("pool-would-not-grow"), true
	case !onePlace:
		return Say("pool-has-one-place"), true
	case read > 0:
		return Say("pool-has-not-read", read), true
	case most > farewell:
		return Say("pool-leaves-no-data", int(most)), true
	default:
		return Message{}, false
	}
}

// poolRival judges the pool for a group that another cause claims.
func (x *index) poolRival(f *Finding, g *held) {
	const rival = "idle-pool"
	if because, ok := x.notPool(g); ok {
		f.Excluded = append(f.Excluded, Exclusion{rival, because})
		return
	}
	f.Open = append(f.Open, Exclusion{rival, Say("maybe-pool", len(g.sockets))})
}

// idlePool: benign. Nothing but the sockets speaks for it, so it is probable and
// no more.
func idlePool(x *index) []Finding { return x.because(whyPool, x.poolFinding) }

func (x *index) poolFinding(g *held) Finding {
	to, _ := g.target()
	check := "ss -tnpo state close-wait dst " + ssTarget(to)
	oldest := longest(g.sockets, sinceHeard)
	f := Finding{
		State: tcp.CloseWait, Severity: Info, Count: len(g.sockets), Subject: x.subject(g.pid),
		Summary:   Say("idle-pool", x.who(g.pid), len(g.sockets), to.String()),
		RefutedBy: Say("idle-pool-refuted"),
		Fate:      Outlook{Text: Say("idle-pool-fate", x.who(g.pid)), Forever: true},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "dialled-one-place", Value: float64(len(g.sockets)), Unit: "sockets",
				Text: Say("dialled-one-place", len(g.sockets), to.String()), Recheck: check,
			},
			{
				Source: sockets, Fact: "end-unread", Value: float64(len(g.sockets)), Unit: "sockets",
				Text: Say("end-unread"), Recheck: check,
			},
		},
		Excluded: []Exclusion{
			{"app-not-closing", Say("pool-not-used-since", poolMost)},
			{"app-blocked", Say("only-a-farewell")},
			{"closed-before-accept", Say("was-dialled")},
		},
		Remedies: []Remedy{{ID: "align-idle-times", Text: Say("remedy-align-idle"), Risk: Say("remedy-fix-close-risk")}},
	}
	if oldest > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: sockets, Fact: "age", Value: oldest.Seconds(), Unit: "seconds",
			Text: Say("ended-ago", wholeSeconds(oldest)), Recheck: "ss -tnpi state close-wait dst " + ssTarget(to),
		})
	}
	f.Subject.Peer = to.String()
	x.proxyRival(&f, g, tcp.FinWait2)
	return f
}

// sinceHeard is the time since the last segment, of a connection that the peer
// ended since its end.
func sinceHeard(s *host.Socket) time.Duration { return s.Info.LastAckRecv }
