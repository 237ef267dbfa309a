package tcp

import (
	"strings"
	"testing"
)

// The numbers of these tests. We sent from ISS 1000, the peer from IRS 5000.
// 1501 to 1600 are sent and not acknowledged; where our FIN is out it is 1600.
// RCV.NXT is 5101 and the window 1000, so it ends before 6101.
var (
	mySYN   = SendSpace{ISS: 1000, UNA: 1000, NXT: 1001}
	sent    = SendSpace{ISS: 1000, UNA: 1501, NXT: 1601, MaxWND: 200}
	allAckd = SendSpace{ISS: 1000, UNA: 1601, NXT: 1601, MaxWND: 200}
	after   = ReceiveSpace{IRS: 5000, NXT: 5001, WND: 1000}
	later   = ReceiveSpace{IRS: 5000, NXT: 5101, WND: 1000}

	none     = Variables{}
	opening  = Variables{SND: mySYN}
	passive  = Variables{SND: mySYN, RCV: after, FromPassive: true}
	active   = Variables{SND: mySYN, RCV: after}
	open     = Variables{SND: sent, RCV: later}
	full     = Variables{SND: sent, RCV: ReceiveSpace{IRS: 5000, NXT: 5101}}
	finOut   = Variables{SND: sent, RCV: later, FinSent: true}
	finFull  = Variables{SND: sent, RCV: ReceiveSpace{IRS: 5000, NXT: 5101}, FinSent: true}
	finAcked = Variables{SND: allAckd, RCV: later, FinSent: true}
	rfc1337  = Variables{SND: allAckd, RCV: later, FinSent: true, IgnoresRST: true}
	stamped  = Variables{SND: allAckd, RCV: later, FinSent: true, Timestamp: Timestamp{true, 70}}
)

// arrival is a segment that comes in, with the outcome that the RFC asks for,
// written by hand.
type arrival struct {
	from State
	vars Variables
	seg  Segment
	id   string
	to   State
	do   Actions
}

func (a arrival) next() (Row, bool) { return Next(a.from, Arrival(a.seg, a.vars)) }

// moved returns the same situation elsewhere in both sequence spaces.
func (a arrival) moved(mine, peers Size) arrival {
	a.seg.Seq, a.seg.Ack = a.seg.Seq.Add(peers), a.seg.Ack.Add(mine)
	snd, rcv := &a.vars.SND, &a.vars.RCV
	snd.ISS, snd.UNA, snd.NXT = snd.ISS.Add(mine), snd.UNA.Add(mine), snd.NXT.Add(mine)
	rcv.IRS, rcv.NXT = rcv.IRS.Add(peers), rcv.NXT.Add(peers)
	return a
}

func (a arrival) check(t *testing.T) {
	t.Helper()
	row, ok := a.next()
	if !ok {
		t.Errorf("%v, %v: no row", a.from, a.seg)
		return
	}
	if row.ID != a.id || row.To != a.to || row.Actions != a.do {
		t.Errorf("%v, %v [%v]:\n got %s -> %v: %v\nwant %s -> %v: %v", a.from, a.seg,
			Classify(a.seg, a.vars), row.ID, row.To, row.Actions, a.id, a.to, a.do)
	}
}

// TestArrivals takes every case at home and where one or both sequence spaces
// wrap around: at the SYN, among the text, at the right edge of the window.
func TestArrivals(t *testing.T) {
	moves := []Size{0, 1<<32 - 1000, 1<<32 - 1001, 1<<32 - 1550, 1<<32 - 5000, 1<<32 - 5101, 1<<32 - 6000, 1 << 31}
	for _, a := range allArrivals() {
		for _, mine := range moves {
			for _, peers := range moves {
				a.moved(mine, peers).check(t)
			}
		}
		if t.Failed() {
			return
		}
	}
}

func allArrivals() []arrival {
	var all []arrival
	all = append(all, arrivals...)
	all = append(all, closingArrivals...)
	return append(all, checkedArrivals()...)
}

