package diagnose

import (
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Where both ends of a connection are on this host, in one namespace or in two,
// what is seen at one end is told as what follows from the other.

// across says which cause at one end follows from which at the other end of the
// same connections.
var across = map[Cause][]Cause{
	"peer-not-closing": {"app-not-closing", "app-blocked", "proxied-culprit"},
	"half-close-held":  {"app-not-closing", "app-blocked", "proxied-culprit"},
	"proxied-culprit":  {"app-not-closing", "app-blocked"},
	"peer-not-reading": {"app-blocked"},
}

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
	"synack-blocked-here", "no-return-route", "return-path-filtered",
}

// told is a finding with the evidence that it comes from.
type told struct {
	*Finding
	from *index
}

// tell joins findings about the two ends of the same connections.
func tell(all []told) {
	byCause := map[Cause][]told{}
	for _, f := range all {
		byCause[f.Cause] = append(byCause[f.Cause], f)
	}
	for _, f := range all {
		if f.BecauseOf != "" {
			continue
		}
		if !f.because(across[f.Cause], byCause, told.follows) {
			f.because(unansweredDials[f.Cause], byCause, told.dials)
		}
	}
}

// because looks for the first finding of one of the causes that explains this
// one.
func (f told) because(causes []Cause, byCause map[Cause][]told, explains func(f, root told) bool) bool {
	for _, cause := range causes {
		for _, root := range byCause[cause] {
			if root.BecauseOf != f.Cause && explains(f, root) {
				f.BecauseOf, f.root = root.Cause, root.place()
				return true
			}
		}
	}
	return false
}

// follows tells whether at least half of the sockets of a finding have their
// other end in the pile of another one, and notes it.
func (f told) follows(root told) bool {
	key, ok := pileOf(root.Finding)
	if !ok {
		return false
	}
	mine := f.from.socketsOf(f.Finding)
	joined := 0
	for _, s := range mine {
		other := root.from.socketAt(s.Remote, s.Local)
		if other != nil && slices.Contains(root.from.keysOf(other, other.State, root.from.owner(other)), key) {
			joined++
		}
	}
	if joined == 0 || joined*2 < len(mine) {
		return false
	}
	f.note(root, joined)
	return true
}

// dials tells whether those that a finding says are not answered dialled a
// listener of another one, or this host where that one names no listener, and
// notes it.
func (f told) dials(root told) bool {
	var at netip.AddrPort
	if root.Subject.Local != "" {
		var err error
		if at, err = netip.ParseAddrPort(root.Subject.Local); err != nil {
			return false
		}
	}
	mine := f.from.socketsOf(f.Finding)
	dialled := 0
	for _, s := range mine {
		if f.reaches(root, s.Remote) && (!at.IsValid() || at.Port() == s.Remote.Port() && covers(at.Addr(), s.Remote.Addr())) {
			dialled++
		}
	}
	if dialled == 0 || dialled*2 < len(mine) {
		return false
	}
	f.note(root, dialled)
	return true
}

// reaches tells whether an address leads from the one namespace to the other:
// loopback only to itself.
func (f told) reaches(root told, to netip.AddrPort) bool {
	if f.from == root.from {
		return f.from.ours(to.Addr())
	}
	return !to.Addr().IsLoopback() && root.from.ours(to.Addr())
}

func (f told) note(root told, n int) {
	f.Evidence = append(f.Evidence, Evidence{
		Source: evidence.SourceSockets, Fact: "other-end-here", Value: float64(n), Unit: "sockets",
		Text:    Say("other-end-here", n, root.from.who(root.Subject.PID), root.from.bundle.Host.NetNS),
		Recheck: "synoptic diagnose --all-netns",
	})
}

// socketsOf returns the sockets that a finding is about; of a proxy those that
// wait for the program behind it.
func (x *index) socketsOf(f *Finding) (list []*host.Socket) {
	key, ok := pileOf(f)
	if !ok {
		return nil
	}
	if f.Cause == "proxied-culprit" {
		key.state, key.local, key.peer = tcp.FinWait2, netip.AddrPort{}, netip.AddrPort{}
	}
	for _, s := range x.byState[key.state] {
		if slices.Contains(x.keysOf(s.now, key.state, x.owner(s.now)), key) {
			list = append(list, s.now)
		}
	}
	return list
}
