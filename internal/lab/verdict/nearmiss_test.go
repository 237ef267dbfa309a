package verdict

import (
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// nearMiss is a recording that looks like a cause and is none: the sign by which
// people take it for one is there.
type nearMiss struct {
	cause     diagnose.Cause
	recording string
	state     tcp.State // whose sockets are the sign
	least     int       // how many of them there are
	counter   string    // that moved, where a counter is the sign
	setting   string    // that is known, where a table is the sign
}

var nearMisses = []nearMiss{
	{cause: "syn-flood", recording: "synack-lost-many-clients", state: tcp.SynReceived, least: 100},
	{cause: "syn-flood-from-prefix", recording: "handshake-withheld", state: tcp.SynReceived, least: 30},
	{cause: "synack-blocked-here", recording: "synack-lost-on-path", state: tcp.SynReceived, least: 20},
	{cause: "synack-lost-on-path", recording: "second-gateway", state: tcp.SynReceived, least: 10},
	{cause: "asymmetric-return", recording: "synack-lost-on-path", state: tcp.SynReceived, least: 20},
	{cause: "ack-lost", recording: "handshake-withheld", state: tcp.SynReceived, least: 20},
	{cause: "handshake-withheld", recording: "ack-lost-here", state: tcp.SynReceived, least: 10},
	{cause: "deferred-accept", recording: "ack-lost-on-path", state: tcp.SynReceived, least: 10},
	{cause: "syn-queue-too-small", recording: "syn-flood-cookies-off", state: tcp.SynReceived, least: 100, counter: "TcpExtTCPReqQFullDrop"},
	{cause: "no-return-route", recording: "accept-stalled-overflow", counter: "TcpExtListenDrops"},
	{cause: "accept-stalled", recording: "accept-backlog-too-small", counter: "TcpExtListenOverflows"},
	{cause: "accept-backlog-too-small", recording: "accept-stalled-overflow", counter: "TcpExtListenOverflows"},
	{cause: "unexpected-listener", recording: "expected-listener", state: tcp.Listen, least: 1},
	{cause: "exposed-listener", recording: "local-service", state: tcp.Listen, least: 2},
	{cause: "target-dead", recording: "target-filtered", state: tcp.SynSent, least: 6},
	{cause: "target-filtered", recording: "target-dead-on-link", state: tcp.SynSent, least: 6},
	{cause: "synack-dropped-here", recording: "target-filtered-ipv6", state: tcp.SynSent, least: 6},
	{cause: "target-overloaded", recording: "target-filtered", state: tcp.SynSent, least: 6},
	{cause: "scanning", recording: "target-dead-on-link", state: tcp.SynSent, least: 6},
	{cause: "ephemeral-ports-exhausted", recording: "pool-limit-churn", state: tcp.TimeWait, least: 1000},
	{cause: "stale-nat-entry", recording: "target-filtered", state: tcp.SynSent, least: 6},
	{cause: "hairpin-source-dropped", recording: "synack-dropped-here", state: tcp.SynSent, least: 6},
	{cause: "path-mtu-black-hole", recording: "established-dropped", state: tcp.Established, least: 6},
	{cause: "established-dropped", recording: "peer-vanished-data", state: tcp.Established, least: 8},
	{cause: "self-connect", recording: "local-service", state: tcp.Established, least: 6},
	{cause: "peer-vanished", recording: "peer-not-reading", state: tcp.Established, least: 6},
	{cause: "no-keepalive", recording: "idle", state: tcp.Established, least: 20},
	{cause: "peer-not-reading", recording: "peer-vanished-data", state: tcp.Established, least: 8},
	{cause: "app-not-closing", recording: "half-closed-download", state: tcp.CloseWait, least: 5},
	{cause: "app-blocked", recording: "close-wait-unread", state: tcp.CloseWait, least: 20},
	{cause: "closed-before-accept", recording: "close-wait-unread", state: tcp.CloseWait, least: 20},
	{cause: "idle-pool", recording: "close-wait-leak", state: tcp.CloseWait, least: 20},
	{cause: "tuple-clash", recording: "reset-injection", counter: "TcpExtTCPChallengeACK"},
	{cause: "fin-unacknowledged", recording: "last-ack-lost", state: tcp.LastAck, least: 8},
	{cause: "half-close-held", recording: "half-closed-download-reader", state: tcp.FinWait2, least: 5},
	{cause: "peer-not-closing", recording: "half-close-held", state: tcp.FinWait2, least: 8},
	{cause: "proxied-culprit", recording: "leak-and-half-close", state: tcp.CloseWait, least: 8},
	{cause: "simultaneous-close-stuck", recording: "fin-unacknowledged", state: tcp.FinWait1, least: 8},
	{cause: "last-ack-lost", recording: "proven-peers-only", state: tcp.LastAck, least: 10},
	{cause: "orphan-limit", recording: "fin-unacknowledged", state: tcp.FinWait1, least: 8},
	{cause: "active-close-churn", recording: "time-wait-overflow", state: tcp.TimeWait, least: 20},
	{cause: "time-wait-port-exhaustion", recording: "pool-limit-churn", state: tcp.TimeWait, least: 1000},
	{cause: "bind-blocked", recording: "active-close-churn", state: tcp.TimeWait, least: 1000},
	{cause: "time-wait-overflow", recording: "active-close-churn", state: tcp.TimeWait, least: 1000},
	{cause: "conntrack-full", recording: "conntrack-crowded", setting: "net.netfilter.nf_conntrack_count"},
	{cause: "neighbour-table-full", recording: "neighbour-table-crowded", setting: "net.ipv4.neigh.default.gc_thresh3"},
	{cause: "return-path-filtered", recording: "synack-dropped-by-rp-filter", counter: "TcpExtIPReversePathFilter"},
	{cause: "reset-storm", recording: "dnat-without-snat-reset", counter: "TcpAttemptFails"},
}

// handMade are the limits of the whole host, which no namespace may reach: their
// evidence is written by hand and says so.
var handMade = map[diagnose.Cause]bool{"conntrack-full": true, "neighbour-table-full": true, "orphan-limit": true}

// TestEveryRuleHasANearMiss: a rule is trusted when something that looks like
// its cause has been recorded too, and is called something else.
func TestEveryRuleHasANearMiss(t *testing.T) {
	missed := map[diagnose.Cause]bool{"unexplained": true}
	for _, n := range nearMisses {
		missed[n.cause] = true
		t.Run(string(n.cause)+" is not "+n.recording, func(t *testing.T) {
			bundle := recorded(t, n.recording)
			if !n.signIn(bundle) {
				t.Errorf("the sign %+v is not in the recording", n)
			}
			for _, f := range diagnose.Diagnose(bundle).Findings {
				if f.Cause == n.cause {
					t.Errorf("named: %s, %s", f.Severity, f.Confidence)
				}
			}
		})
	}
	for _, row := range diagnose.Catalogue() {
		if row.HasRule() && !missed[row.Cause] {
			t.Errorf("%s has no near miss", row.Cause)
		}
	}
}

func (n nearMiss) signIn(b *evidence.Bundle) bool {
	seen := true
	if n.state != tcp.Unknown {
		seen = b.Last().Count()[n.state] >= uint64(n.least)
	}
	if n.counter != "" {
		moved, known := host.Delta(b.CountersBefore, b.CountersAfter, n.counter)
		seen = seen && known && moved > 0
	}
	if n.setting != "" {
		seen = seen && b.Settings[n.setting] != ""
	}
	return seen && (n.state != tcp.Unknown || n.counter != "" || n.setting != "")
}

// TestEveryRuleNamesARival: where a cause is named, the finding says what else
// it could have been, and why it is not, or what would settle it.
func TestEveryRuleNamesARival(t *testing.T) {
	rivals := map[diagnose.Cause]int{"unexplained": 1}
	for _, expected := range index(t) {
		for _, f := range diagnose.Diagnose(recorded(t, expected.Scenario)).Findings {
			rivals[f.Cause] += len(f.Excluded) + len(f.Open)
			for _, e := range f.Excluded {
				if e.Because.ID == "" {
					t.Errorf("%s excludes %s without a reason", f.Cause, e.Cause)
				}
			}
		}
	}
	for _, row := range diagnose.Catalogue() {
		if row.HasRule() && rivals[row.Cause] == 0 {
			t.Errorf("%s names no rival", row.Cause)
		}
	}
}

// TestHandMadeEvidenceIsMarked: three causes and no others.
func TestHandMadeEvidenceIsMarked(t *testing.T) {
	for _, expected := range index(t) {
		for _, e := range expected.Expects {
			if handMade[diagnose.Cause(e.Cause)] != expected.Made {
				t.Errorf("%s: made by hand %v", expected.Scenario, expected.Made)
			}
		}
	}
}
