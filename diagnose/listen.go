package diagnose

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// sorted returns the listeners by address, so that reports do not depend on
// the order of a map.
func (x *index) sorted() []*listener {
	list := make([]*listener, 0, len(x.listeners))
	for _, l := range x.listeners {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b *listener) int { return a.at.Compare(b.at) })
	return list
}

// acceptStalled: connections wait and the program takes none of them. Length
// alone proves nothing, a queue that is filled as fast as it drains has the
// same length at every look. What proves it is that the same connections wait
// at both ends of the window, that none was taken, and that the queue never
// became shorter.
func acceptStalled(x *index) []Finding {
	var findings []Finding
	for _, l := range x.sorted() {
		if stuck := l.stuck(); l.stalled(stuck) {
			x.claim(l.waiting)
			findings = append(findings, x.stalledFinding(l, stuck))
		}
	}
	return findings
}

// stalled decides. With SO_REUSEPORT one socket's queue may stand still while
// its neighbours drain; then the connections that wait must fill it.
func (l *listener) stalled(stuck []seen) bool {
	if l.length() == 0 || !l.neverFell() {
		return false
	}
	if len(l.sockets) > 1 {
		return len(stuck) > 0 && len(stuck) >= l.standing()
	}
	if len(stuck) == 0 { // members that were reset wait unseen: only the length is left as evidence
		return len(l.waiting) == 0 && l.taken == 0
	}
	return l.taken == 0 && l.lost < len(stuck)
}

// standing sums the queues that never fell, as they were when the window
// opened.
func (l *listener) standing() (n int) {
	for _, lengths := range l.queues {
		if len(lengths) > 1 && neverFell(lengths) {
			n += int(lengths[0])
		}
	}
	return n
}

func (x *index) stalledFinding(l *listener, stuck []seen) Finding {
	pid := x.listenerPID(l)
	full, _ := l.fullLooks()
	overflows := x.rose("TcpExtListenOverflows")
	f := Finding{
		State: tcp.Listen, Severity: Warning, Count: l.length(), Subject: x.subject(pid),
		Summary:   Say("accept-stalled", x.who(pid), l.at.String(), l.length()),
		RefutedBy: Say("accept-stalled-refuted"),
		Fate:      Outlook{Text: Say("accept-stalled-fate"), Forever: true},
		Evidence: []Evidence{{
			Source: sourceListeners, Fact: "accept-queue-length", Value: float64(l.length()), Unit: "connections",
			Text: Say("accept-queue", l.length(), l.limit()), Recheck: fmt.Sprintf("ss -ltnp '( sport = :%d )'", l.at.Port()),
		}},
	}
	f.Subject.Local = l.at.String()
	x.stalledEvidence(&f, l, stuck)
	x.takeNoRoom(&f, l)
	if drops, known := l.drops(); overflows > 0 && full > 0 && (drops > 0 || !known) {
		f.Severity = Critical
		f.Evidence = append(f.Evidence, x.counted("TcpExtListenOverflows", "overflows"))
	} else if full > 0 {
		f.Severity = Critical
	}
	x.overflowed(&f, l)
	f.Evidence = append(f.Evidence, x.activity(pid)...)
	f.Remedies = x.stalledRemedies(pid)
	return f
}

// stalledEvidence adds what the waiting connections show, and judges the rival:
// a program that accepts, too slowly.
func (x *index) stalledEvidence(f *Finding, l *listener, stuck []seen) {
	const rival = "accept-backlog-too-small"
	if len(stuck) == 0 {
		f.Open = append(f.Open, Exclusion{rival, Say("accept-members-unseen")})
		return
	}
	f.Evidence = append(f.Evidence, Evidence{
		Source: sockets, Fact: "waiting-through-window", Value: float64(len(stuck)), Unit: "sockets",
		Text: Say("waiting-through-window", len(stuck)), Recheck: recheck("connected", l.at.Port()),
	})
	if l.lost > 0 {
		f.Open = append(f.Open, Exclusion{rival, Say("accept-some-gone", l.lost)})
		return
	}
	f.Excluded = append(f.Excluded, Exclusion{rival, Say("accept-none-taken", len(stuck))})
}

// activity says what the program did in the window, as far as it can be told.
func (x *index) activity(pid int) []Evidence {
	p := x.processes[pid]
	if p == nil {
		return nil
	}
	e := Evidence{Source: evidence.SourceProcesses, Fact: "program-state", Unit: "seconds of CPU", Recheck: fmt.Sprintf("grep -E 'State|Threads' /proc/%d/status; cat /proc/%d/wchan", pid, pid)}
	used := p.CPU
	for i := range x.bundle.ProcessesBefore.List {
		if before := &x.bundle.ProcessesBefore.List[i]; before.PID == pid {
			used = p.CPU - before.CPU
		}
	}
	e.Value = used.Seconds()
	switch {
	case p.State == "T" || p.State == "t":
		e.Text = Say("program-stopped", p.Name)
	case p.State == "D":
		e.Text = Say("program-blocked", p.Name)
	case used > x.window*8/10:
		e.Text = Say("program-busy", p.Name, used.Round(10*time.Millisecond).String())
	default:
		e.Text = Say("program-waits", p.Name)
	}
	return []Evidence{e}
}

