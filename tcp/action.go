package tcp

import (
	"math/bits"
	"strings"
)

// Actions is the set of things an end does when a row is taken. They are data:
// the table names them, an end carries them out. The order in which an end does
// them, and in which they are printed, is the order of the constants.
type Actions uint64

// What the end does with its own state.
const (
	CreateTCB       Actions = 1 << iota
	TakeSYN                 // RCV.NXT=SEG.SEQ+1, IRS=SEG.SEQ
	ChooseISS               // a new ISS; SND.UNA=ISS, SND.NXT=ISS+1
	MarkPassive             // remember that the connection came from a passive OPEN
	MarkActive              // remember that it came from an active OPEN
	TakeACK                 // SND.UNA=SEG.ACK if that is new, and UpdateWindow
	SetWindow               // SND.WND=SEG.WND, SND.WL1=SEG.SEQ, SND.WL2=SEG.ACK
	UpdateWindow            // the same, unless the segment is older than SND.WL1, SND.WL2
	HoldText                // keep text and FIN until what is missing before them has come
	TakeText                // take the text that fits the window: RCV.NXT moves, RECEIVEs get it
	TakeFIN                 // RCV.NXT moves over the FIN
	ContinueSegment         // the rest of the segment, text and FIN, goes to the next row
	DropSegment

	QueueSend
	QueueReceive
	QueueClose
	DeliverText // answer the RECEIVE from what is queued
	AnswerClose // the CLOSE call is answered "ok"
	ReportState
)

// What the end sends.
const (
	SendSYN       Actions = 1 << (iota + 19) // <SEQ=ISS><CTL=SYN>
	SendSYNACK                               // <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>
	SendText                                 // as many segments as the window lets go
	SendFIN                                  // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=FIN,ACK>
	SendACK                                  // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
	SendChallenge                            // the same, limited in rate (RFC 5961 section 7)
	SendRST                                  // <SEQ=SEG.ACK><CTL=RST>
	SendRSTACK                               // <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
	SendAbortRST                             // <SEQ=SND.NXT><CTL=RST>
	Resend                                   // the first segment that is not acknowledged, once more
	SendProbe                                // one octet into the closed window
	SendKeepalive                            // a segment that the peer must answer
	BackOff                                  // double the interval of the timer that fired
	StopTimers                               // all of them; the row may start one anew
	StartTimeWait                            // start or restart the 2 MSL timer
)

// What the end tells its user, and the end of it all.
const (
	SignalClosing   Actions = 1 << (iota + 34) // "connection closing"
	SignalReset                                // "connection reset"
	SignalRefused                              // "connection refused"
	SignalTimeout                              // "connection aborted due to user timeout"
	FailClosing                                // queued calls fail with "connection closing"
	FailReset                                  // queued calls fail with "connection reset"
	ErrNoConnection                            // "connection does not exist"
	ErrExists                                  // "connection already exists"
	ErrForeign                                 // "foreign socket unspecified"
	ErrClosing                                 // "connection closing"
	FlushQueues
	DeleteTCB

	actionsEnd
)

// actionNames is in the order of the bits.
var actionNames = [...]string{
	"create TCB",
	"RCV.NXT=SEG.SEQ+1, IRS=SEG.SEQ",
	"choose ISS, SND.UNA=ISS, SND.NXT=ISS+1",
	"remember passive OPEN",
	"remember active OPEN",
	"take ACK",
	"set window",
	"update window",
	"hold text and FIN",
	"take text",
	"take FIN",
	"go on with text and FIN",
	"drop segment",

	"queue SEND",
	"queue RECEIVE",
	"queue CLOSE",
	"deliver text",
	`answer CLOSE "ok"`,
	"report state",

	"send SYN <SEQ=ISS>",
	"send SYN,ACK <SEQ=ISS>",
	"send text",
	"send FIN",
	"send ACK",
	"send challenge ACK",
	"send RST <SEQ=SEG.ACK>",
	"send RST,ACK <SEQ=0><ACK=SEG.SEQ+SEG.LEN>",
	"send RST <SEQ=SND.NXT>",
	"retransmit",
	"send window probe",
	"send keep-alive",
	"back off",
	"stop timers",
	"start 2MSL timer",

	`signal "connection closing"`,
	`signal "connection reset"`,
	`signal "connection refused"`,
	`signal "connection aborted due to user timeout"`,
	`queued calls fail "connection closing"`,
	`queued calls fail "connection reset"`,
	`error "connection does not exist"`,
	`error "connection already exists"`,
	`error "foreign socket unspecified"`,
	`error "connection closing"`,
	"flush queues",
	"delete TCB",
}

// Has tells whether every one of the given actions is in the set.
func (a Actions) Has(actions Actions) bool { return a&actions == actions }

// List returns the actions of the set one by one, in order.
func (a Actions) List() []Actions {
	list := make([]Actions, 0, bits.OnesCount64(uint64(a)))
	for ; a != 0; a &= a - 1 {
		list = append(list, a&-a)
	}
	return list
}

// String joins the actions with "; ": "take ACK; send FIN". No action at all
// gives "".
func (a Actions) String() string {
	var words []string
	for ; a != 0; a &= a - 1 {
		if i := bits.TrailingZeros64(uint64(a)); i < len(actionNames) {
			words = append(words, actionNames[i])
		}
	}
	return strings.Join(words, "; ")
}
