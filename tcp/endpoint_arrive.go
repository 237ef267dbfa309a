package tcp

// arrive takes the rows of an arriving segment: one, or two where the first
// leaves the rest of the segment to the second.
func (e *Endpoint) arrive(p Packet) {
	e.prepare(p)
	if !e.ours(p) {
		e.refuse()
		return
	}
	if why := e.overlooked(); why != "" {
		e.note(Effect{Kind: IgnorePacket, Why: why})
		return
	}
	in := e.arrival()
	e.stamps.learn(e.seg, in.Facts, e.now)
	e.heard(in.Facts)
	e.take(in)
	if e.rest {
		e.continueSegment()
	}
	e.settle()
}

// prepare reads the window of the segment, which on a SYN is never scaled.
func (e *Endpoint) prepare(p Packet) {
	e.seg, e.text, e.rest = p.Segment, p.Text, false
	e.seg.Data = Size(len(p.Text))
	if !e.seg.Flags.Has(SYN) {
		e.seg.Window <<= e.send.shift
	}
}

// ours tells whether the packet is between the two sockets of the connection.
func (e *Endpoint) ours(p Packet) bool {
	return (!e.local.IsValid() || e.local == p.Destination) &&
		(!e.foreign.IsValid() || e.foreign == p.Source)
}

// refuse answers a segment for which there is no connection (RFC 9293 section
// 3.10.7.1) and leaves the end as it is.
func (e *Endpoint) refuse() {
	row, _ := Next(Closed, Arrival(e.seg, Variables{}))
	e.note(Effect{Kind: RowTaken, Row: row})
	e.carryOut(row.Actions)
}

// overlooked says why a segment does not even reach the table, "" if it does.
func (e *Endpoint) overlooked() string {
	switch {
	case e.seg.Flags.Has(RST) && e.cfg.Misbehaviour.IgnoreRST:
		return "RST is ignored on purpose"
	case e.stamps.agreed && !e.seg.Timestamp.Present && !e.seg.Flags.Any(RST|SYN):
		return "no timestamps option although it was agreed (RFC 7323 section 3.2)"
	}
	return ""
}

// arrival reduces the segment to the input of the table. One that fails PAWS is
// to be treated as lying outside the window (RFC 7323 section 5.3).
func (e *Endpoint) arrival() Input {
	in := Arrival(e.seg, e.Variables())
	if e.stamps.agreed && e.stamps.old(e.seg, e.now) {
		in.Facts &^= InWindow | SeqInWindow | SeqExact | FinInOrder | FinAgain
	}
	return in
}

// continueSegment gives what stood behind a SYN to the next row.
func (e *Endpoint) continueSegment() {
	e.rest, e.seg = false, e.seg.AfterSYN()
	if e.seg.Len() > 0 {
		e.take(e.arrival())
	}
}

// heard: the peer lives, which is all that a keep-alive asks.
func (e *Endpoint) heard(f Facts) {
	if f.Has(InWindow) {
		e.timers.restart(KeepaliveTimeout)
		e.timers.probes = 0
	}
}

// takeSYN begins the receive side anew: RCV.NXT, IRS, and what the options on
// the SYN say.
func (e *Endpoint) takeSYN() {
	e.receive = receiver{calls: e.receive.calls}
	e.v.RCV = ReceiveSpace{IRS: e.seg.Seq, NXT: e.seg.Seq.Add(1), WND: e.cfg.ReceiveBuffer}
	e.receive.frozen = e.v.RCV.NXT
	orDefault(&e.local, e.in.Packet.Destination)
	orDefault(&e.foreign, e.in.Packet.Source)
	e.agree(e.in.Packet.Options)
	e.v.SND.MaxWND, e.send.wl1, e.send.wl2 = 0, e.seg.Seq, e.v.SND.UNA
	e.giveWindow()
}

// agree settles the options that need both ends (RFC 7323 sections 2.2 and 3.2,
// RFC 2018 section 2) and the size of segments (RFC 9293 section 3.7.1).
func (e *Endpoint) agree(o Options) {
	const byDefault = 536
	e.send.mss = o.MSS
	orDefault(&e.send.mss, byDefault)
	e.send.mss = min(e.send.mss, e.cfg.MSS)
	e.send.sack = e.cfg.SACK && o.SACKPermitted
	e.stamps.begin(e.cfg.Timestamps, e.seg.Timestamp, e.now)
	e.send.scaling = e.cfg.WindowScaling && o.WindowScale.Present
	e.send.shift, e.receive.shift = 0, 0
	if e.send.scaling {
		e.send.shift, e.receive.shift = min(o.WindowScale.Shift, maxShift), e.offeredShift()
	} else {
		e.v.RCV.WND = min(e.v.RCV.WND, 65535)
	}
}
