package duel

import (
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// Deviation is a way in which a TCP differs from RFC 9293 as our end follows it.
type Deviation struct {
	Name   string // stable: "orphan-text"
	Theirs string // what the TCP does; for Linux also in which function
	Why    string // why the two differ

	passing bool // both go on as before where their states agree
	is      func(*Difference) bool
}

// Habits are all the ways in which a TCP is known to differ.
type Habits struct {
	Deviations []Deviation               // tried in order
	Configure  func(*tcp.EndpointConfig) // changes how our end is made; nil: it follows RFC 9293

	// hears returns what is left of a segment where the TCP takes only a part of
	// it, and the name of that deviation, "" if it takes the whole.
	hears func(*tcp.Endpoint, tcp.Packet) (rest tcp.Packet, name string)

	// extra are the segments that the TCP sends besides, by the deviation.
	extra map[string]func(*Difference, Answer) bool
}

// LinuxHabits are those of Linux. Each names exactly what Linux does, so that
// anything else in the same place stays unexplained.
func LinuxHabits() Habits {
	return Habits{
		Deviations: slices.Concat(partialDeviations, abortDeviations, synDeviations, requestDeviations, orphanDeviations, placeDeviations, textDeviations, timeWaitDeviations),
		hears:      linuxHears,
		extra: map[string]func(*Difference, Answer) bool{
			"syn-hurried": func(d *Difference, a Answer) bool {
				return d.WrongACK && a.Flags.Has(tcp.SYN) && a.Seq == d.Variables.SND.ISS
			},
			"fast-retransmission": func(d *Difference, a Answer) bool {
				return a.Seq == d.Variables.SND.UNA && a.Seq != d.Variables.SND.NXT && a.Data > 0
			},
		},
	}
}

// linuxHears takes text and FIN off a segment with SYN that opens a connection.
// A SYN,FIN to a listener is not heard at all: nothing is left of it.
func linuxHears(end *tcp.Endpoint, p tcp.Packet) (rest tcp.Packet, name string) {
	seg, at := &p.Segment, end.State()
	if name = unheardStamp(end, *seg); name != "" {
		seg.Timestamp = end.Variables().Timestamp
	}
	switch {
	case seg.Len() == 1 || !opens(end, *seg):
		return p, name
	case at == tcp.Listen && seg.Flags.Has(tcp.FIN):
		seg.Flags, name = 0, "syn-fin-dropped"
	case seg.Flags.Has(tcp.ACK):
		name = "syn-ack-text-dropped"
	default:
		name = "syn-text-dropped"
	}
	seg.Flags &^= tcp.FIN
	seg.Data, p.Text = 0, nil
	return p, name
}

// unheardStamp names the deviation by which Linux takes the timestamp of a
// segment for the last one that it knows: where there is none, and where it drops
// the segment before it looks.
func unheardStamp(end *tcp.Endpoint, seg tcp.Segment) (name string) {
	recent, facts := end.Variables().Timestamp, tcp.Classify(seg, end.Variables())
	switch {
	case !recent.Present || seg.Flags.Any(tcp.RST|tcp.SYN):
		return ""
	case !seg.Timestamp.Present:
		return "timestamp-missing"
	case !seg.Flags.Has(tcp.ACK) && end.State() != tcp.TimeWait && seg.Timestamp.Newer(recent):
		return "no-ack-first"
	case end.State() == tcp.SynReceived && facts.Has(tcp.FromPassive|tcp.HasACK) && !facts.Has(tcp.AckOfSyn) && seg.Timestamp.Newer(recent):
		return "request-ack-first"
	default:
		return ""
	}
}

// opens tells whether the segment begins a connection or completes one that we
// began.
func opens(end *tcp.Endpoint, seg tcp.Segment) bool {
	facts := tcp.Classify(seg, end.Variables())
	switch at := end.State(); {
	case !facts.Has(tcp.HasSYN) || facts.Has(tcp.HasRST):
		return false
	case at == tcp.TimeWait:
		return facts.Has(tcp.SynNewer) && !facts.Has(tcp.HasFIN) && !facts.Has(tcp.HasACK)
	default:
		return at == tcp.SynSent || at == tcp.Listen && !facts.Has(tcp.HasACK)
	}
}

// partialDeviations are carried out by hears and extra: our end hears as little
// as Linux, what Linux sends besides is passed over, and all that follows must be
// alike.
var partialDeviations = []Deviation{
	{
		Name:   "syn-fin-dropped",
		Theirs: "A listener drops SYN,FIN: tcp_rcv_state_process.",
		Why:    "RFC 9293 keeps the FIN until the handshake is over. Nobody sends this but scanners.",
		is: func(d *Difference) bool {
			return d.took("syn-newer") && d.has(tcp.FIN) && d.theyDid(tcp.Closed) // it has ended a TIME-WAIT before
		},
	},
	{
		Name:   "syn-text-dropped",
		Theirs: "Text and FIN on a SYN are not kept, without Fast Open: tcp_conn_request, tcp_rcv_synsent_state_process.",
		Why:    "RFC 9293 3.10.7.2 lets them be kept until the handshake is over. The peer sends them again.",
		is:     never,
	},
	{
		Name:   "syn-ack-text-dropped",
		Theirs: "Text and FIN on a SYN,ACK are not taken, without Fast Open: tcp_rcv_synsent_state_process.",
		Why:    "RFC 9293 3.10.7.3 goes on with them. The peer sends them again.",
		is:     never,
	},
	{
		Name:   "timestamp-missing",
		Theirs: "Segments without the timestamps option are taken as any others although it was agreed: tcp_validate_incoming.",
		Why:    "RFC 7323 3.2 says that they should be dropped. Middleboxes strip options.",
		is:     never,
	},
	{
		Name:   "syn-hurried",
		Theirs: "A wrong ACK in SYN-SENT makes it send its SYN again two clock ticks later, not after a second: tcp_rcv_synsent_state_process.",
		Why:    "RFC 9293 sends the RST alone. The peer's old connection, which the RST ends, is thought to have hidden the SYN.",
		is:     never,
	},
	{
		Name:   "fast-retransmission",
		Theirs: "Duplicate ACKs make it send again what is not acknowledged: tcp_fastretrans_alert.",
		Why:    "RFC 5681 3.2; our end leaves it out and waits for the timeout.",
		is:     never,
	},
}

// never: the deviation is seen in another way.
func never(*Difference) bool { return false }

// took tells whether our end took a row whose name ends like this, in whatever
// state.
func (d *Difference) took(endings ...string) bool {
	return slices.ContainsFunc(d.Rows, func(row tcp.Row) bool {
		return slices.ContainsFunc(endings, func(ending string) bool {
			return row.ID == strings.ToLower(row.From.String())+"-"+ending
		})
	})
}

// theyDid compares what Linux did: where it is, and which segments it sent.
func (d *Difference) theyDid(state tcp.State, flags ...tcp.Flags) bool {
	return over(d.TheirState) == over(state) && len(d.Theirs) == len(flags) &&
		slices.EqualFunc(d.Theirs, flags, func(a Answer, f tcp.Flags) bool { return a.Flags == f })
}

// stale tells whether the timestamp of the segment is older than the last one.
func (d *Difference) stale() bool { return d.Variables.Timestamp.Newer(d.Segment.Timestamp) }

// endsAtEdge tells whether the segment ends at RCV.NXT.
func (d *Difference) endsAtEdge() bool {
	return d.Segment.Len() > 0 && d.Segment.End() == d.Variables.RCV.NXT
}

// has tells whether the segment carries all of the bits.
func (d *Difference) has(flags tcp.Flags) bool { return d.Segment.Flags.Has(flags) }

// facts is what the table was told of the segment.
func (d *Difference) facts() tcp.Facts { return tcp.Classify(d.Segment, d.Variables) }

const rstAck = tcp.RST | tcp.ACK

var abortDeviations = []Deviation{
	{
		Name:    "abort-has-ack",
		Theirs:  "The RST of an abort carries the ACK bit: tcp_send_active_reset.",
		Why:     "RFC 9293 3.10.5 writes it without. A receiver looks at SEG.SEQ alone, so both end the connection.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("abort") && d.theyDid(tcp.Closed, rstAck) && d.Theirs[0].Seq == d.Variables.SND.NXT
		},
	},
}

