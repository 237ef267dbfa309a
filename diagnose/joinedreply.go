package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
)

// wired are the half-open connections of a listener, by what packets show.
type wired struct {
	halfOpen

	again    []seen // the client sent its SYN again behind a SYN-ACK
	turned   int    // of them, where the SYN-ACK went to another neighbour
	unplaced int    // of them, where the link does not tell
	ignored  []seen // the client's ACK came, and the kernel does not take it
	silent   []seen // SYN-ACKs left, and the client said nothing more
	bare     int    // of silent, those whose SYN carried no option but the MSS
	whole    int    // of silent, those whose SYN carried more
	syns     int    // sent again, in the window
	synacks  int    // sent in the window

	told int // of the half-open connections, those that packets are told of

	silenceNamed bool // a finding speaks of silent
}

func (x *index) wiredListeners() []*wired {
	if x.byWire == nil {
		x.byWire = []*wired{}
		for _, g := range x.halfOpens() {
			w := &wired{halfOpen: g}
			for _, s := range g.requests {
				w.add(s, x.wire(s.now))
			}
			x.byWire = append(x.byWire, w)
		}
	}
	return x.byWire
}

func (w *wired) add(s seen, p *evidence.PacketSocket) {
	if p == nil {
		return
	}
	old := s.outlived()
	w.told++
	w.synacks += p.Out.SYNs
	switch {
	case p.In.ACKs > 0:
		noted := s.now.Inner != nil && s.now.Inner.Acked               // it defers, or its accept queue is full
		if p.In.ACKAge >= ackPatience && p.Out.Resets == 0 && !noted { // TCP answers with RST what it took and does not accept
			w.ignored = append(w.ignored, s)
		}
	case p.Out.SYNs == 0:
	case p.In.SYNs > 1 && p.In.Age < p.Out.Begin || old && p.In.SYNs > 0: // behind a SYN-ACK
		w.again = append(w.again, s)
		w.syns += p.In.SYNs
		w.turned += count(p.Turned)
		w.unplaced += count(p.Unplaced)
	case old || p.In.Age >= 1.2 && p.Out.SYNs > 1:
		w.silent = append(w.silent, s)
		if p.In.SYNs > 0 {
			w.bare += count(p.In.Bare)
			w.whole += count(!p.In.Bare)
		}
	}
}

// completeTurned counts the handshakes with this host that completed although
// their SYN-ACK went to another link-layer address than the SYN came from. Behind
// a virtual router (RFC 9568) that may be so for all of them.
func (x *index) completeTurned() (n int) {
	for i := range x.servers() {
		if s := &x.servers()[i]; s.Near == evidence.NearServer {
			n += s.Turned
		}
	}
	return n
}

// otherGateway tells whether the answers leave another way than the SYNs come,
// and none that does so completes.
func (x *index) otherGateway(w *wired) bool {
	return w.turned*2 >= len(w.again) && x.completeTurned() == 0
}

func joinedLost(x *index) []Finding {
	var findings []Finding
	for _, w := range x.wiredListeners() {
		if len(w.again) >= few && len(w.again)*4 >= w.told && !x.otherGateway(w) {
			findings = append(findings, x.lostFinding(w, "synack-lost-on-path"))
		}
	}
	return findings
}

// joinedAsymmetric: the answers leave another way and nothing comes of them, or
// they come back as RST.
func joinedAsymmetric(x *index) []Finding {
	var findings []Finding
	for _, w := range x.wiredListeners() {
		if len(w.again) >= few && len(w.again)*4 >= w.told && x.otherGateway(w) {
			findings = append(findings, x.lostFinding(w, "asymmetric-return"))
		}
	}
	return append(findings, x.rejectedAnswers()...)
}

// rejectedAnswers needs packets only.
func (x *index) rejectedAnswers() (findings []Finding) {
	for i := range x.servers() {
		s := &x.servers()[i]
		if s.Near == evidence.NearServer && s.RejectedTurned >= few && s.RejectedTurned*2 >= s.Rejected && x.completeTurned() == 0 {
			findings = append(findings, x.rejectedFinding(s))
		}
	}
	return findings
}

