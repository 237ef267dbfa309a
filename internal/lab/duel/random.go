package duel

import (
	"math/rand/v2"

	"github.com/synoptic-net/synoptic/tcp"
)

// longest is the most incidents of a random script behind its opening.
const longest = 12

// Random makes the script of a number under a seed: the same one each time.
// Half of them open a connection in order first, so that the later states are
// met as often as the early ones; what follows is half sensible, half not.
func Random(seed, number uint64) Script {
	r := rand.New(rand.NewPCG(seed, number))
	s := Script{Listens: r.IntN(2) == 0, Stamped: r.IntN(3) == 0}
	if r.IntN(4) > 0 {
		s.Incidents = opening(s.Listens)
	}
	for range 1 + r.IntN(longest) {
		in := randomIncident(r)
		if s.Stamped && in.Call == NoCall && r.IntN(4) == 0 {
			in.Stamp = StampPlace(r.IntN(len(stampWords)))
		}
		s.Incidents = append(s.Incidents, in)
	}
	return s
}

func opening(listens bool) []Incident {
	if listens {
		return []Incident{{Flags: tcp.SYN}, {Flags: tcp.ACK}}
	}
	return []Incident{{Flags: tcp.SYN | tcp.ACK}}
}

// likely are the control bits that segments have, the more common ones more
// than once.
var likely = []tcp.Flags{
	tcp.ACK, tcp.ACK, tcp.ACK, tcp.FIN | tcp.ACK, tcp.FIN | tcp.ACK, tcp.SYN, tcp.SYN | tcp.ACK, tcp.RST, tcp.RST | tcp.ACK,
	tcp.FIN, tcp.SYN | tcp.FIN, tcp.SYN | tcp.RST, 0, tcp.SYN | tcp.FIN | tcp.ACK, tcp.FIN | tcp.RST,
}

func randomIncident(r *rand.Rand) Incident {
	if r.IntN(4) == 0 {
		return Incident{Call: Write + Call(r.IntN(int(Abort)))}
	}
	in := Incident{Flags: likely[r.IntN(len(likely))], Text: r.IntN(4) == 0}
	if r.IntN(3) == 0 {
		in.Seq = SeqPlace(r.IntN(len(seqWords)))
	}
	if in.Flags.Has(tcp.ACK) && r.IntN(3) == 0 {
		in.Ack = AckPlace(r.IntN(len(ackWords)))
	}
	return in
}
