package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// destination is where connections of one kind lead: a peer, and the port that was
// dialled, ours or its.
type destination struct {
	peer netip.Addr
	port uint16
	ours bool
}

func (x *index) destinationOf(s *host.Socket) destination {
	if l := x.listenerOf(s.Local); l != nil {
		return destination{s.Remote.Addr(), l.at.Port(), true}
	}
	return destination{s.Remote.Addr(), s.Remote.Port(), false}
}

// droppedBySockets: connections on which nothing is acknowledged for long, while
// others between the same two places work. Behind one address there may be
// several hosts, of which one is gone, so it is no more than possible.
func (x *index) droppedBySockets() []Finding {
	stuck, working := map[destination][]seen{}, map[destination]int{}
	var order []destination
	for _, s := range x.byState[tcp.Established] {
		at := x.destinationOf(s.now)
		switch {
		case x.looks > 1 && s.before == nil, s.moved():
			working[at]++
		case s.now.Unanswered() && x.silentThroughout(s) && !x.claimed[s.at]:
			if stuck[at] == nil {
				order = append(order, at)
			}
			stuck[at] = append(stuck[at], s)
		}
	}
	var findings []Finding
	for _, at := range order {
		if len(stuck[at]) >= few && working[at] > 0 {
			x.claim(stuck[at])
			findings = append(findings, x.droppedWhileOthers(at, stuck[at], working[at]))
		}
	}
	return findings
}

func (x *index) droppedWhileOthers(at destination, group []seen, working int) Finding {
	f := x.stuckFinding(at.peer, group)
	f.Summary = Say("established-dropped", len(group), at.peer.String(), x.who(f.Subject.PID))
	f.RefutedBy = Say("peer-vanished-refuted")
	f.Evidence = append(f.Evidence, Evidence{
		Source: sockets, Fact: "others-work", Value: float64(working), Unit: "sockets",
		Text: Say("others-work", working), Recheck: "ss -tnoi state established dst " + ssHost(at.peer),
	})
	f.open(Say("several-behind-address", at.peer.String()), "peer-vanished")
	f.out(Say("window-open"), "peer-not-reading")
	if small(group) {
		f.out(Say("small-segments-lost"), "path-mtu-black-hole")
	} else {
		f.open(Say("only-full-segments"), "path-mtu-black-hole")
	}
	f.Remedies = x.droppedRemedies(group)
	return f
}
