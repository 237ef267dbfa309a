package scenario

import (
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

// closeWait: the peer closed, and our side has not.
var closeWait = []Scenario{
	{
		Name: "close-wait-leak", Title: "The program reads the end and forgets to close", At: "server",
		About:   "Clients have closed, the program has read the end of each stream, and the descriptors stay open: the classic leak. No timer ever ends CLOSE-WAIT.",
		ByHand:  "A server that returns from its handler on an empty read without close().",
		Expects: pile("app-not-closing", tcp.CloseWait, 20, "leaky"),
		Build:   func(w *lab.World) { leaked(w, w.Pair(), 20) },
	},
	{
		Name: "close-wait-leak-growing", Title: "The leak goes on while one looks", At: "server",
		About:   "As close-wait-leak, while five more clients a second come, and close. A diagnosis says how fast the pile grows, and when the program will have no descriptors left.",
		ByHand:  "The same server under a trickle of requests; diagnose --for 60s.",
		Expects: pile("app-not-closing", tcp.CloseWait, 20, "leaky"),
		Build: func(w *lab.World) {
			p := w.Pair()
			leaked(w, p, 20)
			p.Client.Program("trickle").Redial(server4, 200*ms, 50*ms)
			p.Server.ShowsRead(tcp.CloseWait, 23)
		},
	},
	{
		Name: "close-wait-unread", Title: "The program never looks at the connection again", At: "server",
		About:   "As close-wait-leak, but the program has not even read the end: one byte of sequence space waits in each receive queue.",
		ByHand:  "A server that accepts, answers and keeps the descriptor in a list.",
		Expects: pile("app-not-closing", tcp.CloseWait, 20, "web"),
		Build: func(w *lab.World) {
			p, clients, _ := connected(w, 20)
			clients.CloseAll()
			p.Server.Shows(tcp.CloseWait, 20)
		},
	},
	{
		Name: "app-blocked", Title: "Every thread waits for a lock", At: "server",
		About:   "Requests lie unread in the queues of accepted connections, clients gave up, and the threads that should read wait for a lock that nobody frees. Closing is not forgotten: the program cannot get there.",
		ByHand:  "A server whose handlers take a mutex that the first one never returns.",
		Expects: pile("app-blocked", tcp.CloseWait, 10, "deadlocked"),
		Build: func(w *lab.World) {
			p := w.Pair()
			web := p.Server.Program("deadlocked")
			web.Listen("0.0.0.0:80", 128, actor.ServeDeadlock)
			clients := p.Client.Program("clients")
			clients.Dial(server4, 12)
			clients.Write(200)
			accepted(w, web, 12)
			clients.CloseAll()
			p.Server.Shows(tcp.CloseWait, 12)
		},
	},
	{
		Name: "closed-before-accept", Title: "Clients give up before they are accepted", At: "server",
		About:   "The program does not accept, clients close, and the kernel is left with CLOSE-WAIT that no program owns.",
		ByHand:  "As accept-stalled, with clients that are all stopped by Ctrl-C.",
		Expects: []Expectation{{Cause: "accept-stalled", State: tcp.Listen, AtLeast: 8, Program: "web"}, {Cause: "closed-before-accept", State: tcp.CloseWait, AtLeast: 8}},
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("[::]:80", 32, actor.ServeNothing)
			clients := p.Client.Program("clients")
			clients.Dial(server4, 8)
			clients.CloseAll()
			p.Server.Shows(tcp.CloseWait, 8)
		},
	},
	{
		Name: "idle-pool", Title: "A pool lets its server close first", At: "client",
		About:   "A pool of five idle connections, and the database closed them after its idle time. The pool will notice at the next use: bounded and benign.",
		ByHand:  "A database with a short idle timeout behind any connection pool.",
		Expects: []Expectation{{Cause: "idle-pool", State: tcp.CloseWait, AtLeast: 5, Program: "application", Benign: true}},
		Build: func(w *lab.World) {
			p := w.Pair()
			database := p.Server.Program("database")
			database.Listen("0.0.0.0:5432", 128, actor.ServeHold)
			p.Client.Program("application").Dial(lab.ServerAddress+":5432", 5)
			accepted(w, database, 5)
			database.CloseAll()
			p.Client.Shows(tcp.CloseWait, 5)
		},
	},
	{
		Name: "tuple-clash", Title: "New SYNs meet leaked connections of the same addresses and ports", At: "server",
		About:   "A client whose port comes round again meets a CLOSE-WAIT that the server leaked long ago. The server challenges, the client resets, and only the second SYN gets through: a second of delay for no visible reason.",
		ByHand:  "Leak connections as in close-wait-leak, then `nc -p PORT` from the same client port.",
		Expects: []Expectation{{Cause: "tuple-clash", State: tcp.CloseWait, AtLeast: 3}},
		Beside:  []string{"app-not-closing", "reset-storm"}, // each clash is a RST
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Client.Set("net.ipv4.tcp_fin_timeout", "1")
			p.Server.Program("leaky").Listen("0.0.0.0:80", 1024, actor.ServeLeak)
			clients := p.Client.Program("clients")
			clients.DialFrom(lab.ClientAddress+":40000", server4, 60)
			clients.CloseAll()
			p.Server.Shows(tcp.CloseWait, 60)
			w.Pause(2500 * ms) // until the clients' side of the old connections is gone
			p.Client.Program("again").Do(actor.Order{
				Do: "redial", From: lab.ClientAddress + ":40000", To: server4, Count: 60, Every: 150 * ms, Life: time.Minute,
			})
			p.Server.Counted("TcpExtTCPSYNChallenge", 2)
		},
	},
}

// leaked leaves n connections in CLOSE-WAIT at the server, whose program has
// read their ends.
func leaked(w *lab.World, p lab.Pair, n int) {
	leaky := p.Server.Program("leaky")
	leaky.Listen("[::]:80", 1024, actor.ServeLeak)
	clients := p.Client.Program("clients")
	clients.Dial(server4, n-n/2)
	clients.Dial(server6, n/2)
	accepted(w, leaky, n) // else the kernel holds them for a program that has not looked yet
	clients.CloseAll()
	p.Server.ShowsRead(tcp.CloseWait, n)
}
