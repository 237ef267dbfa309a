package collect_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

const to80 = lab.ServerAddress + ":80"

// stay is a socket that the kernel will end by itself, soon.
type stay struct {
	name     string
	state    tcp.State
	settings map[string]string
	build    func(p lab.Pair)
	at       func(p lab.Pair) *lab.Host
}

func onServer(p lab.Pair) *lab.Host { return p.Server }
func onClient(p lab.Pair) *lab.Host { return p.Client }

// silence makes the client hear nothing more.
func silence(p lab.Pair) { p.Client.Drop(lab.Drop{Hook: lab.Inbound}) }

func accepted(p lab.Pair) (clients, web *lab.Program) {
	web = p.Server.Program("web")
	web.Listen("0.0.0.0:80", 16, actor.ServeHold)
	clients = p.Client.Program("clients")
	clients.Dial(to80, 1)
	p.Server.Shows(tcp.Established, 1)
	p.Server.World().Wait("accepted", func() (bool, string) { return web.Accepted() > 0, "not yet" })
	return clients, web
}

var stays = []stay{
	{"SYN retries", tcp.SynSent, map[string]string{"net.ipv4.tcp_syn_retries": "1", "net.ipv4.tcp_syn_linear_timeouts": "0"}, func(p lab.Pair) {
		p.Server.Drop(lab.Drop{Hook: lab.Inbound})
		p.Client.Program("client").Start(to80, 1)
	}, onClient},
	{"SYN-ACK retries", tcp.SynReceived, map[string]string{"net.ipv4.tcp_synack_retries": "1"}, func(p lab.Pair) {
		p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeHold)
		p.Client.Program("attacker").Do(actor.Order{Do: "flood", To: to80, Prefix: "198.18.0.1/32", Count: 1, Rate: 100})
	}, onServer},
	{"data retries", tcp.Established, map[string]string{"net.ipv4.tcp_retries2": "3"}, func(p lab.Pair) {
		_, web := accepted(p)
		silence(p)
		web.Write(10)
	}, onServer},
	{"keepalive", tcp.Established, map[string]string{"net.ipv4.tcp_keepalive_intvl": "1", "net.ipv4.tcp_keepalive_probes": "4"}, func(p lab.Pair) {
		_, web := accepted(p)
		silence(p)
		web.Keepalive(time.Second, time.Second, 4)
		p.Server.Counted("TcpExtTCPKeepAlive", 1)
	}, onServer},
	{"orphan in FIN-WAIT-1", tcp.FinWait1, map[string]string{"net.ipv4.tcp_orphan_retries": "2"}, func(p lab.Pair) {
		_, web := accepted(p)
		silence(p)
		web.CloseAll()
	}, onServer},
	{"held in FIN-WAIT-1", tcp.FinWait1, map[string]string{"net.ipv4.tcp_retries2": "3"}, func(p lab.Pair) {
		_, web := accepted(p)
		silence(p)
		web.FinishSending()
	}, onServer},
	{"orphan in FIN-WAIT-2", tcp.FinWait2, map[string]string{"net.ipv4.tcp_fin_timeout": "3"}, func(p lab.Pair) {
		_, web := accepted(p)
		web.CloseAll()
	}, onServer},
	{"orphan in LAST-ACK", tcp.LastAck, map[string]string{"net.ipv4.tcp_orphan_retries": "2"}, func(p lab.Pair) {
		clients, web := accepted(p)
		clients.CloseAll()
		p.Server.Shows(tcp.CloseWait, 1)
		silence(p)
		web.CloseAll()
	}, onServer},
	{"held in LAST-ACK", tcp.LastAck, map[string]string{"net.ipv4.tcp_retries2": "2"}, func(p lab.Pair) {
		clients, web := accepted(p)
		clients.CloseAll()
		p.Server.Shows(tcp.CloseWait, 1)
		silence(p)
		web.FinishSending()
	}, onServer},
}

// TestFateIsWaitedOut compares what is foretold with what becomes of real
// sockets: at most one retransmission interval may lie between.
func TestFateIsWaitedOut(t *testing.T) {
	for _, c := range stays {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := pairWith(t, c)
			first := await(t, c.at(p), c.state)
			if first.outlook.Forever {
				t.Fatalf("it stays for ever: %+v of %+v", first.outlook, first.socket)
			}
			foretold := first.when.Add(first.outlook.Within)
			left := leaves(t, c.at(p), first, foretold.Add(5*time.Second))
			interval := max(first.socket.Expires, first.socket.Info.RTO, time.Second)
			if off := left.Sub(foretold); off.Abs() > interval {
				t.Errorf("foretold %v (%s), left %v later than that; %+v", first.outlook.Within, first.outlook.Reason, off, first.socket)
			}
		})
	}
}

