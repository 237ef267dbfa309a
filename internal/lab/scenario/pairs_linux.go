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
}
