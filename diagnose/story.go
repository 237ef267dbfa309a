package diagnose

import (
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
)

// Where both ends of a connection are on this host, in one namespace or in two,
// what is seen at one end is told as what follows from the other.

// across says which cause at one end follows from which at the other end of the
// same connections.
var across = map[Cause][]Cause{
	"peer-not-closing": waitsForClose,
	"half-close-held":  waitsForClose,
	"proxied-culprit":  {"app-not-closing", "app-blocked", "closed-before-accept"},
	"peer-not-reading": {"app-blocked"},

	// The rule that drops stands at the client.
	"synack-lost-on-path": {"synack-dropped-here"},
	"asymmetric-return":   {"synack-dropped-here"},
	"ack-lost":            {"synack-dropped-here"},
	"handshake-withheld":  {"synack-dropped-here"},

	// Each end takes the other for dead, and both are seen: one fault, between them.
	"peer-vanished":            {"peer-vanished"},
	"fin-unacknowledged":       {"peer-vanished"},
	"last-ack-lost":            {"peer-vanished", "fin-unacknowledged"},
	"simultaneous-close-stuck": {"peer-vanished", "simultaneous-close-stuck"},
}

var waitsForClose = []Cause{"app-not-closing", "app-blocked", "proxied-culprit", "closed-before-accept", "idle-pool"}

// unansweredDials says which cause at a listener leaves those who dial it without an
// answer.
var unansweredDials = map[Cause][]Cause{
	"target-filtered":   noAnswer,
	"target-dead":       noAnswer,
	"target-overloaded": noAnswer,
	// The kernel at the listener thinks that the handshake is not over: what the
	// client sends, its FIN too, is not answered.
	"fin-unacknowledged": {"accept-stalled", "accept-backlog-too-small"},
	"peer-vanished":      {"accept-stalled", "accept-backlog-too-small"},
}

var noAnswer = []Cause{
	"accept-stalled", "accept-backlog-too-small", "syn-flood", "syn-flood-from-prefix", "syn-queue-too-small",
	"synack-blocked-here", "no-return-route", "return-path-filtered", "synack-lost-on-path", "asymmetric-return",
}

// told is a finding with the evidence that it comes from.
type told struct {
	*Finding
	from *index
}

// tell joins findings about the two ends of the same connections. A finding of
// a report that was not made here has no sockets to compare.
func tell(all []told) {
	b := newBook(slices.DeleteFunc(all, func(f told) bool { return f.from == nil }))
	for _, f := range b.all {
		if f.BecauseOf != "" {
			continue
		}
		mine := b.socketsOf(f)
		if roots := across[f.Cause]; len(roots) == 0 || !f.because(roots, b, len(mine), b.joined(f, mine)) {
			f.because(unansweredDials[f.Cause], b, len(mine), f.dialled(mine))
		}
	}
}

// because looks for the first finding of one of the causes that explains at
// least half of the sockets of this one, and notes it.
func (f told) because(causes []Cause, b *book, of int, explains func(root told) int) bool {
	for _, cause := range causes {
		for _, root := range b.byCause[cause] {
			if root.Finding == f.Finding || root.BecauseOf == f.Cause {
				continue
			}
			if n := explains(root); n > 0 && n*2 >= of {
				f.BecauseOf, f.root = root.Cause, root.place()
				f.note(root, n)
				if f.Cause == "peer-vanished" && root.Cause == f.Cause {
					root.bothLive(f, n)
				}
				return true
			}
		}
	}
	return false
}

// dialled returns a count of the sockets that dialled a listener of another
// finding, or its host where that one names no listener.
func (f told) dialled(mine []*host.Socket) func(root told) int {
	targets := map[netip.AddrPort]int{}
	for _, s := range mine {
		targets[s.Remote]++
	}
	return func(root told) (n int) {
		var at netip.AddrPort
		if root.Subject.Local != "" {
			var err error
			if at, err = netip.ParseAddrPort(root.Subject.Local); err != nil {
				return 0
			}
		}
		for to, sockets := range targets {
			if (!at.IsValid() || at.Port() == to.Port() && covers(at.Addr(), to.Addr())) && f.reaches(root, to) {
				n += sockets
			}
		}
		return n
	}
}

// reaches tells whether an address leads from the one namespace to the other:
// loopback only to itself.
func (f told) reaches(root told, to netip.AddrPort) bool {
	if f.from == root.from {
		return f.from.ours(to.Addr())
	}
	return !to.Addr().IsLoopback() && root.from.ours(to.Addr())
}

// bothLive corrects what each end says of the other: neither is gone, and both still
// have the connections.
func (f told) bothLive(other told, n int) {
	f.Summary = Say("both-ends-cut", n, f.from.who(f.Subject.PID), other.from.who(other.Subject.PID))
	f.note(other, n)
}

func (f told) note(root told, n int) {
	f.Evidence = append(f.Evidence, Evidence{
		Source: evidence.SourceSockets, Fact: "other-end-here", Value: float64(n), Unit: "sockets",
		Text:    Say("other-end-here", n, root.from.who(root.Subject.PID), root.from.bundle.Host.NetNS),
		Recheck: "synoptic diagnose --all-netns",
	})
}
