package evidence

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// idleSocket is an idle connection of port 80 to a peer.
func idleSocket(n int, peer string, ago time.Duration) host.Socket {
	return host.Socket{
		State: tcp.Established, Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: netip.MustParseAddrPort(peer),
		Cookie: uint64(n + 1), Inode: uint32(n + 1), HasInfo: true, Info: host.Info{LastAckRecv: ago, LastDataSent: ago, Options: 1},
	}
}

// bundleWith is a window of five seconds in which these sockets did not change.
func bundleWith(sockets ...host.Socket) *Bundle {
	listener := host.Socket{State: tcp.Listen, Local: netip.MustParseAddrPort("0.0.0.0:80"), Cookie: 1 << 40}
	sockets = append(sockets, listener)
	start := time.Unix(1_000_000, 0)
	shot := host.Snapshot{States: tcp.AllStates, Sockets: sockets}
	return &Bundle{Start: start, End: start.Add(5 * time.Second), Snapshots: []host.Snapshot{shot, shot}}
}

func kinds(plan []Probe) map[ProbeKind]int {
	counts := map[ProbeKind]int{}
	for _, p := range plan {
		counts[p.Kind]++
	}
	return counts
}

func TestPlanIsBoundedAndTakesPeersInTurn(t *testing.T) {
	var sockets []host.Socket
	for i := range 200 { // ten peers, the first with most
		peer := max(0, i-190)
		sockets = append(sockets, idleSocket(i, fmt.Sprintf("198.51.100.%d:%d", peer, 1000+i), time.Duration(i+10)*time.Second))
	}
	plan := bundleWith(sockets...).WorthProbing()
	peers := map[netip.Addr]bool{}
	for _, p := range plan[:10] {
		peers[p.Remote.Addr()] = true
	}
	if len(plan) != ProbesMost || len(peers) != 10 || kinds(plan)[ProbeSegment] != ProbesMost || !plan[0].Timestamps {
		t.Errorf("%d questions, the first ten to %d peers: %+v", len(plan), len(peers), plan)
	}
	if plan[0].Remote.Port() != 1199 {
		t.Errorf("the longest idle is asked first, not %v", plan[0].Remote)
	}
}