func (x *index) stalledRemedies(pid int) []Remedy {
	p := x.processes[pid]
	var remedies []Remedy
	if p != nil && (p.State == "T" || p.State == "t") {
		remedies = append(remedies, typed("continue-program", Say("remedy-continue"), Say("remedy-continue-risk"),
			Change{Kind: ChangeProcess, Target: strconv.Itoa(pid), From: "stopped", To: "running"}))
	}
	if p != nil {
		remedies = append(remedies, Remedy{
			ID: "look-at-program", Text: Say("remedy-look"), Risk: Say("remedy-look-risk"),
			Apply: []string{fmt.Sprintf("for t in /proc/%d/task/*; do cat $t/comm $t/wchan; echo; done", pid)},
		})
	}
	return append(remedies, x.restart(pid, Say("remedy-restart-queue-risk")))
}

// acceptBacklogTooSmall: the program takes connections, yet its queue
// overflows.
func acceptBacklogTooSmall(x *index) []Finding {
	if x.rose("TcpExtListenOverflows") <= 0 {
		return nil
	}
	var findings []Finding
	for _, l := range x.sorted() {
		full, looks := l.fullLooks()
		drops, known := l.drops()
		overflowed := drops > 0 || !known && full > 0
		if overflowed && l.drains() && !l.stalled(l.stuck()) && !(full == 0 && x.dropsElsewhere(l, drops)) {
			x.claim(l.waiting)
			findings = append(findings, x.backlogFinding(l, full, looks))
		}
	}
	return findings
}

// dropsElsewhere: the overflows are counted for the whole host, and the drops of
// a listener for its half-open queue too. A listener that was never seen full
// is not blamed where another one was, and a full half-open queue explains its
// drops.
func (x *index) dropsElsewhere(l *listener, drops int) bool {
	if x.rose("TcpExtTCPReqQFullDrop") < drops {
		return false
	}
	return slices.ContainsFunc(x.sorted(), func(other *listener) bool {
		full, _ := other.fullLooks()
		return other != l && full > 0
	})
}

// drains tells whether the queue visibly moved: a connection was taken, one
// that waited is gone, or the queue became shorter or empty.
func (l *listener) drains() bool { return l.taken > 0 || l.lost > 0 || !l.neverFell() }

func (x *index) backlogFinding(l *listener, full, looks int) Finding {
	pid := x.listenerPID(l)
	drops, _ := l.drops()
	f := Finding{
		State: tcp.Listen, Severity: Warning, Count: max(drops, 0), Subject: x.subject(pid),
		Summary:   Say("accept-backlog-too-small", x.who(pid), l.at.String(), l.limit()),
		RefutedBy: Say("accept-backlog-refuted"),
		Fate:      Outlook{Text: Say("accept-backlog-fate"), Within: 3 * time.Second},
		Evidence: []Evidence{
			x.counted("TcpExtListenOverflows", "overflows"),
			{
				Source: sourceListeners, Fact: "accept-queue-limit", Value: float64(l.limit()), Unit: "connections",
				Text: x.bound(l), Recheck: fmt.Sprintf("ss -ltnp '( sport = :%d )'", l.at.Port()),
			},
			{
				Source: sourceListeners, Fact: "accept-queue-full-looks", Value: float64(full), Unit: fmt.Sprintf("of %d looks", looks),
				Text: Say("accept-queue-looks", full, looks), Recheck: fmt.Sprintf("ss -ltn '( sport = :%d )'", l.at.Port()),
			},
		},
		Excluded: []Exclusion{{"accept-stalled", Say("accept-drains", l.taken+l.lost)}},
		Remedies: x.backlogRemedies(l),
	}
	x.overflowed(&f, l)
	f.Subject.Local = l.at.String()
	x.takeNoRoom(&f, l)
	if full := x.rose("TcpExtTCPReqQFullDrop", "TcpExtTCPReqQFullDoCookies"); full*10 > x.rose("TcpExtListenOverflows") {
		f.Open = append(f.Open, Exclusion{"syn-flood", Say("backlog-or-flood", full)})
	} else {
		f.Excluded = append(f.Excluded, Exclusion{"syn-flood", Say("no-full-syn-queue", full)})
	}
	return f
}

// bound says what sets the limit: the smaller of the program's listen() and
// the host's somaxconn wins, and silently.
func (x *index) bound(l *listener) Message {
	most, known := x.setting("net.core.somaxconn")
	switch {
	case !known:
		return Say("accept-queue", l.length(), l.limit())
	case l.limit() >= most*len(l.sockets):
		return Say("bound-by-somaxconn", l.limit(), most)
	default:
		return Say("bound-by-listen", l.limit(), x.bundle.Settings["net.core.somaxconn"])
	}
}

func (x *index) backlogRemedies(l *listener) []Remedy {
	const wanted = 4096 // the kernel's own default of somaxconn since 5.4
	remedies := []Remedy{{ID: "raise-listen-backlog", Text: Say("remedy-listen"), Risk: Say("remedy-listen-risk")}}
	if most, ok := x.setting("net.core.somaxconn"); ok && most < wanted {
		remedies = append(remedies, x.sysctl("raise-somaxconn", "net.core.somaxconn", strconv.Itoa(wanted), Say("remedy-somaxconn"), Say("remedy-listen-risk")))
	}
	return remedies
}
