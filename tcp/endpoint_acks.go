package tcp

import "time"

// takeACK moves SND.UNA and forgets what is acknowledged. An acknowledgment
// that says nothing new can still bring a window.
func (e *Endpoint) takeACK() {
	snd, ack := &e.v.SND, e.seg.Ack
	if snd.UNA.Less(ack) && ack.LessEqual(snd.NXT) {
		e.measure(ack)
		text := e.inFlight() - e.leftInFlight(ack)
		e.send.text = e.send.text[text:]
		snd.UNA = ack
		e.acknowledged()
	}
	e.updateWindow()
}

// leftInFlight returns how many octets of text in flight lie behind ack.
func (e *Endpoint) leftInFlight(ack Seq) int {
	left := ack.To(e.v.SND.NXT)
	if left > 0 && e.v.FinSent {
		left--
	}
	return int(left)
}

// acknowledged: something new was. The timers begin anew (RFC 6298 5.3), and
// after our SYN the handshake is over on this side.
func (e *Endpoint) acknowledged() {
	if e.send.synOut {
		e.send.synOut = false
		e.rtt.begin(&e.cfg)
	}
	e.send.retries = 0
	e.timers.restart(RetransmissionTimeout)
	e.timers.restart(ZeroWindowTimeout)
	e.timers.restart(UserTimeout)
}

// measure takes a round trip from the echoed timestamp (RFC 7323 section 4), or
// from the one segment that is timed (RFC 6298 section 3).
func (e *Endpoint) measure(ack Seq) {
	timed := e.send.timing && e.send.timedEnd.LessEqual(ack)
	if timed {
		e.send.timing = false
	}
	switch {
	case e.stamps.agreed && e.seg.Timestamp.Present:
		if ticks := e.stamps.clock(e.now) - e.in.Packet.Options.Echo; Size(ticks) < Half {
			e.rtt.sample(time.Duration(ticks)*time.Millisecond, &e.cfg)
		}
	case timed:
		e.rtt.sample(e.now-e.send.timedAt, &e.cfg)
	}
}

// updateWindow takes SEG.WND unless the segment is older than the one that gave
// SND.WND (RFC 9293 section 3.10.7.4, fifth check).
func (e *Endpoint) updateWindow() {
	seq, ack := e.seg.Seq, e.seg.Ack
	if ack != e.v.SND.UNA {
		return
	}
	if e.send.wl1.Less(seq) || e.send.wl1 == seq && e.send.wl2.LessEqual(ack) {
		e.setWindow()
	}
}

func (e *Endpoint) setWindow() {
	e.send.wl1, e.send.wl2 = e.seg.Seq, e.seg.Ack
	e.giveWindow()
}

// giveWindow sets SND.WND. A peer that keeps its window closed and says so is
// alive, so the count towards R2 begins anew (RFC 9293 section 3.8.6.1). Where
// the window opens again, what the peer did not take of our probes need not wait
// for a timer that they have slowed down.
func (e *Endpoint) giveWindow() {
	wnd := e.seg.Window
	if wnd == 0 {
		e.send.retries = 0
	} else if e.send.wnd == 0 {
		e.timers.restart(RetransmissionTimeout)
		e.send.reopened = e.v.SND.MaxWND > 0
	}
	e.send.wnd, e.v.SND.MaxWND = wnd, max(e.v.SND.MaxWND, wnd)
}
