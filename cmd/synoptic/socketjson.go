package main

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// socketRecord is a socket as the contract writes it. Unknown is null, never 0.
type socketRecord struct {
	State      tcp.State    `json:"state"`
	Kind       host.Kind    `json:"kind"`
	Local      string       `json:"local"`
	Peer       string       `json:"peer"`
	LocalPort  uint16       `json:"local_port"`
	PeerPort   uint16       `json:"peer_port"`
	Owners     []owner      `json:"owners"`
	OwnerKind  string       `json:"owner_kind"`
	Inode      uint32       `json:"inode"`
	UID        uint32       `json:"uid"`
	RecvQueue  uint32       `json:"recv_queue"`
	SendQueue  uint32       `json:"send_queue"`
	Timer      *timerRecord `json:"timer"`
	AgeSeconds *float64     `json:"age_seconds"`
	Fate       fateRecord   `json:"fate"`
	NetNS      string       `json:"netns"`
	Cookie     uint64       `json:"cookie"`
}

type timerRecord struct {
	Kind           string  `json:"kind"`
	ExpiresSeconds float64 `json:"expires_seconds"`
	Retransmits    uint8   `json:"retransmits"`
}

// fateRecord is when the socket leaves its state if nothing else happens;
// Next is empty when that is not settled.
type fateRecord struct {
	Next          string      `json:"next"`
	WithinSeconds float64     `json:"within_seconds"`
	Forever       bool        `json:"forever"`
	Reason        fate.Reason `json:"reason"`
}

func foretell(s *host.Socket, settings host.Settings) fateRecord {
	o := fate.Of(s, settings)
	r := fateRecord{WithinSeconds: o.Within.Seconds(), Forever: o.Forever, Reason: o.Reason}
	if o.Next != tcp.Unknown {
		r.Next = o.Next.String()
	}
	return r
}

// record describes one socket; its place is the network namespace.
func (o *owners) record(s *host.Socket, place string) socketRecord {
	holders := o.of(s.Inode)
	r := socketRecord{
		State: s.State, Kind: s.Kind, Local: s.Local.String(), Peer: peer(s.Remote),
		LocalPort: s.Local.Port(), PeerPort: s.Remote.Port(),
		Owners: holders, OwnerKind: o.kind(s, len(holders)), Inode: s.Inode, UID: s.UID,
		RecvQueue: s.RecvQueue, SendQueue: s.SendQueue, NetNS: place, Cookie: s.Cookie, Fate: foretell(s, o.settings),
	}
	if s.Timer != host.TimerOff {
		r.Timer = &timerRecord{s.Timer.String(), s.Expires.Seconds(), s.Retransmits}
	}
	return r
}

// peer is empty for a listener, which has none.
func peer(remote netip.AddrPort) string {
	if !remote.IsValid() || remote.Port() == 0 && remote.Addr().IsUnspecified() {
		return ""
	}
	return remote.String()
}

// holder is the owner in a word: the first process, or why there is none.
func (r *socketRecord) holder() string {
	if len(r.Owners) == 0 {
		return "(" + r.OwnerKind + ")"
	}
	first := r.Owners[0]
	text := first.Name + "[" + strconv.Itoa(first.PID) + "]"
	if more := len(r.Owners) - 1; more > 0 {
		text += " +" + strconv.Itoa(more)
	}
	return text
}

var socketColumns = []string{
	"state", "kind", "local", "peer", "local_port", "peer_port", "owner_kind", "pid", "name", "exe", "fd",
	"inode", "uid", "recv_queue", "send_queue", "timer", "expires_seconds", "retransmits", "netns", "cookie",
}

// cells are the columns of csv; several owners are joined by ";".
func (r *socketRecord) cells() []string {
	var pids, names, exes, fds []string
	for _, holder := range r.Owners {
		pids, fds = append(pids, strconv.Itoa(holder.PID)), append(fds, strconv.Itoa(holder.FD))
		names, exes = append(names, holder.Name), append(exes, holder.Exe)
	}
	joined := func(list []string) string { return strings.Join(list, ";") }
	cells := []string{
		r.State.String(), r.Kind.String(), r.Local, r.Peer, decimal(r.LocalPort), decimal(r.PeerPort),
		r.OwnerKind, joined(pids), joined(names), joined(exes), joined(fds),
		decimal(r.Inode), decimal(r.UID), decimal(r.RecvQueue), decimal(r.SendQueue),
	}
	timer := []string{"", "", ""}
	if r.Timer != nil {
		timer = []string{r.Timer.Kind, strconv.FormatFloat(r.Timer.ExpiresSeconds, 'f', -1, 64), decimal(r.Timer.Retransmits)}
	}
	return append(append(cells, timer...), r.NetNS, decimal(r.Cookie))
}

func decimal[T uint8 | uint16 | uint32 | uint64](n T) string {
	return strconv.FormatUint(uint64(n), 10)
}
