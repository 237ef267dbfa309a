package main

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/tcp"
)

// socketRecord is a socket with what is known beside it.
type socketRecord struct {
	socket *host.Socket
	owners []inventory.Owner
	kind   inventory.OwnerKind
	fate   fate.Outlook
	netns  string
}

// recorder makes records, one at a time: the next one overwrites the last.
type recorder struct {
	owners   *inventory.Owners
	forecast fate.Forecast
	queues   func() []host.Socket // listeners and half-open connections of the namespace; nil once asked
	netns    string
	last     socketRecord
}

func (m *recorder) record(s *host.Socket) *socketRecord {
	r := &m.last
	r.socket, r.netns = s, m.netns
	r.owners = m.owners.Of(s.Inode, r.owners[:0])
	r.kind = m.owners.Kind(s, len(r.owners))
	if s.Kind == host.Request && m.queues != nil {
		m.forecast, m.queues = m.forecast.Among(m.queues()), nil // how long one stays depends on the others
	}
	r.fate = m.forecast.Of(s)
	return r
}

// socketDocument is a socket as the contract writes it. Unknown is null, never
// 0. appendJSON writes the same, half a million times a second.
type socketDocument struct {
	State      tcp.State           `json:"state"`
	Kind       host.Kind           `json:"kind"`
	Local      string              `json:"local"`
	Peer       string              `json:"peer"`
	LocalPort  uint16              `json:"local_port"`
	PeerPort   uint16              `json:"peer_port"`
	Owners     []inventory.Owner   `json:"owners"`
	OwnerKind  inventory.OwnerKind `json:"owner_kind"`
	Inode      uint32              `json:"inode"`
	UID        uint32              `json:"uid"`
	RecvQueue  uint32              `json:"recv_queue"`
	SendQueue  uint32              `json:"send_queue"`
	Timer      *timerDocument      `json:"timer"`
	AgeSeconds *float64            `json:"age_seconds"`
	Fate       fateDocument        `json:"fate"`
	NetNS      string              `json:"netns"`
	Cookie     uint64              `json:"cookie"`
	Mark       uint32              `json:"mark,omitempty"`
	Cgroup     uint64              `json:"cgroup,omitempty"`
	Info       *host.Info          `json:"info,omitempty"`
	Memory     *host.Memory        `json:"memory,omitempty"`
	Inner      any                 `json:"inner,omitempty"` // what only the iterator tells
}

type timerDocument struct {
	Kind           string  `json:"kind"`
	ExpiresSeconds float64 `json:"expires_seconds"`
	Retransmits    uint8   `json:"retransmits"`
}

// fateDocument is when the socket leaves its state if nothing else happens;
// Next is empty when that is not settled.
type fateDocument struct {
	Next          string      `json:"next"`
	WithinSeconds float64     `json:"within_seconds"`
	Forever       bool        `json:"forever"`
	Reason        fate.Reason `json:"reason"`
}

func (r *socketRecord) next() string {
	if r.fate.Next == tcp.Unknown {
		return ""
	}
	return r.fate.Next.String()
}

// document is the record for encoders that need the whole.
func (r *socketRecord) document() socketDocument {
	s := r.socket
	d := socketDocument{
		State: s.State, Kind: s.Kind, Local: s.Local.String(), Peer: peer(s.Remote), LocalPort: s.Local.Port(), PeerPort: s.Remote.Port(),
		Owners: append([]inventory.Owner{}, r.owners...), OwnerKind: r.kind, Inode: s.Inode, UID: s.UID, RecvQueue: s.RecvQueue, SendQueue: s.SendQueue,
		Fate:  fateDocument{r.next(), r.fate.Within.Seconds(), r.fate.Forever, r.fate.Reason},
		NetNS: r.netns, Cookie: s.Cookie, Mark: s.Mark, Cgroup: s.Cgroup,
	}
	if s.Timer != host.TimerOff {
		d.Timer = &timerDocument{s.Timer.String(), s.Expires.Seconds(), s.Retransmits}
	}
	if s.HasInfo {
		d.Info = &s.Info
	}
	if s.HasMemory {
		d.Memory = &s.Memory
	}
	if s.Inner != nil {
		d.Inner = innerDocument(s)
	}
	return d
}

// appendJSON appends the document in JSON. It allocates nothing for what nearly
// every socket has.
func (r *socketRecord) appendJSON(b []byte) []byte {
	s := r.socket
	b = appendString(b, `{"state":`, s.State.String())
	b = appendString(b, `,"kind":`, s.Kind.String())
	b = append(s.Local.AppendTo(append(b, `,"local":"`...)), `","peer":"`...)
	if hasPeer(s.Remote) {
		b = s.Remote.AppendTo(b)
	}
	b = appendNumber(b, `","local_port":`, uint64(s.Local.Port()))
	b = appendNumber(b, `,"peer_port":`, uint64(s.Remote.Port()))
	b = r.appendOwners(append(b, `,"owners":[`...))
	b = appendString(b, `],"owner_kind":`, string(r.kind))
	b = appendNumber(b, `,"inode":`, uint64(s.Inode))
	b = appendNumber(b, `,"uid":`, uint64(s.UID))
	b = appendNumber(b, `,"recv_queue":`, uint64(s.RecvQueue))
	b = appendNumber(b, `,"send_queue":`, uint64(s.SendQueue))
	b = appendTimer(b, s)
	b = appendString(b, `,"age_seconds":null,"fate":{"next":`, r.next())
	b = appendFloat(b, `,"within_seconds":`, r.fate.Within.Seconds())
	b = strconv.AppendBool(append(b, `,"forever":`...), r.fate.Forever)
	b = appendString(b, `,"reason":`, string(r.fate.Reason))
	b = appendString(b, `},"netns":`, r.netns)
	b = appendNumber(b, `,"cookie":`, s.Cookie)
	if s.Mark != 0 {
		b = appendNumber(b, `,"mark":`, uint64(s.Mark))
	}
	if s.Cgroup != 0 {
		b = appendNumber(b, `,"cgroup":`, s.Cgroup)
	}
	return append(appendDetails(b, s), '}')
}

