package scenario

import (
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// pairs: two causes at once, one of which would like to hide the other.
var pairs = []Scenario{
	{
		Name: "flood-over-leak", Title: "A flood in front of a leak", At: "server",
		About:   "A SYN flood draws all attention, and behind it the program has been leaking descriptors for weeks.",
		ByHand:  "syn-flood-cookies-on and close-wait-leak on one host.",
		Expects: []Expectation{{Cause: "syn-flood", State: tcp.SynReceived, AtLeast: 100}, {Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 20, Program: "leaky"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			leaked(w, p, 20)
			p.Server.Program("web").Listen("0.0.0.0:8080", 128, actor.ServeAnswers)
			p.Client.Program("attacker").Flood(lab.ServerAddress+":8080", "11.0.0.0/8", 1000)
			p.Server.Shows(tcp.SynReceived, 100)
		},
	},
	{
		Name: "leak-and-stall", Title: "One program leaks, another does not accept", At: "server",
		About:   "CLOSE-WAIT of two kinds on one host: some owned by the program that leaks, some owned by nobody because another program does not accept.",
		ByHand:  "close-wait-leak on one port and accept-stalled on another.",
		Expects: []Expectation{{Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 20, Program: "leaky"}, {Cause: "accept-stalled", State: tcp.Listen, AtLeast: 6, Program: "stuck"}},
		Beside:  []string{"closed-before-accept"},
		Build: func(w *lab.World) {
			p := w.Pair()
			leaked(w, p, 20)
			p.Server.Program("stuck").Listen("0.0.0.0:8080", 16, actor.ServeNothing)
			others := p.Client.Program("others")
			others.Dial(lab.ServerAddress+":8080", 6)
			others.CloseSome(3)
			p.Server.Shows(tcp.CloseWait, 23)
		},
	},
	{
		Name: "filtered-and-half-closed", Title: "A port is filtered, and half-closed connections are forgotten", At: "client",
		About:   "Two faults of one client that have nothing to do with each other: SYN-SENT towards a filtered port, FIN-WAIT-2 held by another program.",
		ByHand:  "target-filtered and half-close-held on one host.",
		Expects: []Expectation{{Cause: "target-filtered", State: tcp.SynSent, AtLeast: 5, Program: "clients"}, {Cause: "half-close-held", State: tcp.FinWait2, AtLeast: 8, Program: "forgetful"}},
		Build: func(w *lab.World) {
			p, clients, _ := connected(w, 2)
			forgetful := p.Client.Program("forgetful")
			forgetful.Dial(server4, 8)
			forgetful.FinishSending()
			p.Server.Drop(lab.Drop{Hook: lab.Inbound}.To(81))
			clients.Start(lab.ServerAddress+":81", 6)
			p.Client.Shows(tcp.FinWait2, 8)
			p.Client.Shows(tcp.SynSent, 6)
		},
	},
	{
		Name: "leak-and-half-close", Title: "One program forgets connections that ended, and holds others half closed", At: "server",
		About:   "As many CLOSE-WAIT as FIN-WAIT-2 in one program, as in a proxy, but they did not end together: no end was passed on, and both piles are this program's own.",
		ByHand:  "A server that calls shutdown() on connections of its own, and leaks those of its clients later.",
		Expects: []Expectation{{Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 8, Program: "both"}, {Cause: "half-close-held", State: tcp.FinWait2, AtLeast: 8, Program: "both"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Program("upstream").Listen("0.0.0.0:8080", 128, actor.ServeHold)
			both := p.Server.Program("both")
			both.Dial(lab.ClientAddress+":8080", 8)
			both.FinishSending()
			p.Server.Shows(tcp.FinWait2, 8)
			w.Pause(2000 * ms)
			both.Listen("0.0.0.0:80", 128, actor.ServeLeak)
			leavers := p.Client.Program("leavers")
			leavers.Dial(server4, 8)
			accepted(w, both, 8)
			leavers.CloseAll()
			p.Server.ShowsRead(tcp.CloseWait, 8)
		},
	},
	{
		Name: "vanished-and-leak", Title: "Some peers vanished, others closed and are not let go", At: "server",
		About:   "Half the clients lost power, the other half closed properly before, and the program leaks those.",
		ByHand:  "close-wait-leak, then pull the clients' cable while the server writes to those that remain.",
		Expects: []Expectation{{Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 10, Program: "leaky"}, {Cause: "peer-vanished", State: tcp.Established, AtLeast: 6, Program: "writer"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			leaked(w, p, 20)
			writer := p.Server.Program("writer")
			writer.Listen("0.0.0.0:8080", 128, actor.ServeHold)
			p.Client.Program("others").Dial(lab.ServerAddress+":8080", 8)
			accepted(w, writer, 8)
			p.Client.Cut("eth0")
			writer.Write(20)
			p.Server.Counted("TcpRetransSegs", 16)
		},
	},
	{
		Name: "flood-and-stall", Title: "A flood on one port, a stalled program on another", At: "server",
		About:   "Both raise ListenDrops. The full accept queue is not the flood's, and the flood is not the program's.",
		ByHand:  "syn-flood-cookies-off on one port and accept-stalled-overflow on another.",
		Expects: []Expectation{{Cause: "syn-flood", State: tcp.SynReceived, AtLeast: 100}, {Cause: "accept-stalled", State: tcp.Listen, AtLeast: 3, Program: "stuck"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("stuck").Listen("0.0.0.0:8080", 2, actor.ServeNothing)
			others := p.Client.Program("others")
			others.Dial(lab.ServerAddress+":8080", 3)
			others.Start(lab.ServerAddress+":8080", 4)
			flooded(p, "0", "11.0.0.0/8").Shows(tcp.SynReceived, 100)
			p.Server.Counted("TcpExtListenOverflows", 4)
		},
	},
	{
		Name: "flood-over-leak-one-program", Title: "A flood at the very port whose program leaks", At: "server",
		About:   "One listener, one program, two causes: the half-open are the flood's, and the CLOSE-WAIT behind them the program's own.",
		ByHand:  "close-wait-leak, and hping3 -S --flood --rand-source at the same port.",
		Expects: []Expectation{{Cause: "syn-flood", State: tcp.SynReceived, AtLeast: 100, Program: "leaky"}, {Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 20, Program: "leaky"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			leaked(w, p, 20)
			p.Client.Program("attacker").Flood(server4, "11.0.0.0/8", 1000)
			p.Server.Shows(tcp.SynReceived, 100)
		},
	},
	{
		Name: "flood-and-full-queue", Title: "A flood on one port, a queue on another that is full and refuses nobody", At: "server",
		About:   "The accept queue of one program is full to the last place, and nobody comes any more: it refuses nothing. All drops are the flood's, on the other port.",
		ByHand:  "accept-stalled with exactly backlog + 1 clients, and syn-flood-cookies-off on another port.",
		Expects: []Expectation{{Cause: "syn-flood", State: tcp.SynReceived, AtLeast: 100, Program: "web"}, {Cause: "accept-stalled", State: tcp.Listen, AtLeast: 5, Program: "stuck"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("stuck").Listen("0.0.0.0:8080", 4, actor.ServeNothing)
			p.Client.Program("others").Dial(lab.ServerAddress+":8080", 5)
			p.Server.Shows(tcp.Established, 5)
			flooded(p, "0", "11.0.0.0/8").Shows(tcp.SynReceived, 100)
			p.Server.Counted("TcpExtTCPReqQFullDrop", 20)
		},
	},
	{
		Name: "stall-and-short-queue", Title: "One program does not accept, another one's queue is too short", At: "server",
		About:   "The kernel counts overflows for the whole host. One queue never moves, the other one drains between its bursts: each is named, and neither for the other's drops.",
		ByHand:  "accept-stalled-overflow on one port and accept-backlog-too-small on another.",
		Expects: []Expectation{{Cause: "accept-stalled", State: tcp.Listen, AtLeast: 3, Program: "stuck"}, {Cause: "accept-backlog-too-small", State: tcp.Listen, AtLeast: 1, Program: "slow"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("stuck").Listen("0.0.0.0:8080", 2, actor.ServeNothing)
			others := p.Client.Program("others")
			others.Dial(lab.ServerAddress+":8080", 3)
			others.Start(lab.ServerAddress+":8080", 4)
			p.Server.Program("slow").Do(actor.Order{Do: "listen", At: "0.0.0.0:80", Backlog: 2, Serve: actor.ServeSlowly, Every: 30 * ms})
			burst(p, 12)
			p.Server.Counted("TcpExtListenOverflows", 20)
		},
	},
	{
		Name: "churn-over-exhaustion", Title: "A busy server's TIME-WAIT in front of a client without ports", At: "server",
		About:   "Most TIME-WAIT are of a server that closes first, and harmless. A few of them, of another program of the host, hold every port towards one destination.",
		ByHand:  "active-close-churn, and time-wait-port-exhaustion of a program on the same host.",
		Expects: []Expectation{{Cause: "time-wait-port-exhaustion", State: tcp.TimeWait, AtLeast: 60}, {Cause: "active-close-churn", State: tcp.TimeWait, AtLeast: 200, Program: "web"}},
		Beside:  []string{"ephemeral-ports-exhausted"}, // what follows from it
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Set("net.ipv4.ip_local_port_range", "40000 40063")
			p.Server.Set("net.ipv4.tcp_tw_reuse", "0")
			p.Client.Program("database").Listen("0.0.0.0:5432", 1024, actor.ServeAnswers)
			p.Server.Program("application").Ask(lab.ClientAddress+":5432", 4, 20*ms)
			p.Server.Program("web").Listen("0.0.0.0:80", 1024, actor.ServeOnce)
			p.Client.Program("clients").Ask(server4, 8, 5*ms)
			p.Server.Shows(tcp.TimeWait, 364)
		},
	},
}
