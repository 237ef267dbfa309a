package diagnose

import (
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const (
	probes     = evidence.SourceProbe
	probeAgain = "synoptic diagnose --probe"
)

// askedIdle are idle connections of one program and listener whose peers were
// asked, by what became of it.
type askedIdle struct {
	held
	living    int
	forgotten []seen // the peer's host answered with RST
	gone      []seen // nobody is there, says the link layer or a router
	unsure    []seen // silence
	echoing   []seen // silence, but an ICMP echo came back
}

func (a *askedIdle) asked() int {
	return a.living + len(a.forgotten) + len(a.gone) + len(a.unsure) + len(a.echoing)
}

// askedIdles groups the idle connections that were asked; nil when none were.
func (x *index) askedIdles() []*askedIdle {
	if x.idleAsked != nil || len(x.bundle.Probes) == 0 {
		return x.idleAsked
	}
	questions := map[identity]*evidence.Probe{}
	var order []netip.Addr
	for i := range x.bundle.Probes {
		p := &x.bundle.Probes[i]
		order = append(order, p.Remote.Addr())
		if p.Kind == evidence.ProbeSegment && (p.Silent() || p.Answer != evidence.AnswerNone) {
			questions[identity{local: p.Local, remote: p.Remote}] = p
		}
	}
	peers, groups := x.peers(order), map[leak]*askedIdle{}
	for _, s := range x.byState[tcp.Established] {
		question := questions[identity{local: s.now.Local, remote: s.now.Remote}]
		if question == nil || !x.untended(s) {
			continue
		}
		key := x.leakOf(s.now, x.owner(s.now))
		if groups[key] == nil {
			groups[key] = &askedIdle{held: held{leak: key}}
			x.idleAsked = append(x.idleAsked, groups[key])
		}
		groups[key].add(s, question, peers[s.now.Remote.Addr()])
	}
	return x.idleAsked
}

func (a *askedIdle) add(s seen, question *evidence.Probe, p *peer) {
	switch {
	case question.Answer == evidence.AnswerSegment:
		a.living++
	case question.Answer == evidence.AnswerReset:
		a.forgotten = append(a.forgotten, s)
	case p.echoes():
		a.echoing = append(a.echoing, s)
	case p.unreachable(), question.Answer == evidence.AnswerUnreachable:
		a.gone = append(a.gone, s)
	default:
		a.unsure = append(a.unsure, s)
	}
}

// deadIdle: ESTABLISHED that is not. Silence alone settles nothing: many a host
// drops what does not fit its connection, and answers no echo.
func (x *index) deadIdle() []Finding {
	var findings []Finding
	for _, a := range x.askedIdles() {
		if dead := slices.Concat(a.forgotten, a.gone); len(dead) > 0 {
			x.claim(dead)
			f := x.silentIdleFinding(a, dead, Say("idle-dead", x.who(a.pid), len(dead), a.asked()), len(a.forgotten))
			if len(dead) >= few {
				f.Severity = Warning
			}
			f.Remedies = append(f.Remedies, typed("kill-dead-sockets", Say("remedy-kill-dead"), Say("remedy-kill-dead-risk"), x.endSockets(dead)...))
			f.out(Say("small-segments-lost"), "path-mtu-black-hole")
			if len(a.gone) == 0 {
				f.out(Say("hosts-answered"), "established-dropped")
			} else {
				f.out(Say("nobody-there"), "established-dropped")
			}
			findings = append(findings, f)
		}
		if len(a.unsure) > 0 {
			x.claim(a.unsure)
			f := x.silentIdleFinding(a, a.unsure, Say("idle-silent", x.who(a.pid), len(a.unsure), a.asked()), 0)
			f.open(Say("probe-may-be-dropped"), "established-dropped")
			findings = append(findings, f)
		}
	}
	return findings
}

// echoingIdle: the host answers an echo and the connection does not answer.
func (x *index) echoingIdle() []Finding {
	var findings []Finding
	for _, a := range x.askedIdles() {
		if len(a.echoing) == 0 {
			continue
		}
		x.claim(a.echoing)
		f := x.silentIdleFinding(a, a.echoing, Say("idle-dropped", x.who(a.pid), len(a.echoing), a.asked()), 0)
		f.Evidence = append(f.Evidence, Evidence{
			Source: probes, Fact: "echo-answered", Value: float64(len(a.echoing)), Unit: "sockets",
			Text: Say("echo-answered"), Recheck: "ping -c 1 " + a.echoing[0].now.Remote.Addr().String(),
		})
		f.open(Say("echo-proves-little"), "peer-vanished")
		findings = append(findings, f)
	}
	return findings
}

// silentIdleFinding begins a finding on connections that did not answer, forgotten
// of them with RST and the others not at all.
func (x *index) silentIdleFinding(a *askedIdle, dead []seen, summary Message, forgotten int) Finding {
	f := Finding{
		State: tcp.Established, Severity: Notice, Count: len(dead), Subject: x.subject(a.pid),
		Summary:   summary,
		RefutedBy: Say("peer-vanished-refuted"),
		Fate:      Outlook{Text: Say("no-keepalive-fate"), Forever: true},
		Evidence: []Evidence{{
			Source: sockets, Fact: "no-timer", Value: float64(len(dead)), Unit: "sockets",
			Text:    Say("no-timer", len(dead), wholeSeconds(longest(dead, (*host.Socket).IdleFor))),
			Recheck: "ss -tnpo state established dst " + ssTarget(dead[0].now.Remote),
		}},
		Remedies: []Remedy{{ID: "enable-keepalive", Text: Say("remedy-keepalive"), Risk: Say("remedy-keepalive-risk")}},
	}
	if silent := len(dead) - forgotten; silent > 0 {
		f.Evidence = append(f.Evidence, Evidence{Source: probes, Fact: "probe-unanswered", Value: float64(silent), Unit: "sockets", Text: Say("probe-unanswered", silent), Recheck: probeAgain})
	}
	if forgotten > 0 {
		f.Evidence = append(f.Evidence, Evidence{Source: probes, Fact: "probe-reset", Value: float64(forgotten), Unit: "sockets", Text: Say("probe-reset", forgotten), Recheck: probeAgain})
	}
	f.out(Say("nothing-waits"), "peer-not-reading")
	a.about(&f.Subject)
	return f
}

// askedOf notes beside idle connections without keepalive what their peers said.
func (x *index) askedOf(f *Finding, g *held) {
	living, all := 0, 0
	for _, a := range x.askedIdles() {
		if a.leak == g.leak {
			living, all = a.living, a.asked()
		}
	}
	if all == 0 {
		f.out(Say("nothing-asked"), "peer-vanished")
		return
	}
	f.out(Say("peers-asked", living, all), "peer-vanished")
	f.Evidence = append(f.Evidence, Evidence{
		Source: probes, Fact: "peers-alive", Value: float64(living), Unit: "of those asked",
		Text: Say("peers-asked", living, all), Recheck: probeAgain,
	})
}