var synDeviations = []Deviation{
	{
		Name:   "syn-ack-crossing-laden",
		Theirs: "A SYN,ACK that crosses ours is taken only without text and FIN and with a timestamp that is not old, else it gets a challenge ACK: tcp_validate_incoming.",
		Why:    "RFC 9293 goes on with text and FIN. The peer that crossed sends them again.",
		is: func(d *Difference) bool {
			return d.Before == tcp.SynReceived && d.took("syn-ack") && (d.Segment.Len() > 1 || d.stale()) && d.theyDid(tcp.SynReceived, tcp.ACK)
		},
	},
	{
		Name:   "fin-behind-hurried-syn",
		Theirs: "After close() in SYN-RECEIVED the FIN waits while a SYN that was sent again (syn-hurried) is not acknowledged: tcp_write_xmit.",
		Why:    "The congestion window is one segment after a retransmission; our end has none.",
		is: func(d *Difference) bool {
			return d.WrongACK && d.Before == tcp.SynReceived && d.Incident.Call == Close && d.theyDid(tcp.FinWait1)
		},
	},
	{
		Name:   "shutdown-deferred",
		Theirs: "shutdown(SHUT_WR) in SYN-RECEIVED waits for ESTABLISHED, close() does not: tcp_shutdown.",
		Why:    "RFC 9293 3.10.4 sends the FIN at once where no text waits, as close() does.",
		is: func(d *Difference) bool {
			return d.Before == tcp.SynReceived && d.Incident.Call == Shutdown && d.theyDid(tcp.SynReceived)
		},
	},
	{
		Name:   "syn-received-acks-nothing",
		Theirs: "After a simultaneous open an ACK of ISS, which does not acknowledge the SYN, opens the connection: tcp_rcv_state_process.",
		Why:    "RFC 9293 answers it with RST. tcp_ack finds nothing wrong with SEG.ACK = SND.UNA.",
		is: func(d *Difference) bool {
			heard := d.took("bad-ack") || d.took("outside") && d.endsAtEdge()
			return !d.Script.Listens && heard && d.facts().Has(tcp.AckAtUNA) && over(d.TheirState) != tcp.SynReceived
		},
	},
}

