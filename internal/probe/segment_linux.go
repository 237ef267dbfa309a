package probe

import (
	"encoding/binary"
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// segment asks by an empty segment of a connection that is not ours.
type segment struct {
	fd    int
	v4    bool
	probe *evidence.Probe
	first tcp.Packet
}

func newSegment(p *evidence.Probe) (asker, error) {
	fd, err := openSocket(unix.SOCK_RAW, unix.IPPROTO_TCP, withoutPort(p.Local), withoutPort(p.Remote))
	if err != nil {
		return nil, err
	}
	s := &segment{fd: fd, v4: p.Remote.Addr().Unmap().Is4(), probe: p, first: forged(p)}
	if err := s.only(); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return s, nil
}

// forged is the first segment: ACK, no text, numbers at random.
func forged(p *evidence.Probe) tcp.Packet {
	s := tcp.Segment{Flags: tcp.ACK, Seq: tcp.Seq(rand.Uint32()), Ack: tcp.Seq(rand.Uint32()), Window: 1024}
	if p.Timestamps {
		s.Timestamp = tcp.Timestamp{Present: true, Value: rand.Uint32()}
	}
	return tcp.Packet{Source: p.Local, Destination: p.Remote, Segment: s}
}

// again moves the numbers half-way round: a number that fell into a window, or a
// timestamp that looked old (RFC 7323 section 5), does not a second time.
func again(p tcp.Packet) tcp.Packet {
	const half = 1 << 31
	p.Segment.Seq += half
	p.Segment.Ack += half
	if p.Segment.Timestamp.Present {
		p.Segment.Timestamp.Value += half
	}
	return p
}

func (s *segment) descriptor() (fd int, events int16) { return s.fd, unix.POLLIN }

func (s *segment) ask(try int) error {
	p := s.first
	if try > 0 {
		p = again(p)
	}
	return unix.Send(s.fd, tcp.AppendSegment(nil, p), 0)
}

func (s *segment) hear() evidence.ProbeAnswer {
	return answer(s.fd, func(packet []byte) evidence.ProbeAnswer { return answerOf(payload(packet, s.v4), s.probe) })
}

// answerOf reads a TCP header; what is of another connection is no answer.
func answerOf(b []byte, p *evidence.Probe) evidence.ProbeAnswer {
	const flags = 13
	if len(b) < 20 || binary.BigEndian.Uint16(b) != p.Remote.Port() || binary.BigEndian.Uint16(b[2:]) != p.Local.Port() {
		return evidence.AnswerNone
	}
	switch f := tcp.Flags(b[flags]); {
	case f&tcp.RST != 0:
		return evidence.AnswerReset
	case f&tcp.ACK != 0 && f&tcp.SYN == 0:
		return evidence.AnswerSegment
	default:
		return evidence.AnswerNone
	}
}

// only lets the kernel drop what is of other ports: a busy peer would fill the
// buffer.
func (s *segment) only() error {
	header := unix.SockFilter{Code: unix.BPF_LDX | unix.BPF_B | unix.BPF_MSH} // X is the length of the IPv4 header
	if !s.v4 {
		header = unix.SockFilter{Code: unix.BPF_LDX | unix.BPF_W | unix.BPF_IMM}
	}
	port := func(at, value uint32, miss uint8) []unix.SockFilter {
		return []unix.SockFilter{
			{Code: unix.BPF_LD | unix.BPF_H | unix.BPF_IND, K: at},
			{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: value, Jf: miss},
		}
	}
	program := append([]unix.SockFilter{header}, port(0, uint32(s.probe.Remote.Port()), 3)...)
	program = append(program, port(2, uint32(s.probe.Local.Port()), 1)...)
	program = append(program, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: 1 << 16}, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K})
	return unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
}