// TestYoungRule: a queue that is more than half full is thinned as foretold.
func TestYoungRule(t *testing.T) {
	t.Parallel()
	const backlog, half = 128, 100
	p := pairWith(t, stay{settings: map[string]string{"net.ipv4.tcp_synack_retries": "3"}, build: func(p lab.Pair) {
		p.Server.Program("web").Listen("0.0.0.0:80", backlog, actor.ServeHold)
		p.Client.Program("attacker").Do(actor.Order{Do: "flood", To: to80, Prefix: "198.18.0.0/15", Count: half, Rate: 2000})
		p.Server.Shows(tcp.SynReceived, half)
	}})
	halfOpen := func() (sockets []host.Socket, forecast fate.Forecast) {
		if err := p.Server.Do(func() error {
			settings, err := kernel.Host.Settings()
			if err != nil {
				return err
			}
			shot, err := sockdiag.Snapshot(context.Background(), sockdiag.Options{States: tcp.SetOf(tcp.SynReceived, tcp.Listen)})
			forecast = fate.NewForecast(settings).Among(shot.Sockets)
			sockets = slices.DeleteFunc(shot.Sockets, func(s host.Socket) bool { return s.State == tcp.Listen })
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return sockets, forecast
	}
	began := time.Now()
	first, forecast := halfOpen()
	remain := func(at time.Duration) (n int) {
		for i := range first {
			if forecast.Of(&first[i]).Within > at {
				n++
			}
		}
		return n
	}
	if atEight := remain(8 * time.Second); atEight != backlog/2 {
		t.Errorf("%d are foretold to be left when the queue has been thinned, want %d", atEight, backlog/2)
	}
	const late = time.Second     // a timer of seconds may run out so much later
	together := runtime.NumCPU() // timers on several processors at once see the same queue, and each goes
	for left := len(first); left > 0; <-time.After(50 * time.Millisecond) {
		still, _ := halfOpen()
		left = len(still)
		now := time.Since(began)
		if least, most := remain(now+late), remain(now-late); left < least-together || left > most { // of those whose timers are alike, any may go first
			t.Fatalf("after %v %d are there, foretold were %d to %d", now, left, least, most)
		}
	}
}

// TestLongFateStands: the end of a long stay, foretold again and again, is the
// same moment.
func TestLongFateStands(t *testing.T) {
	for _, c := range []stay{
		{"SYN retries", tcp.SynSent, nil, stays[0].build, onClient},
		{"SYN-ACK retries", tcp.SynReceived, nil, stays[1].build, onServer},
		{"orphan in LAST-ACK", tcp.LastAck, nil, stays[7].build, onServer},
		{"orphan in FIN-WAIT-2", tcp.FinWait2, nil, stays[6].build, onServer},
		{"TIME-WAIT", tcp.TimeWait, nil, func(p lab.Pair) {
			clients, web := accepted(p)
			web.CloseAll()
			p.Client.Shows(tcp.CloseWait, 1)
			clients.CloseAll()
		}, onServer},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := pairWith(t, c)
			first := await(t, c.at(p), c.state)
			foretold := first.when.Add(first.outlook.Within)
			for range 6 {
				<-time.After(700 * time.Millisecond)
				next := await(t, c.at(p), c.state)
				if off := next.when.Add(next.outlook.Within).Sub(foretold); off.Abs() > first.outlook.Within/20+500*time.Millisecond {
					t.Errorf("foretold %v, and %v later an end that is %v off", first.outlook.Within, next.when.Sub(first.when), off)
				}
			}
		})
	}
}

func pairWith(t *testing.T, c stay) lab.Pair {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	w := lab.NewWorld(ctx)
	t.Cleanup(func() { w.Close() })
	p := w.Pair()
	for name, value := range c.settings {
		p.Client.Set(name, value)
		p.Server.Set(name, value)
	}
	c.build(p)
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

// sight is a socket at a moment, with what is foretold of it.
type sight struct {
	when    time.Time
	socket  host.Socket
	outlook fate.Outlook
}

// look returns the socket in the state, if there is one.
func look(t *testing.T, at *lab.Host, state tcp.State) (seen sight, ok bool) {
	t.Helper()
	err := at.Do(func() error {
		settings, err := kernel.Host.Settings()
		if err != nil {
			return err
		}
		seen.when = time.Now()
		_, err = sockdiag.Dump(context.Background(), sockdiag.Options{States: tcp.SetOf(state), Info: true}, func(s *host.Socket) error {
			seen.socket, ok = *s, true
			return nil
		})
		seen.outlook = fate.Of(&seen.socket, settings)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen, ok
}

// await waits until a socket is in the state with a timer that will end it.
func await(t *testing.T, at *lab.Host, state tcp.State) sight {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-time.After(10 * time.Millisecond) {
		if seen, ok := look(t, at, state); ok && seen.socket.Timer != host.TimerOff {
			return seen
		}
	}
	t.Fatalf("no socket in %v", state)
	return sight{}
}

// leaves waits until the socket is gone from its state.
func leaves(t *testing.T, at *lab.Host, first sight, deadline time.Time) time.Time {
	t.Helper()
	for ; time.Now().Before(deadline); <-time.After(20 * time.Millisecond) {
		if _, ok := look(t, at, first.socket.State); !ok {
			return time.Now()
		}
	}
	t.Fatalf("it is still there: foretold were %v", first.outlook.Within)
	return time.Time{}
}
