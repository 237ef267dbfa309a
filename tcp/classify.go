package tcp

// SendSpace holds the send sequence variables of RFC 9293 section 3.3.1.
type SendSpace struct {
	ISS    Seq  // initial send sequence number: the position of our SYN
	UNA    Seq  // SND.UNA: the first octet not acknowledged
	NXT    Seq  // SND.NXT: the next octet to be sent; UNA =< NXT
	MaxWND Size // MAX.SND.WND: the largest window the peer ever gave, octets (RFC 5961 section 5)
}

// ReceiveSpace holds the receive sequence variables of RFC 9293 section 3.3.1.
type ReceiveSpace struct {
	IRS Seq  // initial receive sequence number: the position of the peer's SYN
	NXT Seq  // RCV.NXT: the next octet expected, the window's left edge
	WND Size // RCV.WND: the window's size in octets; it ends before NXT+WND
}

// Accepts tells whether some octet of the segment, or its bare position, lies
// in the window: the first check of RFC 9293 section 3.10.7.4, by the letter.
func (r ReceiveSpace) Accepts(seg Segment) bool {
	return Acceptable(seg.Seq, seg.Len(), r.NXT, r.WND)
}

// Variables is the part of a TCB that decides what an arriving segment means.
type Variables struct {
	SND SendSpace
	RCV ReceiveSpace

	FinSent     bool      // our FIN is sent: the octet before SND.NXT
	FromPassive bool      // SYN-RECEIVED was entered from LISTEN
	IgnoresRST  bool      // RFC 1337: in TIME-WAIT no RST is heeded
	Timestamp   Timestamp // the peer's last one, TS.Recent of RFC 7323 section 4.3
}

// Classify reduces a segment to the conditions that the table asks for. It
// looks at the segment and the variables only, never at the state: conditions
// that have no meaning in a state are set or not as the numbers happen to be,
// and no row of that state asks for them.
func Classify(seg Segment, v Variables) Facts {
	return flagFacts(seg.Flags) | placeFacts(seg, v.RCV) | ackFacts(seg, v) |
		textFacts(seg, v.RCV) | endFacts(seg, v)
}

// Arrival returns the input that an arriving segment is to the table.
func Arrival(seg Segment, v Variables) Input {
	return Input{Event: SegmentArrives, Facts: Classify(seg, v)}
}

func flagFacts(f Flags) Facts {
	return fact(HasRST, f.Has(RST)) | fact(HasSYN, f.Has(SYN)) |
		fact(HasACK, f.Has(ACK)) | fact(HasFIN, f.Has(FIN))
}

// placeFacts says where the segment lies. A closed window accepts nothing, but
// the acknowledgment on a segment at RCV.NXT still counts (RFC 9293 section
// 3.10.7.4, first check), and so does a RST there.
func placeFacts(seg Segment, r ReceiveSpace) Facts {
	exact := seg.Seq == r.NXT
	forItsACK := exact && seg.Flags.Has(ACK)
	return fact(SeqExact, exact) |
		fact(SeqInWindow, exact || seg.Seq.In(r.NXT, r.WND)) |
		fact(InWindow, r.Accepts(seg) || forItsACK) |
		fact(SeqIRS, seg.Seq == r.IRS)
}

// ackFacts compares SEG.ACK with what was sent (RFC 9293 sections 3.4 and
// 3.10.7, RFC 5961 section 5).
func ackFacts(seg Segment, v Variables) Facts {
	if !seg.Flags.Has(ACK) {
		return 0
	}
	snd := v.SND
	return ackPlace(seg.Ack, snd) |
		fact(AckOfSyn, snd.ISS.Less(seg.Ack) && seg.Ack.LessEqual(snd.NXT)) |
		fact(AckOfFin, v.FinSent && seg.Ack == snd.NXT)
}

// ackPlace returns the one condition that holds, or none for an old duplicate.
func ackPlace(ack Seq, snd SendSpace) Facts {
	switch {
	case snd.NXT.Less(ack):
		return AckBeyond
	case snd.UNA.Less(ack):
		return AckNew
	case ack == snd.UNA:
		return AckAtUNA
	case ack.Less(snd.UNA.Sub(snd.MaxWND)):
		return AckTooOld
	default:
		return 0
	}
}

// textFacts says what text and FIN are good for. A SYN takes the first octet of
// the segment; text and FIN begin behind it.
func textFacts(seg Segment, r ReceiveSpace) Facts {
	rest := seg.AfterSYN()
	end := rest.End()
	hasFIN := rest.Flags.Has(FIN)
	gap := r.NXT.Less(rest.Seq)
	isNew := rest.Len() > 0 && r.NXT.Less(end)
	return fact(NewText, isNew) |
		fact(BehindGap, isNew && gap) |
		fact(FinInOrder, hasFIN && !gap && end.Sub(1).In(r.NXT, r.WND)) |
		fact(FinAgain, hasFIN && end == r.NXT)
}

func endFacts(seg Segment, v Variables) Facts {
	return fact(SynNewer, seg.Flags.Has(SYN) && synNewer(seg, v)) |
		fact(FromPassive, v.FromPassive) |
		fact(IgnoresRST, v.IgnoresRST)
}

// synNewer tells whether a SYN that meets TIME-WAIT belongs to a younger
// connection (RFC 6191 section 2). Timestamps decide where both connections
// have them and they differ; a connection that has them follows one that had
// none; else the SYN must lie beyond the last octet of the old connection, which
// is RCV.NXT-1.
func synNewer(seg Segment, v Variables) bool {
	old, now := v.Timestamp, seg.Timestamp
	switch {
	case now.Present && !old.Present:
		return true
	case now.Newer(old):
		return true
	case old.Newer(now):
		return false
	default:
		return v.RCV.NXT.LessEqual(seg.Seq)
	}
}

// fact returns the condition if it holds.
func fact(condition Facts, holds bool) Facts {
	if holds {
		return condition
	}
	return 0
}