func TestWhoIsAsked(t *testing.T) {
	change := func(edit func(*host.Socket)) host.Socket {
		s := idleSocket(0, "198.51.100.7:40000", time.Hour)
		edit(&s)
		return s
	}
	dialled := netip.MustParseAddrPort("192.0.2.1:40001")
	for name, c := range map[string]struct {
		socket host.Socket
		want   map[ProbeKind]int
	}{
		"idle":                    {change(func(*host.Socket) {}), map[ProbeKind]int{ProbeSegment: 1}},
		"keepalive looks after":   {change(func(s *host.Socket) { s.Timer = host.TimerKeepalive }), nil},
		"data waits":              {change(func(s *host.Socket) { s.RecvQueue = 1 }), nil},
		"nobody holds it":         {change(func(s *host.Socket) { s.Inode = 0 }), nil},
		"just heard":              {change(func(s *host.Socket) { s.Info.LastAckRecv = time.Second }), nil},
		"unanswered, came in":     {change(func(s *host.Socket) { s.Timer, s.Retransmits = host.TimerRetransmit, 3 }), map[ProbeKind]int{ProbeEcho: 1}},
		"unanswered, dialled":     {change(func(s *host.Socket) { s.Local, s.Timer, s.Retransmits = dialled, host.TimerRetransmit, 3 }), map[ProbeKind]int{ProbeEcho: 1, ProbeConnect: 1}},
		"keepalive is unanswered": {change(func(s *host.Socket) { s.Timer, s.Retransmits = host.TimerKeepalive, 1 }), map[ProbeKind]int{ProbeEcho: 1}},
		"SYN again":               {change(func(s *host.Socket) { s.State, s.Local, s.Retransmits = tcp.SynSent, dialled, 1 }), map[ProbeKind]int{ProbeEcho: 1}},
		"SYN once":                {change(func(s *host.Socket) { s.State, s.Local = tcp.SynSent, dialled }), nil},
		"SYN-ACK again":           {change(func(s *host.Socket) { s.State, s.Retransmits = tcp.SynReceived, 1 }), map[ProbeKind]int{ProbeEcho: 1}},
		"CLOSE-WAIT":              {change(func(s *host.Socket) { s.State = tcp.CloseWait }), nil},
		"loopback":                {change(func(s *host.Socket) { s.Remote = netip.MustParseAddrPort("127.0.0.1:9") }), nil},
		"link-local":              {change(func(s *host.Socket) { s.Remote = netip.MustParseAddrPort("[fe80::1]:9") }), nil},
		"ourselves":               {change(func(s *host.Socket) { s.Remote = netip.MustParseAddrPort("192.0.2.9:9") }), nil},
	} {
		b := bundleWith(c.socket)
		b.Routes = []host.Route{{Destination: netip.MustParsePrefix("192.0.2.9/32"), Type: "local"}}
		if got := kinds(b.WorthProbing()); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if plan := new(Bundle).WorthProbing(); plan != nil {
		t.Errorf("of nothing: %v", plan)
	}
}

// A flood's sources are forged: few of them are asked, whatever else there is.
func TestFloodIsNotEchoed(t *testing.T) {
	var sockets []host.Socket
	for i := range 500 {
		s := idleSocket(i, fmt.Sprintf("203.0.%d.%d:9", i/250, i%250), 0)
		s.State, s.Retransmits = tcp.SynReceived, 2
		sockets = append(sockets, s)
	}
	if plan := bundleWith(sockets...).WorthProbing(); len(plan) != halfOpenProbes {
		t.Errorf("%d echo requests to forged addresses", len(plan))
	}
}

func TestSilenceIsFollowedByOneEchoAPeer(t *testing.T) {
	ask := func(kind ProbeKind, peer string, sent int, answer ProbeAnswer) Probe {
		return Probe{Kind: kind, Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: netip.MustParseAddrPort(peer), Sent: sent, Answer: answer}
	}
	plan := AfterSilence([]Probe{
		ask(ProbeSegment, "198.51.100.1:1", 2, AnswerNone), ask(ProbeSegment, "198.51.100.1:2", 2, AnswerNone),
		ask(ProbeSegment, "198.51.100.2:1", 1, AnswerSegment), ask(ProbeSegment, "198.51.100.3:1", 0, AnswerNone),
		ask(ProbeSegment, "198.51.100.4:1", 2, AnswerNone), ask(ProbeEcho, "198.51.100.4:9", 2, AnswerNone),
	})
	if len(plan) != 1 || plan[0].Kind != ProbeEcho || plan[0].Remote.String() != "198.51.100.1:1" || plan[0].Sent != 0 {
		t.Errorf("%+v", plan)
	}
}

func TestProbesAreAnonymized(t *testing.T) {
	b := bundleWith(idleSocket(0, "198.51.100.7:40000", time.Hour))
	b.Probes = b.WorthProbing()
	out := Anonymize(b, []byte("key"))
	p, s := out.Probes[0], out.Snapshots[1].Sockets[0]
	if p.Remote == b.Probes[0].Remote || p.Remote != s.Remote || p.Local != s.Local {
		t.Errorf("probe %v, socket %v, it was %v", p.Remote, s.Remote, b.Probes[0].Remote)
	}
}

func BenchmarkWorthProbing(b *testing.B) {
	sockets := make([]host.Socket, 100_000)
	for i := range sockets {
		sockets[i] = idleSocket(i, fmt.Sprintf("198.51.%d.%d:40000", i/250%250, i%250), time.Duration(i)*time.Millisecond+time.Minute)
	}
	bundle := bundleWith(sockets...)
	b.ReportAllocs()
	for b.Loop() {
		if plan := bundle.WorthProbing(); len(plan) != ProbesMost {
			b.Fatal(len(plan))
		}
	}
}
