package diagnose

import (
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// Row is one cause of the catalogue.
type Row struct {
	Cause  Cause
	States tcp.StateSet // in which sockets pile up because of it; empty when it leaves none here
	Needs  []string     // sources without which it cannot be judged
	events bool         // events will do in place of packets
	Window bool         // it is about what changes: one look is not enough
	text   bool         // the addresses and states of a pasted text are enough for it
	Limit  string       // the setting that it is measured against, "" when none
	rule   func(*index) []Finding
}

// HasRule tells whether this version can judge the cause.
func (r Row) HasRule() bool { return r.rule != nil }

const (
	sockets    = evidence.SourceSockets
	counters   = evidence.SourceCounters
	neighbours = evidence.SourceNeighbours
	processes  = evidence.SourceProcesses
	settings   = evidence.SourceSettings
	routes     = evidence.SourceRoutes
	conntrack  = evidence.SourceConntrack

	sourceListeners = "listeners"
	sourceRequests  = "request-sockets"
)

func in(states ...tcp.State) tcp.StateSet { return tcp.SetOf(states...) }

// Catalogue returns every cause, by state family. The order is the catalogue's
// and that of not_assessed.
func Catalogue() []Row {
	return []Row{
		{Cause: "syn-flood", States: in(tcp.SynReceived), Needs: []string{sockets, counters}, rule: synFlood},
		{Cause: "syn-flood-from-prefix", States: in(tcp.SynReceived), Needs: []string{sockets, counters}, rule: prefixFlood},
		{Cause: "synack-blocked-here", States: in(tcp.SynReceived), Needs: []string{sockets, counters}, Window: true, rule: blockedHere},
		{Cause: "synack-lost-on-path", States: in(tcp.SynReceived), Needs: []string{sockets, packets}, Window: true, rule: judgedBefore("synack-lost-on-path")},
		{Cause: "asymmetric-return", States: in(tcp.SynReceived), Needs: []string{sockets, packets}, Window: true, rule: judgedBefore("asymmetric-return")},
		{Cause: "ack-lost", States: in(tcp.SynReceived), Needs: []string{sockets, packets}, events: true, Window: true, rule: judgedBefore("ack-lost")},
		{Cause: "handshake-withheld", States: in(tcp.SynReceived), Needs: []string{sockets, packets}, Window: true, rule: judgedBefore("handshake-withheld")},
		{Cause: "deferred-accept", States: in(tcp.SynReceived), Needs: []string{sockets, counters}, Window: true, rule: deferredAccept},
		{Cause: "syn-queue-too-small", States: in(tcp.SynReceived), Needs: []string{sockets, counters}, Window: true, rule: queueTooSmall},
		{Cause: "no-return-route", Needs: []string{counters}, Window: true, rule: noReturnRoute},

		{Cause: "accept-stalled", States: in(tcp.Listen), Needs: []string{sockets}, Window: true, rule: acceptStalled},
		{Cause: "accept-backlog-too-small", States: in(tcp.Listen), Needs: []string{sockets, counters}, Window: true, rule: acceptBacklogTooSmall},
		{Cause: "unexpected-listener", States: in(tcp.Listen), Needs: []string{sockets, needsBaseline}, text: true, rule: unexpectedListener},
		{Cause: "exposed-listener", States: in(tcp.Listen), Needs: []string{sockets}, text: true, rule: exposedListener},

		{Cause: "target-dead", States: in(tcp.SynSent), Needs: []string{sockets, neighbours}, rule: targetDead},
		{Cause: "target-filtered", States: in(tcp.SynSent), Needs: []string{sockets}, rule: targetFiltered},
		{Cause: "synack-dropped-here", States: in(tcp.SynSent), Needs: []string{sockets, counters}, Window: true, rule: synackDroppedHere},
		{Cause: "target-overloaded", States: in(tcp.SynSent), Needs: []string{sockets}, rule: targetOverloadedHere},
		{Cause: "scanning", States: in(tcp.SynSent), Needs: []string{sockets}, rule: scanning},
		{Cause: "stale-nat-entry", States: in(tcp.SynSent), Needs: []string{sockets, conntrack}, rule: judgedBefore("stale-nat-entry")},
		{Cause: "ephemeral-ports-exhausted", States: in(tcp.SynSent), Needs: []string{sockets, settings}, rule: ephemeralPortsExhausted},
		{Cause: "hairpin-source-dropped", States: in(tcp.SynSent), Needs: []string{sockets, packets}, events: true, Window: true, rule: judgedBefore("hairpin-source-dropped")},
		{Cause: "self-connect", States: in(tcp.Established), Needs: []string{sockets}, text: true, rule: selfConnect},

		{Cause: "peer-vanished", States: in(tcp.Established), Needs: []string{sockets}, rule: peerVanished},
		{Cause: "no-keepalive", States: in(tcp.Established), Needs: []string{sockets}, Window: true, rule: noKeepalive},
		{Cause: "path-mtu-black-hole", States: in(tcp.Established), Needs: []string{sockets, packets}, Window: true, rule: judgedBefore("path-mtu-black-hole")},
		{Cause: "peer-not-reading", States: in(tcp.Established, tcp.CloseWait), Needs: []string{sockets}, Window: true, rule: peerNotReading},
		{Cause: "established-dropped", States: in(tcp.Established), Needs: []string{sockets}, Window: true, rule: establishedDropped},

		{Cause: "app-not-closing", States: in(tcp.CloseWait), Needs: []string{sockets}, Window: true, rule: appNotClosing},
		{Cause: "app-blocked", States: in(tcp.CloseWait), Needs: []string{sockets, processes}, Window: true, rule: appBlocked},
		{Cause: "closed-before-accept", States: in(tcp.CloseWait), Needs: []string{sockets}, Window: true, rule: closedBeforeAccept},
		{Cause: "idle-pool", States: in(tcp.CloseWait), Needs: []string{sockets}, Window: true, rule: idlePool},
		{Cause: "tuple-clash", States: in(tcp.CloseWait), Needs: []string{sockets, counters}, Window: true, rule: tupleClash},

		{Cause: "fin-unacknowledged", States: in(tcp.FinWait1), Needs: []string{sockets}, rule: finUnacknowledged},
		{Cause: "half-close-held", States: in(tcp.FinWait2), Needs: []string{sockets}, Window: true, rule: halfCloseHeld},
		{Cause: "peer-not-closing", States: in(tcp.FinWait2), Needs: []string{sockets}, Window: true, rule: peerNotClosing},
		{Cause: "proxied-culprit", States: in(tcp.CloseWait, tcp.FinWait2), Needs: []string{sockets, processes}, Window: true, rule: proxiedCulprit},
		{Cause: "simultaneous-close-stuck", States: in(tcp.Closing), Needs: []string{sockets}, rule: simultaneousCloseStuck},
		{Cause: "last-ack-lost", States: in(tcp.LastAck), Needs: []string{sockets}, rule: lastACKLost},
		{Cause: "orphan-limit", Needs: []string{counters}, Limit: orphanLimitSetting, rule: orphanLimit},

		{Cause: "active-close-churn", States: in(tcp.TimeWait), Needs: []string{sockets, settings}, Window: true, rule: activeCloseChurn},
		{Cause: "time-wait-port-exhaustion", States: in(tcp.TimeWait), Needs: []string{sockets, settings}, rule: timeWaitPortExhaustion},
		{Cause: "bind-blocked", States: in(tcp.TimeWait), Needs: []string{sockets, settings}, rule: bindBlocked},
		{Cause: "time-wait-overflow", States: in(tcp.TimeWait), Needs: []string{sockets, counters}, Window: true, rule: timeWaitOverflow},

		{Cause: "conntrack-full", Needs: []string{counters, settings}, Window: true, rule: conntrackFull},
		{Cause: "neighbour-table-full", Needs: []string{counters}, Window: true, rule: neighbourTableFull},
		{Cause: "return-path-filtered", Needs: []string{counters, settings}, Window: true, rule: returnPathFiltered},
		{Cause: "reset-storm", Needs: []string{counters}, Window: true, rule: resetStorm},
		{Cause: "unexplained", States: tcp.AllStates, Needs: []string{sockets}, Window: true, rule: unexplained}, // last: it takes what nobody claimed
	}
}