var arrivals = []arrival{
	{Closed, none, Segment{Seq: 300, Flags: RST}, "closed-rst", Closed, DropSegment},
	{Closed, none, Segment{Seq: 300, Ack: 9, Flags: RST | ACK}, "closed-rst", Closed, DropSegment},
	{Closed, none, Segment{Seq: 300, Flags: SYN}, "closed-no-ack", Closed, DropSegment | SendRSTACK},
	{Closed, none, Segment{Seq: 300}, "closed-no-ack", Closed, DropSegment | SendRSTACK},
	{Closed, none, Segment{Seq: 300, Ack: 9, Flags: SYN | ACK}, "closed-ack", Closed, DropSegment | SendRST},
	{Closed, none, Segment{Seq: 300, Ack: 9, Flags: FIN | ACK, Data: 4}, "closed-ack", Closed, DropSegment | SendRST},

	{Listen, none, Segment{Seq: 300, Flags: RST}, "listen-rst", Listen, DropSegment},
	{Listen, none, Segment{Seq: 300, Ack: 9, Flags: RST | ACK}, "listen-rst", Listen, DropSegment},
	{Listen, none, Segment{Seq: 300, Ack: 9, Flags: ACK}, "listen-ack", Listen, DropSegment | SendRST},
	{Listen, none, Segment{Seq: 300, Ack: 9, Flags: SYN | ACK}, "listen-ack", Listen, DropSegment | SendRST},
	{Listen, none, Segment{Seq: 300, Flags: SYN}, "listen-syn", SynReceived, TakeSYN | ChooseISS | MarkPassive | HoldText | SendSYNACK},
	{Listen, none, Segment{Seq: 300, Flags: SYN | FIN, Data: 8}, "listen-syn", SynReceived, TakeSYN | ChooseISS | MarkPassive | HoldText | SendSYNACK},
	{Listen, none, Segment{Seq: 300, Flags: FIN}, "listen-other", Listen, DropSegment},
	{Listen, none, Segment{Seq: 300, Data: 8}, "listen-other", Listen, DropSegment},

	// ACK comes first in SYN-SENT: 1000 is too early, 1001 right, 1002 too late.
	{SynSent, opening, Segment{Seq: 300, Ack: 1000, Flags: RST | ACK}, "syn-sent-bad-ack-rst", SynSent, DropSegment},
	{SynSent, opening, Segment{Seq: 300, Ack: 1000, Flags: SYN | ACK}, "syn-sent-bad-ack", SynSent, DropSegment | SendRST},
	{SynSent, opening, Segment{Seq: 300, Ack: 1002, Flags: SYN | ACK}, "syn-sent-bad-ack", SynSent, DropSegment | SendRST},
	{SynSent, opening, Segment{Seq: 300, Ack: 91, Flags: ACK}, "syn-sent-bad-ack", SynSent, DropSegment | SendRST},
	{SynSent, opening, Segment{Seq: 0, Ack: 1001, Flags: RST | ACK}, "syn-sent-rst", Closed, SignalReset | FailReset | DeleteTCB},
	{SynSent, opening, Segment{Seq: 300, Flags: RST}, "syn-sent-rst-no-ack", SynSent, DropSegment},
	{SynSent, opening, Segment{Seq: 300, Ack: 1001, Flags: SYN | ACK}, "syn-sent-syn-ack", Established, TakeSYN | TakeACK | SetWindow | ContinueSegment | SendACK},
	{SynSent, opening, Segment{Seq: 300, Ack: 1001, Flags: SYN | FIN | ACK}, "syn-sent-syn-ack", Established, TakeSYN | TakeACK | SetWindow | ContinueSegment | SendACK},
	{SynSent, opening, Segment{Seq: 300, Flags: SYN}, "syn-sent-syn", SynReceived, TakeSYN | MarkActive | HoldText | SendSYNACK},
	{SynSent, opening, Segment{Seq: 300, Ack: 1001, Flags: ACK}, "syn-sent-other", SynSent, DropSegment},
	{SynSent, opening, Segment{Seq: 300, Ack: 1001, Flags: FIN | ACK}, "syn-sent-other", SynSent, DropSegment},

	{SynReceived, passive, Segment{Seq: 5000, Flags: RST}, "syn-received-rst-outside", SynReceived, DropSegment},
	{SynReceived, active, Segment{Seq: 6001, Flags: RST}, "syn-received-rst-outside", SynReceived, DropSegment},
	{SynReceived, passive, Segment{Seq: 5001, Flags: RST}, "syn-received-rst-passive", Listen, FlushQueues},
	{SynReceived, active, Segment{Seq: 5001, Flags: RST}, "syn-received-rst-active", Closed, SignalRefused | FlushQueues | DeleteTCB},
	{SynReceived, passive, Segment{Seq: 5002, Flags: RST}, "syn-received-rst-inexact", SynReceived, SendChallenge | DropSegment},
	{SynReceived, active, Segment{Seq: 6000, Flags: RST}, "syn-received-rst-inexact", SynReceived, SendChallenge | DropSegment},

	{SynReceived, active, Segment{Seq: 5000, Ack: 1001, Flags: SYN | ACK}, "syn-received-syn-ack", Established, TakeACK | SetWindow | ContinueSegment | SendACK},
	{SynReceived, active, Segment{Seq: 5000, Ack: 1000, Flags: SYN | ACK}, "syn-received-syn-again", SynReceived, SendACK | DropSegment},
	{SynReceived, active, Segment{Seq: 5000, Flags: SYN}, "syn-received-syn-again", SynReceived, SendACK | DropSegment},
	{SynReceived, passive, Segment{Seq: 5000, Flags: SYN}, "syn-received-syn-again", SynReceived, SendACK | DropSegment},
	{SynReceived, passive, Segment{Seq: 5000, Flags: SYN, Data: 50}, "syn-received-syn-again", SynReceived, SendACK | DropSegment},
	{SynReceived, passive, Segment{Seq: 5000, Ack: 1001, Flags: SYN | ACK}, "syn-received-syn-again", SynReceived, SendACK | DropSegment},
	{SynReceived, passive, Segment{Seq: 5500, Flags: SYN}, "syn-received-syn-passive", Listen, FlushQueues | DropSegment},
	{SynReceived, passive, Segment{Seq: 9000, Flags: SYN}, "syn-received-syn", SynReceived, SendChallenge | DropSegment},
	{SynReceived, active, Segment{Seq: 5500, Flags: SYN}, "syn-received-syn", SynReceived, SendChallenge | DropSegment},

	{SynReceived, passive, Segment{Seq: 4999, Ack: 1001, Flags: ACK}, "syn-received-outside", SynReceived, SendACK | DropSegment},
	{SynReceived, passive, Segment{Seq: 6001, Ack: 1001, Flags: ACK}, "syn-received-outside", SynReceived, SendACK | DropSegment},
	{SynReceived, passive, Segment{Seq: 5001, Data: 5}, "syn-received-no-ack", SynReceived, DropSegment},
	{SynReceived, passive, Segment{Seq: 5001, Ack: 1000, Flags: ACK}, "syn-received-bad-ack", SynReceived, DropSegment | SendRST},
	{SynReceived, passive, Segment{Seq: 5001, Ack: 999, Flags: ACK}, "syn-received-bad-ack", SynReceived, DropSegment | SendRST},
	{SynReceived, passive, Segment{Seq: 5001, Ack: 1002, Flags: ACK}, "syn-received-bad-ack", SynReceived, DropSegment | SendRST},
	{SynReceived, passive, Segment{Seq: 5001, Ack: 1001, Flags: FIN | ACK}, "syn-received-fin", CloseWait, TakeACK | SetWindow | TakeText | TakeFIN | SendACK | SignalClosing},
	{SynReceived, active, Segment{Seq: 5001, Ack: 1001, Flags: FIN | ACK, Data: 9}, "syn-received-fin", CloseWait, TakeACK | SetWindow | TakeText | TakeFIN | SendACK | SignalClosing},
	{SynReceived, passive, Segment{Seq: 5011, Ack: 1001, Flags: FIN | ACK}, "syn-received-gap", Established, TakeACK | SetWindow | HoldText | SendACK},
	{SynReceived, passive, Segment{Seq: 5001, Ack: 1001, Flags: ACK, Data: 10}, "syn-received-text", Established, TakeACK | SetWindow | TakeText | SendACK},
	{SynReceived, passive, Segment{Seq: 5001, Ack: 1001, Flags: ACK}, "syn-received-ack", Established, TakeACK | SetWindow},
	{SynReceived, active, Segment{Seq: 5001, Ack: 1001, Flags: ACK}, "syn-received-ack", Established, TakeACK | SetWindow},

	{Established, open, Segment{Seq: 5101, Ack: 1501, Flags: FIN | ACK}, "established-fin", CloseWait, TakeACK | TakeText | TakeFIN | SendACK | SignalClosing},
	{Established, open, Segment{Seq: 5051, Ack: 1400, Flags: FIN | ACK, Data: 80}, "established-fin", CloseWait, TakeACK | TakeText | TakeFIN | SendACK | SignalClosing},
	{Established, open, Segment{Seq: 5102, Ack: 1501, Flags: FIN | ACK}, "established-gap", Established, TakeACK | HoldText | SendACK},
	{Established, open, Segment{Seq: 5201, Ack: 1601, Flags: ACK, Data: 10}, "established-gap", Established, TakeACK | HoldText | SendACK},
	{Established, open, Segment{Seq: 5101, Ack: 1501, Flags: ACK, Data: 10}, "established-text", Established, TakeACK | TakeText | SendACK},
	{Established, open, Segment{Seq: 5051, Ack: 1501, Flags: ACK, Data: 51}, "established-text", Established, TakeACK | TakeText | SendACK},
	{Established, open, Segment{Seq: 5101, Ack: 1502, Flags: ACK}, "established-ack", Established, TakeACK},
	{Established, open, Segment{Seq: 5101, Ack: 1601, Flags: PSH | ACK}, "established-ack", Established, TakeACK},
	{Established, open, Segment{Seq: 5101, Ack: 1501, Flags: ACK}, "established-ack-duplicate", Established, UpdateWindow},
	{Established, open, Segment{Seq: 5101, Ack: 1500, Flags: ACK}, "established-ack-old", Established, 0},
	{Established, open, Segment{Seq: 5101, Ack: 1301, Flags: ACK}, "established-ack-old", Established, 0},
	{Established, open, Segment{Seq: 5101, Ack: 1300, Flags: ACK}, "established-ack-too-old", Established, SendChallenge | DropSegment},

	// A closed window lets no text and no FIN in, but the acknowledgment counts.
	{Established, full, Segment{Seq: 5101, Ack: 1601, Flags: ACK, Data: 1}, "established-text", Established, TakeACK | TakeText | SendACK},
	{Established, full, Segment{Seq: 5101, Ack: 1601, Flags: FIN | ACK}, "established-text", Established, TakeACK | TakeText | SendACK},
	{Established, full, Segment{Seq: 5101, Ack: 1601, Flags: ACK}, "established-ack", Established, TakeACK},
	{Established, full, Segment{Seq: 5100, Ack: 1601, Flags: ACK, Data: 2}, "established-outside", Established, SendACK | DropSegment},
	{Established, full, Segment{Seq: 5101, Flags: RST, Data: 2}, "established-rst", Closed, SignalReset | FailReset | FlushQueues | DeleteTCB},
	{Established, full, Segment{Seq: 5102, Flags: RST}, "established-rst-outside", Established, DropSegment},
	// Text that fills the window leaves no room for the FIN behind it.
	{Established, open, Segment{Seq: 5101, Ack: 1501, Flags: FIN | ACK, Data: 1000}, "established-text", Established, TakeACK | TakeText | SendACK},
	{Established, open, Segment{Seq: 5101, Ack: 1501, Flags: FIN | ACK, Data: 999}, "established-fin", CloseWait, TakeACK | TakeText | TakeFIN | SendACK | SignalClosing},
}

