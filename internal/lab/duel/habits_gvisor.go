package duel

import (
	"slices"

	"github.com/synoptic-net/synoptic/tcp"
)

// GVisorHabits are those of gVisor's netstack, as far as random scripts meet
// them. What gVisor makes of orphans and of SYN-RECEIVED differs from RFC 9293 in
// more ways than are told apart here; every name holds for the states and
// answers that its condition gives.
func GVisorHabits() Habits {
	return Habits{
		Deviations: slices.Concat(gvisorOpening, gvisorPlace, gvisorClosing, gvisorTimeWait),
		hears:      gvisorHears,
	}
}

// gvisorHears takes text and FIN off a SYN or SYN,ACK: only Fast Open would keep
// them.
func gvisorHears(end *tcp.Endpoint, p tcp.Packet) (rest tcp.Packet, name string) {
	if p.Segment.Len() < 2 || !opens(end, p.Segment) {
		return p, ""
	}
	p.Segment.Flags &^= tcp.FIN
	p.Segment.Data, p.Text = 0, nil
	return p, "syn-text-dropped"
}

var gvisorOpening = []Deviation{
	{
		Name:   "syn-text-dropped",
		Theirs: "Text and FIN on a SYN or SYN,ACK are not kept.",
		Why:    "RFC 9293 lets them be kept. The peer sends them again.",
		is:     never,
	},
	{
		Name:   "close-forgets",
		Theirs: "close() and shutdown() before ESTABLISHED end the connection in silence.",
		Why:    "RFC 9293 3.10.4 sends a FIN in SYN-RECEIVED.",
		is: func(d *Difference) bool {
			return d.Before == tcp.SynReceived && d.Incident.Call != NoCall && d.theyDid(tcp.Closed)
		},
	},
	{
		Name:    "abort-has-ack",
		Theirs:  "The RST of an abort carries the ACK bit.",
		Why:     "RFC 9293 3.10.5 writes it without. A receiver looks at SEG.SEQ alone.",
		passing: true,
		is:      func(d *Difference) bool { return d.took("abort") && d.theyDid(tcp.Closed, rstAck) },
	},
	{
		Name:    "request-ack-first",
		Theirs:  "SYN-RECEIVED looks at SEG.ACK before the place and before SYN: a wrong one is answered with RST.",
		Why:     "RFC 9293 looks at SEG.SEQ first.",
		passing: true,
		is: func(d *Difference) bool {
			return d.Before == tcp.SynReceived && d.has(tcp.ACK) && !d.facts().Has(tcp.AckOfSyn) && d.theyDid(tcp.SynReceived, tcp.RST)
		},
	},
	{
		Name:   "syn-received-acks-nothing",
		Theirs: "After a simultaneous open any ACK in place opens the connection, whatever it acknowledges.",
		Why:    "RFC 9293 answers what does not acknowledge the SYN with RST.",
		is: func(d *Difference) bool {
			return d.took("bad-ack") && (over(d.TheirState) == tcp.Established || over(d.TheirState) == tcp.CloseWait)
		},
	},
	{
		Name:   "syn-received-strict",
		Theirs: "SYN-RECEIVED ends on any RST or SYN in the window, starts over on a SYN elsewhere, and waits for an ACK at RCV.NXT exactly.",
		Why:    "RFC 5961 asks for exact RSTs and challenge ACKs; the handshake of netstack is an object that knows neither.",
		is: func(d *Difference) bool {
			return d.Before == tcp.SynReceived && d.Incident.Call == NoCall && (over(d.TheirState) == tcp.Closed || d.TheirState == tcp.SynReceived)
		},
	},
}

var gvisorPlace = []Deviation{
	{
		Name:    "no-ack-first",
		Theirs:  "A segment without the ACK bit is dropped before its place is looked at.",
		Why:     "RFC 9293 looks at the place first and answers what lies outside with an ACK.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("outside") && !d.Segment.Flags.Any(tcp.ACK|tcp.RST) && d.theyDid(d.Before)
		},
	},
	{
		Name:   "ack-unchecked",
		Theirs: "Text and FIN are taken whatever SEG.ACK says, and a bare ACK of what was not sent is not answered.",
		Why:    "RFC 9293 and RFC 5961 5.2 drop the segment and answer with an ACK, so that nobody can guess text into a connection.",
		is: func(d *Difference) bool {
			unread := d.Segment
			unread.Ack = d.Variables.SND.UNA
			row, _ := tcp.Next(d.Before, tcp.Arrival(unread, d.Variables))
			return d.took("ack-beyond", "ack-too-old") && (over(d.TheirState) == over(row.To) || d.Orphan && over(d.TheirState) == tcp.Closed)
		},
	},
	{
		Name:   "gap-ack-unread",
		Theirs: "The ACK of a segment behind a gap is not looked at.",
		Why:    "RFC 9293 takes the ACK of every acceptable segment. netstack keeps the whole segment until the gap is filled.",
		is: func(d *Difference) bool {
			return d.facts().Has(tcp.AckNew) && !d.facts().Has(tcp.SeqExact) && d.TheirState == d.Before
		},
	},
}

