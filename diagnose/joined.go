package diagnose

import (
	"net/netip"
	"strconv"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
)

// joinedRules judge by the packets of this host and its sockets together. What
// they settle is settled before other rules look, which see sockets alone.
var joinedRules = []struct {
	cause Cause
	rule  func(*index) []Finding
}{
	{"synack-lost-on-path", joinedLost},
	{"asymmetric-return", joinedAsymmetric},
	{"ack-lost", joinedACKLost},
	{"handshake-withheld", joinedWithheld},
	{"hairpin-source-dropped", hairpins},
	{"path-mtu-black-hole", joinedBlackHole},
	{"established-dropped", joinedDropped},
}

// join runs them, if the packets are those of this host.
func (x *index) joinPackets() {
	x.judged = map[Cause][]Finding{}
	if x.first != nil {
		x.judged["stale-nat-entry"] = staleNAT(x)
	}
	x.joinEvents()
	p := x.bundle.Packets
	if p == nil || !p.Own || x.first == nil {
		return
	}
	x.wires = make(map[identity]*evidence.PacketSocket, len(p.Sockets))
	for i := range p.Sockets {
		s := &p.Sockets[i]
		x.wires[identity{local: s.Local, remote: s.Remote}] = s
	}
	for _, j := range joinedRules {
		if j.cause == "established-dropped" && x.window < leastWindow {
			continue
		}
		x.judged[j.cause] = append(x.judged[j.cause], j.rule(x)...)
	}
}

// judgedBefore is the rule of a row whose cause packets and sockets settle.
func judgedBefore(cause Cause) func(*index) []Finding {
	return func(x *index) []Finding { return x.judged[cause] }
}

// wire returns what packets showed of a socket in trouble; nil when it is none,
// or nobody looked.
func (x *index) wire(s *host.Socket) *evidence.PacketSocket {
	return x.wires[identity{local: s.Local, remote: s.Remote}]
}

// ackPatience is how old an ACK must be before the kernel has ignored it.
const ackPatience = 0.2

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// captureOf is the command that shows a listener's handshakes.
func captureOf(at netip.AddrPort) string {
	return "synoptic capture 'tcp port " + portText(at) + " and tcp[tcpflags] & tcp-syn != 0'"
}

func portText(at netip.AddrPort) string { return strconv.Itoa(int(at.Port())) }
