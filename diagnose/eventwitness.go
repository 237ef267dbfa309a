package diagnose

import (
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// What the kernel told is one more witness for findings that other sources name.

// sentAgain adds how often segments were sent again in the state of a finding.
func (x *index) sentAgain(f *Finding, group []seen) {
	t, _ := x.tollsOf(group, func(m *host.Mishap) bool { return m.Kind == host.SegmentResent })
	if e, ok := happened("sent-again", t.count, "retransmissions", Say("sent-again", t.count, f.State.String())); ok {
		f.Evidence = append(f.Evidence, e)
	}
}

// droppedHere adds that segments of the group were dropped by a rule of this
// host, with the rule's place.
func (x *index) droppedHere(f *Finding, group []seen) {
	t, _ := x.tollsOf(group, barred)
	if t.count == 0 {
		return
	}
	f.Evidence = append(f.Evidence, t.drops("flow-dropped"))
	f.Remedies = append([]Remedy{{ID: "find-the-rule", Text: Say("remedy-find-rule-here"), Risk: Say("remedy-look-risk"), Apply: []string{"nft list ruleset", "iptables -vnL"}}}, f.Remedies...)
}

// endedUnanswered adds the connections with a peer that ended in the window
// because nobody answered.
func (x *index) endedUnanswered(f *Finding, addr netip.Addr) {
	n := 0
	for i := range x.told().Places {
		if p := &x.told().Places[i]; p.Kind == host.SocketError && p.Reason == "ETIMEDOUT" && p.State != tcp.SynSent && p.Remote.Addr() == addr {
			n += int(p.Count)
		}
	}
	if e, ok := happened("given-up", n, "errors", Say("given-up", n, addr.String())); ok {
		f.Evidence = append(f.Evidence, e)
	}
}

// droppedFor counts drops of one reason, whatever they met.
func (x *index) droppedFor(reason string) int {
	return x.total(func(m *host.Mishap) bool { return m.Kind == host.Dropped && m.Reason == reason })
}

// noNeighbour adds segments for which there was no room in the neighbour table.
func (x *index) noNeighbour(f *Finding) {
	n := x.droppedFor(host.DropNeighbourNone)
	if e, ok := happened("no-neighbour", n, "drops", Say("no-neighbour-created", n)); ok {
		f.Evidence = append(f.Evidence, e)
	}
}

// reversePath adds segments that the reverse path filter dropped.
func (x *index) reversePath(f *Finding) {
	n := x.droppedFor(host.DropReversePath)
	if e, ok := happened("reverse-path-drops", n, "drops", Say("reverse-path-dropped", n)); ok {
		f.Evidence = append(f.Evidence, e)
	}
}

// overflowed adds final ACKs that met a full accept queue. The kernel tells of
// those only: SYNs that meet it are refused in silence.
func (x *index) overflowed(f *Finding, l *listener) {
	n := 0
	for i := range x.told().Places {
		p := &x.told().Places[i]
		if p.Kind == host.Dropped && p.Reason == host.DropListenOverflow && x.listenerOf(p.Local) == l {
			n += int(p.Count)
		}
	}
	if e, ok := happened("acks-refused", n, "drops", Say("acks-refused", n)); ok {
		f.Evidence = append(f.Evidence, e)
	}
}

// answersFiltered tells how many of the segments that the reverse path filter
// dropped were answers to SYNs of ours; known is false where nobody told.
func (x *index) answersFiltered() (n int, known bool) {
	filtered := func(m *host.Mishap) bool { return m.Kind == host.Dropped && m.Reason == host.DropReversePath }
	n = x.total(func(m *host.Mishap) bool { return filtered(m) && m.Segment == synAck })
	return n, x.total(filtered) > 0
}

// resetsByReason adds why RSTs were sent, the most frequent reasons first.
func (x *index) resetsByReason(f *Finding) {
	type key struct {
		reason string
		state  tcp.State
	}
	counts := map[key]int{}
	var order []key
	for i := range x.told().Mishaps {
		m := &x.told().Mishaps[i]
		if m.Kind != host.ResetSent || m.Reason == "" {
			continue
		}
		k := key{m.Reason, m.State}
		if counts[k] == 0 {
			order = append(order, k)
		}
		counts[k] += int(m.Count)
	}
	slices.SortStableFunc(order, func(a, b key) int { return counts[b] - counts[a] })
	for _, k := range order[:min(len(order), fewReasons)] {
		text := Say("resets-by-reason", counts[k], k.reason, k.state.String())
		if k.state == tcp.Unknown {
			text = Say("resets-without-socket", counts[k], k.reason)
		}
		e, _ := happened("reset-"+k.reason, counts[k], "resets", text)
		f.Evidence = append(f.Evidence, e)
	}
}

const fewReasons = 3

// refusedSegments counts the segments that met no socket and were reset, SYNs
// apart from SYN-ACKs that nobody here had asked for.
func (x *index) refusedSegments() (syns, synacks int) {
	of := func(segment string) int {
		return x.total(func(m *host.Mishap) bool {
			return m.Kind == host.ResetSent && m.Reason == "NO_SOCKET" && m.Segment == segment
		})
	}
	return of("SYN"), of(synAck)
}

// resetIn adds connections in a state that a RST ended.
func (x *index) resetIn(f *Finding, state tcp.State) {
	n := x.total(func(m *host.Mishap) bool { return m.Kind == host.ResetReceived && m.State == state })
	if e, ok := happened("reset-in-"+kebab(state), n, "resets", Say("reset-in-state", n, state.String())); ok {
		f.Evidence = append(f.Evidence, e)
	}
}
