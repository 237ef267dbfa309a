package diagnose

import (
	"strconv"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// packetScanning: one client tries very many hosts or ports, and few serve it.
func packetScanning(x *index) []Finding {
	var findings []Finding
	for i := range x.bundle.Packets.Clients {
		if c := &x.bundle.Packets.Clients[i]; scans(c) {
			findings = append(findings, packetScan(c))
		}
	}
	return findings
}

func scans(c *evidence.PacketClient) bool {
	return c.Targets >= manyTargets && c.Served*4 <= c.Targets && (c.Unanswered+c.Refused)*2 >= c.Attempts
}

func packetScan(c *evidence.PacketClient) Finding {
	f := Finding{
		State: tcp.SynSent, Severity: Warning, Count: c.Attempts,
		RefutedBy: Say("packet-scan-refuted"),
		Fate:      Outlook{Text: Say("scanning-fate")},
		Evidence: []Evidence{captured("targets", c.Targets, "targets",
			Say("packet-targets", c.Targets, c.Unanswered, c.Refused, c.Served), "synoptic read FILE src "+c.Address.String())},
		Remedies: []Remedy{{ID: "look-at-scanner", Text: Say("remedy-scanner-host", c.Address.String()), Risk: Say("remedy-scanner-risk"), Apply: []string{"synoptic diagnose"}}},
	}
	switch {
	case c.Host.IsValid():
		f.Summary = Say("packet-scan-ports", c.Address.String(), c.Ports, c.Host.String())
		f.Subject.Peer = c.Host.String()
	case c.Port != 0:
		f.Summary = Say("packet-scan-hosts", c.Address.String(), strconv.Itoa(int(c.Port)), c.Hosts)
	default:
		f.Summary = Say("packet-scan", c.Address.String(), c.Hosts, c.Ports)
	}
	f.Subject.Local = c.Address.String()
	f.out(Say("scan-many"), "target-dead", "target-filtered", "synack-dropped-here")
	return f
}
