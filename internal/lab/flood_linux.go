package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Limits of a flood, whatever the caller asks for.
const (
	maxFloodSegments = 200_000
	maxFloodRate     = 50_000 // segments a second
)

// Flood sends SYNs with forged sources from a namespace of the lab.
type Flood struct {
	Target  netip.AddrPort // IPv4
	Sources netip.Prefix   // each SYN takes a random address of it
	Count   int
	Rate    int // segments a second
	Seed    uint64
}

// Send runs the flood until Count SYNs are sent or the context ends. It refuses
// to send from the host's own namespace: a forged segment cannot leave the lab.
func (n *Namespace) Send(ctx context.Context, flood Flood) error {
	if flood.Count > maxFloodSegments || flood.Rate > maxFloodRate || flood.Rate < 1 {
		return fmt.Errorf("lab: flood of %d segments at %d/s is beyond the bounds of %d and %d/s", flood.Count, flood.Rate, maxFloodSegments, maxFloodRate)
	}
	raw := -1
	err := n.Do(func() (err error) {
		if err := notOnHost(); err != nil {
			return err
		}
		raw, err = unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
		return err
	})
	if err != nil {
		return fmt.Errorf("lab: flood in %s: %w", n.Name, err)
	}
	defer unix.Close(raw)
	return flood.send(ctx, raw)
}

// begun is the network namespace that the process began in, read before any
// thread can have left it.
var begun, begunErr = os.Readlink("/proc/self/ns/net")

// notOnHost compares the thread's namespace with the one the process began in.
func notOnHost() error {
	own, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil || begunErr != nil {
		return errors.Join(err, begunErr)
	}
	if own == begun {
		return errors.New("refusing to send forged segments outside a namespace of the lab")
	}
	return nil
}

func (f Flood) send(ctx context.Context, raw int) error {
	random := rand.New(rand.NewPCG(f.Seed, 1))
	target := &unix.SockaddrInet4{Addr: f.Target.Addr().As4()}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for start, sent := time.Now(), 0; sent < f.Count; {
		due := min(f.Count, int(time.Since(start).Seconds()*float64(f.Rate)))
		for ; sent < due; sent++ {
			// A full queue loses a SYN as a real network would.
			if err := unix.Sendto(raw, f.segment(random), 0, target); err != nil && !errors.Is(err, unix.ENOBUFS) {
				return fmt.Errorf("lab: flood: %w", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
	return nil
}

// segment is one SYN without options: 20 bytes of IPv4, 20 of TCP. The kernel
// fills in the IPv4 checksum.
func (f Flood) segment(random *rand.Rand) []byte {
	source, target := f.source(random), f.Target.Addr().As4()
	packet := make([]byte, 40)
	packet[0], packet[8], packet[9] = 0x45, 64, unix.IPPROTO_TCP
	binary.BigEndian.PutUint16(packet[2:], 40)
	copy(packet[12:], source[:])
	copy(packet[16:], target[:])
	tcp := packet[20:]
	binary.BigEndian.PutUint16(tcp, uint16(1024+random.IntN(64000)))
	binary.BigEndian.PutUint16(tcp[2:], f.Target.Port())
	binary.BigEndian.PutUint32(tcp[4:], random.Uint32())
	tcp[12], tcp[13] = 5<<4, 0x02
	binary.BigEndian.PutUint16(tcp[14:], 64240)
	binary.BigEndian.PutUint16(tcp[16:], checksum(packet[12:20], tcp))
	return packet
}

func (f Flood) source(random *rand.Rand) [4]byte {
	base := f.Sources.Masked().Addr().As4()
	hosts := uint32(1)<<(32-f.Sources.Bits()) - 1
	binary.BigEndian.PutUint32(base[:], binary.BigEndian.Uint32(base[:])|random.Uint32()&hosts)
	return base
}

// checksum is the Internet checksum of a segment with its pseudo header
// (RFC 9293 3.1); addresses are the two IPv4 addresses.
func checksum(addresses, segment []byte) uint16 {
	sum := uint32(unix.IPPROTO_TCP) + uint32(len(segment))
	for _, part := range [][]byte{addresses, segment} {
		for i := 0; i+1 < len(part); i += 2 {
			sum += uint32(binary.BigEndian.Uint16(part[i:]))
		}
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
