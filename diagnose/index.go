package diagnose

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// seen is a socket of the last snapshot and the same socket in the first one.
type seen struct {
	now    *host.Socket
	before *host.Socket // nil when the socket was not there when the window opened
	at     int          // its place in the last snapshot
}

// outlived tells whether the socket was in its state through the whole window.
func (s seen) outlived() bool { return s.before != nil && s.before.State == s.now.State }

// moved tells whether the connection was used in the window: the peer
// acknowledged or sent bytes, or the program read or wrote some. Bytes sent are
// not asked: retransmissions count among them.
func (s seen) moved() bool { return s.before != nil && s.now.MovedSince(s.before) }

// index is a bundle made ready for the rules, built in one pass.
type index struct {
	bundle    *evidence.Bundle
	window    time.Duration
	span      time.Duration  // see between
	looks     int            // snapshots of every state
	first     *host.Snapshot // of them
	byState   map[tcp.State][]seen
	gone      map[tcp.State][]*host.Socket // of the first snapshot, not in the last one
	listeners map[netip.AddrPort]*listener
	listening *host.Listening // their addresses
	owners    map[uint32]int  // process by inode, when the window closed
	holders   map[uint32]int  // the same when it opened
	processes map[int]*host.Process
	forecast  fate.Forecast
	through   map[netip.AddrPort]int // see gotThrough
	ways      []*usage               // see crowdedWays
	ports     *portRange             // see portRange
	claimed   []bool                 // by place in the last snapshot: a finding speaks of it
	ends      map[identity]*host.Socket
	minis     int                  // see minisockets
	known     map[netip.Addr]*peer // see peers
	proxying  []*proxy             // see proxies
	paired    map[int]bool
	single    map[tcp.State]map[way][]seen // see unpaired
	reading   map[int]bool                 // see readers
	waiting   []*held                      // see closeWaits
	wires     map[identity]*evidence.PacketSocket
	byWire    []*wired                      // see wiredListeners
	places    map[identity][]*host.MishapAt // see placesOf
	judged    map[Cause][]Finding
	idleAsked []*askedIdle      // see askedIdles
	perPeer   map[statePeer]int // see withPeer
}

func newIndex(b *evidence.Bundle) *index {
	x := &index{
		bundle: b, window: b.Window(), span: b.Window(), byState: map[tcp.State][]seen{}, gone: map[tcp.State][]*host.Socket{},
		listeners: map[netip.AddrPort]*listener{}, listening: host.NewListening(nil), processes: map[int]*host.Process{},
		single: map[tcp.State]map[way][]seen{}, known: map[netip.Addr]*peer{},
	}
	x.readProcesses()
	x.forecast = fate.NewForecast(b.Settings)
	first, last := x.fullLooks()
	if last == nil {
		return x
	}
	x.span = between(b, first, last)
	x.claimed = make([]bool, len(last.Sockets))
	x.first = first
	x.forecast = x.forecast.Among(last.Sockets)
	x.listening = host.NewListening(last.Sockets)
	x.join(first, last)
	x.readListeners()
	return x
}

// between is the time in which something could be seen to move: that between the two
// looks. The bundle's own window is longer by what was read behind them, on a busy
// host by seconds, of which the sockets know nothing.
func between(b *evidence.Bundle, first, last *host.Snapshot) time.Duration {
	if span := last.Time.Sub(first.Time); first != last && span > 0 && span < b.Window() {
		return span
	}
	return b.Window()
}

// fullLooks returns the first and the last snapshot of every state. They are
// the same when there is only one.
func (x *index) fullLooks() (first, last *host.Snapshot) {
	for i := range x.bundle.Snapshots {
		shot := &x.bundle.Snapshots[i]
		if shot.States != tcp.AllStates {
			continue
		}
		if first == nil {
			first = shot
		}
		last = shot
		x.looks++
	}
	return first, last
}

// identity is what makes a socket the same at two looks: its cookie, which the
// kernel keeps from half-open to TIME-WAIT, or else its addresses.
type identity struct {
	cookie        uint64
	local, remote netip.AddrPort
}

func identify(s *host.Socket) identity {
	if s.Cookie != 0 {
		return identity{cookie: s.Cookie}
	}
	return identity{local: s.Local, remote: s.Remote}
}

