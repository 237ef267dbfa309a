package duel

import "github.com/synoptic-net/synoptic/tcp"

var placeDeviations = []Deviation{
	{
		Name:    "no-ack-first",
		Theirs:  "A segment with none of ACK, SYN and RST is dropped before its place and its timestamp are looked at: tcp_rcv_established, tcp_rcv_state_process.",
		Why:     "RFC 9293 looks at the place first and answers what lies outside with an ACK.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("outside") && !d.Segment.Flags.Any(tcp.ACK|tcp.SYN|tcp.RST) && d.theyDid(d.Before)
		},
	},
	{
		Name:    "rst-reaches-in",
		Theirs:  "An RST that begins before the window and reaches into it, with text, SYN or FIN, gets a challenge ACK: tcp_validate_incoming.",
		Why:     "RFC 5961 3.2 asks for SEG.SEQ alone. An RST with text is rare, and neither ends the connection.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("rst-outside") && d.facts().Has(tcp.HasRST) && d.Segment.Len() > 0 && d.theyDid(d.Before, tcp.ACK)
		},
	},
	{
		Name:    "paws-old-ack",
		Theirs:  "A bare ACK before RCV.NXT whose timestamp is old is dropped in silence: tcp_disordered_ack_check.",
		Why:     "RFC 7323 5.3 answers whatever fails PAWS with an ACK. Acknowledgments that overtake one another are common.",
		passing: true,
		is: func(d *Difference) bool {
			before := d.Segment.Seq.Less(d.Variables.RCV.NXT)
			return d.took("outside") && before && d.Segment.Len() == 0 && d.stale() && d.theyDid(d.Before)
		},
	},
	{
		Name:   "rst-at-fin",
		Theirs: "Once the peer has sent its FIN, an RST at the place of that FIN ends the connection: tcp_reset_check.",
		Why:    "RFC 5961 3.2 takes RCV.NXT alone. Some peers count their FIN not in before they reset.",
		is: func(d *Difference) bool {
			return d.took("rst-outside") && d.Segment.Seq == d.Variables.RCV.NXT.Sub(1) && d.theyDid(tcp.Closed)
		},
	},
	{
		Name:   "left-edge",
		Theirs: "A segment that ends at RCV.NXT is in the window, and its ACK counts: tcp_sequence.",
		Why:    "By RFC 9293 it lies before the window: only an ACK is sent. Linux learns from a repeated FIN that ours has arrived.",
		is: func(d *Difference) bool {
			bare := tcp.Segment{Seq: d.Variables.RCV.NXT, Ack: d.Segment.Ack, Flags: tcp.ACK}
			row, _ := tcp.Next(d.Before, tcp.Arrival(bare, d.Variables))
			return d.took("outside") && d.has(tcp.ACK) && d.endsAtEdge() && over(d.TheirState) == over(row.To)
		},
	},
	{
		Name:    "ack-never-sent",
		Theirs:  "An ACK that lies before everything ever acknowledged is too old, however near: challenge ACK, and the rest of the segment is dropped: tcp_ack.",
		Why:     "RFC 5961 5.2 allows SND.UNA-MAX.SND.WND. Linux takes the smaller of that and of what was acknowledged (bytes_acked), so that nobody can guess what was never sent.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("ack-old") && d.theyDid(d.Before, tcp.ACK)
		},
	},
	{
		Name:   "ack-never-sent-text",
		Theirs: "The same with text or FIN in order: they are not taken.",
		Why:    "As ack-never-sent; our end takes them, because the ACK is merely old to it.",
		is: func(d *Difference) bool {
			return d.has(tcp.ACK) && d.took("text", "fin", "gap") && d.facts()&(tcp.AckNew|tcp.AckAtUNA|tcp.AckBeyond|tcp.AckTooOld) == 0 && d.theyDid(d.Before, tcp.ACK)
		},
	},
	{
		Name:   "ack-too-old-predicted",
		Theirs: "Where header prediction holds, the text of a segment is taken although its ACK is too old: tcp_rcv_established.",
		Why:    "RFC 5961 5.2 drops the segment. The fast path does not look at what tcp_ack says.",
		is: func(d *Difference) bool {
			return d.Before == tcp.Established && d.took("ack-too-old") && d.Segment.Data > 0 && d.theyDid(tcp.Established, tcp.ACK) && d.Theirs[0].Ack == d.Segment.End()
		},
	},
}

