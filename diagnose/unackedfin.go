package diagnose

import (
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// unacked is a group of sockets whose FIN the peer does not acknowledge: of one
// holder, and of one peer or of many with less than a few each.
type unacked struct {
	pid     int  // the program that still holds them, 0 when none is seen to
	held    bool // a program still holds them
	waits   bool // the FIN stands behind data that a closed window holds back
	peers   []netip.Addr
	sockets []seen
}

// side is what sets groups of unacknowledged FINs apart.
type side struct {
	pid         int
	held, waits bool
}

// unackedFINs groups the sockets of a state that sent their FIN again, or may
// not send it because the window is closed, with nothing moving. Fewer than a
// few are the ordinary life of a host whose peers lose their links.
func (x *index) unackedFINs(state tcp.State) []*unacked {
	groups := map[side]map[netip.Addr][]seen{}
	total := 0
	for _, s := range x.byState[state] {
		waits := x.behindWindow(s)
		if s.now.Kind != host.Full || s.outlived() && s.moved() || !waits && !resending(s.now) {
			continue
		}
		total++
		at := side{x.owner(s.now), s.now.Inode != 0, waits}
		if groups[at] == nil {
			groups[at] = map[netip.Addr][]seen{}
		}
		addr := s.now.Remote.Addr()
		groups[at][addr] = append(groups[at][addr], s)
	}
	if total < few {
		return nil
	}
	var list []*unacked
	for at, peers := range groups {
		list = append(list, at.split(peers)...)
	}
	slices.SortFunc(list, func(a, b *unacked) int { return byFirst(a.sockets, b.sockets) })
	for _, u := range list {
		x.claim(u.sockets)
	}
	return list
}

// byFirst orders groups by the place of their first socket in the dump.
func byFirst(a, b []seen) int { return a[0].at - b[0].at }

// split makes a group of each peer with a few sockets or more, and one of all
// others.
func (at side) split(peers map[netip.Addr][]seen) []*unacked {
	var list []*unacked
	rest := &unacked{pid: at.pid, held: at.held, waits: at.waits}
	for addr, sockets := range peers {
		if len(sockets) >= few {
			list = append(list, &unacked{at.pid, at.held, at.waits, []netip.Addr{addr}, sockets})
			continue
		}
		rest.peers = append(rest.peers, addr)
		rest.sockets = append(rest.sockets, sockets...)
	}
	if len(rest.peers) == 0 {
		return list
	}
	slices.SortFunc(rest.peers, netip.Addr.Compare)
	slices.SortFunc(rest.sockets, func(a, b seen) int { return a.at - b.at })
	return append(list, rest)
}

// resending tells whether the timer expired without an acknowledgement.
func resending(s *host.Socket) bool {
	return s.Timer == host.TimerRetransmit && s.Retransmits > 0
}

// behindWindow tells whether the peer's window stayed closed for the whole
// window of time.
func (x *index) behindWindow(s seen) bool {
	if s.now.Timer != host.TimerProbe || s.now.SendQueue == 0 || s.now.HasInfo && s.now.Info.HasSendWindow && s.now.Info.SendWindow > 0 {
		return false
	}
	return x.looks < 2 && s.now.Info.Backoff > 1 || s.outlived()
}

// finUnacknowledged: we closed, and the peer does not acknowledge our FIN.
func finUnacknowledged(x *index) []Finding {
	return x.unackedFindings(tcp.FinWait1, (*index).finWait1Rivals)
}

// simultaneousCloseStuck: both sent FIN, and the acknowledgement of ours is
// missing.
func simultaneousCloseStuck(x *index) []Finding {
	return x.unackedFindings(tcp.Closing, (*index).closingRivals)
}

// lastACKLost: the peer closed, we closed, and our FIN stays unacknowledged.
func lastACKLost(x *index) []Finding {
	return x.unackedFindings(tcp.LastAck, (*index).lastACKRivals)
}

func (x *index) unackedFindings(state tcp.State, rivals func(*index, *Finding, *unacked)) []Finding {
	groups := x.unackedFINs(state)
	var peers []netip.Addr
	for _, u := range groups {
		peers = append(peers, u.peers...)
	}
	x.peers(peers)
	findings := make([]Finding, 0, len(groups))
	for _, u := range groups {
		f := x.unackedFinding(state, u)
		rivals(x, &f, u)
		findings = append(findings, f)
	}
	return findings
}

func (x *index) unackedFinding(state tcp.State, u *unacked) Finding {
	within, forever := x.stay(u.sockets)
	f := Finding{
		State: state, Severity: u.severity(), Count: len(u.sockets), Subject: x.subject(u.pid),
		Summary:   u.summary(state),
		RefutedBy: Say("fin-refuted"),
		Fate:      Outlook{Text: u.fate(x, wholeSeconds(within), forever), Within: within, Forever: forever},
		Evidence:  append(x.unackedEvidence(state, u), x.lifeOfPeers(u)...),
		Remedies:  x.unackedRemedies(state, u),
	}
	if len(u.peers) == 1 {
		f.Subject.Peer = u.peers[0].String()
	}
	f.Subject.Local = x.cameInAt(u.sockets)
	x.sentAgain(&f, u.sockets)
	x.droppedHere(&f, u.sockets)
	if u.held {
		x.heldBy(&f, u.pid, u.sockets, "holds-descriptors")
	}
	return f
}

// cameInAt names the listener through which all sockets of the group came in,
// "" when there is no such.
func (x *index) cameInAt(group []seen) string {
	first := x.listenerOf(group[0].now.Local)
	for _, s := range group {
		if l := x.listenerOf(s.now.Local); l == nil || l != first {
			return ""
		}
	}
	return first.at.String()
}

// severity: a socket or so of each of many peers is what every server on the
// Internet has.
func (u *unacked) severity() Severity {
	if n := len(u.sockets); n < few || n < 2*len(u.peers) {
		return Notice
	}
	return Warning
}

func (u *unacked) summary(state tcp.State) Message {
	where := Say("peers-many", len(u.peers))
	if len(u.peers) == 1 {
		where = Say("peer-one", u.peers[0].String())
	}
	switch {
	case u.waits:
		return Say("fin-behind-window", len(u.sockets), where)
	case state == tcp.Closing:
		return Say("closing-stuck", len(u.sockets), where)
	case state == tcp.LastAck:
		return Say("last-ack-lost", len(u.sockets), where)
	default:
		return Say("fin-unacknowledged", len(u.sockets), where)
	}
}

func (u *unacked) fate(x *index, seconds int, forever bool) Message {
	switch {
	case forever:
		return Say("fin-fate-probes")
	case u.held:
		return Say("fin-fate-held", x.who(u.pid), seconds)
	default:
		return Say("fin-fate-orphan", seconds)
	}
}

func (u *unacked) recheck(state tcp.State) string {
	check := "ss -tnoi state " + kebab(state)
	if len(u.peers) == 1 {
		check += " dst " + ssHost(u.peers[0])
	}
	return check
}

// unackedEvidence: what the sockets show, and the counter that moves with them.
func (x *index) unackedEvidence(state tcp.State, u *unacked) []Evidence {
	e := Evidence{Source: sockets, Recheck: u.recheck(state)}
	moved := x.counted("TcpExtTCPTimeouts", "timeouts")
	if u.waits {
		unsent := 0
		for _, s := range u.sockets {
			unsent += int(s.now.SendQueue)
		}
		e.Fact, e.Value, e.Unit, e.Text = "unsent", float64(unsent), "bytes", Say("unsent-before-fin", len(u.sockets), unsent)
		moved = x.counted("TcpExtTCPWinProbe", "window-probes")
	} else {
		retries := longest(u.sockets, func(s *host.Socket) time.Duration { return time.Duration(s.Retransmits) })
		e.Fact, e.Value, e.Unit, e.Text = "fin-sent-again", float64(retries), "retransmissions", Say("fin-sent-again", len(u.sockets), int(retries))
	}
	if moved.Value > 0 {
		return []Evidence{e, moved}
	}
	return []Evidence{e}
}

// lifeOfPeers says whether anything is heard of the peers, and whether the link
// layer gets no answer.
func (x *index) lifeOfPeers(u *unacked) []Evidence {
	var list []Evidence
	peers := x.peers(u.peers)
	for _, addr := range u.peers {
		if peers[addr].unreachable() {
			list = append(list, Evidence{
				Source: neighbours, Fact: "neighbour-failed", Value: 1, Unit: "entries",
				Text: Say("neighbour-failed", addr.String()), Recheck: "ip neighbour show",
			})
			break // one is enough to make a person look
		}
	}
	heard := x.heardLast(u.sockets)
	switch {
	case heard < 0:
	case heard < x.span && !u.waits:
		list = append(list, Evidence{
			Source: sockets, Fact: "heard", Value: heard.Seconds(), Unit: "seconds",
			Text: Say("peer-heard", wholeSeconds(heard)), Recheck: "ss -tnoi",
		})
	case !u.waits:
		list = append(list, Evidence{
			Source: sockets, Fact: "silence", Value: heard.Seconds(), Unit: "seconds",
			Text: Say("silence-least", wholeSeconds(heard)), Recheck: "ss -tnoi",
		})
	}
	return list
}

// heardLast is the time since the most recent segment on any of the sockets, -1
// when the kernel did not tell.
func (x *index) heardLast(group []seen) time.Duration {
	least := time.Duration(-1)
	for _, s := range group {
		if s.now.HasInfo && s.now.Info.LastAckRecv > 0 && (least < 0 || s.now.Info.LastAckRecv < least) {
			least = s.now.Info.LastAckRecv
		}
	}
	return least
}

func (x *index) unackedRemedies(state tcp.State, u *unacked) []Remedy {
	remedies := []Remedy{{ID: "find-the-loss", Text: Say("remedy-find-the-loss"), Risk: Say("remedy-look-risk")}}
	if u.waits {
		remedies[0] = Remedy{ID: "peer-must-read", Text: Say("remedy-peer-must-read"), Risk: Say("remedy-fix-close-risk")}
	}
	if u.held {
		remedies = append(remedies, Remedy{ID: "close-too", Text: Say("remedy-close-too", x.who(u.pid)), Risk: Say("remedy-close-too-risk")})
	}
	if !u.held && !u.waits && u.severity() == Warning {
		remedies = append(remedies, x.sysctl("orphan-retries", "net.ipv4.tcp_orphan_retries", "4", Say("remedy-orphan-retries"), Say("remedy-orphan-retries-risk")))
	}
	if len(u.peers) <= fewPeers {
		remedies = append(remedies, typed("kill-unacknowledged", Say("remedy-kill-unacked"), Say("remedy-kill-unacked-risk"), x.endSockets(u.sockets)...))
	}
	return remedies
}
