package fate

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func port(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(n >> 8), byte(n)}), 1024)
}

// crowd is a listener and half-open connections; resent is how often each
// SYN-ACK was sent again.
func crowd(limit, n int, resent uint8) []host.Socket {
	at := netip.MustParseAddrPort("192.0.2.1:80")
	sockets := []host.Socket{{State: tcp.Listen, Local: netip.MustParseAddrPort("0.0.0.0:80"), SendQueue: uint32(limit), Inode: 1}}
	for i := range n {
		sockets = append(sockets, host.Socket{
			State: tcp.SynReceived, Kind: host.Request, Local: at, Remote: port(i), Timer: host.TimerRetransmit,
			Retransmits: resent, Expires: second<<resent - time.Duration(i)*time.Microsecond,
		})
	}
	return sockets
}

// timedOut makes every timer run out now.
func timedOut(sockets []host.Socket) []host.Socket {
	for i := range sockets {
		sockets[i].Expires = 0
	}
	return sockets
}

// TestYoungRule: Linux 6.18 thins a queue of 128 until it is half full.
func TestYoungRule(t *testing.T) {
	for _, c := range []struct {
		name     string
		sockets  []host.Socket
		settings host.Settings
		want     map[time.Duration]int // how many leave by when, in whole seconds
	}{
		{"half full", crowd(128, 64, 0), nil, map[time.Duration]int{63: 64}},
		{"more than half full", crowd(128, 100, 0), nil, map[time.Duration]int{7: 36, 63: 64}},
		{"full", crowd(128, 128, 0), nil, map[time.Duration]int{7: 64, 63: 64}},
		{"full, later", crowd(128, 128, 1), nil, map[time.Duration]int{6: 64, 62: 64}},
		{"full, at the third timeout", crowd(128, 128, 2), nil, map[time.Duration]int{4: 64, 60: 64}},
		{"a backlog of one counts as eight", crowd(1, 4, 0), nil, map[time.Duration]int{63: 4}},
		{"one re-send is all that is allowed", crowd(128, 128, 0), host.Settings{"net.ipv4.tcp_synack_retries": "1"}, map[time.Duration]int{3: 128}},
		{"the older ones go first", append(crowd(20, 4, 2), crowd(20, 15, 0)[1:]...), nil, map[time.Duration]int{4: 4, 7: 5, 63: 10}},
		{"young ones spare the others", append(timedOut(crowd(20, 4, 2)), crowd(20, 15, 0)[1:]...), nil, map[time.Duration]int{7: 9, 56: 4, 63: 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.sockets {
				if i > 0 {
					c.sockets[i].Remote = port(i)
				}
			}
			forecast := NewForecast(c.settings).Among(c.sockets)
			got := map[time.Duration]int{}
			for i := range c.sockets[1:] {
				o := forecast.Of(&c.sockets[i+1])
				if o.Next != tcp.Closed || o.Reason != SynAckRetries {
					t.Errorf("%+v", o)
				}
				got[(o.Within+second-1)/second]++
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// One who is not in the queue, or is no request, is foretold as before.
func TestAmongOthers(t *testing.T) {
	forecast := NewForecast(nil).Among(crowd(128, 128, 0))
	for name, s := range map[string]host.Socket{
		"came later":      {State: tcp.SynReceived, Kind: host.Request, Local: port(1), Remote: port(2), Timer: host.TimerRetransmit, Expires: second},
		"a full socket":   {State: tcp.SynReceived, Local: netip.MustParseAddrPort("192.0.2.1:80"), Remote: port(5), Timer: host.TimerRetransmit, Expires: second},
		"without request": {State: tcp.SynReceived, Kind: host.Full, Timer: host.TimerRetransmit, Expires: second},
	} {
		if got, want := forecast.Of(&s), Of(&s, nil); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// Whatever the sockets, all leave, none before its timer, and with fewer than
// half of the queue none sooner than without the others.
func TestAmongAnySockets(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		limit := random.IntN(40)
		sockets := crowd(limit, random.IntN(60), 0)
		for i := range sockets[1:] {
			s := &sockets[i+1]
			s.Retransmits, s.Expires = uint8(random.IntN(260)), time.Duration(random.Int64N(int64(70*second)))-second
		}
		forecast := NewForecast(nil).Among(sockets)
		for i := range sockets[1:] {
			s := &sockets[i+1]
			together, alone := forecast.Of(s).Within, Of(s, nil).Within
			if together < max(0, s.Expires) || together > alone || 2*len(sockets[1:]) <= max(8, limit) && together != alone {
				t.Fatalf("%d of %d: %v, alone %v: %+v", len(sockets)-1, limit, together, alone, s)
			}
		}
	}
}

func BenchmarkAmong(b *testing.B) {
	sockets := crowd(65536, 60000, 0)
	forecast := NewForecast(nil)
	b.ReportAllocs()
	for b.Loop() {
		forecast.Among(sockets)
	}
}

// TestAnswersAreNoExpiries: SYN-ACKs that answered a SYN sent again bring the end
// no nearer.
func TestAnswersAreNoExpiries(t *testing.T) {
	sockets := crowd(128, 1, 2)
	forecast := NewForecast(nil)
	asked := forecast.Of(&sockets[1]).Within
	sockets[1].Inner = &host.Inner{Timeouts: 1}
	for name, f := range map[string]Forecast{"alone": forecast, "in its queue": forecast.Among(sockets)} {
		if told := f.Of(&sockets[1]).Within; asked != 60*second || told != 64*second {
			t.Errorf("%s: %v, and %v by its own account", name, asked, told)
		}
	}
}
