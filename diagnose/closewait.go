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
// came in through one listener, or that it dialled to one target.
type leak struct {
	pid    int
	local  netip.AddrPort // the listener, zero when dialled
	target netip.AddrPort // the target, zero when they came in
}

func (x *index) leakOf(s *host.Socket) leak {
	if l := x.listenerOf(s.Local); l != nil {
		return leak{pid: x.owner(s), local: l.at}
	}
	return leak{pid: x.owner(s), target: s.Remote}
}

// leaks groups the sockets of a state that a program holds, that outlived the
// window and on which nothing moved.
func (x *index) leaks(state tcp.State) (map[leak][]seen, []leak) {
	groups := map[leak][]seen{}
	var order []leak
	for _, s := range x.byState[state] {
		if s.now.Inode == 0 || s.now.Kind != host.Full || !s.outlived() || s.moved() {
			continue
		}
		key := x.leakOf(s.now)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], s)
	}
	return groups, order
}

func (x *index) leakGrew(key leak, state tcp.State) bool {
	var all []seen
	for _, s := range x.byState[state] {
		if s.now.Inode != 0 && x.leakOf(s.now) == key {
			all = append(all, s)
		}
	}
	return x.grew(all, func(s *host.Socket) bool { return s.Inode != 0 && x.leakOf(s) == key }, state)
}

// appNotClosing: the peer closed, the program holds on.
func appNotClosing(x *index) []Finding {
	groups, order := x.leaks(tcp.CloseWait)
	findings := make([]Finding, 0, len(order))
	for _, key := range order {
		x.claim(groups[key])
		findings = append(findings, x.notClosingFinding(key, groups[key]))
	}
	return findings
}

func (x *index) notClosingFinding(key leak, group []seen) Finding {
	grew := x.leakGrew(key, tcp.CloseWait)
	f := Finding{
		State: tcp.CloseWait, Severity: leakSeverity(len(group), grew), Count: len(group), Subject: x.subject(key.pid),
		RefutedBy: Say("app-not-closing-refuted"),
		Fate:      Outlook{Text: Say("close-wait-fate", x.who(key.pid)), Forever: true},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "outlived-window", Value: float64(len(group)), Unit: "sockets",
				Text: Say("outlived-unmoved", len(group)), Recheck: recheck("close-wait", key.local.Port()),
			},
			readEnd(group, key.local.Port()),
		},
		Remedies: []Remedy{
			{ID: "fix-close", Text: Say("remedy-fix-close"), Risk: Say("remedy-fix-close-risk")},
			x.restart(key.pid, Say("remedy-restart-risk")),
		},
	}
	if key.local.IsValid() {
		f.Summary = Say("app-not-closing-in", x.who(key.pid), len(group), key.local.String())
		f.Subject.Local = key.local.String()
	} else {
		f.Summary = Say("app-not-closing-out", x.who(key.pid), len(group), key.target.String())
		f.Subject.Peer = key.target.String()
	}
	x.heldBy(&f, key.pid, group, "holds-descriptors")
	if grew {
		f.Evidence = append(f.Evidence, Evidence{Source: sockets, Fact: "grows", Value: 1, Unit: "true", Text: Say("pile-grows"), Recheck: recheck("close-wait", key.local.Port())})
	}
	x.notClosingRivals(&f, key, group, grew)
	return f
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
	return Evidence{
		Source: sockets, Fact: "read-the-end", Value: float64(read), Unit: "sockets",
		Text: Say("read-the-end", read, len(group)), Recheck: recheck("close-wait", port),
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

func (x *index) notClosingRivals(f *Finding, key leak, group []seen, grew bool) {
	out := func(cause Cause, because Message) { f.Excluded = append(f.Excluded, Exclusion{cause, because}) }
	out("closed-before-accept", Say("was-accepted"))
	switch {
	case key.local.IsValid():
		out("idle-pool", Say("came-in", key.local.String()))
	case grew:
		out("idle-pool", Say("pool-would-not-grow"))
	default:
		f.Open = append(f.Open, Exclusion{"idle-pool", Say("maybe-pool", len(group), key.target.String())})
	}
	if unread := unreadData(group); unread > 0 {
		f.Open = append(f.Open, Exclusion{"app-blocked", Say("unread-data", unread)})
	} else {
		out("app-blocked", Say("nothing-unread"))
	}
	x.proxyRival(f, key.pid, tcp.FinWait2, len(group))
}

func unreadData(group []seen) (n int) {
	for _, s := range group {
		if s.now.RecvQueue > 1 {
			n++
		}
	}
	return n
}

// proxyRival: a proxy shows CLOSE-WAIT and FIN-WAIT-2 in pairs when the program
// behind it does not close. Like numbers of both in one process leave it open.
func (x *index) proxyRival(f *Finding, pid int, other tcp.State, n int) {
	const rival = "proxied-culprit"
	paired := 0
	for _, s := range x.byState[other] {
		if s.now.Inode != 0 && s.outlived() && (pid == 0 || x.owner(s.now) == pid) {
			paired++
		}
	}
	if paired*2 >= n {
		f.Open = append(f.Open, Exclusion{rival, Say("pairs", paired, other.String())})
		return
	}
	f.Excluded = append(f.Excluded, Exclusion{rival, Say("no-pairs", other.String())})
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
