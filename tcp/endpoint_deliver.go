package tcp

// queueReceive lets a RECEIVE wait for text.
func (e *Endpoint) queueReceive() { e.receive.calls = append(e.receive.calls, e.in.Size) }

// deliverText answers a RECEIVE from what is queued, and tells the peer if that
// opens the window by as much as is worth a segment.
func (e *Endpoint) deliverText() {
	e.deliver(e.in.Size)
	if e.openWindow() {
		e.sendACK()
	}
}

// answerReceives gives text to the RECEIVEs that wait for it.
func (e *Endpoint) answerReceives() {
	r := &e.receive
	for len(r.calls) > 0 && len(r.unread) > 0 {
		size := r.calls[0]
		r.calls = r.calls[1:]
		e.deliver(size)
	}
	if e.cfg.AutoReceive {
		e.deliver(0)
	}
}

// deliver gives the user at most size octets, with 0 all of them.
func (e *Endpoint) deliver(size Size) {
	r := &e.receive
	n := len(r.unread)
	if n == 0 {
		return
	}
	if size > 0 {
		n = min(n, int(min(size, Half-1)))
	}
	e.note(Effect{Kind: DeliverData, Text: r.unread[:n:n]})
	r.unread = r.unread[n:]
}

// pushLeftover delivers text that no RECEIVE can get any more, since in the
// state now reached every RECEIVE fails: a FIN pushes what came before it (RFC
// 9293 section 3.10.7.4, eighth check).
func (e *Endpoint) pushLeftover() {
	if len(e.receive.unread) == 0 {
		return
	}
	row, _ := Next(e.state, Input{CallReceive, TextQueued})
	if !row.Actions.Has(DeliverText) {
		e.deliver(0)
	}
}

// openWindow moves the right edge of the window on as the buffer empties, by a
// segment or half the buffer at least (RFC 9293 section 3.8.6.2.2); it tells
// whether it did.
func (e *Endpoint) openWindow() bool {
	buffer := e.cfg.ReceiveBuffer
	if e.receive.shift == 0 {
		buffer = min(buffer, 65535)
	}
	unread := Size(len(e.receive.unread))
	if unread >= buffer || buffer-unread <= e.v.RCV.WND {
		return false
	}
	room := buffer - unread
	if room-e.v.RCV.WND < min(buffer/2, Size(e.cfg.MSS)) {
		return false
	}
	e.v.RCV.WND = room
	return true
}
