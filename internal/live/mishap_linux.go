package live

import (
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/tcp"
)

// mishapKinds are the words for the kernel programs' numbers.
var mishapKinds = map[bpf.MishapKind]host.MishapKind{
	bpf.Drop: host.Dropped, bpf.ResetSent: host.ResetSent, bpf.ResetCame: host.ResetReceived,
	bpf.SegmentAgain: host.SegmentResent, bpf.SynAckAgain: host.SYNACKResent, bpf.SocketError: host.SocketError,
}

// sortOf says in words what went wrong, all but the kernel's function.
func sortOf(r *bpf.Reasons, m *bpf.MishapCount) host.Mishap {
	out := host.Mishap{Kind: mishapKinds[m.Kind], Reason: r.NameOf(m.Kind, m.Reason), Outgoing: m.Way&bpf.Outgoing != 0}
	out.State, _ = host.StateOfLinux(m.State)
	if m.Kind == bpf.SocketError {
		out.Reason = unix.ErrnoName(syscall.Errno(m.Error))
	}
	const told = tcp.FIN | tcp.SYN | tcp.RST | tcp.ACK
	if flags := tcp.Flags(m.Flags) & told; flags != 0 {
		out.Segment = flags.String()
	}
	if out.Reason == host.DropNetfilter {
		out.Hook = hookOf(m.Way)
	}
	return out
}

// hookOf finds where a firewall dropped a segment: before or after its route, or
// its interface, was known. On the loopback interface the route is known from the
// beginning, so that prerouting looks like input.
func hookOf(way bpf.Way) host.Hook {
	switch {
	case way&bpf.Outgoing != 0 && way&bpf.Placed != 0:
		return host.Postrouting
	case way&bpf.Outgoing != 0:
		return host.Output
	case way&bpf.Routed == 0:
		return host.Prerouting
	case way&bpf.Ours != 0:
		return host.Input
	}
	return host.Forward
}

// kindsOf are the kernel programs' numbers for the kinds.
func kindsOf(kinds []host.MishapKind) (numbers []bpf.MishapKind) {
	for number, kind := range mishapKinds {
		if slices.Contains(kinds, kind) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// keyOf is the sort of a mishap that was told.
func keyOf(m *bpf.Mishap) bpf.MishapCount {
	return bpf.MishapCount{Reason: m.Reason, Kind: m.Kind, State: m.State, Flags: m.Flags, Way: m.Way, Error: m.Error}
}
