package tcp

import "encoding/binary"

// AppendKey appends all that decides what the end will do, so that two ends with
// the same configuration and equal keys behave alike from now on. Sequence
// numbers are relative to ISS and IRS, deadlines to the time of the last Step;
// measurements of the round trip, and the counts that limit ACKs, are left out.
// It is for those who search states.
func (e *Endpoint) AppendKey(b []byte) []byte {
	v, s, r := &e.v, &e.send, &e.receive
	b = append(b, byte(e.state), bits8(v.FinSent, v.FromPassive, s.synOut, s.scaling, s.sack, e.stamps.agreed, e.closeQueued, e.closePending))
	for _, n := range []Size{
		v.SND.ISS.To(v.SND.UNA), v.SND.UNA.To(v.SND.NXT), v.SND.MaxWND, s.wnd, v.SND.ISS.To(s.wl2), v.RCV.IRS.To(s.wl1),
		v.RCV.IRS.To(v.RCV.NXT), v.RCV.WND, Size(s.retries), Size(e.timers.probes), Size(len(r.calls)), Size(s.mss),
	} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = appendText(b, s.text)
	b = appendText(b, r.unread)
	for _, f := range r.held {
		b = appendText(binary.AppendUvarint(b, uint64(v.RCV.IRS.To(f.seq))), f.text)
	}
	b = append(b, bits8(r.fin))
	if r.fin {
		b = binary.AppendUvarint(b, uint64(v.RCV.IRS.To(r.finAt)))
	}
	return e.appendTimers(b)
}

func (e *Endpoint) appendTimers(b []byte) []byte {
	b = append(b, e.timers.running)
	for event := UserTimeout; event <= TimeWaitTimeout; event++ {
		if e.timers.running&timerBit(event) != 0 {
			b = binary.AppendVarint(b, int64(e.timers.at[event-UserTimeout]-e.now))
		}
	}
	return b
}

func appendText(b, text []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func bits8(bits ...bool) (octet byte) {
	for i, bit := range bits {
		if bit {
			octet |= 1 << i
		}
	}
	return octet
}
