package fate

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const second = time.Second

// The figures are the kernel's, measured or from its source: 131 s for SYNs,
// 63 s for SYN-ACKs, 924.6 s for data, 102.2 s for orphans.
func TestOf(t *testing.T) {
	cases := []struct {
		name   string
		socket host.Socket
		set    host.Settings
		want   Outlook
	}{
		{"first SYN just sent", host.Socket{State: tcp.SynSent, Timer: host.TimerRetransmit, Expires: second}, nil, Outlook{Next: tcp.Closed, Within: 131 * second, Reason: SynRetries}},
		{"SYN sent again four times, at 4 s", host.Socket{State: tcp.SynSent, Timer: host.TimerRetransmit, Expires: second, Retransmits: 4}, nil, Outlook{Next: tcp.Closed, Within: 127 * second, Reason: SynRetries}},
		{"last SYN sent, at 67 s", host.Socket{State: tcp.SynSent, Timer: host.TimerRetransmit, Expires: 64 * second, Retransmits: 10}, nil, Outlook{Next: tcp.Closed, Within: 64 * second, Reason: SynRetries}},
		{"SYN without linear timeouts", host.Socket{State: tcp.SynSent, Timer: host.TimerRetransmit, Expires: second}, host.Settings{"net.ipv4.tcp_syn_linear_timeouts": "0"}, Outlook{Next: tcp.Closed, Within: 127 * second, Reason: SynRetries}},
		{"SYN with two retries", host.Socket{State: tcp.SynSent, Timer: host.TimerRetransmit, Expires: second}, host.Settings{"net.ipv4.tcp_syn_linear_timeouts": "0", "net.ipv4.tcp_syn_retries": "2"}, Outlook{Next: tcp.Closed, Within: 7 * second, Reason: SynRetries}},
		{"request just answered", host.Socket{State: tcp.SynReceived, Kind: host.Request, Timer: host.TimerRetransmit, Expires: second}, nil, Outlook{Next: tcp.Closed, Within: 63 * second, Reason: SynAckRetries}},
		{"request after two SYN-ACKs sent again", host.Socket{State: tcp.SynReceived, Kind: host.Request, Timer: host.TimerRetransmit, Expires: 4 * second, Retransmits: 2}, nil, Outlook{Next: tcp.Closed, Within: 60 * second, Reason: SynAckRetries}},
		{"request whose client re-sends beyond the retries", host.Socket{State: tcp.SynReceived, Kind: host.Request, Timer: host.TimerRetransmit, Expires: 2 * second, Retransmits: 99}, nil, Outlook{Next: tcp.Closed, Within: 2 * second, Reason: SynAckRetries}},
		{"data unanswered", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerRetransmit, Expires: 200 * time.Millisecond}, nil, Outlook{Next: tcp.Closed, Within: 924600 * time.Millisecond, Reason: DataRetries}},
		{"data, five retries", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerRetransmit, Expires: 200 * time.Millisecond}, host.Settings{"net.ipv4.tcp_retries2": "5"}, Outlook{Next: tcp.Closed, Within: 12600 * time.Millisecond, Reason: DataRetries}},
		{"data, timeout bounded to 2 s", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerRetransmit, Expires: 200 * time.Millisecond}, host.Settings{"net.ipv4.tcp_retries2": "5", "net.ipv4.tcp_rto_max_ms": "2000"}, Outlook{Next: tcp.Closed, Within: 7 * second, Reason: DataRetries}},
		{"LAST-ACK of an orphan", host.Socket{State: tcp.LastAck, Timer: host.TimerRetransmit, Expires: 200 * time.Millisecond}, nil, Outlook{Next: tcp.Closed, Within: 102200 * time.Millisecond, Reason: OrphanRetries}},
		{"LAST-ACK that a program holds", host.Socket{State: tcp.LastAck, Inode: 9, Timer: host.TimerRetransmit, Expires: 200 * time.Millisecond}, nil, Outlook{Next: tcp.Closed, Within: 924600 * time.Millisecond, Reason: DataRetries}},
		{"FIN-WAIT-1 of an orphan, one retry allowed", host.Socket{State: tcp.FinWait1, Timer: host.TimerRetransmit, Expires: 200 * time.Millisecond}, host.Settings{"net.ipv4.tcp_orphan_retries": "1"}, Outlook{Next: tcp.Closed, Within: 600 * time.Millisecond, Reason: OrphanRetries}},
		{"never accepted, data unanswered", host.Socket{State: tcp.Established, Timer: host.TimerRetransmit, Expires: 200 * time.Millisecond}, nil, Outlook{Next: tcp.Closed, Within: 924600 * time.Millisecond, Reason: DataRetries}},
		{"keepalive, no probe unanswered", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerKeepalive, Expires: 7200 * second}, nil, Outlook{Forever: true, Reason: Nothing}},
		{"keepalive, four of nine probes unanswered", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerKeepalive, Expires: 75 * second, Retransmits: 4}, nil, Outlook{Next: tcp.Closed, Within: 450 * second, Reason: Keepalive}},
		{"window shut", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerProbe, Expires: second, Retransmits: 1}, nil, Outlook{Forever: true, Reason: WindowProbes}},
		{"window shut, and probes no longer answered", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerProbe, Expires: second, Retransmits: 13, HasInfo: true, Info: host.Info{RTO: 204 * time.Millisecond, Backoff: 12}}, nil, Outlook{Next: tcp.Closed, Within: 241 * second, Reason: WindowProbes}},
		{"the same, without the kernel's details", host.Socket{State: tcp.Established, Inode: 1, Timer: host.TimerProbe, Expires: second, Retransmits: 2}, host.Settings{"net.ipv4.tcp_retries2": "4"}, Outlook{Next: tcp.Closed, Within: 5800 * time.Millisecond, Reason: WindowProbes}},
		{"window shut on an orphan", host.Socket{State: tcp.FinWait1, Timer: host.TimerProbe, Expires: second, HasInfo: true, Info: host.Info{RTO: 200 * time.Millisecond, Backoff: 9}}, nil, Outlook{Next: tcp.Closed, Within: 121 * second, Reason: OrphanRetries}},
		{"window shut on an orphan whose waits never grow that long", host.Socket{State: tcp.FinWait1, Timer: host.TimerProbe, Expires: second}, host.Settings{"net.ipv4.tcp_retries2": "3"}, Outlook{Forever: true, Reason: WindowProbes}},
		{"idle", host.Socket{State: tcp.Established, Inode: 1}, nil, Outlook{Forever: true, Reason: Nothing}},
		{"CLOSE-WAIT", host.Socket{State: tcp.CloseWait, Inode: 1}, nil, Outlook{Forever: true, Reason: Program}},
		{"CLOSE-WAIT with keepalive", host.Socket{State: tcp.CloseWait, Inode: 1, Timer: host.TimerKeepalive, Expires: second}, nil, Outlook{Forever: true, Reason: Program}},
		{"FIN-WAIT-2 that a program holds", host.Socket{State: tcp.FinWait2, Inode: 1}, nil, Outlook{Forever: true, Reason: Program}},
		{"FIN-WAIT-2 of an orphan", host.Socket{State: tcp.FinWait2, Kind: host.TimeWaitKind, Timer: host.TimerTimeWait, Expires: 42 * second}, nil, Outlook{Next: tcp.Closed, Within: 42 * second, Reason: FinTimeout}},
		{"FIN-WAIT-2 of an orphan, long tcp_fin_timeout", host.Socket{State: tcp.FinWait2, Timer: host.TimerKeepalive, Expires: 100 * second}, nil, Outlook{Next: tcp.Closed, Within: 100 * second, Reason: FinTimeout}},
		{"TIME-WAIT", host.Socket{State: tcp.TimeWait, Kind: host.TimeWaitKind, Timer: host.TimerTimeWait, Expires: 59 * second}, nil, Outlook{Next: tcp.Closed, Within: 59 * second, Reason: TimeWait}},
		{"LISTEN", host.Socket{State: tcp.Listen, Inode: 1}, nil, Outlook{Forever: true, Reason: Program}},
		{"settings that make no sense", host.Socket{State: tcp.SynSent, Expires: second}, host.Settings{"net.ipv4.tcp_syn_retries": "-1", "net.ipv4.tcp_syn_linear_timeouts": "many", "net.ipv4.tcp_rto_max_ms": "999999999999999999999"}, Outlook{Next: tcp.Closed, Within: 131 * second, Reason: SynRetries}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Of(&c.socket, c.set); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestGivesUpAsMeasured: Linux 6.18, a peer that cannot answer, all with the
// timeouts that the kernel showed. It reckons from the first sending again, so
// three retries end at the expiry after the one that looks like the last.
func TestGivesUpAsMeasured(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		retries  string
		rto      time.Duration
		backoff  uint8
		expires  time.Duration
		measured time.Duration
	}{
		{"3", 204 * ms, 0, 204 * ms, 6460 * ms}, // seen from the first timeout; a tail loss probe went before
		{"4", 204 * ms, 0, 204 * ms, 6440 * ms},
		{"3", 816 * ms, 2, 808 * ms, 5840 * ms},
		{"3", 3264 * ms, 4, 3264 * ms, 3350 * ms},
		{"2", 504 * ms, 0, 504 * ms, 3620 * ms},
		{"2", 2016 * ms, 2, 1996 * ms, 2030 * ms},
		{"15", 200 * ms, 0, 200 * ms, 924600 * ms},
	} {
		s := host.Socket{
			State: tcp.Established, Inode: 1, Timer: host.TimerRetransmit, Expires: c.expires, Retransmits: c.backoff,
			HasInfo: true, Info: host.Info{RTO: c.rto, Backoff: c.backoff},
		}
		got := Of(&s, host.Settings{"net.ipv4.tcp_retries2": c.retries}).Within
		if got > c.measured || got < c.measured*95/100 {
			t.Errorf("%s retries, timeout %v, %d so far: %v, measured %v", c.retries, c.rto, c.backoff, got, c.measured)
		}
	}
}

