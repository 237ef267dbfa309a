package diagnose

import "net/netip"

// placePublished finds who listens where the rule of one namespace leads into
// another. What is said of that program there follows from the rule: in a namespace
// of its own it may well listen on all addresses.
func placePublished(all []told, reports []Report) {
	for _, f := range all {
		if f.Cause != "exposed-listener" || f.Subject.Peer == "" {
			continue
		}
		target, err := netip.ParseAddrPort(f.Subject.Peer)
		if err != nil {
			continue
		}
		for i := range reports {
			there := reports[i].index
			if there == nil || there == f.from || target.Addr().IsLoopback() || !there.ours(target.Addr()) {
				continue
			}
			if l := there.listenerOf(target); l != nil {
				f.runs(there, l)
				f.followed(all, there, l)
				break
			}
		}
	}
}

// runs names the program behind the rule.
func (f told) runs(there *index, l *listener) {
	pid := there.listenerPID(l)
	about := there.subject(pid)
	f.Subject.PID, f.Subject.Name, f.Subject.Exe, f.Subject.Container = about.PID, about.Name, about.Exe, about.Container
	e := listens(l)
	e.Text = Say("published-runs", there.who(pid), there.bundle.Host.NetNS)
	e.Recheck = "synoptic listeners --all-netns"
	f.Evidence = append(f.Evidence, e)
	f.Confidence = confidence(f.Finding)
}

// followed says of what the program itself is blamed for that the rule is the root.
func (f told) followed(all []told, there *index, l *listener) {
	for _, other := range all {
		if other.from == there && other.Cause == f.Cause && other.Subject.Local == l.at.String() {
			other.BecauseOf, other.root = f.Cause, f.place()
		}
	}
}
