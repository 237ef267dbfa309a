package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// unseenSYNACK says why clients send their SYN again behind a SYN,ACK. Near the
// server the neighbours on the link tell whether the answer leaves another way;
// near the client it has come all the way.
func unseenSYNACK(s *evidence.PacketServer) Cause {
	switch {
	case s.Again.Count < few:
		return ""
	case s.Near == evidence.NearClient:
		return "synack-dropped-here"
	case s.Near == evidence.NearServer && s.AgainTurned*2 >= s.Again.Count && s.Turned == 0:
		return "asymmetric-return"
	default:
		return "synack-lost-on-path"
	}
}

func packetSYNACKLost(x *index) []Finding    { return x.unseenSYNACKs("synack-lost-on-path") }
func packetSYNACKDropped(x *index) []Finding { return x.unseenSYNACKs("synack-dropped-here") }

func packetAsymmetric(x *index) []Finding {
	return append(x.unseenSYNACKs("asymmetric-return"), x.rejectedAnswers()...)
}

func (x *index) unseenSYNACKs(cause Cause) []Finding {
	var findings []Finding
	for i := range x.servers() {
		if s := &x.servers()[i]; unseenSYNACK(s) == cause {
			findings = append(findings, unseenFinding(s, cause))
		}
	}
	return findings
}

func unseenFinding(s *evidence.PacketServer, cause Cause) Finding {
	g := &s.Again
	f := serverFinding(s, g, tcp.SynReceived, Warning)
	f.RefutedBy = Say("synack-unseen-refuted")
	f.Fate = Outlook{Text: Say("synack-unseen-fate")}
	f.Evidence = []Evidence{captured("syn-again", g.Count, "connections",
		Say("syn-again-behind-answer", g.Count, g.Again, g.Addresses), readAgain(s, "syn-recv"))}
	f.out(Say("clients-send-again", g.Count), "syn-flood", "syn-flood-from-prefix", "handshake-withheld", "ack-lost")
	f.out(Say("synacks-captured", g.Count), "synack-blocked-here")
	switch cause {
	case "asymmetric-return":
		f.Summary = Say("packet-asymmetric", g.Count, s.Local.String())
		f.Evidence = append(f.Evidence, captured("other-neighbour", s.AgainTurned, "connections", Say("other-neighbour", s.AgainTurned), "tcpdump -enr FILE"))
		f.open(Say("further-capture-tells"), "synack-lost-on-path")
		f.Remedies = []Remedy{{ID: "one-way-back", Text: Say("remedy-fix-routes"), Risk: Say("remedy-fix-routes-risk")}}
	case "synack-dropped-here":
		f.State = tcp.SynSent
		f.Summary = Say("packet-synack-dropped", g.Count, s.Local.String())
		f.open(Say("at-the-client-itself"), "synack-lost-on-path")
		f.Remedies = []Remedy{{ID: "allow-synack-in", Text: Say("remedy-allow-synack-in"), Risk: Say("remedy-open-path-risk"), Apply: []string{"nft list ruleset", "iptables -vnL INPUT"}}}
	default:
		f.Summary = Say("packet-synack-lost", g.Count, s.Local.String())
		f.wayBack(s)
		f.Remedies = []Remedy{{ID: "capture-along-path", Text: Say("remedy-capture-path"), Risk: Say("remedy-look-risk"), Apply: []string{"synoptic read FILE --connections"}}}
	}
	return f
}

// wayBack says what the place of the capture tells of a SYN,ACK that is lost.
func (f *Finding) wayBack(s *evidence.PacketServer) {
	switch {
	case s.Near != evidence.NearServer:
		f.open(Say("where-unknown"), "synack-dropped-here", "asymmetric-return")
	case s.AgainUnplaced*2 >= s.Again.Count:
		f.out(Say("near-the-server"), "synack-dropped-here")
		f.open(Say("neighbours-unknown"), "asymmetric-return")
	default:
		f.out(Say("near-the-server"), "synack-dropped-here")
		f.out(Say("same-neighbour"), "asymmetric-return")
	}
}

// waited tells whether clients that never complete their handshake have had the
// time to do so, and are no flood.
func waited(x *index, s *evidence.PacketServer) bool {
	return s.OnceWaited >= few && s.OnceResent > 0 && !flooding(s) && float64(s.Once.Count) < busyRate*max(x.window.Seconds(), 1)
}

