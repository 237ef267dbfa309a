package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// halfOpen is the half-open connections of one listener.
type halfOpen struct {
	listener *listener
	requests []seen
	networks int // that they come from
}

// halfOpens groups the half-open connections that have not been explained yet,
// by listener.
func (x *index) halfOpens() []halfOpen {
	byListener := map[*listener][]seen{}
	for _, s := range x.byState[tcp.SynReceived] {
		if l := x.listenerOf(s.now.Local); l != nil && s.now.Kind == host.Request && !x.claimed[s.at] {
			byListener[l] = append(byListener[l], s)
		}
	}
	var groups []halfOpen
	for _, l := range x.sorted() {
		if requests := byListener[l]; len(requests) > 0 {
			networks := distinct(requests, func(s *host.Socket) netip.Prefix { return network(s.Remote.Addr()) })
			groups = append(groups, halfOpen{l, requests, networks})
		}
	}
	return groups
}

// halfOpenFinding begins a finding; its summary is completed by the caller.
func (x *index) halfOpenFinding(g halfOpen, severity Severity) Finding {
	f := Finding{
		State: tcp.SynReceived, Severity: severity, Count: len(g.requests), Subject: x.subject(x.listenerPID(g.listener)),
		Fate: Outlook{Within: x.halfOpenStay(g.listener, g.requests)},
		Evidence: []Evidence{{
			Source: sourceRequests, Fact: "half-open", Value: float64(len(g.requests)), Unit: "sockets",
			Text: Say("half-open-on", len(g.requests), g.listener.limit()), Recheck: recheck("syn-recv", g.listener.at.Port()),
		}},
	}
	f.Subject.Local = g.listener.at.String()
	return f
}

// place is what most summaries say: how many, where, whose.
func (x *index) place(g halfOpen) (n int, at string, who Message) {
	return len(g.requests), g.listener.at.String(), x.who(x.listenerPID(g.listener))
}