// standing is a state after the handshake with the variables that belong to it
// and what an acceptable RST does there.
type standing struct {
	state State
	vars  Variables
	onRST Actions
}

var standings = []standing{
	{Established, open, SignalReset | FailReset | FlushQueues | DeleteTCB},
	{FinWait1, finOut, SignalReset | FailReset | FlushQueues | DeleteTCB},
	{FinWait2, finAcked, SignalReset | FailReset | FlushQueues | DeleteTCB},
	{CloseWait, open, SignalReset | FailReset | FlushQueues | DeleteTCB},
	{Closing, finOut, DeleteTCB},
	{LastAck, finOut, DeleteTCB},
}

// checkedArrivals are the segments that all of these states treat alike, as rows
// 1 to 4, 5b and 5c of the RFC's order say.
func checkedArrivals() []arrival {
	var all []arrival
	for _, s := range standings {
		add := func(seg Segment, what string, to State, do Actions) {
			name := strings.ToLower(s.state.String()) + "-" + what
			all = append(all, arrival{s.state, s.vars, seg, name, to, do})
		}
		add(Segment{Seq: 5100, Flags: RST}, "rst-outside", s.state, DropSegment)
		add(Segment{Seq: 6101, Flags: RST}, "rst-outside", s.state, DropSegment)
		add(Segment{Seq: 5100, Flags: RST, Data: 2}, "rst-outside", s.state, DropSegment)
		add(Segment{Seq: 5101, Flags: RST}, "rst", Closed, s.onRST)
		add(Segment{Seq: 5101, Ack: 1501, Flags: RST | ACK}, "rst", Closed, s.onRST)
		add(Segment{Seq: 5102, Flags: RST}, "rst-inexact", s.state, SendChallenge|DropSegment)
		add(Segment{Seq: 6100, Flags: RST}, "rst-inexact", s.state, SendChallenge|DropSegment)

		add(Segment{Seq: 5101, Flags: SYN}, "syn", s.state, SendChallenge|DropSegment)
		add(Segment{Seq: 5000, Flags: SYN}, "syn", s.state, SendChallenge|DropSegment)
		add(Segment{Seq: 9000, Flags: SYN}, "syn", s.state, SendChallenge|DropSegment)
		add(Segment{Seq: 5000, Ack: 1001, Flags: SYN | ACK}, "syn", s.state, SendChallenge|DropSegment)

		add(Segment{Seq: 5100, Ack: 1601, Flags: ACK}, "outside", s.state, SendACK|DropSegment)
		add(Segment{Seq: 6101, Ack: 1601, Flags: ACK}, "outside", s.state, SendACK|DropSegment)
		add(Segment{Seq: 5001, Ack: 1601, Flags: ACK, Data: 100}, "outside", s.state, SendACK|DropSegment)
		add(Segment{Seq: 5100, Ack: 1601, Flags: FIN | ACK}, "outside", s.state, SendACK|DropSegment)

		add(Segment{Seq: 5101, Data: 10}, "no-ack", s.state, DropSegment)
		add(Segment{Seq: 5101, Flags: FIN}, "no-ack", s.state, DropSegment)
		add(Segment{Seq: 5101, Ack: 1602, Flags: ACK}, "ack-beyond", s.state, SendACK|DropSegment)
		add(Segment{Seq: 5101, Ack: 1602, Flags: FIN | ACK}, "ack-beyond", s.state, SendACK|DropSegment)
		add(Segment{Seq: 5101, Ack: 1100, Flags: ACK}, "ack-too-old", s.state, SendChallenge|DropSegment)
		add(Segment{Seq: 5101, Ack: 1100, Flags: FIN | ACK}, "ack-too-old", s.state, SendChallenge|DropSegment)
	}
	return all
}
