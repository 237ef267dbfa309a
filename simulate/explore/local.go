package explore

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// The times that a trace shows. Only their order matters to a run.
const (
	msl       = 2 * time.Minute // RFC 9293 section 3.4.2
	rto       = time.Second
	keepalive = 2 * time.Hour
	patience  = 5 * time.Minute
	transit   = 50 * time.Millisecond // of a packet that arrives
	thought   = 10 * time.Millisecond // before a call
)

// How often an end tries before it gives up: more than a bound can make necessary
// unless the network is cut.
const (
	retries = 4 // R2 of RFC 9293 section 3.8.3
	probes  = 3 // keep-alives
)

// apart is how far an ISS that stands in no list lies behind the one before.
const apart tcp.Size = 1000

var sockets = [2]netip.AddrPort{
	netip.MustParseAddrPort("192.0.2.1:1024"),
	netip.MustParseAddrPort("198.51.100.2:80"),
}

// local is one end with its user and with what the invariants remember of it.
type local struct {
	number uint32 // of the locals, in the order in which they were thought of
	met    bool   // it is part of a joint state
	end    *tcp.Endpoint
	side   simulate.Side
	made   uint8  // calls of the script that are made
	chosen uint8  // ISS that are taken
	timers uint16 // those that run, by timerBit
	lives  []life
}

// life is one incarnation of an end: from the choice of an ISS on.
type life struct {
	iss, irs  tcp.Seq
	heard     bool     // irs means something
	asked     string   // text that the user gave with SEND
	delivered string   // text that the user got
	finSent   bool     // at some time
	finTaken  bool     // the peer's FIN
	received  tcp.Size // RCV.NXT-IRS, octets of sequence space
	acked     tcp.Size // SND.UNA-ISS
}

func timerBit(event tcp.Event) uint16 { return 1 << (event - tcp.UserTimeout) }

func (l *local) runs(event tcp.Event) bool { return l.timers&timerBit(event) != 0 }

// repeats tells whether a timer runs after which the end sends something again.
func (l *local) repeats() bool {
	return l.runs(tcp.RetransmissionTimeout) || l.runs(tcp.ZeroWindowTimeout)
}

func (l *local) state() tcp.State { return l.end.State() }

// current is the incarnation that lives, or the last one.
func (l *local) current() *life {
	if len(l.lives) == 0 {
		return &life{}
	}
	return &l.lives[len(l.lives)-1]
}

// clone returns a local that goes its own way from now on.
func (l *local) clone() *local {
	c := *l
	c.met = false
	c.end, c.lives = l.end.Clone(), slices.Clone(l.lives)
	return &c
}

// appendKey appends all that decides what becomes of the local.
func (l *local) appendKey(b []byte) []byte {
	b = append(b, byte(l.side), l.made, l.chosen)
	if l.state() == tcp.Closed {
		b = append(b, byte(tcp.Closed))
	} else {
		v := l.end.Variables()
		b = binary.AppendUvarint(b, uint64(v.SND.ISS))
		b = binary.AppendUvarint(b, uint64(v.RCV.IRS))
		b = l.end.AppendKey(b)
	}
	for i := range l.lives {
		b = l.lives[i].appendKey(b)
	}
	return b
}

func (f *life) appendKey(b []byte) []byte {
	for _, n := range []tcp.Size{tcp.Size(f.iss), tcp.Size(f.irs), f.received, f.acked, tcp.Size(len(f.asked)), tcp.Size(len(f.delivered))} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = append(append(b, f.asked...), f.delivered...)
	return append(b, bit(f.heard)|bit(f.finSent)<<1|bit(f.finTaken)<<2)
}

func bit(set bool) uint8 {
	if set {
		return 1
	}
	return 0
}

// learn takes into the local what a step has made of its end.
func (l *local) learn(in tcp.Incident, effects []tcp.Effect, chosen bool) {
	if chosen {
		if len(l.lives) > 0 { // what was checked and cannot change is forgotten
			l.current().delivered, l.current().acked = "", 0
		}
		l.lives = append(l.lives, life{})
	}
	if len(l.lives) == 0 {
		l.followTimers(effects)
		return
	}
	f := l.current()
	for i := range effects {
		f.learn(in, &effects[i])
	}
	f.look(l.end)
	l.followTimers(effects)
}

// followTimers keeps the set of timers that run.
func (l *local) followTimers(effects []tcp.Effect) {
	for _, f := range effects {
		switch f.Kind {
		case tcp.StartTimer:
			l.timers |= timerBit(f.Timer)
		case tcp.StopTimer:
			l.timers &^= timerBit(f.Timer)
		}
	}
}

// learn takes one effect in.
func (f *life) learn(in tcp.Incident, effect *tcp.Effect) {
	switch effect.Kind {
	case tcp.RowTaken:
		actions := effect.Row.Actions
		f.finTaken = f.finTaken || actions.Has(tcp.TakeFIN)
		if in.Event == tcp.CallSend && actions.Has(tcp.QueueSend) {
			f.asked += string(in.Text)
		}
		if actions.Has(tcp.TakeACK) && effect.Row.To == tcp.Closed {
			f.acked = f.iss.To(in.Packet.Segment.Ack)
		}
	case tcp.DeliverData:
		f.delivered += string(effect.Text)
	}
}

// look takes over what the end says of itself, as long as it is somebody.
func (f *life) look(end *tcp.Endpoint) {
	state, v := end.State(), end.Variables()
	if state == tcp.Closed || state == tcp.Listen {
		return
	}
	f.iss, f.acked = v.SND.ISS, v.SND.ISS.To(v.SND.UNA)
	f.finSent = f.finSent || v.FinSent
	if state != tcp.SynSent {
		f.heard, f.irs, f.received = true, v.RCV.IRS, v.RCV.IRS.To(v.RCV.NXT)
	}
}

// atRest tells whether the end waits for nothing: it is CLOSED, or LISTENs.
func (l *local) atRest() bool { return tcp.SetOf(tcp.Closed, tcp.Listen).Has(l.state()) }
