package inventory

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Way is a rule of the firewall that leads connections to a listener, here or
// elsewhere.
type Way struct {
	Dialled   string         `json:"dialled"` // "*:8080", "192.0.2.1:80-90"
	Target    netip.AddrPort `json:"target"`  // port 0: the one that was dialled
	From      string         `json:"from,omitempty"`
	Interface string         `json:"interface,omitempty"` // "eth0", or "not docker0"
	Narrowed  bool           `json:"narrowed,omitempty"`  // by a further condition that is not read
	Taken     *uint64        `json:"taken"`               // connections that it took; null when it does not count
	Rule      string         `json:"rule"`
}

// Publish adds to listeners by which rules they are reached, and behind them the
// ports that lead to listeners elsewhere, as those of containers do. Addresses of
// this host are ours. Rules for what the host opens itself are left out.
func Publish(list []Listener, rules []host.Published, ours func(netip.Addr) bool) []Listener {
	places := map[netip.AddrPort]int{}
	sockets := make([]host.Socket, len(list))
	for i := range list {
		places[list[i].Local] = i
		sockets[i] = host.Socket{State: tcp.Listen, Local: list[i].Local, V6Only: list[i].V6Only}
	}
	listening := host.NewListening(sockets)
	for i := range rules {
		r := &rules[i]
		target, _ := r.Leads()
		if r.Own {
			continue
		}
		if !ours(target.Addr()) {
			list = append(list, elsewhere(r))
		} else if at, ok := listening.Of(target); ok {
			l := &list[places[at]]
			l.Published = append(l.Published, wayOf(r))
		}
	}
	return list
}

// elsewhere is a port of this host on which no program of it listens.
func elsewhere(r *host.Published) Listener {
	return Listener{Local: r.At(), Port: r.First, Scope: Led, OwnerKind: Elsewhere, Published: []Way{wayOf(r)}}
}

func wayOf(r *host.Published) Way {
	w := Way{Dialled: r.Dialled(), Target: r.Target, Rule: r.Rule, Interface: r.In, Narrowed: r.Narrowed}
	if r.From.IsValid() {
		w.From = r.From.String()
	}
	if r.In == "" && r.NotIn != "" {
		w.Interface = "not " + r.NotIn
	}
	if r.Counts {
		w.Taken = &r.Packets
	}
	return w
}
