package tcp

import "time"

// sender is the sending half of an end, beside the variables SND.* of the TCB.
type sender struct {
	text   []byte // from SND.UNA on (behind our SYN): sent text, then text that waits
	synOut bool   // our SYN is sent and not acknowledged

	wnd      Size // SND.WND, octets
	wl1, wl2 Seq  // SND.WL1, SND.WL2: the segment that gave SND.WND

	mss     uint16 // octets of text the peer takes in a segment, options included
	shift   uint8  // of the windows that the peer gives
	scaling bool   // both ends scale windows
	sack    bool   // both ends permit SACK

	reopened bool // in this step the peer has opened a window that was closed

	retries  int // timeouts since something new was acknowledged
	timing   bool
	timedEnd Seq // acknowledged, it gives a measurement of the round trip
	timedAt  time.Duration
}

// chooseISS begins the send side anew. Where an old connection rests in
// TIME-WAIT the ISS lies beyond all that it sent (RFC 9293 section 3.6.1).
func (e *Endpoint) chooseISS() {
	const beyond = 1<<16 + 1
	iss, old := e.newISS(), e.v.SND.NXT
	if e.v.FinSent && iss.LessEqual(old) {
		iss = old.Add(beyond)
	}
	e.v.SND = SendSpace{ISS: iss, UNA: iss, NXT: iss.Add(1), MaxWND: e.v.SND.MaxWND}
	e.v.FinSent, e.closeQueued = false, false
	e.send.text, e.send.synOut, e.send.retries, e.send.timing = nil, true, 0, false
	e.rtt = rtoEstimator{rto: e.cfg.InitialRTO}
}

func (e *Endpoint) newISS() Seq {
	if e.cfg.ISS != nil {
		return e.cfg.ISS()
	}
	return Seq(e.nextRandom())
}

// inFlight returns how many octets of text are sent and not acknowledged.
func (e *Endpoint) inFlight() int {
	n := e.v.SND.UNA.To(e.v.SND.NXT)
	if n > 0 && e.send.synOut {
		n--
	}
	if n > 0 && e.v.FinSent {
		n--
	}
	return int(n)
}

func (e *Endpoint) unsent() int { return len(e.send.text) - e.inFlight() }

// sendsQueued is the condition of the table: a FIN must wait.
func (e *Endpoint) sendsQueued() bool { return e.unsent() > 0 || e.cfg.Misbehaviour.WithholdFIN }

func (e *Endpoint) queueSend() { e.send.text = append(e.send.text, e.in.Text...) }

// output sends text as far as the window lets it go.
func (e *Endpoint) output() {
	if e.send.reopened {
		e.send.reopened = false
		e.resend()
	}
	for !e.send.synOut && !e.v.FinSent && e.unsent() > 0 {
		n := e.sendable()
		if n == 0 {
			return
		}
		e.sendText(e.inFlight(), n)
	}
}

// sendable returns the length of the next segment of text, 0 if it has to wait.
// A small segment goes only if it is all there is, if nothing else is under way,
// or if it fills half of the largest window (RFC 9293 section 3.8.6.2.1).
func (e *Endpoint) sendable() Size {
	all, segment := Size(e.unsent()), e.segmentSize()
	window, flight := min(e.send.wnd, e.cfg.SendWindow), e.v.SND.UNA.To(e.v.SND.NXT)
	if window <= flight {
		return 0
	}
	n := min(all, segment, window-flight)
	if n == all || n == segment || flight == 0 || n >= e.v.SND.MaxWND/2 {
		return n
	}
	return 0
}

// segmentSize is the most text in a segment, the options in its header taken
// off (RFC 9293 section 3.7.1).
func (e *Endpoint) segmentSize() Size {
	const stampsLen = 12
	if e.stamps.agreed && e.send.mss > stampsLen {
		return Size(e.send.mss - stampsLen)
	}
	return Size(e.send.mss)
}

