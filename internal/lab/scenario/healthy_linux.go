package scenario

import (
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

const (
	server4 = lab.ServerAddress + ":80"
	server6 = "[" + lab.ServerAddress6 + "]:80"
	ms      = time.Millisecond
)

// healthy worlds: nothing above a notice may be named.
var healthy = []Scenario{
	{
		Name: "idle", Title: "Twenty connections on which nothing happens", At: "server",
		About:  "Clients have connected and say nothing for now, over IPv4 and IPv6. Idle is not a fault: every connection would notice its peer at the next word.",
		ByHand: "socat TCP-LISTEN:80,fork EXEC:cat on the server, twenty times `nc SERVER 80` on the client.",
		Build: func(w *lab.World) {
			connected(w, 20)
		},
	},
	{
		Name: "busy-keep-alive", Title: "Connections in steady use", At: "server",
		About:  "Ten clients keep their connections and ask again and again. Queues are never empty for long and never full.",
		ByHand: "wrk -c 10 against any web server with keep-alive.",
		Build: func(w *lab.World) {
			p := w.Pair()
			web := p.Server.Program("web")
			web.Listen("[::]:80", 128, actor.ServeAnswers)
			clients := p.Client.Program("clients")
			clients.Dial(server4, 5)
			clients.Dial(server6, 5)
			clients.Talk(20 * ms)
			p.Server.Shows(tcp.Established, 10)
		},
	},
	{
		Name: "flash-crowd", Title: "A crowd of genuine clients, all at once", At: "server",
		About:  "Forty clients connect, ask, read the answer and leave as fast as they can. Many half-open connections come and go, and every handshake completes.",
		ByHand: "ab -n 100000 -c 40 against a web server.",
		Build: func(w *lab.World) {
			p := w.Pair()
			web := p.Server.Program("web")
			web.Listen("[::]:80", 1024, actor.ServeAnswers)
			p.Client.Program("crowd").Ask(server4, 40, 30*ms)
			p.Server.Counted("TcpPassiveOpens", 200)
		},
	},
	{
		Name: "syn-proxy-ahead", Title: "A router answers every handshake in the server's place", At: "server",
		About:  "A SYN proxy stands before the server: clients complete a handshake with its cookies before the server hears of them, and all sequence numbers are translated. Nothing is wrong; only two captures side by side show it.",
		ByHand: "nft synproxy in FORWARD of a router, SYNs not tracked, nf_conntrack_tcp_loose=0.",
		Build: func(w *lab.World) {
			r := w.Routed()
			r.Router.AnswerSYNs(80)
			web := r.Server.Program("web")
			web.Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			web.Listen(lab.ServerAddress+":81", 128, actor.ServeHold)
			clients := r.Client.Program("clients")
			clients.Dial(lab.ServerAddress+":81", 1) // behind the proxy's back: it shows how far it is to the server
			r.Server.Shows(tcp.Established, 1)
			w.Pause(600 * ms) // a segment may take so long: only then must both captures have it
			clients.Dial(server4, 5)
			clients.Talk(100 * ms)
			r.Server.Shows(tcp.Established, 6)
		},
	},
	{
		Name: "flash-crowd-cookies-always", Title: "Genuine clients while every SYN is answered with a cookie", At: "server",
		About:  "tcp_syncookies=2 answers every SYN with a cookie and keeps nothing. Genuine clients redeem theirs, so the counters of a flood move without a flood.",
		ByHand: "sysctl -w net.ipv4.tcp_syncookies=2, then any web traffic.",
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Set("net.ipv4.tcp_syncookies", "2")
			p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
			p.Client.Program("clients").Ask(server4, 4, 20*ms)
			p.Server.Counted("TcpExtSyncookiesRecv", 50)
		},
	},
	{
		Name: "short-connections", Title: "Short connections at a modest rate", At: "server",
		About:  "A few clients open, ask, read and close. The client closes first, so TIME-WAIT stays with the client and the server keeps nothing.",
		ByHand: "while :; do curl -s http://SERVER/ >/dev/null; done",
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("web").Listen("[::]:80", 128, actor.ServeAnswers)
			clients := p.Client.Program("clients")
			clients.Ask(server4, 2, 50*ms)
			clients.Ask(server6, 2, 50*ms)
			p.Server.Counted("TcpPassiveOpens", 40)
		},
	},
	{
		Name: "half-closed-download", Title: "A download after the client finished sending", At: "server",
		About:  "The client sends its request, closes its sending half and reads on. The server is in CLOSE-WAIT while it sends, the client in FIN-WAIT-2: a legal and useful state as long as bytes move.",
		ByHand: "printf 'GET /big HTTP/1.0\\r\\n\\r\\n' | nc -N SERVER 80",
		Build:  func(w *lab.World) { halfClosed(w).Server.Shows(tcp.CloseWait, 5) },
	},
	{
		Name: "half-closed-download-reader", Title: "The same download, seen from the reader", At: "client",
		About:  "The reader of a half-closed download is in FIN-WAIT-2, held by its program and without a timer. Bytes still come, so nobody forgot to close.",
		ByHand: "As half-closed-download, and look at the client.",
		Build:  func(w *lab.World) { halfClosed(w).Client.Shows(tcp.FinWait2, 5) },
	},
	{
		Name: "benign-pool", Title: "A pool that keeps a few connections ready", At: "client",
		About:  "A program keeps five connections to its database, some in use and some idle, with keepalive on. This is what a pool is for.",
		ByHand: "Any application with a database pool at rest.",
		Build: func(w *lab.World) {
			p := w.Pair()
			p.Server.Program("database").Listen("[::]:5432", 128, actor.ServeAnswers)
			busy, spare := p.Client.Program("application"), p.Client.Program("spare")
			for _, program := range []*lab.Program{busy, spare} {
				program.Dial(lab.ServerAddress+":5432", 5)
				program.Keepalive(30*time.Second, 10*time.Second, 3)
			}
			busy.Talk(40 * ms)
			p.Client.Shows(tcp.Established, 10)
		},
	},
}

// connected builds a pair with so many accepted connections, half of them IPv6.
func connected(w *lab.World, n int) (p lab.Pair, clients, web *lab.Program) {
	p = w.Pair()
	web = p.Server.Program("web")
	web.Listen("[::]:80", 1024, actor.ServeHold)
	clients = p.Client.Program("clients")
	clients.Dial(server4, n-n/2)
	if n > 1 {
		clients.Dial(server6, n/2)
	}
	accepted(w, web, n)
	p.Server.Shows(tcp.Established, n)
	return p, clients, web
}

// accepted waits until the program has taken so many connections out of the
// accept queue.
func accepted(w *lab.World, program *lab.Program, n int) {
	w.Wait("connections accepted", func() (bool, string) {
		got := program.Accepted()
		return got >= n, plural(got)
	})
}

func halfClosed(w *lab.World) lab.Pair {
	p := w.Pair()
	web := p.Server.Program("web")
	web.Do(actor.Order{Do: "listen", At: "[::]:80", Backlog: 128, Serve: actor.ServeStream, Every: 40 * ms, Size: 1000, Group: "all"})
	reader := p.Client.Program("reader")
	reader.Dial(server4, 3)
	reader.Dial(server6, 2)
	reader.FinishSending()
	reader.Hear()
	return p
}
