package scenario

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// resets: connections that end by RST at an unusual rate.
var resets = []Scenario{
	{
		Name: "reset-storm", Title: "The server aborts every connection", At: "server",
		About:   "Each connection is answered and then ended by RST instead of FIN: a program that closes with unread data or with SO_LINGER 0.",
		ByHand:  "setsockopt(SO_LINGER, {1, 0}) before close(), under load.",
		Expects: []Expectation{{Cause: "reset-storm", AtLeast: 50}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("0.0.0.0:80", 1024, actor.ServeReset)
			p.Client.Program("clients").Ask(server4, 8, 10*ms)
			p.Server.Counted("TcpOutRsts", 100)
		},
	},
	{
		Name: "reset-injection", Title: "Somebody guesses sequence numbers", At: "server",
		About:   "RSTs arrive that are in the window and not at its edge: what an attacker sends who has to guess. Each is answered with a challenge ACK (RFC 5961), and the connections live.",
		ByHand:  "Only with a packet generator, in a lab of your own.",
		Expects: []Expectation{{Cause: "reset-storm", AtLeast: 5}},
		Build:   guessedRSTs,
	},
}

// guessedRSTs: a scripted peer keeps connections and sends RSTs a little off.
func guessedRSTs(w *lab.World) {
	server := w.Host("server")
	peer := server.RawPeer(server.At("eth0", lab.ServerAddress+"/24"), []string{lab.ClientAddress + "/32"}, func(p *lab.RawPeer, got lab.Segment) {
		if !got.Flags.Has(tcp.SYN) {
			return
		}
		answer := lab.Segment{From: got.To, To: got.From, MSS: 1460}
		answer.Flags, answer.Seq, answer.Ack, answer.Window = tcp.SYN|tcp.ACK, 1000, got.End(), 64240
		_ = p.Send(answer) // lost, as on a real wire
	})
	caller := server.Program("caller")
	ports := caller.Dial(lab.ClientAddress+":80", 20)
	from := netip.MustParseAddrPort(lab.ClientAddress + ":80")
	to := netip.MustParseAddr(lab.ServerAddress)
	peer.Repeat(30*ms, 2000, func(i int) lab.Segment {
		s := lab.Segment{From: from, To: netip.AddrPortFrom(to, ports[i%len(ports)])}
		s.Flags, s.Seq = tcp.RST, tcp.Seq(1001+500+i%500)
		return s
	})
	server.Counted("TcpExtTCPChallengeACK", 10)
	server.Shows(tcp.Established, 20)
}