// sendText sends n octets from the offset in the queue on, for the first time or
// again.
func (e *Endpoint) sendText(offset int, n Size) {
	seq := e.v.SND.UNA.Add(Size(offset))
	end := seq.Add(n)
	flags := ACK
	if offset+int(n) == len(e.send.text) {
		flags |= PSH
	}
	if e.v.SND.NXT.Less(end) {
		e.v.SND.NXT = end
		e.time(end)
	}
	text := e.send.text[offset : offset+int(n) : offset+int(n)]
	e.emit(Segment{Seq: seq, Ack: e.v.RCV.NXT, Flags: flags}, text)
}

// time begins to measure the round trip of a segment that ends here, unless
// another is being measured.
func (e *Endpoint) time(end Seq) {
	if !e.send.timing {
		e.send.timing, e.send.timedEnd, e.send.timedAt = true, end, e.now
	}
}

// sendSYN sends <SEQ=ISS><CTL=SYN>, with ACK once the peer's SYN is there.
func (e *Endpoint) sendSYN() {
	seg := Segment{Seq: e.v.SND.ISS, Flags: SYN}
	if e.heardSYN() {
		seg.Ack, seg.Flags = e.v.RCV.NXT, SYN|ACK
	}
	e.time(e.v.SND.ISS.Add(1))
	e.emit(seg, nil)
}

// heardSYN tells whether the receive side has begun.
func (e *Endpoint) heardSYN() bool { return e.send.mss != 0 }

func (e *Endpoint) sendFIN() {
	seq := e.v.SND.NXT
	e.v.SND.NXT, e.v.FinSent, e.closeQueued, e.closePending = seq.Add(1), true, false, true
	e.time(e.v.SND.NXT)
	e.emit(Segment{Seq: seq, Ack: e.v.RCV.NXT, Flags: FIN | ACK}, nil)
}

// sendACK sends a bare acknowledgment. Its SEQ is SND.NXT, but where more was
// sent than the window holds it is the window's end: else a peer that took none
// of it would not look at the acknowledgment.
func (e *Endpoint) sendACK() {
	seq := e.v.SND.NXT
	if end := e.v.SND.UNA.Add(e.send.wnd); !e.send.synOut && end.Less(seq) {
		seq = end
	}
	e.emit(Segment{Seq: seq, Ack: e.v.RCV.NXT, Flags: ACK}, nil)
}

func (e *Endpoint) sendChallenge() {
	if e.challenge.allow(e.now, e.cfg.ChallengeLimit, e.cfg.ChallengePeriod) {
		e.sendACK()
	}
}

func (e *Endpoint) sendRST() { e.reply(Segment{Seq: e.seg.Ack, Flags: RST}) }

func (e *Endpoint) sendRSTACK() { e.reply(Segment{Ack: e.seg.End(), Flags: RST | ACK}) }

func (e *Endpoint) sendAbortRST() { e.emit(Segment{Seq: e.v.SND.NXT, Flags: RST}, nil) }

// resend sends the first segment that is not acknowledged once more. The round
// trip is not measured on it (Karn's rule, RFC 6298 section 3).
func (e *Endpoint) resend() {
	if e.v.SND.UNA == e.v.SND.NXT {
		return
	}
	flight := Size(e.inFlight())
	switch {
	case e.send.synOut:
		e.sendSYN()
	case flight > 0:
		e.sendText(0, min(flight, e.segmentSize(), max(e.send.wnd, 1)))
	default:
		e.emit(Segment{Seq: e.v.SND.UNA, Ack: e.v.RCV.NXT, Flags: FIN | ACK}, nil)
	}
	e.send.timing = false
}

// sendProbe sends one octet into the closed window, the first that is not
// acknowledged (RFC 9293 section 3.8.6.1).
func (e *Endpoint) sendProbe() {
	switch {
	case e.send.synOut:
	case e.inFlight() > 0 || e.unsent() > 0 && !e.v.FinSent:
		e.sendText(0, 1)
	default:
		e.resend()
	}
	e.send.timing = false
}

func (e *Endpoint) sendKeepalive() {
	e.timers.probes++
	e.emit(Segment{Seq: e.v.SND.NXT.Sub(1), Ack: e.v.RCV.NXT, Flags: ACK}, nil)
}
