package simulate

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// service is a listener with what a run keeps about it.
type service struct {
	listener  *tcp.Listener
	accepting bool
	limits    [2]int  // of the SYN queue and the accept queue
	full      [2]bool // it was said that they are
	armed     bool
	at        time.Duration
}

// listen makes the responder a Service.
func (r *run) listen() {
	c := r.c.Service.ListenerConfig
	c.Endpoint = r.ends[Responder].of.EndpointConfig
	c.Endpoint.Foreign = netip.AddrPort{}
	c.CookieHash = cookieHash(r.c.Seed)
	const byDefault = 128
	limits := [2]int{c.SynQueue, c.AcceptQueue}
	for i := range limits {
		if limits[i] == 0 {
			limits[i] = byDefault
		}
	}
	r.service = &service{listener: tcp.NewListener(c), accepting: !r.c.Service.Idle, limits: limits}
	r.states[Responder] = tcp.Listen
}

// cookieHash is keyed by the seed. It is good enough to play with: nobody attacks
// a simulation.
func cookieHash(seed uint64) func([]byte) uint64 {
	return func(data []byte) uint64 {
		h := fnv.New64a()
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, seed)) // a hash never fails
		_, _ = h.Write(data)
		return h.Sum64()
	}
}

// toService gives a packet to an accepted connection or to the listener.
func (r *run) toService(one parcel) {
	p := &one.packet
	if e := r.accepted[p.Source]; e != nil && e.State() != tcp.Closed {
		r.step(e, tcp.Incident{Event: tcp.SegmentArrives, Packet: *p})
		return
	}
	r.fromListener(r.service.listener.Arrive(r.now, *p), p.Source)
}

// expire fires what is due in the queues of the listener.
func (r *run) expire() {
	s := r.service
	if s == nil {
		return
	}
	if s.at == r.now {
		s.armed = false
	}
	if at, running := s.listener.Deadline(); running && at <= r.now {
		r.result.End = r.now
		r.fromListener(s.listener.Expire(r.now), netip.AddrPort{})
		return
	}
	r.armService()
}

func (r *run) armService() {
	s := r.service
	if at, running := s.listener.Deadline(); running && (!s.armed || at < s.at) {
		s.armed, s.at = true, at
		r.queue.push(at, queuesDue, 0)
	}
}

// fromListener carries out what a listener does, to whom is said by the effects
// or, where they do not, by who sent the packet.
func (r *run) fromListener(effects []tcp.Effect, sender netip.AddrPort) {
	shownPeer := r.ends[Originator].Local()
	if sender == shownPeer && r.states[Responder] == tcp.Closed {
		r.enter(Responder, r.service.listener.State()) // of what was closed nothing is left
	}
	for i := range effects {
		f := &effects[i]
		peer := f.Peer
		if f.Kind == tcp.SendPacket {
			peer = f.Packet.Destination
		} else if !peer.IsValid() {
			peer = sender
		}
		shown := peer == shownPeer
		if shown && f.Kind == tcp.RowTaken {
			r.beforeRow(&f.Row)
		}
		r.effect(Responder, shown, f)
	}
	r.listensOn()
	r.accept()
	r.sayFull()
	r.armService()
}

// listensOn shows the listener again where the connection that it made is gone
// before anybody accepted it.
func (r *run) listensOn() {
	state := r.service.listener.State()
	if r.states[Responder] == tcp.Closed && r.ends[Responder].State() == tcp.Closed && state != tcp.Closed {
		r.enter(Responder, state)
		r.tell(Responder, WhyListens)
	}
}

// beforeRow says what led to a row that a listener has taken, where no packet
// did: a timer, or the SYN that a cookie stands for.
func (r *run) beforeRow(row *tcp.Row) {
	if row.Event != tcp.SegmentArrives {
		r.note(Fired, Responder).Event = row.Event
		r.say()
		return
	}
	if row.To == tcp.SynReceived && row.From == tcp.Listen && r.h.Kind == Arrived && !r.h.Packet.Segment.Flags.Has(tcp.SYN) {
		r.tell(Responder, WhySYNAgain)
	}
}

// accept hands out what waits in the accept queue, if the user accepts.
func (r *run) accept() {
	s := r.service
	for s.accepting {
		child, ok := s.listener.Accept()
		if !ok {
			return
		}
		r.adopt(child)
	}
}

// adopt makes an accepted connection an end of its own. The one with the
// originator becomes the responder that is shown.
func (r *run) adopt(child *tcp.Endpoint) {
	peer := child.Foreign()
	e := &end{Endpoint: child, of: r.ends[Responder].of, side: Responder}
	r.accepted[peer] = e
	if peer == r.ends[Originator].Local() {
		e.shown, e.index, e.taken = true, int(Responder), r.ends[Responder].taken
		r.ends[Responder] = e
		r.enter(Responder, e.State())
		r.tell(Responder, WhyAccept)
	} else {
		e.index = len(r.ends)
		r.ends = append(r.ends, e)
	}
	r.arm(e)
}

// sayFull says once of each queue that it is full.
func (r *run) sayFull() {
	s := r.service
	half, ready := s.listener.Lengths()
	for i, length := range [2]int{half, ready} {
		if length >= s.limits[i] && !s.full[i] {
			s.full[i] = true
			r.tell(Responder, [2]string{WhySYNQueue, WhyAcceptQueue}[i], length)
		}
	}
}
