package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// manyResets is how many resets a capture must hold before their share means
// anything.
const manyResets = 20

// packetResets: connections end by RST at an unusual rate, or RSTs come that no
// receiver need believe.
func packetResets(x *index) []Finding {
	var findings []Finding
	for i := range x.servers() {
		s := &x.servers()[i]
		aborts := s.Server.Aborts + s.Clients.Aborts
		if aborts >= manyResets && x.fast(aborts) && float64(aborts) >= stormShare*float64(s.Connections) {
			findings = append(findings, packetStorm(s, aborts))
		}
		for _, side := range []*evidence.PacketSide{&s.Server, &s.Clients} {
			if side.Strays >= someDrops {
				findings = append(findings, packetGuesses(s, side))
			}
		}
	}
	return findings
}

func packetStorm(s *evidence.PacketServer, aborts int) Finding {
	f := Finding{
		Severity: Notice, Count: aborts, Subject: Subject{Local: s.Local.String()},
		Summary:   Say("packet-storm-clients", aborts, percentOf(aborts, s.Connections), s.Local.String()),
		RefutedBy: Say("reset-storm-refuted"),
		Fate:      Outlook{Text: Say("reset-storm-fate")},
		Evidence: []Evidence{captured("resets", aborts, "connections",
			Say("reset-by-sides", aborts, s.Server.Aborts, s.Clients.Aborts), readAgain(s, "closed"))},
		Remedies: []Remedy{{ID: "ask-the-peers", Text: Say("remedy-ask-peers"), Risk: Say("remedy-look-risk")}},
	}
	if s.Server.Aborts*2 >= aborts {
		f.Summary = Say("packet-storm-server", aborts, percentOf(aborts, s.Connections), s.Local.String())
		f.Remedies = []Remedy{
			{ID: "no-linger", Text: Say("remedy-no-linger"), Risk: Say("remedy-no-linger-risk")},
			{ID: "read-before-close", Text: Say("remedy-read-first"), Risk: Say("remedy-read-first-risk")},
		}
	}
	if aborts*2 >= s.Connections {
		f.Severity = Warning
	}
	f.out(Say("resets-established"), "asymmetric-return", "scanning")
	return f
}

func percentOf(part, whole int) int { return part * 100 / max(whole, 1) }

func packetGuesses(s *evidence.PacketServer, side *evidence.PacketSide) Finding {
	f := Finding{
		Severity: Warning, Count: side.Strays, Subject: Subject{Local: s.Local.String()},
		Summary:   Say("packet-guesses", side.Strays, side.Struck, s.Local.String()),
		RefutedBy: Say("resets-guessed-refuted"),
		Fate:      Outlook{Text: Say("resets-guessed-fate")},
		Evidence:  []Evidence{captured("resets-beside", side.Strays, "segments", Say("resets-beside", side.Strays, side.Struck), readAgain(s, ""))},
		Remedies: []Remedy{
			{ID: "find-the-sender", Text: Say("remedy-find-sender"), Risk: Say("remedy-look-risk")},
			{ID: "protect-sequence", Text: Say("remedy-protect"), Risk: Say("remedy-protect-risk")},
		},
	}
	if side.Foreign > 0 {
		f.Evidence = append(f.Evidence, captured("other-ttl", side.Foreign, "segments", Say("resets-from-elsewhere", side.Foreign), "tcpdump -vnr FILE"))
	}
	if side.Aborts*2 >= side.Struck {
		f.Severity = Notice
		f.open(Say("resets-then-accepted", side.Aborts), "established-dropped")
	} else {
		f.out(Say("resets-unconfirmed"), "established-dropped")
	}
	return f
}

// Churn: a tenth of the local ports that systems commonly have (32768 to 60999)
// would wait in TIME-WAIT, which lasts 60 s.
const (
	usualPorts      = 28232
	timeWaitSeconds = 60
	churnShare      = 10
)

// packetChurn: short connections, closed by the same side, at a rate that fills
// TIME-WAIT.
func packetChurn(x *index) []Finding {
	var findings []Finding
	for _, s := range x.sufferings() {
		waiting := int(float64(s.side.Brief) / x.window.Seconds() * timeWaitSeconds)
		if waiting*churnShare < usualPorts || s.side.Brief*2 < s.side.Closed {
			continue
		}
		f := Finding{
			State: tcp.TimeWait, Severity: Notice, Count: s.side.Brief, Subject: Subject{Local: s.server.Local.String()},
			RefutedBy: Say("packet-churn-refuted"),
			Fate:      Outlook{Text: Say("packet-churn-fate", waiting), Within: timeWaitSeconds * 1e9},
			Evidence: []Evidence{captured("brief", s.side.Brief, "connections",
				Say("brief-lives", s.side.Brief, int(float64(s.side.Brief)/x.window.Seconds())), readAgain(s.server, "time-wait"))},
			Remedies: []Remedy{{ID: "keep-alive", Text: Say("remedy-keep-alive"), Risk: Say("remedy-keep-alive-risk")}},
		}
		f.Summary = Say("packet-churn-server", f.Count, f.Subject.Local)
		if s.side == &s.server.Clients {
			f.Summary = Say("packet-churn-clients", f.Count, f.Subject.Local)
		}
		if waiting >= usualPorts {
			f.Severity = Warning
			f.open(Say("limits-unseen"), "time-wait-port-exhaustion", "time-wait-overflow")
		} else {
			f.out(Say("below-usual-ports", waiting), "time-wait-port-exhaustion")
		}
		findings = append(findings, f)
	}
	return findings
}
