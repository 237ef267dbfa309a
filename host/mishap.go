package host

import (
	"cmp"
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// MishapKind says what went wrong with a segment or a connection.
type MishapKind string

// The kinds, as in the contract.
const (
	Dropped       MishapKind = "drop"           // this host dropped a segment
	ResetSent     MishapKind = "reset-sent"     // this host sent a RST
	ResetReceived MishapKind = "reset-received" // a RST came and was believed
	SegmentResent MishapKind = "retransmission" // a segment was sent again
	SYNACKResent  MishapKind = "syn-ack-retransmission"
	SocketError   MishapKind = "error" // a socket got an error: its next system call fails with it
)

// Hook is a place where a firewall looks at a packet, as netfilter calls it.
type Hook string

// The hooks.
const (
	NoHook      Hook = ""
	Prerouting  Hook = "prerouting"
	Input       Hook = "input"
	Forward     Hook = "forward"
	Output      Hook = "output"
	Postrouting Hook = "postrouting"
)

// Mishap is what went wrong, and why, as a kernel tells it. Two that are equal
// are of one sort.
type Mishap struct {
	Kind     MishapKind `json:"kind"`
	Reason   string     `json:"reason,omitempty"`   // as the kernel spells it (NETFILTER_DROP), of an error its errno (ETIMEDOUT); "": none
	State    tcp.State  `json:"state,omitempty"`    // of the socket; UNKNOWN: it met none
	Segment  string     `json:"segment,omitempty"`  // its control bits, "SYN,ACK"; of a RST that was sent those of what it answers; "": none, or not known
	Outgoing bool       `json:"outgoing,omitempty"` // the segment was made here
	Hook     Hook       `json:"hook,omitempty"`     // of a drop by the firewall
	Function string     `json:"function,omitempty"` // of the kernel, that dropped it; "": not known
}

// Compare orders sorts of mishaps by their fields, as slices.SortFunc wants it.
func (m *Mishap) Compare(other *Mishap) int {
	return cmp.Or(
		cmp.Compare(m.Kind, other.Kind), cmp.Compare(m.Reason, other.Reason), cmp.Compare(m.State, other.State),
		cmp.Compare(m.Segment, other.Segment), cmp.Compare(m.Hook, other.Hook), cmp.Compare(m.Function, other.Function),
	)
}

// MishapCount is how often the same thing went wrong, in all.
type MishapCount struct {
	Mishap
	Count uint64 `json:"count"`
}

// MishapAt is how often it went wrong between two ends. Of what came from an
// interface Local is where it was going, also where that is another host.
type MishapAt struct {
	Mishap
	Local  netip.AddrPort `json:"local"`
	Remote netip.AddrPort `json:"remote"`
	Count  uint64         `json:"count"`
}

// Reasons of drops that rules and sentences speak of, as Linux 6.18 spells them.
const (
	DropNetfilter      = "NETFILTER_DROP"      // a firewall rule
	DropReversePath    = "IP_RPFILTER"         // it came on an interface that is not the way back
	DropLocalSource    = "IP_LOCAL_SOURCE"     // it came with an address of ours as its source
	DropNoRoute        = "IP_OUTNOROUTES"      // no route leads there
	DropListenOverflow = "TCP_LISTEN_OVERFLOW" // the accept queue is full
	DropTrafficControl = "TC_EGRESS"           // a filter of tc, on the way out
	DropTrafficIngress = "TC_INGRESS"          // a filter of tc, on the way in
	DropNeighbourNone  = "NEIGH_CREATEFAIL"    // no room in the neighbour table
	DropNeighbourDead  = "NEIGH_FAILED"        // the neighbour does not answer on the link
)
