package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// suffering is one side of the connections to a server, with the words for the
// other side.
type suffering struct {
	server *evidence.PacketServer
	side   *evidence.PacketSide
	other  Message // who does not answer
}

// sufferings lists both sides of every server.
func (x *index) sufferings() []suffering {
	var list []suffering
	for i := range x.servers() {
		s := &x.servers()[i]
		list = append(list,
			suffering{s, &s.Server, Say("who-clients")},
			suffering{s, &s.Clients, Say("who-server")})
	}
	return list
}

// unheard begins a finding on text and keep-alives that nobody answers.
func (s *suffering) unheard(cause string) Finding {
	g := &s.side.Unanswered
	f := serverFinding(s.server, g, tcp.Established, Warning)
	f.RefutedBy = Say("peer-vanished-refuted")
	f.Fate = Outlook{Text: Say("packet-vanished-fate")}
	f.Evidence = []Evidence{captured(cause, g.Count, "connections",
		Say("asked-in-vain", g.Count, g.Again, int(g.Longest)), readAgain(s.server, "established"))}
	f.out(Say("never-shut"), "peer-not-reading")
	if s.side.Small*2 >= g.Count {
		f.out(Say("small-segments-lost"), "path-mtu-black-hole")
	} else {
		f.open(Say("only-full-segments"), "path-mtu-black-hole")
	}
	return f
}

// alive tells whether the hosts at the other end were heard on other connections
// while these stayed unanswered.
func (s *suffering) alive() bool { return s.side.Alive*2 >= s.side.Unanswered.Count }

// packetVanished: the peer is gone without a FIN.
func packetVanished(x *index) []Finding {
	var findings []Finding
	for _, s := range x.sufferings() {
		if s.side.Unanswered.Count == 0 || s.alive() {
			continue
		}
		f := s.unheard("unanswered")
		f.Summary = Say("packet-vanished", f.Count, s.other, f.Subject.Local)
		f.open(Say("unheard-elsewhere"), "established-dropped")
		f.Remedies = []Remedy{{ID: "set-user-timeout", Text: Say("remedy-user-timeout"), Risk: Say("remedy-user-timeout-risk")}}
		findings = append(findings, f)
	}
	return findings
}

// packetDropped: these connections are dropped on the way, their peers live.
func packetDropped(x *index) []Finding {
	var findings []Finding
	for _, s := range x.sufferings() {
		if s.side.Unanswered.Count == 0 || !s.alive() {
			continue
		}
		f := s.unheard("unanswered")
		f.Summary = Say("packet-dropped", f.Count, f.Subject.Local)
		f.Evidence = append(f.Evidence, captured("heard-elsewhere", s.side.Alive, "connections",
			Say("heard-elsewhere", s.side.Alive), readAgain(s.server, "")))
		f.out(Say("host-heard-meanwhile"), "peer-vanished")
		f.Remedies = []Remedy{{ID: "find-the-rule", Text: Say("remedy-find-rule"), Risk: Say("remedy-look-risk"), Apply: []string{"nft list ruleset", "conntrack -L"}}}
		findings = append(findings, f)
	}
	return findings
}

// packetBlackHole: small segments pass, large ones vanish.
func packetBlackHole(x *index) []Finding {
	var findings []Finding
	for _, s := range x.sufferings() {
		g := &s.side.Large
		if g.Count == 0 {
			continue
		}
		f := serverFinding(s.server, g, tcp.Established, Warning)
		f.Summary = Say("packet-black-hole", g.Count, f.Subject.Local, s.side.LargeSize)
		f.RefutedBy = Say("black-hole-refuted")
		f.Fate = Outlook{Text: Say("packet-vanished-fate")}
		f.Evidence = []Evidence{
			captured("large-again", g.Again, "segments", Say("large-again", g.Again, s.side.LargeSize, int(g.Longest)), readAgain(s.server, "established")),
			captured("small-passed", s.side.LargePassed, "bytes", Say("small-passed", s.side.LargePassed), readAgain(s.server, "established")),
		}
		f.out(Say("heard-since"), "peer-vanished")
		f.out(Say("small-passed", s.side.LargePassed), "established-dropped")
		f.out(Say("never-shut"), "peer-not-reading")
		f.Remedies = blackHoleRemedies()
		findings = append(findings, f)
	}
	return findings
}

// packetNotReading: the other end keeps its window at zero and answers probes.
func packetNotReading(x *index) []Finding {
	var findings []Finding
	for _, s := range x.sufferings() {
		g := &s.side.Shut
		if g.Count == 0 {
			continue
		}
		f := serverFinding(s.server, g, tcp.Established, Warning)
		f.Summary = Say("packet-not-reading", g.Count, s.other, f.Subject.Local)
		f.RefutedBy = Say("window-opens")
		f.Fate = Outlook{Text: Say("peer-not-reading-fate")}
		f.Evidence = []Evidence{captured("zero-window", g.Count, "connections",
			Say("window-stays-shut", g.Count, int(g.Longest), g.Again), readAgain(s.server, "established"))}
		f.out(Say("probes-met-zero"), "peer-vanished", "established-dropped", "path-mtu-black-hole")
		f.Remedies = []Remedy{{ID: "see-why-it-waits", Text: Say("remedy-see-reader"), Risk: Say("remedy-look-risk"), Apply: []string{"synoptic diagnose"}}}
		findings = append(findings, f)
	}
	return findings
}

// blackHoleRemedies: no host need send less for ever. To clamp is for whoever
// forwards, so these are commands for another host.
func blackHoleRemedies() []Remedy {
	clamp := typed("clamp-mss", Say("remedy-clamp"), Say("remedy-clamp-risk"),
		ownTable("clamp-mss", "type filter hook forward priority -150", "tcp flags syn tcp option maxseg size set rt mtu"))
	clamp.Changes = nil
	return []Remedy{
		clamp,
		{ID: "allow-icmp", Text: Say("remedy-allow-icmp"), Risk: Say("remedy-allow-icmp-risk")},
	}
}