// packetWithheld: a few hosts open connections and never finish their handshake.
func packetWithheld(x *index) []Finding {
	var findings []Finding
	for i := range x.servers() {
		s := &x.servers()[i]
		if !waited(x, s) || s.Once.Addresses >= manySources {
			continue
		}
		f := serverFinding(s, &s.Once, tcp.SynReceived, worry(s))
		f.silent(s)
		f.Summary = Say("packet-withheld", s.OnceWaited, s.Local.String(), s.Once.Addresses)
		f.RefutedBy = Say("withheld-refuted")
		f.out(Say("sources-few", s.Once.Addresses), "syn-flood")
		if s.Near == evidence.NearClient {
			f.out(Say("near-the-client"), "ack-lost")
		} else {
			f.open(Say("client-end-tells"), "ack-lost")
		}
		f.Remedies = []Remedy{{ID: "limit-per-source", Text: Say("remedy-per-source"), Risk: Say("remedy-per-source-risk")}}
		findings = append(findings, f)
	}
	return findings
}

// silent is what withheld and lost ACKs have in common where none is captured.
func (f *Finding) silent(s *evidence.PacketServer) {
	f.Count = s.OnceWaited
	f.Fate = Outlook{Text: Say("synack-unseen-fate")}
	f.Evidence = []Evidence{captured("no-ack", s.OnceWaited, "connections",
		Say("answered-and-silent", s.OnceWaited, s.OnceResent), readAgain(s, "syn-recv"))}
	f.out(Say("none-again", s.OnceWaited), "synack-lost-on-path", "asymmetric-return")
	f.out(Say("no-ack-captured"), "deferred-accept")
}

// packetACKLost: the client believes that it is connected, and the server does
// not hear it. Where the capture is on the way, its ACK is in it or not.
func packetACKLost(x *index) []Finding {
	var findings []Finding
	for i := range x.servers() {
		s := &x.servers()[i]
		if s.Acked.Count >= few {
			findings = append(findings, ackedFinding(s))
		}
		if waited(x, s) && s.Near != evidence.NearClient {
			f := serverFinding(s, &s.Once, tcp.SynReceived, worry(s))
			f.silent(s)
			f.Summary = Say("packet-ack-unseen", s.OnceWaited, s.Local.String())
			f.RefutedBy = Say("ack-unseen-refuted")
			if s.Once.Addresses >= manySources { // forged ones may come slowly
				f.out(Say("sources-many", s.Once.Addresses), "handshake-withheld")
				f.open(Say("client-end-tells"), "syn-flood")
			} else {
				f.open(Say("client-end-tells"), "handshake-withheld")
			}
			f.Remedies = []Remedy{{ID: "capture-at-client", Text: Say("remedy-capture-client"), Risk: Say("remedy-look-risk")}}
			findings = append(findings, f)
		}
	}
	return findings
}

func ackedFinding(s *evidence.PacketServer) Finding {
	g := &s.Acked
	f := serverFinding(s, g, tcp.SynReceived, Warning)
	f.Summary = Say("packet-ack-lost", g.Count, s.Local.String())
	f.RefutedBy = Say("ack-lost-refuted")
	f.Fate = Outlook{Text: Say("synack-unseen-fate")}
	f.Evidence = []Evidence{captured("synack-behind-ack", g.Count, "connections", Say("synack-behind-ack", g.Count, g.Again), readAgain(s, ""))}
	f.out(Say("acks-captured"), "handshake-withheld", "syn-flood", "synack-lost-on-path")
	f.open(Say("defers-too"), "deferred-accept")
	if s.Served > 0 {
		f.out(Say("server-serves", s.Served), "accept-stalled")
		f.open(Say("queue-was-full"), "accept-backlog-too-small")
	} else {
		f.open(Say("queue-was-full"), "accept-stalled", "accept-backlog-too-small")
	}
	f.Remedies = []Remedy{{ID: "look-at-server", Text: Say("remedy-look-at-server"), Risk: Say("remedy-look-risk"), Apply: []string{"synoptic diagnose"}}}
	return f
}