// afterPeerFIN are the states in which the peer has closed and we are open.
var afterPeerFIN = tcp.SetOf(tcp.CloseWait, tcp.Closing, tcp.LastAck)

var textDeviations = []Deviation{
	{
		Name:   "text-across-fin",
		Theirs: "Text that begins before the peer's FIN and reaches beyond it is answered with RST: tcp_rcv_state_process (TCPAbortOnData).",
		Why:    "RFC 9293 ignores text behind a FIN. A peer that has sent both contradicts itself.",
		is: func(d *Difference) bool {
			return afterPeerFIN.Has(d.Before) && d.facts().Has(tcp.NewText) && !d.facts().Has(tcp.SeqExact) && d.theyDid(tcp.Closed, tcp.RST)
		},
	},
	{
		Name:    "behind-fin",
		Theirs:  "Text or FIN behind the peer's FIN is dropped without an ACK: tcp_rcv_state_process.",
		Why:     "RFC 9293 acknowledges every FIN. No peer in order sends this.",
		passing: true,
		is: func(d *Difference) bool {
			return afterPeerFIN.Has(d.Before) && d.took("fin") && d.theyDid(d.Before)
		},
	},
}

var timeWaitDeviations = []Deviation{
	{
		Name:    "paws-time-wait",
		Theirs:  "TIME-WAIT drops an RST whose timestamp is old: tcp_timewait_state_process.",
		Why:     "RFC 7323 5.2 exempts RST from PAWS.",
		passing: true,
		is: func(d *Difference) bool {
			return d.Before == tcp.TimeWait && d.has(tcp.RST) && d.stale() && d.theyDid(tcp.TimeWait)
		},
	},
	{
		Name:    "time-wait-answers",
		Theirs:  "TIME-WAIT answers every segment with an ACK that is not bare and at RCV.NXT, except RST: tcp_timewait_state_process.",
		Why:     "RFC 9293 answers a FIN again and what lies outside the window, and ignores the rest.",
		passing: true,
		is: func(d *Difference) bool {
			return d.Before == tcp.TimeWait && d.took("ack", "text", "no-ack") && d.theyDid(tcp.TimeWait, tcp.ACK)
		},
	},
	{
		Name:    "time-wait-ack-unread",
		Theirs:  "TIME-WAIT does not look at SEG.ACK: tcp_timewait_state_process.",
		Why:     "RFC 9293 answers an ACK of what was not sent. In TIME-WAIT nothing is left to be acknowledged.",
		passing: true,
		is: func(d *Difference) bool {
			return d.Before == tcp.TimeWait && d.took("ack-beyond") && d.theyDid(tcp.TimeWait)
		},
	},
	{
		Name:    "time-wait-rst-silent",
		Theirs:  "TIME-WAIT drops an RST in the window that is not exact, in silence: tcp_timewait_state_process.",
		Why:     "RFC 5961 3.2 asks for a challenge ACK. The minisocket answers no RST.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("rst-inexact") && d.theyDid(tcp.TimeWait)
		},
	},
	{
		Name:   "time-wait-syn-alone",
		Theirs: "A new SYN is answered with an ACK where nobody listens: tcp_v4_rcv.",
		Why:    "Our end stands for a listener of its own.",
		is: func(d *Difference) bool {
			return d.took("syn-newer") && !d.Script.Listens && d.theyDid(tcp.TimeWait, tcp.ACK)
		},
	},
	{
		Name:   "time-wait-syn-exact",
		Theirs: "A SYN at RCV.NXT itself is not new enough without timestamps: tcp_timewait_state_process.",
		Why:    "To RFC 6191 a SYN beyond the last octet, which is the FIN at RCV.NXT-1, is new.",
		is: func(d *Difference) bool {
			return d.took("syn-newer") && d.Segment.Seq == d.Variables.RCV.NXT && d.theyDid(tcp.TimeWait, tcp.ACK)
		},
	},
}