var gvisorClosing = []Deviation{
	{
		Name:   "fin-behind-old-text",
		Theirs: "A FIN in order is not taken from a segment whose text has all been received before.",
		Why:    "RFC 9293 takes what is new of every segment. The peer sends the FIN again alone.",
		is: func(d *Difference) bool {
			all := d.Segment.Data > 0 && d.Segment.End() == d.Variables.RCV.NXT.Add(1)
			return all && d.facts().Has(tcp.FinInOrder) && d.theyDid(d.Before, tcp.ACK)
		},
	},
	{
		Name:   "orphan-text",
		Theirs: "Whatever reaches beyond RCV.NXT, even a bare ACK there, ends a connection that its program has closed, with RST,ACK.",
		Why:    "CLOSE of RFC 9293 is half-close. After close() nobody can read.",
		is: func(d *Difference) bool {
			reaches := d.Variables.RCV.NXT.Less(d.Segment.End())
			return reaches && (d.Orphan || afterPeerFIN.Has(d.Before)) && d.theyDid(tcp.Closed, rstAck)
		},
	},
	{
		Name:   "second-fin",
		Theirs: "A second FIN, behind the first, is taken as well or passed over.",
		Why:    "RFC 9293 keeps RCV.NXT behind the first. No peer in order sends this.",
		is: func(d *Difference) bool {
			return afterPeerFIN.Has(d.Before) && d.has(tcp.FIN) && d.TheirState == d.Before
		},
	},
	{
		Name:   "last-ack-stays",
		Theirs: "An abort after our FIN, where the peer has closed, does nothing.",
		Why:    "RFC 9293 3.10.5 deletes the TCB.",
		is: func(d *Difference) bool {
			return d.took("abort") && afterPeerFIN.Has(d.Before) && d.theyDid(d.Before)
		},
	},
}

var gvisorTimeWait = []Deviation{
	{
		Name:   "time-wait-rst-ignored",
		Theirs: "TIME-WAIT ignores RST.",
		Why:    "RFC 1337 recommends it; our end follows RFC 9293 here.",
		is:     func(d *Difference) bool { return d.took("rst") && d.theyDid(tcp.TimeWait) },
	},
	{
		Name:    "time-wait-answers",
		Theirs:  "TIME-WAIT answers only segments with ACK that are out of order, and those always.",
		Why:     "RFC 9293 answers a FIN again, what lies outside the window, and an inexact RST.",
		passing: true,
		is: func(d *Difference) bool {
			return d.Before == tcp.TimeWait && d.OurState == tcp.TimeWait && (d.theyDid(tcp.TimeWait) || d.theyDid(tcp.TimeWait, tcp.ACK))
		},
	},
	{
		Name:   "time-wait-syn",
		Theirs: "A new SYN in TIME-WAIT is let in only beyond RCV.NXT and where somebody listens, and is else not answered.",
		Why:    "To RFC 6191 a SYN at RCV.NXT is new; our end stands for a listener of its own.",
		is:     func(d *Difference) bool { return d.took("syn-newer") && d.TheirState == tcp.TimeWait },
	},
	{
		Name:   "time-wait-syn-ack",
		Theirs: "A SYN,ACK beyond RCV.NXT ends TIME-WAIT too, and goes to the listener, which answers with RST.",
		Why:    "RFC 9293 lets in a SYN alone.",
		is:     func(d *Difference) bool { return d.took("syn") && d.has(tcp.ACK) && d.theyDid(tcp.Closed, tcp.RST) },
	},
	{
		Name:   "time-wait-iss",
		Theirs: "The ISS of a connection that follows a TIME-WAIT comes from the clock alone.",
		Why:    "RFC 9293 3.6.1 asks for one beyond the old SND.NXT, which the clock provides; here it stands still.",
		is: func(d *Difference) bool {
			return d.took("syn-newer") && d.theyDid(tcp.SynReceived, tcp.SYN|tcp.ACK)
		},
	},
}
