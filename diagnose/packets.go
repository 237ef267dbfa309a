package diagnose

import (
	"fmt"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

const packets = evidence.SourcePackets

// packetRow is a rule that judges a cause by captures alone.
type packetRow struct {
	cause  Cause
	window bool // it is about a rate: a capture that is too short tells none
	rule   func(*index) []Finding
}

// packetRules are joined to the catalogue by cause. They stand apart from its
// rows because they ask nothing of the host: they run when there are captures
// and no sockets, and then no rule of the catalogue does.
func packetRules() []packetRow {
	return []packetRow{
		{cause: "syn-flood", rule: packetFlood},
		{cause: "syn-flood-from-prefix", rule: packetPrefixFlood},
		{cause: "synack-lost-on-path", rule: packetSYNACKLost},
		{cause: "asymmetric-return", rule: packetAsymmetric},
		{cause: "ack-lost", rule: packetACKLost},
		{cause: "handshake-withheld", rule: packetWithheld},
		{cause: "synack-dropped-here", rule: packetSYNACKDropped},
		{cause: "scanning", rule: packetScanning},
		{cause: "peer-vanished", rule: packetVanished},
		{cause: "path-mtu-black-hole", rule: packetBlackHole},
		{cause: "peer-not-reading", rule: packetNotReading},
		{cause: "established-dropped", rule: packetDropped},
		{cause: "active-close-churn", window: true, rule: packetChurn},
		{cause: "reset-storm", rule: packetResets},
		{cause: "unexplained", rule: packetPiles},
	}
}

// capturesAlone tells whether captures are all there is.
func capturesAlone(b *evidence.Bundle) bool {
	return b.Packets != nil && !b.Packets.Own && b.Text == nil && !b.Has(sockets)
}

// assessPackets judges a cause by captures alone, or says what it needs.
func (r *Report) assessPackets(x *index, row Row) {
	for _, p := range packetRules() {
		switch {
		case p.cause != row.Cause:
			continue
		case p.window && x.window < leastWindow:
			r.NotAssessed = append(r.NotAssessed, NotAssessed{Cause: row.Cause, Needs: []string{needsWindow}})
		default:
			r.add(x, row.Cause, p.rule(x))
		}
		return
	}
	needs := x.missing(row)
	if len(needs) == 0 { // it reads no source, or one that came with the captures
		needs = []string{sockets}
	}
	r.NotAssessed = append(r.NotAssessed, NotAssessed{Cause: row.Cause, Needs: needs})
}

// servers returns what was captured of each server.
func (x *index) servers() []evidence.PacketServer { return x.bundle.Packets.Servers }

// serverFinding begins a finding on connections to a server.
func serverFinding(s *evidence.PacketServer, g *evidence.PacketGroup, state tcp.State, severity Severity) Finding {
	f := Finding{State: state, Severity: severity, Count: g.Count, Subject: Subject{Local: s.Local.String()}}
	if g.Client.IsValid() {
		f.Subject.Peer = g.Client.String()
	}
	return f
}

// captured is a fact that packets show.
func captured(fact string, value int, unit string, text Message, recheck string) Evidence {
	return Evidence{Source: packets, Fact: fact, Value: float64(value), Unit: unit, Text: text, Recheck: recheck}
}

// worry is the severity of handshakes that fail: while others succeed they may
// be those of nobody.
func worry(s *evidence.PacketServer) Severity {
	if s.Completed > 0 {
		return Notice
	}
	return Warning
}

// readAgain is the command that lists the connections of a server, one of whose
// ends is in the state; the name of the capture is for the reader to fill in.
func readAgain(s *evidence.PacketServer, states string) string {
	if states != "" {
		states = "state " + states + " "
	}
	return fmt.Sprintf("synoptic read FILE %[1]s'( sport = :%[2]d or dport = :%[2]d )'", states, s.Local.Port())
}

// out and open add a rival to a finding.
func (f *Finding) out(because Message, rivals ...Cause) {
	for _, rival := range rivals {
		f.Excluded = append(f.Excluded, Exclusion{rival, because})
	}
}

func (f *Finding) open(because Message, rivals ...Cause) {
	for _, rival := range rivals {
		f.Open = append(f.Open, Exclusion{rival, because})
	}
}