// lostFinding claims the whole pile: those whose client waits longer than the
// window before its next SYN are in the same trouble.
func (x *index) lostFinding(w *wired, cause Cause) Finding {
	pile := x.claimAll(w.again, w.silent)
	f := x.wireFinding(w, pile)
	n, at, who := len(pile), w.listener.at.String(), x.who(x.listenerPID(w.listener))
	f.RefutedBy, f.Fate.Text = Say("synack-unseen-refuted"), Say("synack-unseen-fate")
	f.Evidence = append(f.Evidence, Evidence{
		Source: packets, Fact: "syn-again", Value: float64(w.syns), Unit: "SYNs",
		Text: Say("syns-again-here", len(w.again), w.syns, w.synacks), Recheck: captureOf(w.listener.at),
	})
	f.out(Say("clients-send-again", len(w.again)), "syn-flood", "syn-flood-from-prefix", "handshake-withheld", "ack-lost")
	f.out(Say("synacks-leave-here", w.synacks), "synack-blocked-here")
	f.out(Say("requests-resent"), "deferred-accept")
	x.wayBack(&f, pile)
	if cause == "asymmetric-return" {
		f.Summary = Say("asymmetric-return", n, at, who)
		f.Evidence = append(f.Evidence, Evidence{
			Source: packets, Fact: "other-neighbour", Value: float64(w.turned), Unit: "connections",
			Text: Say("other-neighbour", w.turned), Recheck: "ip neighbour show; ip route get CLIENT",
		})
		f.Subject.Path = x.nextHopName(w.again)
		f.out(Say("leaves-another-way"), "synack-lost-on-path")
		f.Remedies = []Remedy{{ID: "one-way-back", Text: Say("remedy-fix-routes"), Risk: Say("remedy-fix-routes-risk"), Apply: []string{"ip route", "ip rule"}}}
		return f
	}
	f.Summary = Say("synack-lost", n, at, who)
	switch n := x.completeTurned(); {
	case w.unplaced*2 >= len(w.again):
		f.out(Say("one-way-only"), "asymmetric-return")
	case w.turned*2 >= len(w.again):
		f.out(Say("turned-and-complete", n), "asymmetric-return")
	default:
		f.out(Say("same-neighbour"), "asymmetric-return")
	}
	f.Remedies = []Remedy{{ID: "capture-along-path", Text: Say("remedy-capture-path"), Risk: Say("remedy-look-risk"), Apply: []string{captureOf(w.listener.at)}}}
	return f
}

// claimAll joins parts of a pile and claims them.
func (x *index) claimAll(parts ...[]seen) []seen {
	var all []seen
	for _, part := range parts {
		all = append(all, part...)
	}
	x.claim(all)
	return all
}

// wireFinding begins a finding on half-open connections.
func (x *index) wireFinding(w *wired, pile []seen) Finding {
	g := w.halfOpen
	g.requests = pile
	return x.halfOpenFinding(g, Warning)
}

func (x *index) nextHopName(group []seen) string {
	if hop := x.nextHop(group[0].now.Remote.Addr()); hop.IsValid() {
		return hop.String()
	}
	return ""
}

// rejectedFinding: as with DNAT without SNAT, the client gets an answer from an
// address that it never called, and resets it. Nothing piles up here.
func (x *index) rejectedFinding(s *evidence.PacketServer) Finding {
	f := Finding{
		Severity: Warning, Count: s.RejectedTurned, Subject: x.subject(0),
		Summary:   Say("asymmetric-rejected", s.RejectedTurned, s.Local.String()),
		RefutedBy: Say("synack-unseen-refuted"),
		Fate:      Outlook{Text: Say("asymmetric-rejected-fate")},
		Evidence: []Evidence{
			{
				Source: packets, Fact: "synack-rejected", Value: float64(s.Rejected), Unit: "connections",
				Text: Say("synack-rejected", s.Rejected, s.RejectedTurned), Recheck: captureOf(s.Local),
			},
		},
		Remedies: []Remedy{{ID: "one-way-back", Text: Say("remedy-fix-routes"), Risk: Say("remedy-fix-routes-risk"), Apply: []string{"ip route", "ip rule"}}},
	}
	if x.bundle.Has(counters) {
		f.Evidence = append(f.Evidence, x.counted("TcpExtEmbryonicRsts", "embryonic-resets"))
	}
	if l := x.listenerOf(s.Local); l != nil {
		f.Subject = x.subject(x.listenerPID(l))
	}
	f.Subject.Local = s.Local.String()
	f.out(Say("answers-reset"), "synack-lost-on-path", "synack-blocked-here")
	f.out(Say("scans-come-one-way"), "handshake-withheld", "reset-storm")
	return f
}
