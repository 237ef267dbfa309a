package scenario

import (
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// stories: several network namespaces of one machine, in which both ends of the
// connections are seen: one cause, and what follows from it at the other end.
var stories = []Scenario{
	{
		Name: "leak-seen-from-both-ends", Title: "A program leaks, and its clients wait in another namespace", At: "client", Also: []string{"server"},
		About:  "The container of the clients shows FIN-WAIT-2 that nobody holds, that of the server CLOSE-WAIT of a program: one fault, told once.",
		ByHand: "close-wait-leak with the client in a container, and synoptic diagnose --all-netns.",
		Expects: []Expectation{
			{Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 20, Program: "leaky"},
			{Cause: "peer-not-closing", State: tcp.FinWait2, AtLeast: 20, Because: "app-not-closing"},
		},
		Build: func(w *lab.World) {
			p := w.Pair()
			leaked(w, p, 20)
			p.Client.Shows(tcp.FinWait2, 20)
		},
	},
	{
		Name: "stall-seen-from-both-ends", Title: "A program does not accept, and three piles follow", At: "client", Also: []string{"server"},
		About:  "The queue is full. Behind it are CLOSE-WAIT that nobody owns, in the other namespace FIN-WAIT-2 of those who gave up and SYN-SENT of those who are not let in: one fault.",
		ByHand: "accept-stalled-overflow with the clients in a container, and synoptic diagnose --all-netns.",
		Expects: []Expectation{
			{Cause: "accept-stalled", State: tcp.Listen, AtLeast: 17, Program: "stuck"},
			{Cause: "closed-before-accept", State: tcp.CloseWait, AtLeast: 8, Because: "accept-stalled"},
			{Cause: "peer-not-closing", State: tcp.FinWait2, AtLeast: 8, Because: "closed-before-accept"},
			{Cause: "target-filtered", State: tcp.SynSent, AtLeast: 5, Program: "others", Because: "accept-stalled"},
		},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("0.0.0.0:443", 16, actor.ServeHold)
			p.Server.Program("stuck").Listen("0.0.0.0:8080", 16, actor.ServeNothing)
			leavers := p.Client.Program("leavers")
			leavers.Dial(lab.ServerAddress+":8080", 17)
			leavers.CloseSome(8)
			others := p.Client.Program("others")
			others.Dial(lab.ServerAddress+":443", 2)
			others.Talk(200 * ms)
			others.Start(lab.ServerAddress+":8080", 6)
			p.Server.Shows(tcp.CloseWait, 8)
			p.Client.Shows(tcp.SynSent, 6)
		},
	},
	{
		Name: "proxy-seen-whole", Title: "Client, proxy and program, each in a namespace", At: "client", Also: []string{"router", "server"},
		About:  "Four piles in three containers: only the last program does not close.",
		ByHand: "proxied-culprit in containers, and synoptic diagnose --all-netns.",
		Expects: []Expectation{
			{Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 8, Program: "leaky"},
			{Cause: "proxied-culprit", State: tcp.CloseWait, AtLeast: 8, Because: "app-not-closing"},
			{Cause: "half-close-held", State: tcp.FinWait2, AtLeast: 8, Because: "proxied-culprit"},
		},
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
			r.Client.Shows(tcp.FinWait2, 10)
		},
	},
	{
		Name: "cut-between-namespaces", Title: "The way between two containers is gone", At: "client", Also: []string{"server"},
		About:   "Each end sends, and nothing is acknowledged. Each takes the other for dead, and both live: the fault is between them.",
		ByHand:  "Two containers that talk, then `iptables -I FORWARD -j DROP`, and synoptic diagnose --all-netns.",
		Expects: []Expectation{{Cause: "peer-vanished", State: tcp.Established, AtLeast: 16, Because: "peer-vanished", Unsure: true}},
		Build: func(w *lab.World) {
			r := w.Routed()
			web := r.Server.Program("web")
			web.Listen("0.0.0.0:80", 128, actor.ServeHold)
			clients := r.Client.Program("clients")
			clients.Dial(server4, 8)
			accepted(w, web, 8)
			r.Router.Drop(lab.Drop{Hook: lab.Forwarded})
			clients.Write(20)
			web.Write(20)
			r.Server.Counted("TcpRetransSegs", 32)
			r.Client.Counted("TcpRetransSegs", 32)
		},
	},
	{
		Name: "refused-answers-in-a-container", Title: "A container drops the answers to its own SYNs", At: "server", Also: []string{"client"},
		About:  "The server shows half-open connections and sends SYN-ACKs in vain. The rule that drops them stands in the namespace of the client.",
		ByHand: "nft add rule inet filter input tcp flags & (syn|ack) == syn|ack drop, in the client's container.",
		Expects: []Expectation{
			{Cause: "synack-dropped-here", State: tcp.SynSent, AtLeast: 12, Program: "clients"},
			{Cause: "synack-lost-on-path", State: tcp.SynReceived, AtLeast: 10, Because: "synack-dropped-here"},
		},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeHold)
			p.Client.Set("net.ipv4.tcp_syn_linear_timeouts", "20") // a SYN each second, however late the look begins
			p.Client.Drop(lab.SYNACK.On(lab.Inbound))
			p.Client.Program("clients").Start(server4, 12)
			p.Server.Shows(tcp.SynReceived, 12)
			p.Client.Shows(tcp.SynSent, 12)
			p.Server.Counted("TcpExtTCPSynRetrans", 12)
		},
	},
}
