package collect_test

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// Each cause has a scene that shows it and scenes that only look like it.
var scenes = []scene{
	{
		name: "healthy: idle connections", at: server, clean: true,
		make: func(w *world) { w.pairs(80, 20); w.wait(w.server, tcp.Established, 20) },
	},
	{
		name: "healthy: requests and answers on short connections", at: server, clean: true,
		make: func(w *world) { serveShort(w, 80) },
	},
	{
		name: "app-not-closing: the peer closed, the program holds on", at: server,
		make: func(w *world) {
			clients, servers := w.pairs(80, 20)
			closeAll(clients)
			w.wait(w.server, tcp.CloseWait, 20)
			for _, s := range servers[:10] {
				s.Read(make([]byte, 16))
			}
		},
		want:   []expectation{{cause: "app-not-closing", state: tcp.CloseWait, atLeast: 20, confidence: diagnose.Probable, severity: diagnose.Warning, owned: true}},
		silent: []diagnose.Cause{"closed-before-accept", "half-close-held", "accept-stalled", "unexplained"},
	},
	{
		name: "not app-not-closing: half-closed upload that is still answered", at: server, clean: true,
		make: halfClosedDownload,
	},
	{
		name: "not half-close-held: half-closed download seen by its reader", at: client, clean: true,
		make: halfClosedDownload,
	},
	{
		name: "accept-stalled, closed-before-accept: nobody accepts", at: server,
		make: func(w *world) {
			w.keep(w.server.Listen("[::]:80", 16))
			for i := range 6 {
				s := w.keep(w.client.Dial("192.0.2.2:80"))
				if i%2 == 0 {
					s.Close()
				}
			}
			w.wait(w.server, tcp.CloseWait, 3)
			w.wait(w.server, tcp.Established, 3)
		},
		want: []expectation{
			{cause: "accept-stalled", state: tcp.Listen, atLeast: 6, confidence: diagnose.Probable, severity: diagnose.Warning, owned: true},
			{cause: "closed-before-accept", state: tcp.CloseWait, atLeast: 3, confidence: diagnose.Probable, becauseOf: "accept-stalled"},
		},
		silent: []diagnose.Cause{"app-not-closing", "accept-backlog-too-small", "unexplained"},
	},
	{
		name: "accept-stalled: nobody accepts and the queue overflows", at: server,
		make: func(w *world) {
			w.keep(w.server.Listen("0.0.0.0:80", 2))
			for range 3 {
				w.keep(w.client.Dial("192.0.2.2:80"))
			}
			for range 5 {
				w.keep(w.client.Start("192.0.2.2:80"))
			}
			w.wait(w.server, tcp.Established, 3)
		},
		want:   []expectation{{cause: "accept-stalled", state: tcp.Listen, atLeast: 3, confidence: diagnose.Certain, severity: diagnose.Critical, owned: true}},
		silent: []diagnose.Cause{"accept-backlog-too-small", "syn-flood"},
	},
	{
		name: "accept-backlog-too-small: bursts overflow a short queue of a program that accepts", at: server,
		make:   func(w *world) { burstsOnShortQueue(w, 80, 3) },
		want:   []expectation{{cause: "accept-backlog-too-small", state: tcp.Listen, confidence: diagnose.Probable, severity: diagnose.Warning, owned: true}},
		silent: []diagnose.Cause{"accept-stalled", "closed-before-accept", "syn-flood"},
	},
	{
		name: "syn-flood: random sources, cookies off", at: server,
		make: func(w *world) {
			w.must(w.server.Set("net.ipv4.tcp_syncookies", "0"))
			flood(w, "11.0.0.0/8")
		},
		want:   []expectation{{cause: "syn-flood", state: tcp.SynReceived, atLeast: 100, confidence: diagnose.Probable, severity: diagnose.Critical}},
		silent: []diagnose.Cause{"accept-stalled", "accept-backlog-too-small", "unexplained"},
	},
	{
		name: "syn-flood: random sources, cookies hold", at: server,
		make:   func(w *world) { flood(w, "11.0.0.0/8") },
		want:   []expectation{{cause: "syn-flood", state: tcp.SynReceived, atLeast: 100, confidence: diagnose.Probable, severity: diagnose.Warning}},
		silent: []diagnose.Cause{"accept-stalled", "accept-backlog-too-small", "unexplained"},
	},
	{
		name: "syn-flood: cookies always, nothing is half-open", at: server,
		make: func(w *world) {
			w.must(w.server.Set("net.ipv4.tcp_syncookies", "2"))
			startFlood(w, "11.0.0.0/8")
		},
		want: []expectation{{cause: "syn-flood", state: tcp.SynReceived, atLeast: 100, severity: diagnose.Warning}},
	},
	{
		name: "not syn-flood: cookies always, genuine clients", at: server, clean: true,
		make: func(w *world) {
			w.must(w.server.Set("net.ipv4.tcp_syncookies", "2"))
			serveShort(w, 80)
		},
	},
	{
		name: "not syn-flood: SYN-ACKs lost on the way to many live clients", at: server,
		make: func(w *world) {
			w.must(w.client.Add(lab.Drop{Hook: lab.Inbound, Flags: 0x12, Mask: 0x12}))
			w.keep(w.server.Listen("0.0.0.0:80", 128))
			for i := range 100 {
				source := fmt.Sprintf("10.%d.%d.7", i, i)
				w.must(w.client.Address("eth0", source+"/32"))
				w.keep(w.client.StartFrom(source, "192.0.2.2:80"))
			}
			w.wait(w.server, tcp.SynReceived, 100)
		},
		silent: []diagnose.Cause{"syn-flood"},
	},
	{
		name: "not syn-flood: flash crowd on a short queue, cookies redeemed", at: server,
		make:   func(w *world) { burstsOnShortQueue(w, 80, 16) },
		silent: []diagnose.Cause{"syn-flood", "accept-stalled"},
	},
	{
		name: "target-filtered: one port of a live host stays silent", at: client,
		make: func(w *world) {
			w.must(w.server.Add(lab.Drop{Hook: lab.Inbound, DestinationPort: 81}))
			w.pairs(80, 2)
			for range 5 {
				w.keep(w.client.Start("192.0.2.2:81"))
			}
			w.wait(w.client, tcp.SynSent, 5)
		},
		want:   []expectation{{cause: "target-filtered", state: tcp.SynSent, atLeast: 5, confidence: diagnose.Probable, severity: diagnose.Warning, owned: true}},
		silent: []diagnose.Cause{"unexplained"},
	},
	{
		name: "not target-filtered: nobody at that address", at: client,
		make: func(w *world) {
			for range 5 {
				w.keep(w.client.Start("192.0.2.99:81"))
			}
			w.wait(w.client, tcp.SynSent, 5)
		},
		during: func(w *world) { // an unreachable neighbour ends each attempt after 3 s: keep trying
			w.actor(func() {
				for w.pause(500 * time.Millisecond) {
					if s, err := w.client.Start("192.0.2.99:81"); err == nil {
						w.keep(s, nil)
					}
				}
			})
		},
		silent: []diagnose.Cause{"target-filtered"},
	},
	{
		name: "not target-filtered: this host drops the SYN-ACK itself", at: client,
		make: func(w *world) {
			w.must(w.client.Add(lab.Drop{Hook: lab.Inbound, SourcePort: 81}))
			w.keep(w.server.Listen("0.0.0.0:81", 16))
			w.pairs(80, 2)
			for range 5 {
				w.keep(w.client.Start("192.0.2.2:81"))
			}
			w.wait(w.client, tcp.SynSent, 5)
		},
		unsure: []diagnose.Cause{"target-filtered"}, // its rival synack-dropped-here has no rule yet
	},
	{
		name: "peer-vanished: data unanswered, the peer lost its link", at: server,
		make: func(w *world) {
			_, servers := w.pairs(80, 6)
			w.must(w.client.Cut("eth0"))
			for _, s := range servers {
				w.must(s.Write([]byte("are you there?")))
			}
			w.wait(w.server, tcp.Established, 6)
		},
		want:   []expectation{{cause: "peer-vanished", state: tcp.Established, atLeast: 3, confidence: diagnose.Probable, severity: diagnose.Warning, owned: true}},
		silent: []diagnose.Cause{"app-not-closing", "unexplained"},
	},
	{
		name: "not peer-vanished: the peer lives and does not read", at: server,
		make: func(w *world) {
			_, servers := w.pairs(80, 4)
			for _, s := range servers {
				w.must(s.NonBlocking())
				for s.Write(make([]byte, 64<<10)) == nil {
				}
			}
		},
		silent: []diagnose.Cause{"peer-vanished"},
	},
	{
		name: "not peer-vanished: a rule eats established segments, new connections succeed", at: server,
		make: func(w *world) {
			clients, servers := w.pairs(80, 1)
			for _, s := range clients {
				w.must(w.client.Add(lab.Drop{Hook: lab.Inbound, SourcePort: 80, DestinationPort: s.Port()}))
			}
			for _, s := range servers {
				w.must(s.Write([]byte("are you there?")))
			}
			serveShort(w, 90)
		},
		silent: []diagnose.Cause{"peer-vanished"},
	},
	{
		name: "half-close-held: we finished sending and never close", at: client,
		make: func(w *world) {
			clients, _ := w.pairs(80, 8)
			for _, s := range clients {
				w.must(s.FinishSending())
			}
			w.wait(w.client, tcp.FinWait2, 8)
		},
		want:   []expectation{{cause: "half-close-held", state: tcp.FinWait2, atLeast: 4, confidence: diagnose.Probable, owned: true}},
		silent: []diagnose.Cause{"app-not-closing", "unexplained"},
	},
	{
		name: "not half-close-held: orphans whose peer does not close", at: client,
		make: func(w *world) {
			clients, _ := w.pairs(80, 8)
			closeAll(clients)
			w.wait(w.client, tcp.FinWait2, 8)
		},
		silent: []diagnose.Cause{"half-close-held", "app-not-closing"},
	},
}

