package inventory

import (
	"net/netip"
	"slices"
	"strconv"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Scope says from where a listener can be reached.
type Scope string

// The scopes.
const (
	Loopback   Scope = "loopback"  // this host only
	OneAddress Scope = "address"   // through one address of this host
	Everywhere Scope = "all"       // through every address, of one family or of both
	Led        Scope = "published" // nobody listens here: a rule of the firewall leads to a listener elsewhere
)

// Queue is how long a queue is and how long it may get. A Limit of 0 is not
// known.
type Queue struct {
	Length    int    `json:"length"`
	Limit     int    `json:"limit"`
	LimitedBy string `json:"limited_by,omitempty"` // "listen", "somaxconn" or "tcp_max_syn_backlog"
}

// Listener is one address and port that a program listens on. With SO_REUSEPORT
// several sockets share it: queues and drops are summed.
type Listener struct {
	Local       netip.AddrPort `json:"local"`
	Port        uint16         `json:"port"`
	Scope       Scope          `json:"scope"`
	V6Only      bool           `json:"v6_only,omitempty"`
	Interface   uint32         `json:"interface,omitempty"` // index of the one it is bound to
	Sockets     int            `json:"sockets"`
	Owners      []Owner        `json:"owners"`
	OwnerKind   OwnerKind      `json:"owner_kind"`
	UID         uint32         `json:"uid"`
	ExeDeleted  bool           `json:"exe_deleted"`    // the file that runs is gone
	ExeTempDir  bool           `json:"exe_in_tempdir"` // it lies where anybody may write
	AcceptQueue Queue          `json:"accept_queue"`
	SynQueue    Queue          `json:"syn_queue"`
	DeferAccept *bool          `json:"defer_accept"`        // it waits for text before accept() returns (TCP_DEFER_ACCEPT); null: sock_diag does not tell
	Drops       *uint32        `json:"drops"`               // SYNs and ACKs refused since it listens; null when not known
	Published   []Way          `json:"published,omitempty"` // rules that lead connections to it
	NetNS       string         `json:"netns,omitempty"`
}

// Listeners finds the listeners among sockets, by port and address.
func Listeners(sockets []host.Socket, owners *Owners, settings host.Settings) []Listener {
	places := map[netip.AddrPort]int{}
	var list []Listener
	for i := range sockets {
		s := &sockets[i]
		if s.State != tcp.Listen {
			continue
		}
		at, known := places[s.Local]
		if !known {
			at = len(list)
			places[s.Local] = at
			list = append(list, Listener{Local: s.Local, Port: s.Local.Port(), Scope: scopeOf(s.Local.Addr()), UID: s.UID, V6Only: s.V6Only, Interface: s.Interface})
		}
		list[at].add(s, owners)
	}
	listening := host.NewListening(sockets)
	for i := range sockets {
		if s := &sockets[i]; s.State == tcp.SynReceived {
			if local, ok := listening.Of(s.Local); ok && list[places[local]].DeferAccept == nil { // else it told the length itself
				list[places[local]].SynQueue.Length++
			}
		}
	}
	for i := range list {
		list[i].bound(settings)
	}
	slices.SortFunc(list, func(a, b Listener) int {
		if a.Port != b.Port {
			return int(a.Port) - int(b.Port)
		}
		return a.Local.Compare(b.Local)
	})
	return list
}

func (l *Listener) add(s *host.Socket, owners *Owners) {
	before := len(l.Owners)
	l.Sockets++
	l.Owners = owners.Of(s.Inode, l.Owners)
	if before == 0 {
		l.OwnerKind = owners.Kind(s, len(l.Owners))
	}
	l.AcceptQueue.Length += int(s.RecvQueue)
	l.AcceptQueue.Limit += int(s.SendQueue)
	if s.Inner != nil {
		if l.DeferAccept == nil {
			l.DeferAccept = new(bool)
		}
		*l.DeferAccept = *l.DeferAccept || s.Inner.DeferAccept > 0
		l.SynQueue.Length += int(s.Inner.SynQueue)
	}
	if s.HasMemory {
		if l.Drops == nil {
			l.Drops = new(uint32)
		}
		*l.Drops += s.Memory.Drops
	}
	for _, o := range l.Owners[before:] {
		if p := owners.Process(o.PID); p != nil {
			l.ExeDeleted = l.ExeDeleted || p.ExeDeleted
			l.ExeTempDir = l.ExeTempDir || p.Temporary()
		}
	}
}

// bound says which limit binds. The accept queue is cut to net.core.somaxconn
// when listen() is called. The half-open queue takes as many; without cookies
// it is also closed to strangers at three quarters of tcp_max_syn_backlog.
func (l *Listener) bound(settings host.Settings) {
	l.AcceptQueue.LimitedBy = "listen"
	if most, err := strconv.Atoi(settings["net.core.somaxconn"]); err == nil && l.AcceptQueue.Limit >= most*l.Sockets {
		l.AcceptQueue.LimitedBy = "somaxconn"
	}
	l.SynQueue.Limit, l.SynQueue.LimitedBy = l.AcceptQueue.Limit, l.AcceptQueue.LimitedBy
	backlog, err := strconv.Atoi(settings["net.ipv4.tcp_max_syn_backlog"])
	if open := backlog - backlog>>2; err == nil && settings["net.ipv4.tcp_syncookies"] == "0" && open*l.Sockets < l.SynQueue.Limit {
		l.SynQueue.Limit, l.SynQueue.LimitedBy = open*l.Sockets, "tcp_max_syn_backlog"
	}
}

func scopeOf(a netip.Addr) Scope {
	switch {
	case a.IsLoopback():
		return Loopback
	case a.IsUnspecified():
		return Everywhere
	default:
		return OneAddress
	}
}
