package capture

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gopacket/gopacket/afpacket"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/pcapfilter"
	"github.com/synoptic-net/synoptic/packet"
)

const (
	blockSize    = 1 << 19 // holds the longest packet
	blockTimeout = 20 * time.Millisecond
	// patience is how long a read waits. What a block holds is handed over
	// after blockTimeout, so that a ring is empty when nothing came for so long.
	patience      = 100 * time.Millisecond
	defaultMemory = 16 << 20
)

// ring is a packet socket on one interface, or on all.
type ring struct {
	place
	number    uint32 // among the capture's interfaces
	likely    int    // see headerOf
	socket    *afpacket.TPacket
	counted   afpacket.SocketStatsV3 // at the last look
	counts    Counts
	delivered atomic.Uint64
}

// openRing opens a socket whose first packet is one that passed the filter: a
// socket takes everything from its first moment on, so that at first nothing may
// pass, then what came before is read and forgotten.
func openRing(p place, c *Config) (*ring, error) {
	program, err := c.program(p.filter)
	if err != nil {
		return nil, err
	}
	memory := c.Memory
	if memory == 0 {
		memory = defaultMemory
	}
	kind, bound := afpacket.SocketRaw, afpacket.OptInterface(p.name)
	if p.cooked {
		kind = afpacket.SocketDgram
	}
	if p.index == 0 {
		bound = ""
	}
	r := &ring{place: p, likely: networkAt}
	if p.link == packet.LinkEthernet {
		r.likely -= 14
	}
	r.socket, err = afpacket.NewTPacket(bound, kind, afpacket.TPacketVersion3, afpacket.OptFrameSize(1<<12), afpacket.OptBlockSize(blockSize),
		afpacket.OptNumBlocks(max(2, memory/blockSize)), afpacket.OptBlockTimeout(blockTimeout), afpacket.OptPollTimeout(patience))
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return nil, ErrRights
	}
	if err != nil {
		return nil, fmt.Errorf("packet ring on %s: %w", p.name, err)
	}
	if err := r.begin(program, c.Promiscuous); err != nil {
		r.socket.Close()
		return nil, fmt.Errorf("capture on %s: %w", p.name, err)
	}
	return r, nil
}

// nothing is the filter that no packet passes.
var nothing = pcapfilter.Program{{Code: 0x06}}

func (r *ring) begin(program pcapfilter.Program, promiscuous bool) error {
	if err := r.filterBy(nothing); err != nil {
		return err
	}
	var forgotten packet.Frame
	for {
		if ok, err := r.next(&forgotten); err != nil {
			return err
		} else if !ok {
			break
		}
	}
	r.delivered.Store(0)
	if err := r.socket.InitSocketStats(); err != nil {
		return err
	}
	if promiscuous && r.index != 0 {
		if err := r.socket.SetPromiscuous(true); err != nil {
			return fmt.Errorf("promiscuous mode: %w", err)
		}
	}
	return r.filterBy(program)
}

func (r *ring) filterBy(program pcapfilter.Program) error {
	raw := make([]bpf.RawInstruction, len(program))
	for i, instruction := range program {
		raw[i] = bpf.RawInstruction{Op: instruction.Code, Jt: instruction.JT, Jf: instruction.JF, K: instruction.K}
	}
	if err := r.socket.SetBPF(raw); err != nil {
		return fmt.Errorf("the kernel refuses the filter: %w", err)
	}
	return nil
}

// errDown is what a socket says whose interface is not up.
var errDown = errors.New("the interface is down")

// next takes the next packet; false says that none came for a while. The frame
// is valid until the next call.
func (r *ring) next(f *packet.Frame) (bool, error) {
	for {
		data, about, err := r.socket.ZeroCopyReadPacketData()
		switch {
		case errors.Is(err, afpacket.ErrTimeout):
			return false, nil
		case errors.Is(err, afpacket.ErrPoll):
			return false, errDown
		case err != nil:
			return false, err
		}
		h, ok := headerOf(data, r.likely)
		if !ok {
			return false, errors.New("the ring holds what is no packet; this is a defect of the program")
		}
		if h.from.Pkttype == unix.PACKET_OUTGOING && int(h.from.Ifindex) == r.loopback {
			r.delivered.Add(1) // it comes in too
			continue
		}
		r.delivered.Add(1)
		*f = packet.Frame{Data: data, Length: about.Length, Time: about.Timestamp.UnixNano(), Number: f.Number + 1, Interface: r.number, Link: r.link}
		f.Direction = directionOf(h.from.Pkttype)
		h.complete(&r.place, f)
		return true, nil
	}
}

func directionOf(packetType uint8) packet.Direction {
	switch packetType {
	case unix.PACKET_OUTGOING:
		return packet.Outbound
	case unix.PACKET_HOST, unix.PACKET_BROADCAST, unix.PACKET_MULTICAST:
		return packet.Inbound
	default: // to another host: neither
		return packet.DirectionUnknown
	}
}

// look adds what the kernel counted since the last look.
func (r *ring) look() (Counts, error) {
	_, now, err := r.socket.SocketStats()
	if err != nil {
		return r.counts, err
	}
	since := func(a, b uint) uint64 { return uint64(uint32(a) - uint32(b)) } // they wrap around
	r.counts.Passed += since(now.Packets(), r.counted.Packets())
	r.counts.Dropped += since(now.Drops(), r.counted.Drops())
	r.counts.Freezes += since(now.QueueFreezes(), r.counted.QueueFreezes())
	r.counted = now
	return r.counts, nil
}
