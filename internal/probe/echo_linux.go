package probe

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/evidence"
)

// ICMP types (RFC 792, RFC 4443 section 4).
const (
	echoRequest, echoReply   = 8, 0
	echoRequest6, echoReply6 = 128, 129
)

// echo asks by an ICMP echo request.
type echo struct {
	fd int
	v4 bool
	id uint32 // identifier, and the first sequence number
}

func newEcho(p *evidence.Probe) (asker, error) {
	v4, protocol := p.Remote.Addr().Unmap().Is4(), unix.IPPROTO_ICMPV6
	if v4 {
		protocol = unix.IPPROTO_ICMP
	}
	fd, err := openSocket(unix.SOCK_RAW, protocol, withoutPort(p.Local), withoutPort(p.Remote))
	if err != nil {
		return nil, err
	}
	return &echo{fd: fd, v4: v4, id: rand.Uint32()}, nil
}

func (e *echo) descriptor() (fd int, events int16) { return e.fd, unix.POLLIN }

func (e *echo) ask(try int) error {
	b := []byte{echoRequest6, 0, 0, 0} // the kernel sums ICMPv6 up
	if e.v4 {
		b[0] = echoRequest
	}
	b = binary.BigEndian.AppendUint32(b, e.id+uint32(try))
	b = append(b, "synoptic diagnose --probe"...)
	b = append(b, 0) // an even number of octets
	if e.v4 {
		binary.BigEndian.PutUint16(b[2:], internetChecksum(b))
	}
	return unix.Send(e.fd, b, 0)
}

// internetChecksum is that of RFC 1071, of an even number of octets.
func internetChecksum(b []byte) uint16 {
	sum := uint32(0)
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func (e *echo) hear() evidence.ProbeAnswer {
	return answer(e.fd, func(packet []byte) evidence.ProbeAnswer {
		if e.mine(payload(packet, e.v4)) {
			return evidence.AnswerEcho
		}
		return evidence.AnswerNone
	})
}

// answer reads what waits at a raw socket until a packet is an answer.
func answer(fd int, of func(packet []byte) evidence.ProbeAnswer) evidence.ProbeAnswer {
	buffer := make([]byte, 256)
	for {
		n, _, err := unix.Recvfrom(fd, buffer, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil && unreachable(err):
			return evidence.AnswerUnreachable
		case err != nil:
			return evidence.AnswerNone
		}
		if a := of(buffer[:n]); a != evidence.AnswerNone {
			return a
		}
	}
}

func (e *echo) mine(b []byte) bool {
	reply := byte(echoReply6)
	if e.v4 {
		reply = echoReply
	}
	return len(b) >= 8 && b[0] == reply && binary.BigEndian.Uint32(b[4:])-e.id < Times
}