func (r *socketRecord) appendOwners(b []byte) []byte {
	for i := range r.owners {
		if i > 0 {
			b = append(b, ',')
		}
		o := &r.owners[i]
		b = appendNumber(b, `{"pid":`, uint64(o.PID))
		b = appendString(b, `,"name":`, o.Name)
		b = appendString(b, `,"exe":`, o.Exe)
		b = appendNumber(b, `,"fd":`, uint64(o.FD))
		if o.Container != "" {
			b = appendString(b, `,"container":`, o.Container)
		}
		b = append(b, '}')
	}
	return b
}

func appendTimer(b []byte, s *host.Socket) []byte {
	if s.Timer == host.TimerOff {
		return append(b, `,"timer":null`...)
	}
	b = appendString(b, `,"timer":{"kind":`, s.Timer.String())
	b = appendFloat(b, `,"expires_seconds":`, s.Expires.Seconds())
	return append(appendNumber(b, `,"retransmits":`, uint64(s.Retransmits)), '}')
}

// appendDetails is for what was asked for by -i and -m, where speed is the
// kernel's.
func appendDetails(b []byte, s *host.Socket) []byte {
	if s.HasInfo {
		info, _ := json.Marshal(&s.Info) // numbers only: it cannot fail
		b = append(append(b, `,"info":`...), info...)
	}
	if s.HasMemory {
		memory, _ := json.Marshal(&s.Memory) // numbers only: it cannot fail
		b = append(append(b, `,"memory":`...), memory...)
	}
	if s.Inner != nil {
		inner, _ := json.Marshal(innerDocument(s)) // numbers only: it cannot fail
		b = append(append(b, `,"inner":`...), inner...)
	}
	return b
}

// innerDocument is what the iterator tells beside sock_diag, by the kind of socket.
func innerDocument(s *host.Socket) any {
	i := s.Inner
	switch {
	case s.Kind == host.Request:
		return struct {
			Timeouts uint8 `json:"timeouts"`
			Acked    bool  `json:"acked"`
			Cookie   bool  `json:"cookie"`
		}{i.Timeouts, i.Acked, i.Cookie}
	case s.State == tcp.Listen:
		return struct {
			SynQueue    uint32 `json:"syn_queue"`
			Young       uint32 `json:"young"`
			DeferAccept uint8  `json:"defer_accept"`
		}{i.SynQueue, i.Young, i.DeferAccept}
	}
	return struct {
		UserTimeoutSeconds float64 `json:"user_timeout_seconds"`
	}{i.UserTimeout.Seconds()}
}

func appendNumber(b []byte, name string, n uint64) []byte {
	return strconv.AppendUint(append(b, name...), n, 10)
}

func appendFloat(b []byte, name string, f float64) []byte {
	return strconv.AppendFloat(append(b, name...), f, 'f', -1, 64)
}

// appendString quotes a text. What needs more than quotes is left to the
// library.
func appendString(b []byte, name, text string) []byte {
	b = append(b, name...)
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted := &strings.Builder{}
			encoder := json.NewEncoder(quoted)
			encoder.SetEscapeHTML(false)
			_ = encoder.Encode(text) // a string cannot fail
			return append(b, strings.TrimSuffix(quoted.String(), "\n")...)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

// hasPeer is false for a listener.
func hasPeer(remote netip.AddrPort) bool {
	return remote.IsValid() && (remote.Port() != 0 || !remote.Addr().IsUnspecified())
}

func peer(remote netip.AddrPort) string {
	if !hasPeer(remote) {
		return ""
	}
	return remote.String()
}

var socketColumns = []string{
	"state", "kind", "local", "peer", "local_port", "peer_port", "owner_kind", "pid", "name", "exe", "fd",
	"inode", "uid", "recv_queue", "send_queue", "timer", "expires_seconds", "retransmits", "netns", "cookie",
}

// cells are the columns of csv; several owners are joined by ";".
func (r *socketRecord) cells() []string {
	var pids, names, exes, fds []string
	for _, holder := range r.owners {
		pids, fds = append(pids, strconv.Itoa(holder.PID)), append(fds, strconv.Itoa(holder.FD))
		names, exes = append(names, holder.Name), append(exes, holder.Exe)
	}
	joined := func(list []string) string { return strings.Join(list, ";") }
	s := r.socket
	cells := []string{
		s.State.String(), s.Kind.String(), s.Local.String(), peer(s.Remote), decimal(s.Local.Port()), decimal(s.Remote.Port()),
		string(r.kind), joined(pids), joined(names), joined(exes), joined(fds),
		decimal(s.Inode), decimal(s.UID), decimal(s.RecvQueue), decimal(s.SendQueue),
	}
	timer := []string{"", "", ""}
	if s.Timer != host.TimerOff {
		timer = []string{s.Timer.String(), strconv.FormatFloat(s.Expires.Seconds(), 'f', -1, 64), decimal(s.Retransmits)}
	}
	return append(append(cells, timer...), r.netns, decimal(s.Cookie))
}

func decimal[T uint8 | uint16 | uint32 | uint64](n T) string {
	return strconv.FormatUint(uint64(n), 10)
}
