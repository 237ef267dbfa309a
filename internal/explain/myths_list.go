package explain

// mythPlan is a myth without its words.
type mythPlan struct {
	id     string
	proofs []proofPlan
}

// proofPlan is what refutes a myth, without its words.
type proofPlan struct {
	kind      string
	name      string // of the story, the scenario, the row, or where a figure comes from
	deviation bool   // of a row: what Linux makes of it
}

// Where figures come from.
const (
	floodBench = "flood-bench"
	kernelLab  = "kernel-lab"
)

// mythList are the myths about opening, closing and vanishing, then those about
// floods and queues.
var mythList = []mythPlan{
	{"syn-sent-to-syn-received", []proofPlan{{kind: storyProof, name: "handshake"}, {kind: storyProof, name: "simultaneous-open"}, {kind: rowProof, name: "syn-sent-syn-ack"}}},
	{"fin-wait-2-sends", []proofPlan{{kind: storyProof, name: "half-close"}, {kind: rowProof, name: "fin-wait-2-send"}, {kind: labProof, name: "half-closed-download"}}},
	{"fin-timeout-sets-time-wait", []proofPlan{{kind: rowProof, name: "time-wait-timeout", deviation: true}, {kind: labProof, name: "active-close-churn"}}},
	{"time-wait-is-an-error", []proofPlan{{kind: storyProof, name: "old-duplicate-no-time-wait"}, {kind: storyProof, name: "lost-last-ack"}, {kind: labProof, name: "time-wait-port-exhaustion"}}},
	{"close-wait-times-out", []proofPlan{{kind: storyProof, name: "never-closed"}, {kind: labProof, name: "close-wait-leak"}}},
	{"established-means-both", []proofPlan{{kind: storyProof, name: "vanished-peer-idle"}, {kind: storyProof, name: "fake-established"}, {kind: storyProof, name: "firewall-forgets"}, {kind: labProof, name: "no-keepalive"}}},
	{"keepalive-by-default", []proofPlan{{kind: storyProof, name: "vanished-peer-keepalive"}, {kind: labProof, name: "peer-vanished-keepalive"}}},
	{"any-rst-kills", []proofPlan{{kind: storyProof, name: "forged-reset"}, {kind: rowProof, name: "established-rst-inexact"}, {kind: labProof, name: "reset-injection"}}},
	{"ping-proves-the-network", []proofPlan{{kind: storyProof, name: "synack-blocked"}, {kind: storyProof, name: "firewall-forgets"}, {kind: labProof, name: "path-mtu-black-hole"}, {kind: labProof, name: "target-filtered"}}},
	{"syn-received-means-attack", []proofPlan{{kind: storyProof, name: "asymmetric-return-silent"}, {kind: storyProof, name: "deferred-accept"}, {kind: labProof, name: "dnat-without-snat-silent"}, {kind: labProof, name: "synack-blocked-here"}}},
	{"larger-backlog", []proofPlan{{kind: storyProof, name: "syn-flood"}, {kind: storyProof, name: "syn-flood-cookies"}, {kind: figureProof, name: floodBench}}},
	{"limit-1-per-second", []proofPlan{{kind: figureProof, name: floodBench}, {kind: labProof, name: "syn-flood-among-clients"}}},
	{"per-source-limit", []proofPlan{{kind: figureProof, name: floodBench}}},
	{"synproxy-is-cheaper", []proofPlan{{kind: figureProof, name: floodBench}}},
	{"count-shows-strength", []proofPlan{{kind: storyProof, name: "syn-flood"}, {kind: figureProof, name: kernelLab}, {kind: labProof, name: "syn-flood-cookies-off"}}},
	{"full-queue-refuses", []proofPlan{{kind: storyProof, name: "backlog-full"}, {kind: labProof, name: "accept-stalled-overflow"}}},
	{"connect-means-accepted", []proofPlan{{kind: labProof, name: "accept-stopped"}, {kind: storyProof, name: "fake-established"}}},
	{"connect-gives-up-after-127-s", []proofPlan{{kind: storyProof, name: "silent-target"}, {kind: figureProof, name: kernelLab}}},
}
