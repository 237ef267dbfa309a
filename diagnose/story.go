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
	for _, f := range all {
		if f.BecauseOf != "" {
			continue
		}
		for _, root := range all {
			if root.Finding == f.Finding || root.BecauseOf == f.Cause {
				continue
			}
			if slices.Contains(across[f.Cause], root.Cause) && f.follows(root) || slices.Contains(unansweredDials[f.Cause], root.Cause) && f.dials(root) {
				f.BecauseOf, f.root = root.Cause, root.place()
				break
			}
		}
	}
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

// dials tells whether what a finding says is not answered is a listener of
// another one, in another namespace.
func (f told) dials(root told) bool {
	peer, err := netip.ParseAddrPort(f.Subject.Peer)
	if err != nil || f.from == root.from || peer.Addr().IsLoopback() || !root.from.ours(peer.Addr()) {
		return false
	}
	if root.Subject.Local != "" {
		at, err := netip.ParseAddrPort(root.Subject.Local)
		if err != nil || at.Port() != peer.Port() || !covers(at.Addr(), peer.Addr()) {
			return false
		}
	}
	f.note(root, f.Count)
	return true
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
