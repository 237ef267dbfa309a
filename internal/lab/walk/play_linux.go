package walk

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/tcp"
)

// play is a script under way: a program with one socket under test and perhaps a
// listener, and the peer that it talks to.
type play struct {
	ctx      context.Context
	stage    *stage
	patience time.Duration // of every wait

	local, remote netip.AddrPort
	fd, listener  int // -1: none

	heard chan tcp.Packet
	nxt   tcp.Seq // the next octet that the peer sends
	rcv   tcp.Seq // the next octet that the peer expects: behind everything it heard
	una   tcp.Seq // rcv before the kernel sent its last SYN or FIN
	stamp uint32  // TSval of the peer's next segment, 0: no timestamps
	echo  uint32  // the kernel's last TSval
}

// step is one line of a script.
type step func(*play) error

// moment is how long something may take that takes no time.
const moment = 3 * time.Second

// peerISS is the peer's initial sequence number, far enough from zero to tell
// what is relative from what is not.
const peerISS tcp.Seq = 1_000_000

func newPlay(ctx context.Context, t *stage) *play {
	p := &play{ctx: ctx, stage: t, patience: moment, fd: -1, listener: -1, heard: make(chan tcp.Packet, 64), nxt: peerISS}
	p.local, p.remote = t.pair(func(s tcp.Packet) {
		s.Text = nil // it is good until we return
		select {
		case p.heard <- s:
		default: // nobody listens any more
		}
	})
	return p
}

// end closes what is open. Orphans are destroyed with the namespace.
func (p *play) end() {
	p.stage.leave(p.remote)
	for _, fd := range []*int{&p.fd, &p.listener} {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
}

func (p *play) run(script []step) error {
	for _, do := range script {
		if err := do(p); err != nil {
			return err
		}
	}
	return nil
}

// steps is a script; then is one that goes on after another.
func steps(all ...step) []step                 { return all }
func then(before []step, after ...step) []step { return slices.Concat(before, after) }

// hears waits for a segment with exactly these of the bits SYN, ACK, FIN and
// RST. What comes before it is passed over; what it says is remembered.
func hears(flags tcp.Flags) step {
	return func(p *play) error {
		const asked = tcp.SYN | tcp.ACK | tcp.FIN | tcp.RST
		ctx, stop := context.WithTimeout(p.ctx, p.patience)
		defer stop()
		for {
			select {
			case s := <-p.heard:
				p.note(s)
				if s.Segment.Flags&asked == flags {
					return nil
				}
			case <-ctx.Done():
				return fmt.Errorf("the kernel sent no segment with %v", flags)
			}
		}
	}
}

func (p *play) note(s tcp.Packet) {
	seg := s.Segment
	if seg.Flags.Has(tcp.RST) {
		return
	}
	if seg.Flags.Has(tcp.SYN) || p.rcv.Less(seg.End()) {
		if seg.Flags.Any(tcp.SYN | tcp.FIN) {
			p.una = seg.End().Sub(1)
		}
		p.rcv = seg.End()
	}
	if seg.Timestamp.Present {
		p.echo = seg.Timestamp.Value
	}
}

// change makes a segment other than the next one in order.
type change func(*play, *tcp.Packet)

// sends sends the peer's next segment, or one that differs from it.
func sends(flags tcp.Flags, changes ...change) step {
	return func(p *play) error {
		s := tcp.Packet{Source: p.remote, Destination: p.local, Segment: tcp.Segment{Seq: p.nxt, Flags: flags, Window: 65535}}
		if flags.Has(tcp.ACK) {
			s.Segment.Ack = p.rcv
		}
		if p.stamp > 0 {
			s.Segment.Timestamp, s.Options.Echo = tcp.Timestamp{Present: true, Value: p.stamp}, p.echo
			p.stamp++
		}
		for _, do := range changes {
			do(p, &s)
		}
		s.Segment.Data = tcp.Size(len(s.Text))
		if end := s.Segment.End(); p.nxt.Less(end) {
			p.nxt = end
		}
		return p.stage.wire.Send(s)
	}
}

// The changes of a segment.
var (
	// lastButFIN acknowledges everything but the kernel's SYN or FIN.
	lastButFIN change = func(p *play, s *tcp.Packet) { s.Segment.Ack = p.una }
	// octets carries five octets of text.
	octets change = func(_ *play, s *tcp.Packet) { s.Text = []byte("hello") }
	// again begins one octet earlier, as the peer's SYN once more does.
	again change = func(_ *play, s *tcp.Packet) { s.Segment.Seq = s.Segment.Seq.Sub(1) }
	// shutWindow leaves no room for text.
	shutWindow change = func(_ *play, s *tcp.Packet) { s.Segment.Window = 0 }
)

// seqPlus moves a segment forward.
func seqPlus(n tcp.Size) change {
	return func(_ *play, s *tcp.Packet) { s.Segment.Seq = s.Segment.Seq.Add(n) }
}

// isAt waits until the kernel shows the connection there.
func isAt(at Place) step {
	return func(p *play) error { return p.await(at, p.remote) }
}

// inTime gives the waits that follow more time: for edges that are taken by a
// timer.
func inTime(d time.Duration) step {
	return func(p *play) error { p.patience = d + moment; return nil }
}

// stamped makes the peer use timestamps.
func stamped(p *play) error { p.stamp = 1000; return nil }

// unreachable answers the kernel's SYN with an ICMP message.
func unreachable(p *play) error {
	syn := tcp.Packet{Source: p.local, Destination: p.remote, Segment: tcp.Segment{Seq: p.rcv.Sub(1), Flags: tcp.SYN, Window: 65535}}
	return p.stage.wire.Unreachable(syn)
}

// destroyed ends the connection by sock_diag.
func destroyed(p *play) error { return p.stage.host.Destroy(p.local, p.remote) }

// destroyedListener ends the listener by sock_diag.
func destroyedListener(p *play) error {
	return p.stage.host.Destroy(p.local, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
}

var errNoSocket = errors.New("the script has no socket there")
