package scenario

import (
	"syscall"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// listeners: what goes wrong between the kernel and accept().
var listeners = []Scenario{
	{
		Name: "accept-stalled", Title: "The program never accepts", At: "server",
		About:   "The kernel completes handshakes for a program that does not call accept(). Clients believe they are served; three of them gave up, which leaves CLOSE-WAIT that no program owns.",
		ByHand:  "python3 -c \"import socket,time; s=socket.create_server(('',80)); time.sleep(999)\" and a few `nc SERVER 80`.",
		Expects: []Expectation{{Cause: "accept-stalled", State: tcp.Listen, AtLeast: 6, Program: "web"}, {Cause: "closed-before-accept", State: tcp.CloseWait, AtLeast: 3}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("[::]:80", 16, actor.ServeNothing)
			clients := p.Client.Program("clients")
			clients.Dial(server4, 3)
			clients.Dial(server6, 3)
			clients.CloseSome(3)
			p.Server.Shows(tcp.CloseWait, 3)
			p.Server.Shows(tcp.Established, 3)
		},
	},
	{
		Name: "accept-stalled-overflow", Title: "The program never accepts, and its queue is full", At: "server",
		About:   "The accept queue holds one more than its limit; from then on the kernel drops SYNs and clients see a silent port.",
		ByHand:  "As accept-stalled with listen(2).",
		Expects: []Expectation{{Cause: "accept-stalled", State: tcp.Listen, AtLeast: 3, Program: "web"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("0.0.0.0:80", 2, actor.ServeNothing)
			clients := p.Client.Program("clients")
			clients.Dial(server4, 3)
			clients.Start(server4, 5)
			p.Server.Shows(tcp.Established, 3)
			p.Client.Shows(tcp.SynSent, 5)
			p.Server.Counted("TcpExtListenOverflows", 5)
		},
	},
	{
		Name: "accept-stopped", Title: "The program is stopped", At: "server",
		About:   "Somebody pressed Ctrl-Z, or a debugger holds it: the process is there, its port is open, and nothing is accepted.",
		ByHand:  "kill -STOP the server.",
		Expects: []Expectation{{Cause: "accept-stalled", State: tcp.Listen, AtLeast: 4, Program: "web"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			web := p.Server.Program("web")
			web.Listen("0.0.0.0:80", 16, actor.ServeAnswers)
			web.Signal(syscall.SIGSTOP)
			p.Client.Program("clients").Dial(server4, 4)
			p.Server.Shows(tcp.Established, 4)
		},
	},
	{
		Name: "accept-backlog-too-small", Title: "The program accepts, and bursts overflow a short queue", At: "server",
		About:   "The program takes a connection every few milliseconds, and clients come in bursts that are longer than its listen() backlog.",
		ByHand:  "listen(fd, 3) and ab -c 40.",
		Expects: []Expectation{{Cause: "accept-backlog-too-small", State: tcp.Listen, Program: "web"}},
		Beside:  []string{"syn-queue-too-small"}, // one limit bounds both queues
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("0.0.0.0:80", 3, actor.ServeSlowly)
			burst(p, 40)
			p.Server.Counted("TcpExtListenOverflows", 20)
			p.Server.Counted("TcpPassiveOpens", 40)
		},
	},
	{
		Name: "accept-backlog-somaxconn", Title: "The same, bounded by somaxconn and not by the program", At: "server",
		About:   "The program asks for a backlog of 512 and gets four: net.core.somaxconn bounds it.",
		ByHand:  "sysctl -w net.core.somaxconn=4, restart the server, ab -c 40.",
		Expects: []Expectation{{Cause: "accept-backlog-too-small", State: tcp.Listen, Program: "web"}},
		Beside:  []string{"syn-queue-too-small"}, // one limit bounds both queues
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Set("net.core.somaxconn", "4")
			p.Server.Program("web").Listen("0.0.0.0:80", 512, actor.ServeSlowly)
			burst(p, 40)
			p.Server.Counted("TcpExtListenOverflows", 20)
			p.Server.Counted("TcpPassiveOpens", 40)
		},
	},
	{
		Name: "unexpected-listener", Title: "A port is open that was not there when all was well", At: "server",
		About:   "A baseline of the open ports was taken, and later another program opens one more. What it is for must be asked; that it is new is certain.",
		ByHand:  "synoptic baseline > baseline.json, then `nc -lk 4444`, then synoptic diagnose --baseline baseline.json.",
		Expects: []Expectation{{Cause: "unexpected-listener", State: tcp.Listen, AtLeast: 1, Program: "miner"}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			w.Calm()
			p.Server.Program("miner").Listen("0.0.0.0:4444", 128, actor.ServeAnswers)
			p.Server.Shows(tcp.Listen, 2)
		},
	},
	{
		Name: "expected-listener", Title: "A program restarted on the port that the baseline knows", At: "server",
		About:   "A baseline of the open ports was taken, and later the program behind one of them ends and starts anew: another process, the same port and executable. Nothing is unexpected.",
		ByHand:  "synoptic baseline > baseline.json, then restart a server, then synoptic diagnose --baseline baseline.json.",
		Expects: nil,
		Build: func(w *lab.World) {
			p := w.Pair()
			first := p.Server.Program("web")
			first.Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			w.Calm()
			first.CloseListeners()
			p.Server.Program("web").Listen("0.0.0.0:80", 256, actor.ServeAnswers)
			p.Server.Shows(tcp.Listen, 1)
		},
	},
	{
		Name: "local-service", Title: "A database listens on loopback", At: "server",
		About:   "The port of exposed-listener, bound to loopback and used there, beside a web server that everybody may reach.",
		ByHand:  "redis-server --bind 127.0.0.1",
		Expects: nil,
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("redis").Listen("127.0.0.1:6379", 128, actor.ServeAnswers)
			p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			application := p.Server.Program("application")
			application.Dial("127.0.0.1:6379", 3)
			application.Talk(100 * ms)
			p.Server.Shows(tcp.Established, 6)
		},
	},
	{
		Name: "exposed-listener", Title: "A database listens on every address", At: "server",
		About:   "A service that usually stays on loopback is bound to all addresses: reachable by anyone who can route here.",
		ByHand:  "redis-server --bind 0.0.0.0 --protected-mode no",
		Expects: []Expectation{{Cause: "exposed-listener", State: tcp.Listen, AtLeast: 1, Program: "redis", Benign: true}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("redis").Listen("0.0.0.0:6379", 128, actor.ServeAnswers)
			p.Client.Program("clients").Dial(lab.ServerAddress+":6379", 1)
			p.Server.Shows(tcp.Established, 1)
		},
	},
}

// burst keeps clients connecting, each for a tenth of a second.
func burst(p lab.Pair, clients int) {
	crowd := p.Client.Program("crowd")
	for range clients {
		crowd.Redial(server4, 100*ms, 100*ms)
	}
}
