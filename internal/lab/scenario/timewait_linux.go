package scenario

import (
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
	"syscall"
)

// timeWait: who closes first keeps TIME-WAIT.
var timeWait = []Scenario{
	{
		Name: "active-close-churn", Title: "The server closes every short connection first", At: "server",
		About:   "Hundreds of short connections a second, each closed by the server: TIME-WAIT stays with it. Harmless in itself, and a sign that nobody uses keep-alive.",
		ByHand:  "ab -n 100000 -c 8 against a server that sends `Connection: close`.",
		Expects: []Expectation{{Cause: "active-close-churn", State: tcp.TimeWait, AtLeast: 200}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("0.0.0.0:80", 1024, actor.ServeOnce)
			p.Client.Program("clients").Ask(server4, 8, 5*ms)
			p.Server.Shows(tcp.TimeWait, 300)
		},
	},
	{
		Name: "pool-limit-churn", Title: "A pool that is too small opens and closes the rest", At: "client",
		About:   "A few connections to the database live long, and beside them hundreds of short ones to the same place come and go: the pool keeps only so many idle ones and throws the others away.",
		ByHand:  "A pool with maxIdle 5 under the load of 20 workers.",
		Expects: []Expectation{{Cause: "active-close-churn", State: tcp.TimeWait, AtLeast: 200}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("database").Listen("0.0.0.0:5432", 1024, actor.ServeAnswers)
			application := p.Client.Program("application")
			application.Dial(lab.ServerAddress+":5432", 5)
			application.Talk(30 * ms)
			application.Ask(lab.ServerAddress+":5432", 8, 5*ms)
			p.Client.Shows(tcp.TimeWait, 300)
		},
	},
	{
		Name: "time-wait-port-exhaustion", Title: "TIME-WAIT holds every local port towards one destination", At: "client",
		About:   "Each port that closed first is held for a minute, the range has 64 of them, and connect() fails until one comes free.",
		ByHand:  "sysctl -w net.ipv4.ip_local_port_range='40000 40063' net.ipv4.tcp_tw_reuse=0 and many short connections.",
		Expects: []Expectation{{Cause: "time-wait-port-exhaustion", State: tcp.TimeWait, AtLeast: 60}},
		Beside:  []string{"ephemeral-ports-exhausted"}, // what follows from it
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Set("net.ipv4.ip_local_port_range", "40000 40063")
			p.Client.Set("net.ipv4.tcp_tw_reuse", "0")
			p.Server.Program("web").Listen("0.0.0.0:80", 1024, actor.ServeAnswers)
			clients := p.Client.Program("clients")
			clients.Ask(server4, 4, 10*ms)
			p.Client.Shows(tcp.TimeWait, 60)
			clients.Fails(actor.Order{Do: "dial", To: server4, Count: 8}, syscall.EADDRNOTAVAIL)
		},
	},
	{
		Name: "bind-blocked", Title: "A restarted server cannot bind its port", At: "server",
		About:   "The old server closed its connections first, so its port is in TIME-WAIT, and the new one does not set SO_REUSEADDR: EADDRINUSE for a minute, however often it tries. Nothing that the kernel counts tells of it, so no more than possible can be said.",
		ByHand:  "Restart a server without SO_REUSEADDR under load.",
		Expects: []Expectation{{Cause: "bind-blocked", State: tcp.TimeWait, AtLeast: 10, Unsure: true}},
		Build: func(w *lab.World) {
			p := w.Pair()
			old := p.Server.Program("old")
			old.Listen("0.0.0.0:80", 128, actor.ServeHold)
			clients := p.Client.Program("clients")
			clients.Dial(server4, 10)
			accepted(w, old, 10)
			old.CloseAll()
			old.CloseListeners()
			p.Client.Shows(tcp.CloseWait, 10)
			clients.CloseAll()
			p.Server.Shows(tcp.TimeWait, 10)
			again := actor.Order{Do: "listen", At: "0.0.0.0:80", Backlog: 128, Exactly: true, Every: 100 * ms}
			restarted := p.Server.Program("new")
			restarted.Fails(again, syscall.EADDRINUSE)
			again.Do = "relisten"
			restarted.Do(again)
		},
	},
	{
		Name: "time-wait-overflow", Title: "The limit on TIME-WAIT is reached", At: "server",
		About:   "tcp_max_tw_buckets is small, so connections that should wait are forgotten at once, and an old duplicate could meet a new connection.",
		ByHand:  "sysctl -w net.ipv4.tcp_max_tw_buckets=20 and ab -c 8.",
		Expects: []Expectation{{Cause: "time-wait-overflow", State: tcp.TimeWait, AtLeast: 1}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Set("net.ipv4.tcp_max_tw_buckets", "20")
			p.Server.Program("web").Listen("0.0.0.0:80", 1024, actor.ServeOnce)
			p.Client.Program("clients").Ask(server4, 8, 10*ms)
			p.Server.Counted("TcpExtTCPTimeWaitOverflow", 50)
		},
	},
}
