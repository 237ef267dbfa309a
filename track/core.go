package track

import "github.com/synoptic-net/synoptic/tcp"

// observed is what the machine needs of a captured segment.
type observed struct {
	time   int64 // ns since 1970
	seq    tcp.Seq
	ack    tcp.Seq
	data   tcp.Size // octets of text
	window uint16   // as it was sent
	flags  tcp.Flags
	scale  uint8 // window scale option, noScale without one
}

// Two values of scale that are none: a SYN without the option (or no SYN), and
// one whose options were not captured.
const (
	noScale  = 0xff
	cutScale = 0xfe
)

func (o *observed) has(f tcp.Flags) bool { return o.flags&f != 0 }

// length is SEG.LEN.
func (o *observed) length() tcp.Size {
	n := o.data
	if o.has(tcp.SYN) {
		n++
	}
	if o.has(tcp.FIN) {
		n++
	}
	return n
}

func (o *observed) end() tcp.Seq { return o.seq.Add(o.length()) }

// marks are what is known of an end besides numbers.
type marks uint16

const (
	heard     marks = 1 << iota // it has sent a segment that was captured
	whole                       // captured from its SYN on
	isnKnown                    // isn holds its initial sequence number
	nextKnown                   // next means something
	acked                       // ack means something
	finSeen                     // its FIN was captured; the FIN is the octet before next
	gap                         // octets before next were not captured and may hold its FIN
	busy                        // text of it was under way when the other's FIN came, or later
	contested                   // it sent a SYN with another ISN, which isn holds now
	scaled                      // shift is known
	resetSure                   // its RST met the sequence number that must be believed
	origin                      // it is the Originator
	guessed                     // its role is a guess by the ports
	asked                       // it sent a keep-alive or a window probe that nothing answered yet
)

// end is what is known of one end: 20 octets.
type end struct {
	next   tcp.Seq      // behind the last octet it sent
	ack    tcp.Seq      // largest acknowledgment number it sent: its RCV.NXT
	isn    tcp.Seq      // position of its SYN
	set    tcp.StateSet // possible states
	window uint16       // last one it announced, not scaled
	marks  marks
	sent   uint8 // a set of type sent
	likely uint8 // low four bits a tcp.State; high four bits the window scale
}

func (e *end) has(m marks) bool { return e.marks&m == m }

func (e *end) state() tcp.State { return tcp.State(e.likely & 15) }

// showing is the likely state, as far as the end itself has shown it: a SYN,ACK is
// acknowledged at once, so whoever has sent nothing but a SYN, the forged source
// of a flood for one, is not called ESTABLISHED.
func (e *end) showing() tcp.State {
	if s := e.state(); s != tcp.Established || !e.set.Has(tcp.SynSent) || sent(e.sent)&^sentSYN != 0 {
		return s
	}
	if e.set.Has(tcp.SynReceived) {
		return tcp.SynReceived // both ends sent a SYN
	}
	return tcp.SynSent
}

func (e *end) setState(s tcp.State) { e.likely = e.likely&0xf0 | uint8(s) }
func (e *end) shift() uint8         { return e.likely >> 4 }

// room returns the window in octets. Without its handshake the scale is not
// known, and the largest one is assumed.
func (e *end) room() tcp.Size {
	if !e.has(scaled) {
		return tcp.Size(e.window) << 14
	}
	return tcp.Size(e.window) << e.shift()
}

// core is the hot part of a connection, of 48 octets. Which of the ends is the
// Originator stands in its marks; the index is the side of the key.
type core struct {
	ends [2]end
	last uint32 // time of the last segment, ticks
	cold uint32 // index of the listed record plus one, 0 for none
}

// originator returns the index of the Originator.
func (c *core) originator() int {
	if c.ends[1].has(origin) {
		return 1
	}
	return 0
}

// over tells whether the connection has ended as far as anybody can see.
func (c *core) over() bool {
	return ended.Has(c.ends[0].state()) && ended.Has(c.ends[1].state())
}

// ended holds the states of an end that waits for nothing. Unknown is one: an
// end never heard cannot be waited for.
const ended = tcp.StateSet(1<<tcp.Closed | 1<<tcp.TimeWait | 1<<tcp.Listen | 1<<tcp.Unknown)

// start gives the ends their first sets and roles: side is the sender of the
// first segment that was captured.
func (c *core) start(side int, o *observed, guess bool) {
	x, y := &c.ends[side], &c.ends[1-side]
	x.set, y.set = tcp.AllStates, tcp.AllStates
	syn, ack := o.has(tcp.SYN), o.has(tcp.ACK)
	switch {
	case syn && !ack:
		x.marks |= origin
		x.set = before // the other end may still have an old connection
	case syn:
		y.marks |= origin
		x.set, y.set = tookSYN|before, tcp.SetOf(tcp.SynSent, tcp.SynReceived)
	case guess:
		x.marks |= origin | guessed
	default:
		y.marks |= origin
		x.marks |= guessed
	}
}

// before holds the states in which a connection can begin.
const before = tcp.StateSet(1<<tcp.Listen | 1<<tcp.SynSent | 1<<tcp.Closed)

// expire ends TIME-WAIT: 2 MSL went by since the last segment.
func (c *core) expire() {
	for i := range c.ends {
		e := &c.ends[i]
		if e.set&(1<<tcp.TimeWait) == 0 {
			continue
		}
		e.set |= 1 << tcp.Closed
		if e.state() == tcp.TimeWait {
			e.setState(tcp.Closed)
		}
	}
}

// states returns the likely states of both ends by index.
func (c *core) states() [2]tcp.State { return [2]tcp.State{c.ends[0].showing(), c.ends[1].showing()} }
