package explore

import (
	"slices"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// underWay is a packet in the network: its number, whether it is a spare, that is
// a copy that may never arrive, and of each end in TIME-WAIT whether the packet
// was sent before the MSL that this end is counting. As numbers they are in an
// order, by packet first.
type underWay uint16

const (
	spare underWay = 1 << iota
	agedByA
	agedByB
	packetShift = iota
)

// aged returns the mark of a packet that was sent before the MSL that the side
// is counting began.
func aged(side int) underWay { return agedByA << side }

// How many packets and locals can be told apart.
const (
	maxPackets = 1 << (16 - packetShift)
	maxLocals  = 1 << 24
)

func (u underWay) packet() uint16 { return uint16(u >> packetShift) }

// crowd is the most packets that can be under way at once.
const crowd = 24

// joint is a joint state: all that decides what can happen from now on.
type joint struct {
	ends   [2]uint32 // numbers of the locals, by side
	losses uint8     // left
	copies uint8     // left
	early  uint8     // left
	cut    bool      // the network carries nothing any more
	prompt [2]bool   // the end has set its timer for sending again within the MSL that the other side counts
	rested [2]uint8  // MSLs since TIME-WAIT began
	n      uint8
	air    [crowd]underWay // the first n, in order
}

// flight returns the packets under way.
func (j *joint) flight() []underWay { return j.air[:j.n] }

// quiet tells whether nothing is under way that must arrive.
func (j *joint) quiet() bool {
	return !slices.ContainsFunc(j.flight(), func(u underWay) bool { return u&spare == 0 })
}

// launch puts a packet under way; it tells whether there was room.
func (j *joint) launch(u underWay) bool {
	if j.n == crowd {
		return false
	}
	at, _ := slices.BinarySearch(j.flight(), u)
	copy(j.air[at+1:j.n+1], j.air[at:j.n])
	j.air[at] = u
	j.n++
	return true
}

// land takes a packet out of the network.
func (j *joint) land(u underWay) {
	at, found := slices.BinarySearch(j.flight(), u)
	if found {
		copy(j.air[at:], j.air[at+1:j.n])
		j.n--
	}
}

// count lets the side begin to count an MSL: from now on whatever is under way
// was sent before.
func (j *joint) count(side int) {
	for i := range j.flight() {
		j.air[i] |= aged(side)
	}
	slices.Sort(j.flight())
	j.prompt[1-side] = false
}

// tick ends the MSL that the side counts and begins the next. No packet lives
// longer: what was sent before it is gone.
func (j *joint) tick(side int) {
	list := j.flight()
	j.n = 0
	for _, u := range list {
		if u&aged(side) == 0 {
			j.air[j.n] = u
			j.n++
		}
	}
	j.rested[side]++
	j.count(side)
}

// tidy forgets what means nothing in the states of the ends.
func (j *joint) tidy(ends [2]*local) {
	var counting underWay
	for side, l := range ends {
		if l.state() == tcp.TimeWait {
			counting |= aged(side)
			j.prompt[1-side] = j.prompt[1-side] && ends[1-side].repeats()
		} else {
			j.rested[side], j.prompt[1-side] = 0, false
		}
	}
	if counting != agedByA|agedByB {
		for i := range j.flight() {
			j.air[i] &= ^(agedByA | agedByB) | counting
		}
		slices.Sort(j.flight())
	}
}

// append appends the joint state as octets; read reads them back.
func (j *joint) append(b []byte) []byte {
	for _, id := range j.ends {
		b = append(b, byte(id), byte(id>>8), byte(id>>16))
	}
	b = append(b, j.losses|j.copies<<4, j.early|bit(j.cut)<<4|bit(j.prompt[0])<<5|bit(j.prompt[1])<<6,
		j.rested[0]|j.rested[1]<<4)
	for _, u := range j.flight() {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

const jointHead = 9

func (j *joint) read(b []byte) {
	for side := range j.ends {
		j.ends[side] = uint32(b[3*side]) | uint32(b[3*side+1])<<8 | uint32(b[3*side+2])<<16
	}
	j.losses, j.copies = b[6]&15, b[6]>>4
	j.early, j.cut = b[7]&15, b[7]>>4&1 != 0
	j.prompt = [2]bool{b[7]>>5&1 != 0, b[7]>>6&1 != 0}
	j.rested = [2]uint8{b[8] & 15, b[8] >> 4}
	j.n = 0
	for b = b[jointHead:]; len(b) > 1; b = b[2:] {
		j.air[j.n] = underWay(b[0]) | underWay(b[1])<<8
		j.n++
	}
}

// first is the joint state in which all runs of the bound begin; false if there
// are more old packets than room.
func (m *machine) first() (joint, bool) {
	b := m.bound
	j := joint{losses: uint8(b.Losses), copies: uint8(b.Duplicates), early: uint8(b.Early)}
	for side := range j.ends {
		l := &local{side: simulate.Side(side), end: m.born(simulate.Side(side))}
		j.ends[side] = m.number(l)
	}
	for _, o := range b.Old {
		p := tcp.Packet{Source: sockets[0], Destination: sockets[1], Segment: o.Segment}
		if o.FromResponder {
			p.Source, p.Destination = sockets[1], sockets[0]
		}
		if o.Text != "" {
			p.Text, p.Segment.Data = []byte(o.Text), tcp.Size(len(o.Text))
		}
		if !j.launch(underWay(m.packet(p))<<packetShift | spare) {
			return j, false
		}
	}
	return j, true
}