func closeAll(sockets []*lab.Socket) {
	for _, s := range sockets {
		s.Close()
	}
}

// pause waits, and tells whether the window is still open.
func (w *world) pause(d time.Duration) bool {
	select {
	case <-w.over.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// serveShort answers connections that a client opens, uses and closes.
func serveShort(w *world, port int) {
	listener := w.keep(w.server.Listen(fmt.Sprintf("0.0.0.0:%d", port), 64))
	w.actor(func() {
		for w.over.Err() == nil {
			s, err := listener.Accept()
			if err != nil {
				return
			}
			s.Read(make([]byte, 64))
			s.Write([]byte("answer"))
			s.Close()
		}
	})
	w.actor(func() {
		for w.pause(5 * time.Millisecond) {
			s, err := w.client.Dial(fmt.Sprintf("192.0.2.2:%d", port))
			if err != nil {
				return
			}
			s.Write([]byte("question"))
			s.Read(make([]byte, 64))
			s.Close()
		}
	})
}

func halfClosedDownload(w *world) {
	clients, servers := w.pairs(80, 5)
	for i, s := range clients {
		w.must(s.FinishSending())
		w.download(servers[i], s)
	}
	w.wait(w.server, tcp.CloseWait, 5)
}

// download sends a little every now and then and reads it at the other end.
func (w *world) download(from, to *lab.Socket) {
	w.actor(func() {
		for w.pause(50 * time.Millisecond) {
			if from.Write([]byte("more")) != nil {
				return
			}
			to.Read(make([]byte, 64))
		}
	})
}

// burstsOnShortQueue keeps many clients connecting to a program that accepts
// steadily behind a queue that is too short for their bursts.
func burstsOnShortQueue(w *world, port, backlog int) {
	listener := w.keep(w.server.Listen(fmt.Sprintf("0.0.0.0:%d", port), backlog))
	var accepted atomic.Int64
	w.actor(func() {
		for w.over.Err() == nil {
			s, err := listener.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			w.pause(3 * time.Millisecond)
			s.Close()
		}
	})
	for range 40 {
		w.actor(func() {
			for w.pause(time.Millisecond) {
				s, err := w.client.Start(fmt.Sprintf("192.0.2.2:%d", port))
				if err != nil {
					return
				}
				w.pause(100 * time.Millisecond)
				s.Close()
			}
		})
	}
	deadline := time.Now().Add(5 * time.Second)
	for accepted.Load() < 20 {
		if time.Now().After(deadline) {
			w.t.Fatal("the program accepted fewer than 20 connections in 5 s")
		}
		w.pause(10 * time.Millisecond)
	}
}

// flood sends 1,000 forged SYNs a second for as long as anybody looks, at most
// 10,000 of them.
func flood(w *world, sources string) {
	startFlood(w, sources)
	w.wait(w.server, tcp.SynReceived, 100)
}

func startFlood(w *world, sources string) {
	w.keep(w.server.Listen("0.0.0.0:80", 128))
	w.actor(func() {
		err := w.client.Send(w.over, lab.Flood{
			Target: netip.MustParseAddrPort("192.0.2.2:80"), Sources: netip.MustParsePrefix(sources), Count: 10_000, Rate: 1000, Seed: 1,
		})
		if err != nil {
			w.t.Error(err)
		}
	})
}
