package text

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/fate"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/tcp"
)

func socketRows() []SocketRow {
	at := netip.MustParseAddrPort
	return []SocketRow{
		{Socket: &host.Socket{State: tcp.TimeWait, Kind: host.TimeWaitKind, Local: at("192.0.2.1:443"), Remote: at("198.51.100.7:50123"), Timer: host.TimerTimeWait, Expires: 59400 * time.Millisecond}, Fate: fate.Outlook{Next: tcp.Closed, Within: 59400 * time.Millisecond, Reason: fate.TimeWait}, Owner: "(orphan)"},
		{Socket: &host.Socket{State: tcp.Listen, Local: at("0.0.0.0:443"), Remote: at("0.0.0.0:0"), RecvQueue: 3, SendQueue: 511, Inode: 4711, Cookie: 1}, Fate: fate.Outlook{Forever: true, Reason: fate.Program}, Owner: "nginx[812] +3"},
		{Socket: &host.Socket{State: tcp.SynReceived, Kind: host.Request, Local: at("192.0.2.1:443"), Remote: at("203.0.113.9:61000"), Timer: host.TimerRetransmit, Expires: 310 * time.Millisecond, Retransmits: 3}, Fate: fate.Outlook{Next: tcp.Closed, Within: 48310 * time.Millisecond, Reason: fate.SynAckRetries}, Owner: "(never-accepted)"},
		{Socket: &host.Socket{State: tcp.Established, Local: at("[2001:db8::1]:443"), Remote: at("[2001:db8:ffff:1:2:3:4:5]:50124"), Timer: host.TimerKeepalive, Expires: 118 * time.Minute, SendQueue: 1 << 20, UID: 33, Inode: 99999}, Fate: fate.Outlook{Forever: true, Reason: fate.Nothing}, Owner: "\x1b[31m数据库服务[7]"},
	}
}

func TestSockets(t *testing.T) {
	for _, width := range []int{0, 48, 80, 120} {
		for _, color := range []bool{false, true} {
			for _, wide := range []bool{false, true} {
				name := fmt.Sprintf("sockets-%d", width)
				if wide {
					name += "-wide"
				}
				if color {
					name += "-color"
				}
				t.Run(name, func(t *testing.T) {
					var out bytes.Buffer
					if err := Sockets(&out, socketRows(), SocketsAs{Wide: wide}, Style{Width: width, Color: color}); err != nil {
						t.Fatal(err)
					}
					checkLines(t, out.String(), 1000)
					compare(t, name, out.Bytes())
				})
			}
		}
	}
}

func TestStates(t *testing.T) {
	counts := tcp.Counts{tcp.Listen: 12, tcp.SynReceived: 1, tcp.Established: 48211, tcp.TimeWait: 20455}
	for _, width := range []int{48, 80, 120} {
		for _, color := range []bool{false, true} {
			name := fmt.Sprintf("states-%d", width)
			if color {
				name += "-color"
			}
			var out bytes.Buffer
			if err := States(&out, counts, Style{Width: width, Color: color}); err != nil {
				t.Fatal(err)
			}
			checkLines(t, out.String(), width)
			compare(t, name, out.Bytes())
		}
	}
}

func TestNoStates(t *testing.T) {
	var out bytes.Buffer
	_ = States(&out, tcp.Counts{}, Style{})
	if out.String() != "no TCP sockets\n" {
		t.Errorf("%q", out.String())
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		count, most uint64
		want        string
	}{
		{8, 8, "████"}, {4, 8, "██"}, {1, 8, "▌"}, {1, 1 << 62, "▏"}, {5, 8, "██▌"},
	} {
		if got := bar(c.count, c.most, 4); got != c.want {
			t.Errorf("%d of %d: %s, not %s", c.count, c.most, got, c.want)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0ms", 999 * time.Millisecond: "999ms", 1500 * time.Millisecond: "1.5s",
		59960 * time.Millisecond: "60.0s", 61 * time.Second: "1m01s", 119 * time.Minute: "1h59m",
	} {
		if got := short(d); got != want {
			t.Errorf("%v: %s, not %s", d, got, want)
		}
	}
}

// failing is a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, fmt.Errorf("full") }

func TestErrorsAreHeard(t *testing.T) {
	if err := Sockets(failing{}, socketRows(), SocketsAs{}, Style{}); err == nil {
		t.Error("Sockets wrote nowhere")
	}
	if err := States(failing{}, tcp.Counts{}, Style{}); err == nil {
		t.Error("States wrote nowhere")
	}
	if err := Diagnosis(failing{}, flood(), Style{}); err == nil {
		t.Error("Diagnosis wrote nowhere")
	}
}

// BenchmarkSockets holds for a table of many sockets.
func BenchmarkSockets(b *testing.B) {
	rows := make([]SocketRow, 100_000)
	for i := range rows {
		rows[i] = socketRows()[i%4]
	}
	for b.Loop() {
		_ = Sockets(&strings.Builder{}, rows, SocketsAs{}, Style{Width: 120})
	}
}

// TestPublishedListeners: what the firewall leads elsewhere has no queues here.
func TestPublishedListeners(t *testing.T) {
	var out bytes.Buffer
	taken := uint64(3)
	at := netip.MustParseAddrPort
	list := []inventory.Listener{
		{Local: at("127.0.0.1:6379"), Scope: inventory.Loopback, OwnerKind: inventory.ByKernel, Published: []inventory.Way{{Dialled: "*:16379", Target: at("127.0.0.1:6379"), Rule: "ip nat x handle 1"}}},
		{Local: at("0.0.0.0:8080"), Scope: inventory.Led, Published: []inventory.Way{{Dialled: "*:8080", Target: at("172.17.0.2:0"), From: "10.0.0.0/8", Taken: &taken, Rule: "ip nat DOCKER handle 7"}}},
	}
	if err := Listeners(&out, list, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"(kernel) (published at *:16379)", "*:8080", "leads to 172.17.0.2 from 10.0.0.0/8 (rule ip nat DOCKER handle 7)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestConditions: a way that is open to some only says to whom, in each language.
func TestConditions(t *testing.T) {
	for _, x := range []struct {
		way            inventory.Way
		en, zhCN, zhTW string
	}{
		{inventory.Way{}, "*:80", "*:80", "*:80"},
		{inventory.Way{From: "10.0.0.0/8", Narrowed: true}, "*:80 from 10.0.0.0/8 under a further condition", "*:80，来自 10.0.0.0/8，另有附加条件", "*:80，來自 10.0.0.0/8，另有附加條件"},
		{inventory.Way{Interface: "eth0"}, "*:80 through eth0", "*:80，经由 eth0", "*:80，經由 eth0"},
		{inventory.Way{Interface: "not docker0"}, "*:80 not through docker0", "*:80，不经由 docker0", "*:80，不經由 docker0"},
	} {
		for l, want := range map[explain.Language]string{explain.English: x.en, explain.Simplified: x.zhCN, explain.Traditional: x.zhTW} {
			if got := conditions("*:80", x.way, Style{Language: l}); got != want {
				t.Errorf("%s: %q, want %q", l, got, want)
			}
		}
	}
}
