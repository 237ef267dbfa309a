package diagnose

import (
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// few is a number of sockets that is worth knowing and no reason to act, as
// long as it does not grow.
const few = 5

// leak groups sockets that one program holds for one reason: connections that
// came in through one listener, or that it dialled. Where no process is
// visible, the user tells programs apart.
type leak struct {
	pid   int
	uid   uint32
	local netip.AddrPort // the listener, zero when dialled
}

func (x *index) leakOf(s *host.Socket, pid int) leak {
	key := leak{pid: pid}
	if key.pid == 0 {
		key.uid = s.UID
	}
	if l := x.listenerOf(s.Local); l != nil {
		key.local = l.at
	}
	return key
}

// held is a group of sockets that outlived the window with nothing moving on
// them.
type held struct {
	leak
	sockets []seen
	grew    bool // more came into the state in the window than left it
	why     reason
}

// leaks groups the sockets of a state that a program holds.
func (x *index) leaks(state tcp.State) []*held {
	groups := map[leak]*held{}
	var order []*held
	balances := map[leak]*balance{}
	for _, s := range x.byState[state] {
		if s.now.Inode == 0 || s.now.Kind != host.Full {
			continue
		}
		key := x.leakOf(s.now, x.owner(s.now))
		if balances[key] == nil {
			balances[key] = &balance{}
		}
		if s.outlived() {
			balances[key].went-- // it is counted below, and did not go
		} else {
			balances[key].came++
		}
		if !s.outlived() || s.moved() || x.inPair(s) || x.behindWindow(s) {
			continue // what a shut window holds back is peer-not-reading's
		}
		if groups[key] == nil {
			groups[key] = &held{leak: key}
			order = append(order, groups[key])
		}
		groups[key].sockets = append(groups[key].sockets, s)
	}
	if len(order) == 0 {
		return nil
	}
	for i := range x.first.Sockets { // those that went elsewhere, such as to TIME-WAIT, left too
		if s := &x.first.Sockets[i]; s.State == state && s.Inode != 0 && s.Kind == host.Full {
			if b := balances[x.leakOf(s, x.holder(s))]; b != nil {
				b.went++
			}
		}
	}
	for _, g := range order {
		b := balances[g.leak]
		g.grew = b.came > 0 && b.went == 0 || b.grew() // where some go, one more is chance
	}
	return order
}

// target is where all sockets of the group lead, ok when it is one place.
func (g *held) target() (to netip.AddrPort, ok bool) {
	to = g.sockets[0].now.Remote
	return to, distinct(g.sockets, func(s *host.Socket) netip.AddrPort { return s.Remote }) == 1
}

// about fills in the ends of the subject that are one place.
func (g *held) about(s *Subject) {
	if g.local.IsValid() {
		s.Local = g.local.String()
	} else if to, ok := g.target(); ok {
		s.Peer = to.String()
	}
}

// reason is why a program holds connections that their peers have finished. Each
// group has one, so that one cause speaks of it.
type reason uint8

const (
	whyForgotten reason = iota // app-not-closing
	whyBlocked                 // app-blocked
	whyPool                    // idle-pool
)

// closeWaits returns the groups of CLOSE-WAIT with their reasons.
func (x *index) closeWaits() []*held {
	if x.waiting == nil {
		x.waiting = x.leaks(tcp.CloseWait)
		for _, g := range x.waiting {
			switch {
			case x.maybePool(g) == likely:
				g.why = whyPool
			case x.blocked(g) == likely:
				g.why = whyBlocked
			}
		}
	}
	return x.waiting
}

// because returns a finding for each group that has the reason.
func (x *index) because(why reason, finding func(*held) Finding) []Finding {
	var findings []Finding
	for _, g := range x.closeWaits() {
		if g.why == why {
			x.claim(g.sockets)
			findings = append(findings, finding(g))
		}
	}
	return findings
}

// appNotClosing: the peer closed, the program holds on.
func appNotClosing(x *index) []Finding { return x.because(whyForgotten, x.notClosingFinding) }

func (x *index) notClosingFinding(g *held) Finding {
	check := recheck("close-wait", g.local.Port())
	f := Finding{
		State: tcp.CloseWait, Severity: leakSeverity(len(g.sockets), g.grew), Count: len(g.sockets), Subject: x.subject(g.pid),
		Summary:   x.notClosingSummary(g),
		RefutedBy: Say("app-not-closing-refuted"),
		Fate:      Outlook{Text: Say("close-wait-fate", x.who(g.pid)), Forever: true},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "outlived-window", Value: float64(len(g.sockets)), Unit: "sockets",
				Text: Say("outlived-unmoved", len(g.sockets)), Recheck: check,
			},
			readEnd(g.sockets, g.local.Port()),
		},
		Remedies: []Remedy{
			{ID: "fix-close", Text: Say("remedy-fix-close"), Risk: Say("remedy-fix-close-risk")},
			x.restart(g.pid, Say("remedy-restart-risk")),
		},
	}
	g.about(&f.Subject)
	x.heldBy(&f, g.pid, g.sockets, "holds-descriptors")
	if g.grew {
		f.Evidence = append(f.Evidence, Evidence{Source: sockets, Fact: "grows", Value: 1, Unit: "true", Text: Say("pile-grows"), Recheck: check})
	}
	x.notClosingRivals(&f, g)
	if f.Severity == Warning && x.maybePool(g) == leftOpen {
		f.Severity = Notice // benign until it grows
	}
	return f
}

