package live

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// Sockets reads the TCP sockets of network namespaces from the kernel's iterator.
type Sockets struct {
	iterator *bpf.Sockets
	tick     time.Duration // of the kernel's clock
}

// OpenSockets makes ready to read; the error says which right or feature is
// missing.
func OpenSockets(o SocketOptions) (*Sockets, error) {
	tick, err := tickOfKernel()
	if err != nil {
		return nil, err
	}
	iterator, err := bpf.OpenSockets(bpf.SocketOptions{States: numbers(o.States), Details: o.Details, ListenersOnly: o.States == tcp.SetOf(tcp.Listen)})
	if err != nil {
		return nil, err
	}
	return &Sockets{iterator, tick}, nil
}

// tickOfKernel is the length of a jiffy. The coarse clocks advance once in it.
func tickOfKernel() (time.Duration, error) {
	var resolution unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC_COARSE, &resolution); err != nil {
		return 0, fmt.Errorf("the length of the kernel's tick is not known: %w", err)
	}
	return time.Duration(resolution.Nano()), nil
}

// numbers is a set of states as bits of Linux's numbers, 0 for all.
func numbers(set tcp.StateSet) (mask uint32) {
	if set == 0 || set == tcp.AllStates {
		return 0
	}
	for _, state := range set.States() {
		mask |= 1 << host.LinuxNumber(state)
	}
	return mask
}

// Each hands over the sockets of the calling thread's network namespace, as
// sockdiag.Dump does. The Socket is reused: copy what you keep.
func (s *Sockets) Each(use func(*host.Socket) error) error {
	var out host.Socket
	return s.iterator.Each(func(in *bpf.Socket, d *bpf.Details) error {
		s.translate(&out, in)
		if d != nil && in.Kind == bpf.FullSocket {
			out.HasInfo, out.HasMemory = true, true
			s.info(&out.Info, d)
			out.Memory = memory(d)
		}
		return use(&out)
	})
}

// Snapshot collects them.
func (s *Sockets) Snapshot(states tcp.StateSet, expected int) (host.Snapshot, error) {
	shot := host.Snapshot{Time: time.Now(), States: states, Sockets: make([]host.Socket, 0, max(0, expected))}
	err := s.Each(func(one *host.Socket) error {
		shot.Sockets = append(shot.Sockets, *one)
		return nil
	})
	return shot, err
}

// Close frees what the kernel keeps.
func (s *Sockets) Close() error { return s.iterator.Close() }

func (s *Sockets) translate(out *host.Socket, in *bpf.Socket) {
	*out = host.Socket{
		Kind: kindOf(in.Kind), Local: in.Local(), Interface: in.Device, Cookie: in.Cookie, Inode: in.Inode, UID: in.UID,
		RecvQueue: in.RecvQueue, SendQueue: in.SendQueue, Timer: host.Timer(in.Timer), Retransmits: in.Retransmits,
		Mark: in.Mark, Cgroup: in.Cgroup, Shutdown: host.Shutdown(in.Shutdown) & (host.ShutdownReceive | host.ShutdownSend),
		HasShutdown: kindOf(in.Kind) == host.Full, V6Only: in.V6Only != 0,
	}
	out.State, _ = host.StateOfLinux(in.State)
	if in.RemotePort != 0 {
		out.Remote = in.Remote()
	} else if remote := in.Remote(); !remote.Addr().IsUnspecified() {
		out.Remote = remote
	}
	if in.Timer != 0 {
		out.Expires = max(s.ticks(int64(in.Expires), time.Millisecond), 0)
	}
	out.Inner = inner(in)
}

func kindOf(k bpf.SocketKind) host.Kind {
	switch k {
	case bpf.RequestSocket:
		return host.Request
	case bpf.TimeWaitSocket:
		return host.TimeWaitKind
	default:
		return host.Full
	}
}

// inner is what sock_diag does not tell, nil where that is nothing.
func inner(in *bpf.Socket) *host.Inner {
	found := host.Inner{UserTimeout: time.Duration(in.UserTimeout) * time.Millisecond}
	switch {
	case in.Kind == bpf.RequestSocket:
		found.Timeouts, found.Acked, found.Cookie = in.Timeouts, in.Acked != 0, in.CookieSent != 0
	case in.State == linuxListen:
		found.SynQueue, found.Young, found.DeferAccept = in.SynQueue, in.Young, in.DeferAccept
	case found == host.Inner{}:
		return nil
	}
	return &found
}

const linuxListen = 10

// ticks is a time of so many ticks, cut to what sock_diag and tcp_info give it in.
func (s *Sockets) ticks(n int64, in time.Duration) time.Duration {
	return (time.Duration(n) * s.tick).Truncate(in)
}

func micros(n uint32) time.Duration { return time.Duration(n) * time.Microsecond }

func (s *Sockets) info(out *host.Info, d *bpf.Details) {
	*out = host.Info{
		RTO: s.ticks(int64(d.RTO), time.Microsecond), RTT: micros(d.RTT), RTTVariance: micros(d.RTTVariance), MinRTT: minRTT(d.MinRTT),
		LastDataSent: s.ticks(int64(d.LastDataSent), time.Millisecond), LastDataRecv: s.ticks(int64(d.LastDataReceived), time.Millisecond), LastAckRecv: s.ticks(int64(d.LastACKReceived), time.Millisecond),
		Retransmits: d.Retransmits, Probes: d.Probes, Backoff: d.Backoff, Options: d.Options,
		SendMSS: d.SendMSS, RecvMSS: d.ReceiveMSS, PMTU: d.PathMTU, Unacked: d.Unacked, Sacked: d.Sacked, TotalRetrans: d.TotalRetransmits,
		CongestionWin: d.CongestionWindow, NotSent: d.NotSent, SendWindow: d.SendWindow, HasSendWindow: true,
		BytesAcked: d.BytesAcked, BytesReceived: d.BytesReceived, BytesSent: d.BytesSent, SegmentsIn: d.SegmentsIn, SegmentsOut: d.SegmentsOut,
		BusyTime: s.ticks(int64(d.Busy), time.Microsecond), WindowLimited: s.ticks(int64(d.WindowLimited), time.Microsecond), BufferLimited: s.ticks(int64(d.BufferLimited), time.Microsecond), DeliveryRate: d.DeliveryRate,
	}
}

// minRTT is all ones before the first sample.
func minRTT(us uint32) time.Duration {
	if us == ^uint32(0) {
		return 0
	}
	return micros(us)
}

func memory(d *bpf.Details) host.Memory {
	return host.Memory{
		RecvAlloc: d.ReceiveAllocated, RecvBuffer: d.ReceiveBuffer, SendAlloc: d.SendAllocated, SendBuffer: d.SendBuffer,
		Forward: d.Forward, SendQueued: d.SendQueued, Options: d.OptionMemory, Backlog: d.Backlog, Drops: d.Drops,
	}
}
