package tcp

import "math/bits"

// doers says how an Endpoint carries out each action of the table, by its bit.
// What is missing needs nothing done: DropSegment, or what the user is told.
var doers = indexDoers(map[Actions]func(*Endpoint){
	CreateTCB:       (*Endpoint).createTCB,
	TakeSYN:         (*Endpoint).takeSYN,
	ChooseISS:       (*Endpoint).chooseISS,
	MarkPassive:     func(e *Endpoint) { e.v.FromPassive = true },
	MarkActive:      (*Endpoint).markActive,
	TakeACK:         (*Endpoint).takeACK,
	SetWindow:       (*Endpoint).setWindow,
	UpdateWindow:    (*Endpoint).updateWindow,
	HoldText:        (*Endpoint).holdText,
	TakeText:        (*Endpoint).takeText,
	TakeFIN:         (*Endpoint).takeFIN,
	ContinueSegment: func(e *Endpoint) { e.rest = true },

	QueueSend:    (*Endpoint).queueSend,
	QueueReceive: (*Endpoint).queueReceive,
	QueueClose:   (*Endpoint).queueClose,
	DeliverText:  (*Endpoint).deliverText,
	AnswerClose:  (*Endpoint).answerClose,

	SendSYN:       (*Endpoint).sendSYN,
	SendSYNACK:    (*Endpoint).sendSYN,
	SendText:      (*Endpoint).output,
	SendFIN:       (*Endpoint).sendFIN,
	SendACK:       (*Endpoint).sendACK,
	SendChallenge: (*Endpoint).sendChallenge,
	SendRST:       (*Endpoint).sendRST,
	SendRSTACK:    (*Endpoint).sendRSTACK,
	SendAbortRST:  (*Endpoint).sendAbortRST,
	Resend:        (*Endpoint).resend,
	SendProbe:     (*Endpoint).sendProbe,
	SendKeepalive: (*Endpoint).sendKeepalive,
	BackOff:       (*Endpoint).backOff,
	StopTimers:    (*Endpoint).stopTimers,
	StartTimeWait: (*Endpoint).startTimeWait,

	FailClosing: func(e *Endpoint) { e.fail(FailClosing) },
	FailReset:   func(e *Endpoint) { e.fail(FailReset) },
	FlushQueues: (*Endpoint).flushQueues,
	DeleteTCB:   (*Endpoint).deleteTCB,
})

// told are the actions that consist in telling the user something.
const told = ReportState | SignalClosing | SignalReset | SignalRefused | SignalTimeout |
	ErrNoConnection | ErrExists | ErrForeign | ErrClosing

func indexDoers(by map[Actions]func(*Endpoint)) (list [64]func(*Endpoint)) {
	for action, do := range by {
		list[bits.TrailingZeros64(uint64(action))] = do
	}
	return list
}

// carryOut does the actions of a row in the order of their constants.
func (e *Endpoint) carryOut(actions Actions) {
	for ; actions != 0; actions &= actions - 1 {
		action := actions & -actions
		if told.Has(action) {
			e.tell(action)
		} else if do := doers[bits.TrailingZeros64(uint64(action))]; do != nil {
			do(e)
		}
	}
}

// tell tells the user. Where the connection ends or the peer has closed, the
// RECEIVEs that wait end with the same word.
func (e *Endpoint) tell(word Actions) {
	f := Effect{Kind: TellUser, Word: word}
	if (SignalClosing | SignalRefused | SignalTimeout).Has(word) {
		f.Count = e.dropReceives()
	}
	e.note(f)
}

// fail tells the user that queued calls fail, if there are any.
func (e *Endpoint) fail(word Actions) {
	if n := e.dropReceives(); n > 0 {
		e.note(Effect{Kind: TellUser, Word: word, Count: n})
	}
}

func (e *Endpoint) dropReceives() int {
	n := len(e.receive.calls)
	e.receive.calls = nil
	return n
}

func (e *Endpoint) createTCB() {
	e.v = Variables{IgnoresRST: e.cfg.IgnoreRSTInTimeWait}
	e.send, e.receive = sender{}, receiver{}
	e.stamps = stamps{origin: e.stamps.origin}
	e.rtt = rtoEstimator{rto: e.cfg.InitialRTO}
	e.closeQueued, e.closePending = false, false
	e.v.RCV.WND = e.cfg.ReceiveBuffer
	e.takeForeign()
}

// takeForeign: OPEN, or the SEND that stands for it, may name the foreign
// socket.
func (e *Endpoint) takeForeign() {
	if e.in.Foreign.IsValid() {
		e.foreign = e.in.Foreign
	}
}

func (e *Endpoint) markActive() {
	e.v.FromPassive = false
	e.takeForeign()
}

func (e *Endpoint) queueClose() { e.closeQueued, e.closePending = true, true }

func (e *Endpoint) answerClose() {
	if e.closePending {
		e.closePending = false
		e.note(Effect{Kind: TellUser, Word: AnswerClose})
	}
}

// flushQueues forgets text in both directions and what else belonged to the
// peer, its timestamps too. RECEIVEs that wait survive it: they are for whoever
// comes next. So does a CLOSE: the user has called it and will not call again.
func (e *Endpoint) flushQueues() {
	calls, wnd := e.receive.calls, e.cfg.ReceiveBuffer
	e.send, e.receive = sender{}, receiver{calls: calls}
	e.v.SND.UNA, e.v.FinSent, e.v.RCV.WND = e.v.SND.NXT, false, wnd
	e.local, e.foreign = e.cfg.Local, e.cfg.Foreign
	e.stamps = stamps{origin: e.stamps.origin}
}

func (e *Endpoint) deleteTCB() {
	e.stopTimers()
	e.flushQueues()
	e.receive.calls, e.closeQueued, e.closePending = nil, false, false
}