func (x *index) notClosingSummary(g *held) Message {
	if g.local.IsValid() {
		return Say("app-not-closing-in", x.who(g.pid), len(g.sockets), g.local.String())
	}
	if to, ok := g.target(); ok {
		return Say("app-not-closing-out", x.who(g.pid), len(g.sockets), to.String())
	}
	return Say("app-not-closing-many", x.who(g.pid), len(g.sockets))
}

func leakSeverity(n int, grew bool) Severity {
	if n < few && !grew {
		return Notice
	}
	return Warning
}

// readEnd tells from the receive queue what the program knows: 0 when it read
// the end, 1 when only the FIN waits, more when data waits too.
func readEnd(group []seen, port uint16) Evidence {
	read := 0
	for _, s := range group {
		if s.now.RecvQueue == 0 {
			read++
		}
	}
	text := Say("read-the-end-some", read, len(group))
	switch read {
	case len(group):
		text = Say("read-the-end-all")
	case 0:
		text = Say("read-the-end-none")
	}
	return Evidence{
		Source: sockets, Fact: "read-the-end", Value: float64(read), Unit: "sockets",
		Text: text, Recheck: recheck("close-wait", port),
	}
}

// heldBy adds the witness that a process holds the sockets.
func (x *index) heldBy(f *Finding, pid int, group []seen, text string) {
	if pid == 0 {
		return
	}
	held := 0
	for _, s := range group {
		if x.owner(s.now) == pid {
			held++
		}
	}
	f.Evidence = append(f.Evidence, Evidence{
		Source: evidence.SourceProcesses, Fact: "descriptors-held", Value: float64(held), Unit: "descriptors",
		Text: Say(text, x.who(pid), held), Recheck: fmt.Sprintf("ls -l /proc/%d/fd | grep -c socket:", pid),
	})
}

func (x *index) notClosingRivals(f *Finding, g *held) {
	f.Excluded = append(f.Excluded, Exclusion{"closed-before-accept", Say("was-accepted")})
	x.poolRival(f, g)
	x.blockedRival(f, g)
	x.proxyRival(f, g, tcp.FinWait2)
}

// closedBeforeAccept: the peer gave up while the connection waited for
// accept(): CLOSE-WAIT without an inode, on a port of a listener.
func closedBeforeAccept(x *index) []Finding {
	groups := map[*listener][]seen{}
	for _, s := range x.byState[tcp.CloseWait] {
		if l := x.listenerOf(s.now.Local); l != nil && unaccepted(s.now) && s.outlived() {
			groups[l] = append(groups[l], s)
		}
	}
	var findings []Finding
	for _, l := range x.sorted() {
		if len(groups[l]) > 0 {
			x.claim(groups[l])
			findings = append(findings, x.gaveUpFinding(l, groups[l]))
		}
	}
	return findings
}

func (x *index) gaveUpFinding(l *listener, group []seen) Finding {
	pid := x.listenerPID(l)
	f := Finding{
		State: tcp.CloseWait, Severity: Warning, Count: len(group), Subject: x.subject(pid),
		Summary:   Say("closed-before-accept", len(group), l.at.String(), x.who(pid)),
		RefutedBy: Say("closed-before-accept-refuted"),
		Fate:      Outlook{Text: Say("closed-before-accept-fate", x.who(pid)), Forever: true},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "never-accepted", Value: float64(len(group)), Unit: "sockets",
				Text: Say("never-accepted", len(group)), Recheck: "ss -tnpe state close-wait",
			},
			{
				Source: sourceListeners, Fact: "accept-queue-length", Value: float64(l.length()), Unit: "connections",
				Text: Say("accept-queue", l.length(), l.limit()), Recheck: fmt.Sprintf("ss -ltnp '( sport = :%d )'", l.at.Port()),
			},
		},
		Excluded: []Exclusion{{"app-not-closing", Say("no-inode")}},
		Remedies: x.stalledRemedies(pid),
	}
	f.Subject.Local = l.at.String()
	return f
}
