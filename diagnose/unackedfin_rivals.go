package diagnose

// finWait1Rivals: nothing came after our FIN that acknowledges it, so what else
// could hold it back is a closed window or the size of what precedes it.
func (x *index) finWait1Rivals(f *Finding, u *unacked) {
	f.Excluded = append(f.Excluded, Exclusion{"peer-not-closing", Say("fin-not-acked")})
	x.lossRivals(f, u)
}

// closingRivals: the peer's FIN came, so the way from it to us worked.
func (x *index) closingRivals(f *Finding, u *unacked) {
	f.Excluded = append(f.Excluded,
		Exclusion{"fin-unacknowledged", Say("fin-of-peer-came")},
		Exclusion{"last-ack-lost", Say("fins-crossed")})
	x.lossRivals(f, u)
}

// lastACKRivals: what looks like a leak that the program has left behind.
func (x *index) lastACKRivals(f *Finding, u *unacked) {
	f.Excluded = append(f.Excluded, Exclusion{"app-not-closing", Say("our-fin-is-out")})
	x.lossRivals(f, u)
}

// lossRivals judges what else keeps a FIN from being acknowledged.
func (x *index) lossRivals(f *Finding, u *unacked) {
	switch {
	case u.waits && probesAnswered(u.sockets):
		f.Excluded = append(f.Excluded, Exclusion{"peer-vanished", Say("probes-answered")}, Exclusion{"path-mtu-black-hole", Say("window-shut")})
	case u.waits:
		f.Open = append(f.Open, Exclusion{"peer-vanished", Say("probes-unanswered")})
	default:
		f.Excluded = append(f.Excluded, Exclusion{"peer-not-reading", Say("window-open")})
		x.sizeRival(f, u)
	}
}

// sizeRival: data before the FIN may be what is too large to get through.
func (x *index) sizeRival(f *Finding, u *unacked) {
	const rival = "path-mtu-black-hole"
	for _, s := range u.sockets {
		if s.now.SendQueue <= 1 {
			f.Excluded = append(f.Excluded, Exclusion{rival, Say("only-the-fin")})
			return
		}
	}
	if small(u.sockets) {
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("small-segments-lost")})
		return
	}
	f.Open = append(f.Open, Exclusion{rival, Say("only-full-segments")})
}

// probesAnswered tells whether each socket got an answer to its probe before the
// last one: a peer that answers is there.
func probesAnswered(group []seen) bool {
	for _, s := range group {
		if s.now.Retransmits > 1 || s.now.HasInfo && s.now.Info.LastAckRecv > 2*probeGap(s.now) {
			return false
		}
	}
	return true
}
