package simulate

import (
	"encoding/binary"
	"net/netip"

	"github.com/synoptic-net/synoptic/tcp"
)

// crowd lets one more of the crowd open a connection.
func (r *run) crowd() {
	c, n := &r.c.Crowd, r.crowded
	if n == 0 {
		r.tell(Originator, WhyCrowd, c.Size)
	}
	r.crowded++
	if r.crowded < c.Size {
		r.queue.push(r.now+bounded(c.Every), crowdDue, 0)
	}
	of := End{EndpointConfig: tcp.EndpointConfig{
		Local:   netip.AddrPortFrom(addressAfter(crowdAddress, n), OriginatorSocket.Port()),
		Foreign: r.c.Ends[Responder].Local, AutoReceive: true,
	}}
	e := newEnd(Originator, of, r.c.Seed+uint64(len(r.ends)))
	e.shown, e.index = false, len(r.ends)
	r.ends = append(r.ends, e)
	r.hosts[of.Local.Addr()] = e
	r.step(e, tcp.Incident{Event: tcp.CallActiveOpen})
}

// flood sends one more SYN in somebody's name.
func (r *run) flood() {
	const sources = 1 << 17 // 198.18.0.0/15
	c := &r.c.Flood
	if r.flooded == 0 {
		r.tell(Originator, WhyFlood, c.SYNs, int(c.Every.Seconds()*float64(c.SYNs)))
	}
	r.flooded++
	r.result.End = r.now
	r.result.Segments++
	source := netip.AddrPortFrom(addressAfter(floodAddress, r.random.IntN(sources)), uint16(1024+r.random.IntN(1<<15)))
	syn := tcp.Packet{Source: source, Destination: r.c.Ends[Responder].Local,
		Segment: tcp.Segment{Seq: tcp.Seq(r.random.Uint32()), Flags: tcp.SYN, Window: 65535}, Options: tcp.Options{MSS: 1460}}
	r.deliver(r.ends[Responder], parcel{packet: syn})
	if r.flooded < c.SYNs {
		r.queue.push(r.now+bounded(c.Every), floodDue, 0)
	} else if r.service != nil {
		counters := r.service.listener.Counters()
		r.tell(Originator, WhyFloodEnded, r.flooded, int(counters.SynDropped), int(counters.CookiesSent))
	}
}

// addressAfter returns the IPv4 address n further on.
func addressAfter(first netip.Addr, n int) netip.Addr {
	octets := first.As4()
	var next [4]byte
	binary.BigEndian.PutUint32(next[:], binary.BigEndian.Uint32(octets[:])+uint32(n))
	return netip.AddrFrom4(next)
}
