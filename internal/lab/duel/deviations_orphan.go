package duel

import "github.com/synoptic-net/synoptic/tcp"

// An orphan in FIN-WAIT-2 is a minisocket, which has rules of its own.
var orphanDeviations = []Deviation{
	{
		Name:   "orphan-rst",
		Theirs: "Any RST in the window ends an orphan in FIN-WAIT-2, exact or not: tcp_timewait_state_process.",
		Why:    "RFC 5961 3.2 asks for SEG.SEQ = RCV.NXT, else a challenge ACK. The minisocket has never learned it.",
		is:     func(d *Difference) bool { return d.orphanDid(tcp.Closed) && d.has(tcp.RST) },
	},
	{
		Name:    "orphan-rst-answered",
		Theirs:  "An RST outside the window of an orphan in FIN-WAIT-2, or with an old timestamp, is answered with an ACK: tcp_timewait_state_process.",
		Why:     "RFC 9293 drops it in silence.",
		passing: true,
		is:      func(d *Difference) bool { return d.orphanDid(tcp.FinWait2, tcp.ACK) && d.has(tcp.RST) },
	},
	{
		Name:   "orphan-syn",
		Theirs: "A SYN in the window of an orphan in FIN-WAIT-2 is answered with RST, which ends it: tcp_timewait_state_process.",
		Why:    "RFC 5961 4 asks for a challenge ACK.",
		is: func(d *Difference) bool {
			return d.has(tcp.SYN) && (d.orphanDid(tcp.Closed, tcp.RST) || d.orphanDid(tcp.Closed, rstAck))
		},
	},
	{
		Name:    "orphan-unread",
		Theirs:  "An orphan in FIN-WAIT-2 looks at text and FIN alone, neither at SEG.ACK nor at a SYN that begins before the window: tcp_timewait_state_process.",
		Why:     "All that it waits for is the FIN. RFC 9293 answers an ACK of what was not sent, and RFC 5961 every SYN.",
		passing: true,
		is: func(d *Difference) bool {
			return !d.has(tcp.RST) && (d.orphanDid(tcp.FinWait2) || d.orphanDid(tcp.FinWait2, tcp.ACK) || d.orphanDid(tcp.TimeWait, tcp.ACK))
		},
	},
	{
		Name:   "orphan-text",
		Theirs: "Text for a connection that its program has closed is answered with RST: tcp_rcv_state_process, tcp_timewait_state_process (TCPAbortOnData).",
		Why:    "CLOSE of RFC 9293 is half-close: the user still reads. After close() nobody can.",
		is: func(d *Difference) bool {
			fresh := d.Before == tcp.FinWait1 && d.facts().Has(tcp.NewText) && d.theyDid(tcp.Closed, tcp.RST)
			return d.Orphan && fresh || d.orphanDid(tcp.Closed, tcp.RST) && d.facts().Has(tcp.NewText)
		},
	},
}

// orphanDid tells whether an orphan in FIN-WAIT-2 is after this segment where
// its rules lead, that this is the given state, and that it sent this.
func (d *Difference) orphanDid(state tcp.State, flags ...tcp.Flags) bool {
	if !d.Orphan || d.Before != tcp.FinWait2 || d.Incident.Call != NoCall || !d.theyDid(state, flags...) {
		return false
	}
	to, sent := d.orphanRules()
	return over(to) == over(state) && (len(flags) == 0 && sent == 0 || len(flags) == 1 && flags[0] == sent)
}

// orphanRules are the rules of the minisocket, in its order: where the segment
// leads, and the control bits of the answer, 0 for none.
func (d *Difference) orphanRules() (to tcp.State, sent tcp.Flags) {
	seg, next := d.Segment, d.Variables.RCV.NXT
	beyond, end := next.Add(d.Variables.RCV.WND), seg.End()
	inside := seg.Seq == next || next.Less(end) && seg.Seq.Less(beyond) || seg.Seq == beyond && end == beyond
	reset := tcp.RST
	if !d.has(tcp.ACK) {
		reset = rstAck
	}
	switch {
	case !inside || d.stale():
		return tcp.FinWait2, tcp.ACK
	case d.has(tcp.RST):
		return tcp.Closed, 0
	case d.has(tcp.SYN) && next.LessEqual(seg.Seq):
		return tcp.Closed, reset
	case !d.has(tcp.ACK) || end.LessEqual(next) || seg.Len() == 0:
		return tcp.FinWait2, 0
	case !d.has(tcp.FIN) || end != next.Add(1):
		return tcp.Closed, reset
	default:
		return tcp.TimeWait, tcp.ACK
	}
}
