package probe_test

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/probe"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestMain(m *testing.M) {
	actor.Main()
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// pair has n idle connections to port 80 of the server, half of them over IPv6.
func pair(t *testing.T, n int, change func(lab.Pair)) (p lab.Pair, clients, web *lab.Program) {
	t.Helper()
	w := lab.NewWorld(t.Context())
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	p = w.Pair()
	if change != nil {
		change(p)
	}
	web, clients = p.Server.Program("web"), p.Client.Program("clients")
	web.Listen("[::]:80", 128, actor.ServeAnswers)
	clients.Dial(lab.ServerAddress+":80", n-n/2)
	clients.Dial("["+lab.ServerAddress6+"]:80", n/2)
	p.Server.Shows(tcp.Established, n)
	check(t, w)
	return p, clients, web
}

func check(t *testing.T, w *lab.World) {
	t.Helper()
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
}

// sockets returns those in ESTABLISHED, by local address.
func sockets(t *testing.T, at *lab.Host) map[netip.AddrPort]host.Socket {
	t.Helper()
	found := map[netip.AddrPort]host.Socket{}
	err := at.Do(func() error {
		shot, err := sockdiag.Snapshot(context.Background(), sockdiag.Options{States: tcp.SetOf(tcp.Established), Info: true})
		for _, s := range shot.Sockets {
			found[netip.AddrPortFrom(s.Remote.Addr(), s.Local.Port()+s.Remote.Port())] = s
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// segments plans one about every connection that a host has.
func segments(all map[netip.AddrPort]host.Socket) (plan []evidence.Probe) {
	for _, s := range all {
		plan = append(plan, evidence.Probe{Kind: evidence.ProbeSegment, Local: s.Local, Remote: s.Remote, Timestamps: s.Info.Options&1 != 0})
	}
	return plan
}

func run(t *testing.T, at *lab.Host, plan []evidence.Probe) time.Duration {
	t.Helper()
	began := time.Now()
	if err := at.Do(func() error { return probe.Run(t.Context(), plan) }); err != nil {
		t.Fatal(err)
	}
	return time.Since(began)
}

func answers(plan []evidence.Probe) map[evidence.ProbeAnswer]int {
	got := map[evidence.ProbeAnswer]int{}
	for _, p := range plan {
		got[p.Answer]++
	}
	return got
}

// A probe of living peers is answered, and neither end can tell afterwards.
func TestLivingPeersAreNotDisturbed(t *testing.T) {
	for _, timestamps := range []string{"1", "0"} {
		t.Run("timestamps "+timestamps, func(t *testing.T) {
			p, clients, _ := pair(t, 8, func(p lab.Pair) { p.Client.Set("net.ipv4.tcp_timestamps", timestamps) })
			server, client := sockets(t, p.Server), sockets(t, p.Client)
			plan := segments(server)
			took := run(t, p.Server, plan)
			if got := answers(plan); got[evidence.AnswerSegment] != 8 || took > 4*time.Second {
				t.Errorf("8 living peers: %v after %v", plan, took)
			}
			same(t, server, sockets(t, p.Server))
			same(t, client, sockets(t, p.Client))
			clients.Talk(50 * time.Millisecond) // the connections carry data as before
			p.Server.Counted("TcpInSegs", 200)
			check(t, p.Server.World())
			if now := sockets(t, p.Server); len(now) != 8 {
				t.Errorf("%d connections of 8 are left", len(now))
			}
		})
	}
}

// same compares what the two ends know of their connections, but for the segments
// that came and went.
func same(t *testing.T, before, after map[netip.AddrPort]host.Socket) {
	t.Helper()
	for at, a := range before {
		b, there := after[at]
		i, j := a.Info, b.Info
		if !there || a.Cookie != b.Cookie || i.CongestionWin != j.CongestionWin || i.SendWindow != j.SendWindow || i.TotalRetrans != j.TotalRetrans ||
			i.BytesAcked != j.BytesAcked || i.BytesReceived != j.BytesReceived || i.RTO != j.RTO || b.Timer != a.Timer || b.SendQueue != 0 {
			t.Errorf("%v was disturbed:\n%+v\n%+v", at, a, b)
		}
	}
}

// A host that is gone is silent and asked twice; nothing changes here.
func TestGoneHostIsSilent(t *testing.T) {
	p, _, _ := pair(t, 4, nil)
	p.Client.Cut("eth0")
	before := sockets(t, p.Server)
	plan := segments(before)
	took := run(t, p.Server, plan)
	for _, q := range plan {
		if q.Sent != probe.Times || q.Answer != evidence.AnswerNone && q.Answer != evidence.AnswerUnreachable {
			t.Errorf("a host without a link: %+v", q)
		}
	}
	if least := probe.Patience * probe.Times; took < least {
		t.Errorf("answers were waited for %v, less than %v", took, least)
	}
	same(t, before, sockets(t, p.Server))
}

// A host that lost its connections answers RST, and our sockets outlive it.
func TestForgottenConnectionsAreResetAndStay(t *testing.T) {
	w := lab.NewWorld(t.Context())
	t.Cleanup(func() { w.Close() })
	p := w.Pair()
	p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeHold)
	p.Client.Program("clients").Dial(lab.ServerAddress+":80", 6)
	p.Server.Shows(tcp.Established, 6)
	p.Client.LoseConnections()
	check(t, w)
	before := sockets(t, p.Server)
	plan := segments(before)
	run(t, p.Server, plan)
	if got := answers(plan); got[evidence.AnswerReset] != 6 {
		t.Errorf("6 connections are forgotten: %v", plan)
	}
	same(t, before, sockets(t, p.Server))
}

func TestEchoAndConnect(t *testing.T) {
	p, _, _ := pair(t, 2, nil)
	var plan []evidence.Probe
	for _, s := range sockets(t, p.Client) {
		closed := netip.AddrPortFrom(s.Remote.Addr(), 81)
		plan = append(plan,
			evidence.Probe{Kind: evidence.ProbeEcho, Local: s.Local, Remote: s.Remote},
			evidence.Probe{Kind: evidence.ProbeConnect, Local: s.Local, Remote: s.Remote},
			evidence.Probe{Kind: evidence.ProbeConnect, Local: s.Local, Remote: closed})
	}
	took := run(t, p.Client, plan)
	for i, want := range []evidence.ProbeAnswer{evidence.AnswerEcho, evidence.AnswerAccepted, evidence.AnswerReset} {
		for _, q := range []evidence.Probe{plan[i], plan[i+3]} {
			if q.Answer != want || q.Sent != 1 || q.After > 1 {
				t.Errorf("want %s: %+v", want, q)
			}
		}
	}
	if least := time.Duration(len(plan)) * probe.Interval; took < least {
		t.Errorf("%d packets in %v: more than 10 a second", len(plan), took)
	}
	counts, err := p.Client.Counts()
	if err != nil || counts[tcp.TimeWait] != 0 || counts[tcp.Established] != 2 {
		t.Errorf("the new connections left something behind: %v, %v", counts, err)
	}
}

// An interrupt stops the sending at once.
func TestInterruptStops(t *testing.T) {
	p, _, _ := pair(t, 2, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	plan := segments(sockets(t, p.Server))
	if err := p.Server.Do(func() error { return probe.Run(ctx, plan) }); err != nil {
		t.Fatal(err)
	}
	for _, q := range plan {
		if q.Sent != 0 || q.Why == "" || q.Silent() {
			t.Errorf("sent after the interrupt: %+v", q)
		}
	}
}

// What has no way out is said and no error.
func TestNoWayIsAnAnswer(t *testing.T) {
	p, _, _ := pair(t, 1, nil)
	plan := []evidence.Probe{{
		Kind: evidence.ProbeEcho, Local: netip.MustParseAddrPort(lab.ClientAddress + ":1"), Remote: netip.MustParseAddrPort("203.0.113.9:9"),
	}}
	run(t, p.Client, plan) // the client has no default route
	if plan[0].Sent != 0 || plan[0].Answer != evidence.AnswerUnreachable && plan[0].Why == "" {
		t.Errorf("%+v", plan[0])
	}
}
