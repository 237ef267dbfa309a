package lab

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/pcapgo"

	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/tcp"
)

func TestMain(m *testing.M) {
	actor.Main()
	if err := Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func open2(t *testing.T) (a, b *Namespace) {
	t.Helper()
	var err error
	if a, err = NewNamespace("a"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if b, err = NewNamespace("b"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := Connect(a, b, "eth0", []string{"192.0.2.1/24", "2001:db8::1/64"}, []string{"192.0.2.2/24", "2001:db8::2/64"}); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestConnectionBetweenNamespaces(t *testing.T) {
	a, b := open2(t)
	listener, err := b.Listen("[::]:80", 4)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, to := range []string{"192.0.2.2:80", "[2001:db8::2]:80"} {
		ours, err := a.Dial(to)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if err := ours.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 16)
		if n, err := theirs.Read(got); err != nil || string(got[:n]) != "hello" {
			t.Errorf("%s: read %q, %v", to, got[:n], err)
		}
		ours.Close()
		theirs.Close()
	}
}

func TestSettingsStayInside(t *testing.T) {
	const path = "/proc/sys/net/ipv4/tcp_fin_timeout"
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := NewNamespace("a")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Set("net.ipv4.tcp_fin_timeout", "7"); err != nil {
		t.Fatal(err)
	}
	var inside []byte
	if err := n.Do(func() (err error) { inside, err = os.ReadFile(path); return err }); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(inside)) != "7" || string(after) != string(before) {
		t.Errorf("inside %q, outside %q before and %q after", inside, before, after)
	}
}

// built makes a world, fails the test if it cannot be, and ends it afterwards.
func built(t *testing.T, build func(w *World)) *World {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	w := NewWorld(ctx)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	build(w)
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTopologies(t *testing.T) {
	for name, build := range map[string]func(w *World) (client, server *Host, to []string){
		"pair": func(w *World) (*Host, *Host, []string) {
			p := w.Pair()
			return p.Client, p.Server, []string{ServerAddress + ":80", "[" + ServerAddress6 + "]:80"}
		},
		"routed": func(w *World) (*Host, *Host, []string) {
			r := w.Routed()
			return r.Client, r.Server, []string{ServerAddress + ":80", "[" + ServerAddress6 + "]:80"}
		},
		"triangle": func(w *World) (*Host, *Host, []string) {
			r := w.Triangle()
			return r.Client, r.Server, []string{ServerAddress + ":80"}
		},
		"slow": func(w *World) (*Host, *Host, []string) {
			p := w.Slow(50 * time.Millisecond)
			return p.Client, p.Server, []string{ServerAddress + ":80", "[" + ServerAddress6 + "]:80"}
		},
		"NAT router": func(w *World) (*Host, *Host, []string) {
			r := w.Routed()
			r.Router.Redirect(80, ServerAddress+":80")
			r.Router.Masquerade("eth1")
			return r.Client, r.Server, []string{"203.0.113.80:80"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			built(t, func(w *World) {
				client, server, to := build(w)
				server.Program("server").Listen("[::]:80", 8, actor.ServeAnswers)
				for _, address := range to {
					client.Program("client").Dial(address, 2)
				}
				server.Shows(tcp.Established, 2*len(to))
			})
		})
	}
}

// A router that masquerades puts many clients behind one address.
func TestManyClientsBehindOneAddress(t *testing.T) {
	t.Parallel()
	built(t, func(w *World) {
		r := w.Routed()
		r.Router.Masquerade("eth1")
		web := r.Server.Program("server")
		web.Listen("0.0.0.0:80", 64, actor.ServeHold)
		clients := r.Client.Program("clients")
		for i := range 5 {
			source := fmt.Sprintf("198.51.100.%d", 100+i)
			r.Client.Address("eth0", source+"/32")
			clients.DialFrom(source, ServerAddress+":80", 2)
		}
		r.Server.Shows(tcp.Established, 10)
		w.Wait("one address", func() (bool, string) {
			peers := map[netip.Addr]bool{}
			for _, s := range peersOf(t, r.Server) {
				peers[s] = true
			}
			return len(peers) == 1 && peers[netip.MustParseAddr(NearGateway)], fmt.Sprint(peers)
		})
	})
}

func peersOf(t *testing.T, h *Host) (peers []netip.Addr) {
	t.Helper()
	err := h.Do(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/tcp")
		for _, line := range strings.Split(string(text), "\n")[1:] {
			var a, b, c, d byte
			fields := strings.Fields(line)
			if len(fields) > 3 && fields[3] == "01" {
				if _, err := fmt.Sscanf(fields[2], "%02X%02X%02X%02X", &d, &c, &b, &a); err != nil {
					return err
				}
				peers = append(peers, netip.AddrFrom4([4]byte{a, b, c, d}))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return peers
}

// What fails is said with the step that failed, nothing later is tried, and
// what was built by then ends.
func TestHalfBuiltWorldsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		build func(w *World)
		says  string
	}{
		"no such interface": {func(w *World) { w.Pair().Client.Cut("eth7") }, "cut eth7 of client"},
		"no such setting":   {func(w *World) { w.Pair().Client.Set("net.ipv4.no_such", "1") }, "net.ipv4.no_such"},
		"no address":        {func(w *World) { h := w.Host("a"); w.Join(h.At("eth0", "here"), w.Host("b").At("eth0")) }, "link a - b"},
		"no gateway":        {func(w *World) { w.Pair().Client.Route("default", "nowhere") }, "nowhere"},
		"port taken": {func(w *World) {
			server := w.Pair().Server
			server.Program("first").Listen("0.0.0.0:80", 8, actor.ServeAnswers)
			server.Program("second").Listen("0.0.0.0:80", 8, actor.ServeAnswers)
		}, "second: listen 0.0.0.0:80: listen on 0.0.0.0:80: address already in use"},
		"program gone": {func(w *World) {
			p := w.Pair().Server.Program("short-lived")
			p.Signal(9)
			p.Listen("0.0.0.0:80", 8, actor.ServeAnswers)
		}, "the process ended or hung"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := NewWorld(t.Context())
			c.build(w)
			hosts := len(w.Hosts())
			w.Host("afterwards")
			if len(w.Hosts()) != hosts {
				t.Error("a broken world went on")
			}
			if err := w.Err(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("says %v", err)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestInterruptedWorldStopsBuilding(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	w := NewWorld(ctx)
	defer w.Close()
	p := w.Pair()
	cancel(fmt.Errorf("enough"))
	p.Server.Shows(tcp.Established, 1)
	if err := w.Err(); err == nil || err.Error() != "enough" {
		t.Errorf("says %v", err)
	}
}

// Closing a world ends its programs, and no orphan keeps the kernel busy.
func TestNothingRemainsOfAWorld(t *testing.T) {
	w := NewWorld(t.Context())
	p := w.Pair()
	web := p.Server.Program("web")
	web.Listen("0.0.0.0:80", 64, actor.ServeHold)
	p.Client.Program("clients").Dial(ServerAddress+":80", 10)
	w.Wait("accepted", func() (bool, string) { n := web.Accepted(); return n == 10, fmt.Sprint(n) })
	p.Client.Cut("eth0")
	web.CloseAll()
	p.Server.Shows(tcp.FinWait1, 10) // would be sent again for a minute and a half
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	if err := p.Server.destroySockets(); err != nil {
		t.Fatal(err)
	}
	counts, err := p.Server.Counts()
	if err != nil || counts[tcp.FinWait1] != 0 {
		t.Errorf("%d orphans remain, %v", counts[tcp.FinWait1], err)
	}
	pid := web.PID
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !os.IsNotExist(err) {
		t.Errorf("process %d remains: %v", pid, err)
	}
}

func TestCaptureIsReadable(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	var stop func() error
	w := built(t, func(w *World) {
		p := w.Pair()
		w.OnReady(func(h *Host) (err error) {
			if h.Name == "server" {
				stop, err = h.Capture(&file, 1000)
			}
			return err
		})
		p.Server.Program("web").Listen("0.0.0.0:80", 64, actor.ServeAnswers)
		p.Client.Program("clients").Ask(ServerAddress+":80", 1, 10*time.Millisecond)
		p.Server.Counted("TcpPassiveOpens", 10)
	})
	_ = w
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	reader, err := pcapgo.NewNgReader(&file, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	packets := 0
	last := time.Time{}
	for ; ; packets++ {
		_, info, err := reader.ReadPacketData()
		if err != nil {
			break
		}
		if info.Timestamp.Before(last.Add(-time.Second)) || info.CaptureLength > snapLength {
			t.Fatalf("packet %d at %v, %d bytes", packets, info.Timestamp, info.CaptureLength)
		}
		last = info.Timestamp
	}
	if packets < 60 { // ten connections of six packets and more
		t.Errorf("%d packets", packets)
	}
}

// The scripted peer speaks both families, and its kernel says nothing.
func TestRawPeer(t *testing.T) {
	t.Parallel()
	built(t, func(w *World) {
		h := w.Host("host")
		h.RawPeer(h.At("eth0", ServerAddress+"/24", ServerAddress6+"/64"), []string{"192.0.2.64/26", "2001:db8::40/122"}, func(p *RawPeer, got Segment) {
			if got.Flags.Has(tcp.SYN) {
				answer := Segment{From: got.To, To: got.From, MSS: 1400}
				answer.Flags, answer.Seq, answer.Ack, answer.Window = tcp.SYN|tcp.ACK, 77, got.End(), 1000
				if err := p.Send(answer); err != nil {
					t.Error(err)
				}
			}
		})
		program := h.Program("client")
		program.Dial("192.0.2.70:80", 3)
		program.Dial("[2001:db8::50]:80", 3)
		program.Write(5) // nobody acknowledges, and nobody resets
		h.Counted("TcpRetransSegs", 6)
		h.Shows(tcp.Established, 6)
	})
}

// Whole segments go both ways, with options and text, in both families, and a
// connection is destroyed on request.
func TestPacketPeer(t *testing.T) {
	t.Parallel()
	built(t, func(w *World) {
		h := w.Host("host")
		texts := make(chan string, 8)
		peers := make(chan *PacketPeer, 1)
		react := func(got tcp.Packet) {
			peer := <-peers
			peers <- peer
			answer := tcp.Packet{Source: got.Destination, Destination: got.Source, Segment: tcp.Segment{Seq: 78, Ack: got.Segment.End(), Flags: tcp.ACK, Window: 1000}}
			switch {
			case got.Segment.Flags.Has(tcp.SYN):
				answer.Segment.Seq, answer.Segment.Flags, answer.Options.MSS = 77, tcp.SYN|tcp.ACK, 1400
			case len(got.Text) > 0:
				texts <- string(got.Text)
			default:
				return
			}
			if err := peer.Send(answer); err != nil {
				t.Error(err)
			}
		}
		peers <- h.PacketPeer(h.At("eth0", ServerAddress+"/24", ServerAddress6+"/64"), []string{"192.0.2.64/26", "2001:db8::40/122"}, react)
		if w.Err() != nil {
			return
		}
		for _, to := range []string{"192.0.2.70:80", "[2001:db8::50]:80"} {
			s, err := h.Dial(to)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Close)
			if err := s.Write([]byte("to " + to)); err != nil {
				t.Error(err)
			}
			if got := <-texts; got != "to "+to {
				t.Errorf("the peer got %q", got)
			}
			if to[0] == '[' {
				continue
			}
			local := netip.AddrPortFrom(netip.MustParseAddr(ServerAddress), s.Port())
			if err := h.Destroy(local, netip.MustParseAddrPort(to)); err != nil {
				t.Error(err)
			}
		}
		h.Shows(tcp.Established, 1)
	})
}

func TestCounterIn(t *testing.T) {
	const text = "TcpExt: A B C\nTcpExt: 1 2 3\nIp: A Forwarding\nIp: 7 8\nIp6InReceives\t42\n"
	for name, want := range map[string]int64{"TcpExtB": 2, "IpForwarding": 8, "Ip6InReceives": 42} {
		if got, ok := counterIn(text, name); !ok || got != want {
			t.Errorf("%s: %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"TcpExtD", "A", "", "IpB", "Tcp"} {
		if got, ok := counterIn(text, name); ok {
			t.Errorf("%s: %d", name, got)
		}
	}
}
