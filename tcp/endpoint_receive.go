package tcp

import "slices"

// receiver is the receiving half of an end, beside the variables RCV.* of the
// TCB.
type receiver struct {
	unread []byte     // text before RCV.NXT that no RECEIVE has taken
	held   []fragment // text beyond RCV.NXT, in order, without overlaps
	fin    bool       // a FIN is held
	finAt  Seq        // its position
	calls  []Size     // RECEIVEs that wait, the most octets each wants, 0: any number
	shift  uint8      // of the windows that we give
	frozen Seq        // SEG.ACK of an end that misbehaves
}

// fragment is a piece of text that came before what belongs before it.
type fragment struct {
	seq  Seq
	text []byte
}

func (f fragment) end() Seq { return f.seq.Add(Size(len(f.text))) }

// arrivedText returns text and FIN of the segment as far as they lie in the
// window.
func (e *Endpoint) arrivedText() (f fragment, fin bool) {
	rest, r := e.seg.AfterSYN(), e.v.RCV
	f = fragment{rest.Seq, e.text}
	fin = rest.Flags.Has(FIN) && f.end().In(r.NXT, r.WND)
	if f.seq.Less(r.NXT) {
		cut := min(Size(len(f.text)), f.seq.To(r.NXT))
		f = fragment{f.seq.Add(cut), f.text[cut:]}
	}
	if room := f.seq.To(r.NXT.Add(r.WND)); !f.seq.In(r.NXT, r.WND) {
		f.text = nil
	} else if Size(len(f.text)) > room {
		f.text = f.text[:room]
	}
	return f, fin
}

// holdText keeps what lies behind a gap, and a FIN until it is next in order.
func (e *Endpoint) holdText() {
	f, fin := e.arrivedText()
	e.holdFIN(fin)
	e.hold(f)
}

func (e *Endpoint) holdFIN(fin bool) {
	if fin && !e.receive.fin {
		e.receive.fin, e.receive.finAt = true, e.seg.End().Sub(1)
	}
}

// hold puts the part of a fragment that is not held yet in its place.
func (e *Endpoint) hold(f fragment) {
	for i := 0; len(f.text) > 0; i++ {
		if i == len(e.receive.held) {
			e.insert(i, f)
			return
		}
		h := e.receive.held[i]
		if f.seq.Less(h.seq) {
			n := min(Size(len(f.text)), f.seq.To(h.seq))
			e.insert(i, fragment{f.seq, f.text[:n]})
			f = fragment{f.seq.Add(n), f.text[n:]}
			continue
		}
		if f.seq.Less(h.end()) {
			n := min(Size(len(f.text)), f.seq.To(h.end()))
			f = fragment{f.seq.Add(n), f.text[n:]}
		}
	}
}

func (e *Endpoint) insert(i int, f fragment) {
	f.text = slices.Clone(f.text)
	e.receive.held = slices.Insert(e.receive.held, i, f)
}

// takeText takes the text of the segment that is in order, and what it makes
// contiguous.
func (e *Endpoint) takeText() {
	f, fin := e.arrivedText()
	e.holdFIN(fin)
	e.accept(f.text)
	e.takeHeld()
}

// accept moves RCV.NXT over the text. The window's right edge stays where it is
// or moves on.
func (e *Endpoint) accept(text []byte) {
	if len(text) == 0 {
		return
	}
	e.advance(Size(len(text)))
	e.receive.unread = append(e.receive.unread, text...)
	e.answerReceives()
	e.openWindow()
}

func (e *Endpoint) advance(n Size) {
	e.v.RCV.NXT = e.v.RCV.NXT.Add(n)
	e.v.RCV.WND -= min(n, e.v.RCV.WND)
}

// takeHeld takes held text that has come to be in order; it tells whether there
// was any.
func (e *Endpoint) takeHeld() (some bool) {
	held := &e.receive.held
	for len(*held) > 0 && (*held)[0].seq.LessEqual(e.v.RCV.NXT) {
		f := (*held)[0]
		*held = (*held)[1:]
		if done := f.seq.To(e.v.RCV.NXT); int(done) < len(f.text) {
			e.accept(f.text[done:])
			some = true
		}
	}
	return some
}

// takeUp takes what was held while the peer's half was not open yet, text on a
// SYN, and lets the table decide about a held FIN.
func (e *Endpoint) takeUp() {
	if !heeded[e.state][FinDue] {
		return
	}
	if e.takeHeld() {
		e.sendACK()
	}
	if e.receive.fin && e.receive.finAt == e.v.RCV.NXT {
		e.take(Input{Event: FinDue})
	}
}

// takeFIN moves RCV.NXT over the FIN, which pushes all text before it.
func (e *Endpoint) takeFIN() {
	e.receive.fin, e.receive.held = false, nil
	e.advance(1)
}