// Whatever the socket and the settings, a stay is never negative, and one
// without end has no length.
func TestOfAnySocket(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := []string{"", "0", "1", "255", "256", "-7", "x", "99999999999999999999"}
	pick := func() string { return values[random.IntN(len(values))] }
	for range 20_000 {
		s := host.Socket{
			State: tcp.State(random.IntN(13)), Kind: host.Kind(random.IntN(4)), Timer: host.Timer(random.IntN(8)),
			Inode: uint32(random.IntN(2)), Retransmits: uint8(random.Uint32()), Expires: time.Duration(random.Int64N(1e12) - 1e10),
			HasInfo: random.IntN(2) == 0, Info: host.Info{RTO: time.Duration(random.Int64N(1e12) - 1e11), Backoff: uint8(random.Uint32())},
		}
		settings := host.Settings{
			"net.ipv4.tcp_syn_retries": pick(), "net.ipv4.tcp_synack_retries": pick(), "net.ipv4.tcp_retries2": pick(),
			"net.ipv4.tcp_keepalive_probes": pick(), "net.ipv4.tcp_keepalive_intvl": pick(), "net.ipv4.tcp_rto_max_ms": pick(),
		}
		if o := Of(&s, settings); o.Within < 0 || o.Forever && o.Within != 0 || o.Reason == "" {
			t.Fatalf("%+v with %v: %+v", s, settings, o)
		}
	}
}
