package diagnose

import (
	"fmt"
	"net/netip"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// threads sums what the threads of a program wait for. A thread that waits for a
// socket with an inode waits for another one than those that are judged: there
// is something to read on them.
type threads struct {
	all        int
	unknown    int // running, or we may not see
	watching   int // for events of many descriptors, or for more from a client: it would be told
	accepting  int
	idle       int // sleeping: it says nothing
	locked     int
	elsewhere  int            // a pipe, a disk, a child, ...
	dependency int            // for an answer on a connection that the program dialled
	on         netip.AddrPort // such a one
}

// waits reads what the threads of a process wait for.
func (x *index) waits(p *host.Process) (t threads) {
	for _, w := range p.Waits {
		t.all += w.Threads
		switch w.Kind() {
		case host.WaitsForLock:
			t.locked += w.Threads
		case host.WaitsForEvents:
			t.watching += w.Threads
		case host.WaitsForConnection:
			t.accepting += w.Threads
		case host.WaitsForTime:
			t.idle += w.Threads
		case host.WaitsForSocket:
			x.waitsFor(&t, w)
		case host.WaitsElsewhere:
			t.elsewhere += w.Threads
		default:
			t.unknown += w.Threads
		}
	}
	return t
}

// waitsFor sorts threads that wait for one socket: a client's, so they serve, or
// that of a service that the program depends on.
func (x *index) waitsFor(t *threads, w host.Wait) {
	s := x.socketOf(w.Inode)
	switch {
	case w.Inode == 0:
		t.unknown += w.Threads
	case s == nil: // of another protocol, or of another namespace
		t.elsewhere += w.Threads
	case x.listenerOf(s.Local) != nil:
		t.watching += w.Threads
	default:
		t.dependency += w.Threads
		t.on = s.Remote
	}
}

func (x *index) socketOf(inode uint32) *host.Socket {
	for _, list := range x.byState {
		for _, s := range list {
			if inode != 0 && s.now.Inode == inode {
				return s.now
			}
		}
	}
	return nil
}

// cannotClose tells whether no thread would notice data or an end, and some
// wait for something else.
func (t threads) cannotClose() bool {
	return t.all > 0 && t.unknown == 0 && t.watching == 0 && t.locked+t.dependency+t.elsewhere > 0
}

// blocked judges whether the program cannot get as far as closing: what came
// lies unread on half of the connections or more, and no thread waits where it
// would be told of it. A stopped program reads nothing, not even an end.
func (x *index) blocked(g *held) standing {
	p := x.processes[g.pid]
	switch {
	case stopped(p) && unreadMore(g.sockets, 0)*2 >= len(g.sockets):
		return likely
	case unreadMore(g.sockets, 1) == 0, p != nil && x.readers()[g.pid]:
		return ruledOut
	case p != nil && unreadMore(g.sockets, 1)*2 >= len(g.sockets) && x.waits(p).cannotClose():
		return likely
	default:
		return leftOpen
	}
}

func stopped(p *host.Process) bool { return p != nil && (p.State == "T" || p.State == "t") }

// unreadMore counts the sockets whose receive queue holds more than so much; the
// end of the stream counts one.
func unreadMore(group []seen, than uint32) (n int) {
	for _, s := range group {
		if s.now.RecvQueue > than {
			n++
		}
	}
	return n
}

// readers returns the programs that read something in the window, on whichever
// connection.
func (x *index) readers() map[int]bool {
	if x.reading != nil {
		return x.reading
	}
	x.reading = map[int]bool{}
	for _, state := range []tcp.State{tcp.Established, tcp.CloseWait, tcp.FinWait2} {
		for _, s := range x.byState[state] {
			if s.before != nil && taken(s.now) > taken(s.before) {
				x.reading[x.owner(s.now)] = true
			}
		}
	}
	return x.reading
}

// taken is how much of what came the program has read.
func taken(s *host.Socket) int64 { return int64(s.Info.BytesReceived) - int64(s.RecvQueue) }

// blockedRival judges the block for a group that another cause claims.
func (x *index) blockedRival(f *Finding, g *held) {
	const rival = "app-blocked"
	unread, p := unreadMore(g.sockets, 1), x.processes[g.pid]
	switch {
	case unread == 0:
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("nothing-unread")})
	case p != nil && x.readers()[g.pid]:
		f.Excluded = append(f.Excluded, Exclusion{rival, Say("reads-others", x.who(g.pid))})
	case p != nil && len(p.Waits) > 0 && x.waits(p).watching > 0:
		f.Open = append(f.Open, Exclusion{rival, Say("unread-but-watched", unread)})
	default:
		f.Open = append(f.Open, Exclusion{rival, Say("unread-data", unread)})
	}
}

// appBlocked: all threads of the program wait on something, and cannot close.
func appBlocked(x *index) []Finding { return x.because(whyBlocked, x.blockedFinding) }

func (x *index) blockedFinding(g *held) Finding {
	f := Finding{
		State: tcp.CloseWait, Severity: Warning, Count: len(g.sockets), Subject: x.subject(g.pid),
		Summary:   Say("app-blocked", x.who(g.pid), len(g.sockets)),
		RefutedBy: Say("app-blocked-refuted"),
		Fate:      Outlook{Text: Say("app-blocked-fate", x.who(g.pid)), Forever: true},
		Evidence: []Evidence{{
			Source: sockets, Fact: "unread", Value: float64(unreadMore(g.sockets, 0)), Unit: "sockets",
			Text: Say("unread-through-window", unreadMore(g.sockets, 0)), Recheck: recheck("close-wait", g.local.Port()),
		}},
		Excluded: []Exclusion{
			{"app-not-closing", Say("cannot-get-there")},
			{"closed-before-accept", Say("was-accepted")},
		},
		Remedies: x.stalledRemedies(g.pid),
	}
	g.about(&f.Subject)
	x.blockedEvidence(&f, g.pid)
	x.poolRival(&f, g)
	x.proxyRival(&f, g, tcp.FinWait2)
	return f
}

// blockedEvidence says where the threads wait.
func (x *index) blockedEvidence(f *Finding, pid int) {
	p := x.processes[pid]
	if stopped(p) {
		f.Evidence = append(f.Evidence, x.activity(pid)...)
		return
	}
	t := x.waits(p)
	e := Evidence{
		Source: evidence.SourceProcesses, Fact: "threads-waiting", Value: float64(t.locked + t.dependency + t.elsewhere), Unit: "threads",
		Text:    Say("threads-wait", t.all, t.locked, t.elsewhere),
		Recheck: fmt.Sprintf("for t in /proc/%d/task/*; do cat $t/comm $t/wchan; echo; done", pid),
	}
	f.Evidence = append(f.Evidence, e)
	if t.dependency > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: evidence.SourceProcesses, Fact: "waits-for-dependency", Value: float64(t.dependency), Unit: "threads",
			Text: Say("waits-for-dependency", t.dependency, t.on.String()), Recheck: "ss -tnpi dst " + ssTarget(t.on),
		})
	}
}