var requestDeviations = []Deviation{
	{
		Name:    "paws-request",
		Theirs:  "A half-open request drops an RST whose timestamp is old, and answers a SYN with such a one with an ACK: tcp_check_req.",
		Why:     "RFC 7323 5.2 exempts RST from PAWS; RFC 9293 goes back to LISTEN on a SYN in the window.",
		passing: true,
		is: func(d *Difference) bool {
			if !d.Script.Listens || d.Before != tcp.SynReceived || !d.stale() {
				return false
			}
			return d.has(tcp.RST) && d.theyDid(tcp.SynReceived) || d.has(tcp.SYN) && d.theyDid(tcp.SynReceived, tcp.ACK)
		},
	},
	{
		Name:   "child-in-syn-received",
		Theirs: "SYN,ACK at IRS with the right ACK makes the child of a request, which stays in SYN-RECEIVED as a full socket and can be accepted: tcp_check_req, tcp_validate_incoming.",
		Why:    "RFC 9293 knows one SYN-RECEIVED. The child treats a SYN as any open connection does, with a challenge ACK.",
		is: func(d *Difference) bool {
			return d.Child && over(d.TheirState) != tcp.Closed
		},
	},
	{
		Name:    "syn-again-syn-ack",
		Theirs:  "The peer's SYN once more is answered with the SYN,ACK once more: tcp_check_req, tcp_rcv_state_process.",
		Why:     "RFC 9293 asks for an ACK. The peer that lost the SYN,ACK is helped by either.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("syn-again") && d.theyDid(tcp.SynReceived, tcp.SYN|tcp.ACK)
		},
	},
	{
		Name:    "request-ack-first",
		Theirs:  "A half-open request looks at SEG.ACK before the place and before SYN: a wrong one is answered with RST and the request stays: tcp_check_req.",
		Why:     "RFC 9293 looks at SEG.SEQ first. To the listener the segment belongs to no connection.",
		passing: true,
		is: func(d *Difference) bool {
			return d.Script.Listens && d.Before == tcp.SynReceived && d.has(tcp.ACK) && !d.facts().Has(tcp.AckOfSyn) && d.theyDid(tcp.SynReceived, tcp.RST)
		},
	},
	{
		Name:    "request-syn-reset",
		Theirs:  "A SYN in the window of a half-open request is answered with RST, and the request dies: tcp_check_req.",
		Why:     "RFC 9293 goes back to LISTEN in silence; both forget the connection.",
		passing: true,
		is: func(d *Difference) bool {
			return d.took("syn-passive") && (d.theyDid(tcp.Closed, tcp.RST) || d.theyDid(tcp.Closed, rstAck))
		},
	},
}
