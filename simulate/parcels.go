package simulate

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// parcel is a packet that is under way.
type parcel struct {
	packet tcp.Packet
	number int
	from   Side
	shown  bool
}

// parcels keeps the packets that are under way; places are used again.
type parcels struct {
	list []parcel
	free []int
}

func (p *parcels) put(one parcel) (index int) {
	if n := len(p.free) - 1; n >= 0 {
		index = p.free[n]
		p.free = p.free[:n]
		p.list[index] = one
		return index
	}
	p.list = append(p.list, one)
	return len(p.list) - 1
}

func (p *parcels) take(index int) parcel {
	one := p.list[index]
	p.list[index].packet.Text = nil
	p.free = append(p.free, index)
	return one
}

// send gives a packet to the network. Packets that are not shown meet none of
// its rules.
func (r *run) send(side Side, shown bool, p *tcp.Packet) {
	r.result.Segments++
	if !shown {
		if r.hostOf(p.Destination.Addr()) != nil {
			r.queue.push(r.now+r.c.Delay[side], arrivalDue, r.parcels.put(parcel{*p, 0, side, false}))
		}
		return
	}
	r.number++
	r.packet(Sent, side, p, r.number, "")
	for _, w := range r.network.send(side, p, r.now) {
		if w.lost != "" {
			r.lose(parcel{w.packet, r.number, side, true}, w.lost)
			continue
		}
		r.queue.push(r.now+w.takes, arrivalDue, r.parcels.put(parcel{w.packet, r.number, side, true}))
	}
}

// packet writes down what happens to a packet.
func (r *run) packet(kind Kind, side Side, p *tcp.Packet, number int, why string) {
	h := r.note(kind, side)
	h.Packet, h.Number, h.Why = *p, number, why
	r.say()
}

func (r *run) lose(one parcel, why string) {
	r.result.Lost++
	if one.shown {
		r.packet(Lost, one.from, &one.packet, one.number, why)
	}
}

// hostOf returns an end of the host that has the address, nil if none has.
func (r *run) hostOf(address netip.Addr) *end {
	for _, e := range r.ends[:2] {
		if e.Local().Addr() == address {
			return e
		}
	}
	return r.hosts[address]
}

// arrive gives a parcel to the host whose address it bears.
func (r *run) arrive(index int) {
	one := r.parcels.take(index)
	r.result.End = r.now
	host := r.hostOf(one.packet.Destination.Addr())
	switch {
	case host == nil:
		r.lose(one, WhyNobody)
	case host.gone:
		r.lose(one, WhyVanished)
	default:
		r.deliver(host, one)
	}
}

// deliver gives a packet to the connection on the host to which it belongs.
func (r *run) deliver(host *end, one parcel) {
	if one.shown {
		r.packet(Arrived, host.side, &one.packet, one.number, "")
	}
	if host.side == Responder && r.service != nil {
		r.toService(one)
		return
	}
	r.step(host, tcp.Incident{Event: tcp.SegmentArrives, Packet: one.packet})
}
