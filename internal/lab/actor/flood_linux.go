package actor

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Limits of what an actor may send on its own, whatever it is told.
const (
	maxSegments = 200_000
	maxRate     = 50_000 // segments, or attempts, a second
	maxLength   = 2 * time.Minute
)

// flood sends SYNs with forged sources: each takes a random address of the
// prefix. All hosts of a /32 (or /128) are one.
type flood struct {
	target  netip.AddrPort
	sources netip.Prefix
	count   int
	rate    int
	random  *rand.Rand
}

// checkBounds refuses what could run away.
func checkBounds(count, rate int) error {
	if count < 1 || count > maxSegments || rate < 1 || rate > maxRate {
		return fmt.Errorf("%d segments at %d/s are beyond the bounds of %d and %d/s", count, rate, maxSegments, maxRate)
	}
	return nil
}

// checkInside refuses to send outside the namespace of the lab: it must be the
// one that the lab put the actor in, another one than the lab itself runs in,
// and have no link that leads further than to another end of the lab's cables.
func checkInside() error {
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return err
	}
	parents, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", os.Getppid()))
	if err != nil {
		return err
	}
	if own != home || own == parents {
		return errors.New("refusing to send floods and scans outside a namespace of the lab")
	}
	links, err := netlink.LinkList()
	if err != nil {
		return err
	}
	for _, link := range links {
		if link.Attrs().Flags&net.FlagLoopback == 0 && link.Type() != "veth" && link.Attrs().OperState == netlink.OperUp {
			return fmt.Errorf("refusing to send floods and scans past %s: it is no cable of the lab", link.Attrs().Name)
		}
	}
	return nil
}

func newFlood(o Order) (*flood, error) {
	target, err := netip.ParseAddrPort(o.To)
	if err != nil {
		return nil, err
	}
	sources, err := netip.ParsePrefix(o.Prefix)
	if err != nil {
		return nil, err
	}
	if target.Addr().Is4() != sources.Addr().Is4() {
		return nil, fmt.Errorf("sources %v and target %v are of two families", sources, target)
	}
	if err := errors.Join(checkBounds(o.Count, o.Rate), checkInside()); err != nil {
		return nil, err
	}
	return &flood{target: target, sources: sources.Masked(), count: o.Count, rate: o.Rate, random: rand.New(rand.NewPCG(o.Seed, 1))}, nil
}

// open makes the raw socket on which we write the IP header ourselves.
func (f *flood) open() (int, error) {
	if f.target.Addr().Is4() {
		return unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	}
	return unix.Socket(unix.AF_INET6, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
}

func (f *flood) run(ctx context.Context) error {
	raw, err := f.open()
	if err != nil {
		return err
	}
	defer unix.Close(raw)
	ctx, cancel := context.WithTimeout(ctx, maxLength)
	defer cancel()
	to := sockaddr(netip.AddrPortFrom(f.target.Addr(), 0)) // raw IPv6 sockets want no port
	return paced(ctx, f.count, f.rate, func() error {
		err := unix.Sendto(raw, f.segment(), 0, to)
		if errors.Is(err, unix.ENOBUFS) {
			return nil // a full queue loses a SYN as a real network would
		}
		return err
	})
}

// paced runs do so many times at so many a second, until the context ends.
func paced(ctx context.Context, count, rate int, do func() error) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for start, done := time.Now(), 0; done < count; {
		due := min(count, int(time.Since(start).Seconds()*float64(rate)))
		if late := due - done - rate/10; late > 0 { // after a stall the rate holds, and what was missed is not made up for
			start = start.Add(time.Duration(float64(late) / float64(rate) * float64(time.Second)))
			due = done + rate/10
		}
		for ; done < due; done++ {
			if err := do(); err != nil {
				return err
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

// segment is one SYN without options, with its IP header. The kernel fills in
// the IPv4 header checksum.
func (f *flood) segment() []byte {
	source := randomIn(f.sources, f.random)
	tcp := f.syn()
	if f.target.Addr().Is4() {
		packet := make([]byte, 20, 40)
		packet[0], packet[8], packet[9] = 0x45, 64, unix.IPPROTO_TCP
		binary.BigEndian.PutUint16(packet[2:], 40)
		copy(packet[12:], source.AsSlice())
		copy(packet[16:], f.target.Addr().AsSlice())
		binary.BigEndian.PutUint16(tcp[16:], checksum(packet[12:20], tcp))
		return append(packet, tcp...)
	}
	packet := make([]byte, 40, 60)
	packet[0], packet[5], packet[6], packet[7] = 0x60, byte(len(tcp)), unix.IPPROTO_TCP, 64
	copy(packet[8:], source.AsSlice())
	copy(packet[24:], f.target.Addr().AsSlice())
	binary.BigEndian.PutUint16(tcp[16:], checksum(packet[8:40], tcp))
	return append(packet, tcp...)
}

func (f *flood) syn() []byte {
	tcp := make([]byte, 20)
	binary.BigEndian.PutUint16(tcp, uint16(1024+f.random.IntN(64000)))
	binary.BigEndian.PutUint16(tcp[2:], f.target.Port())
	binary.BigEndian.PutUint32(tcp[4:], f.random.Uint32())
	tcp[12], tcp[13] = 5<<4, 0x02
	binary.BigEndian.PutUint16(tcp[14:], 64240)
	return tcp
}

// randomIn returns a random address of the prefix.
func randomIn(prefix netip.Prefix, random *rand.Rand) netip.Addr {
	address := prefix.Addr().AsSlice()
	for bit := prefix.Bits(); bit < len(address)*8; bit++ {
		address[bit/8] |= byte(random.IntN(2)) << (7 - bit%8)
	}
	made, _ := netip.AddrFromSlice(address)
	return made
}

// checksum is the Internet checksum of a segment with its pseudo header
// (RFC 9293 3.1); addresses are source and destination.
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