func (x *index) join(first, last *host.Snapshot) {
	earlier := make(map[identity]*host.Socket, len(first.Sockets))
	if first != last {
		for i := range first.Sockets {
			earlier[identify(&first.Sockets[i])] = &first.Sockets[i]
		}
	}
	twice := map[identity]bool{} // an interrupted dump may show a socket again
	for i := range last.Sockets {
		s := &last.Sockets[i]
		id := identify(s)
		if last.Interrupted && twice[id] {
			continue
		}
		if last.Interrupted {
			twice[id] = true
		}
		x.byState[s.State] = append(x.byState[s.State], seen{now: s, before: earlier[id], at: i})
		delete(earlier, id)
	}
	for _, s := range earlier {
		x.gone[s.State] = append(x.gone[s.State], s)
	}
}

func (x *index) readProcesses() {
	before, after := x.bundle.ProcessesBefore, x.bundle.ProcessesAfter
	for _, list := range []host.Processes{before, after} {
		for i := range list.List {
			x.processes[list.List[i].PID] = &list.List[i]
		}
	}
	x.holders, x.owners = firstOwners(before.Owners), firstOwners(after.Owners)
	if after.Time.IsZero() && len(after.Owners) == 0 {
		x.owners = x.holders // the later reading is the truth; the earlier one stands when there is no later one
	}
}

// firstOwners returns the owner of every inode. Of several, as after a fork, the
// one with the lowest id: it came first.
func firstOwners(list []host.Owner) map[uint32]int {
	first := make(map[uint32]int, len(list))
	for _, o := range list {
		if pid := first[o.Inode]; o.Inode != 0 && (pid == 0 || o.PID < pid) {
			first[o.Inode] = o.PID
		}
	}
	return first
}

// owner returns the process that holds the socket, 0 when none is visible.
func (x *index) owner(s *host.Socket) int { return x.owners[s.Inode] }

// holder returns the process that holds, or held, a socket of the first
// snapshot.
func (x *index) holder(s *host.Socket) int {
	if pid := x.owner(s); pid != 0 {
		return pid
	}
	return x.holders[s.Inode]
}

// hidden tells whether some processes could not be looked into.
func (x *index) hidden() bool {
	return x.bundle.ProcessesAfter.Hidden > 0 || !x.bundle.Has(evidence.SourceProcesses)
}

// rose returns how far counters moved in the window, summed; a counter that is
// not known adds nothing.
func (x *index) rose(names ...string) int {
	sum := int64(0)
	for _, name := range names {
		moved, _ := host.Delta(x.bundle.CountersBefore, x.bundle.CountersAfter, name)
		sum += moved
	}
	return int(sum)
}

// setting returns a setting as a number; ok is false when it is not known.
func (x *index) setting(name string) (value int, ok bool) {
	return number(x.bundle.Settings[name])
}

func number(text string) (value int, ok bool) {
	for _, digit := range text {
		if digit < '0' || digit > '9' || value > 1<<40 {
			return 0, false
		}
		value = value*10 + int(digit-'0')
	}
	return value, text != ""
}

// claim says that a finding speaks of these sockets, so that they are not
// unexplained.
func (x *index) claim(sockets []seen) {
	for _, s := range sockets {
		x.claimed[s.at] = true
	}
}

// otherEnd returns the far end of a connection when it is on this host too, nil
// when it is not.
func (x *index) otherEnd(s *host.Socket) *host.Socket {
	if len(x.bundle.Routes) > 0 && !x.ours(s.Remote.Addr()) {
		return nil
	}
	return x.socketAt(s.Remote, s.Local)
}

// socketAt returns the socket between two addresses, nil when there is none.
func (x *index) socketAt(local, remote netip.AddrPort) *host.Socket {
	if x.ends == nil {
		x.ends = map[identity]*host.Socket{}
		for _, list := range x.byState {
			for _, other := range list {
				x.ends[identity{local: other.now.Local, remote: other.now.Remote}] = other.now
			}
		}
	}
	return x.ends[identity{local: local, remote: remote}]
}

// toItself tells whether one program holds both ends of the connection.
func (x *index) toItself(s *host.Socket) bool {
	other := x.otherEnd(s)
	return other != nil && x.owner(other) == x.owner(s)
}
