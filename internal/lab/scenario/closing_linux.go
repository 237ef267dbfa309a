package scenario

import (
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// closing: we closed, and the other side is not done.
var closing = []Scenario{
	{
		Name: "fin-unacknowledged", Title: "Our FIN is never acknowledged: the peer is gone", At: "server",
		About:   "The peer lost its link before we closed. The program is done, so the kernel alone keeps sending the FIN, for less than two minutes.",
		ByHand:  "ip link set eth0 down on the client, then stop the server.",
		Expects: []Expectation{{Cause: "fin-unacknowledged", State: tcp.FinWait1, AtLeast: 8}},
		Build: func(w *lab.World) {
			p, _, web := connected(w, 8)
			p.Client.Cut("eth0")
			web.CloseAll()
			p.Server.Shows(tcp.FinWait1, 8)
			p.Server.Counted("TcpRetransSegs", 16)
		},
	},
	{
		Name: "fin-behind-zero-window", Title: "Our FIN waits behind data that the peer does not read", At: "server",
		About:   "The peer's window is zero, our program has closed with data unsent, and the FIN stands at the end of that queue. The peer lives and answers every probe.",
		ByHand:  "A client that never reads, and a server that writes much and then exits.",
		Expects: []Expectation{{Cause: "fin-unacknowledged", State: tcp.FinWait1, AtLeast: 4}},
		Build: func(w *lab.World) {
			p, _, web := connected(w, 6)
			web.Fill()
			web.CloseAll()
			p.Server.Shows(tcp.FinWait1, 6)
			p.Server.Counted("TcpExtTCPWinProbe", 6)
		},
	},
	{
		Name: "half-close-held", Title: "Our own program finished sending and never closes", At: "client",
		About:   "The program called shutdown() and keeps the descriptor: FIN-WAIT-2 without a timer, for ever.",
		ByHand:  "shutdown(fd, SHUT_WR) without close(fd), against a server that keeps the connection open.",
		Expects: []Expectation{{Cause: "half-close-held", State: tcp.FinWait2, AtLeast: 8, Program: "clients"}},
		Build: func(w *lab.World) {
			p, clients, _ := connected(w, 8)
			clients.FinishSending()
			p.Client.Shows(tcp.FinWait2, 8)
		},
	},
	{
		Name: "peer-not-closing", Title: "The peer's program does not close", At: "client",
		About:   "We closed; the peer acknowledged and keeps its side open. The kernel waits tcp_fin_timeout for its FIN and then forgets: bounded here, a leak over there.",
		ByHand:  "Clients that close, against the server of close-wait-leak.",
		Expects: []Expectation{{Cause: "peer-not-closing", State: tcp.FinWait2, AtLeast: 8}},
		Build: func(w *lab.World) {
			p, clients, _ := connected(w, 8)
			clients.CloseAll()
			p.Client.Shows(tcp.FinWait2, 8)
		},
	},
	{
		Name: "proxied-culprit", Title: "A proxy between a client that left and a program that does not close", At: "router",
		About:   "The proxy passes the end of each stream on as it should, so for every client it holds a CLOSE-WAIT and a FIN-WAIT-2. The proxy is innocent: the program behind it does not close.",
		ByHand:  "haproxy in front of the server of close-wait-leak.",
		Expects: []Expectation{{Cause: "proxied-culprit", State: tcp.CloseWait, AtLeast: 8}},
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Server.Program("leaky").Listen("0.0.0.0:8080", 128, actor.ServeLeak)
			r.Router.Program("proxy").Do(actor.Order{Do: "listen", At: "0.0.0.0:80", Backlog: 128, Serve: actor.ServeProxy, Target: lab.ServerAddress + ":8080"})
			clients := r.Client.Program("clients")
			clients.Dial(lab.FarGateway+":80", 10)
			clients.Write(10)
			r.Server.Shows(tcp.Established, 10)
			clients.FinishSending()
			r.Router.Shows(tcp.CloseWait, 10)
			r.Router.Shows(tcp.FinWait2, 10)
		},
	},
	{
		Name: "simultaneous-close-stuck", Title: "Both sides sent FIN, and the ACK of ours never comes", At: "server",
		About:   "The peer's FIN crossed ours, so it does not acknowledge ours, and then the peer falls silent: CLOSING, with our FIN sent again until the kernel gives up.",
		ByHand:  "Only a scripted peer can time this: close on both sides while a rule drops pure ACKs.",
		Expects: []Expectation{{Cause: "simultaneous-close-stuck", State: tcp.Closing, AtLeast: 6}},
		Build:   crossingFINs,
	},
	{
		Name: "last-ack-lost", Title: "The last ACK never comes", At: "server",
		About:   "The client closed, we closed, and the way back broke in between: our FIN is sent again, for less than two minutes as the program is done with it.",
		ByHand:  "Close the client, then iptables -A INPUT -p tcp --sport 80 -j DROP there, then close the server.",
		Expects: []Expectation{{Cause: "last-ack-lost", State: tcp.LastAck, AtLeast: 8}},
		Build: func(w *lab.World) {
			p, _, web := abandoned(w, 8)
			web.CloseAll()
			p.Server.Shows(tcp.LastAck, 8)
			p.Server.Counted("TcpRetransSegs", 16)
		},
	},
	{
		Name: "last-ack-lost-held", Title: "The last ACK never comes, and the program still holds the socket", At: "server",
		About:   "As last-ack-lost, but the program only called shutdown(): then tcp_retries2 governs, and LAST-ACK lasts a quarter of an hour instead of two minutes.",
		ByHand:  "As last-ack-lost with shutdown(fd, SHUT_WR) instead of close(fd).",
		Expects: []Expectation{{Cause: "last-ack-lost", State: tcp.LastAck, AtLeast: 8}},
		Build: func(w *lab.World) {
			p, _, web := abandoned(w, 8)
			web.FinishSending()
			p.Server.Shows(tcp.LastAck, 8)
			p.Server.Counted("TcpRetransSegs", 16)
		},
	},
}

// abandoned is a pair whose clients closed and from then on hear nothing.
func abandoned(w *lab.World, n int) (lab.Pair, *lab.Program, *lab.Program) {
	p, clients, web := connected(w, n)
	clients.CloseAll()
	p.Server.Shows(tcp.CloseWait, n)
	p.Client.Drop(lab.Drop{Hook: lab.Inbound}.From(80))
	return p, clients, web
}

// crossingFINs: the scripted peer accepts connections and answers our FIN with
// one of its own that does not acknowledge it.
func crossingFINs(w *lab.World) {
	server := w.Host("server")
	server.RawPeer(server.At("eth0", lab.ServerAddress+"/24"), []string{lab.ClientAddress + "/32"}, func(p *lab.RawPeer, got lab.Segment) {
		answer := lab.Segment{From: got.To, To: got.From}
		answer.Window, answer.Ack = 64240, got.End()
		switch {
		case got.Flags.Has(tcp.SYN):
			answer.Flags, answer.Seq, answer.MSS = tcp.SYN|tcp.ACK, 1000, 1460
		case got.Flags.Has(tcp.FIN):
			answer.Flags, answer.Seq, answer.Ack = tcp.FIN|tcp.ACK, 1001, got.Seq
		default:
			return
		}
		_ = p.Send(answer) // lost, as on a real wire
	})
	leaver := server.Program("leaver")
	leaver.Dial(lab.ClientAddress+":80", 8)
	leaver.CloseAll()
	server.Shows(tcp.Closing, 8)
}
