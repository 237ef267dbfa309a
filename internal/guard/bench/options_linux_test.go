package bench

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// connectOnce makes one connection, one octet there and back, and returns what
// the server negotiated.
func connectOnce(t testing.TB, w *World, to netip.AddrPort, saw chan Negotiated) (n Negotiated) {
	t.Helper()
	w.calmly(t, func() (slow string) {
		slow = w.ask(t, to)
		n = <-saw
		return slow
	})
	return n
}

// ask makes a connection and says so if the first octet took a second SYN or
// another segment twice.
func (w *World) ask(t testing.TB, to netip.AddrPort) (slow string) {
	t.Helper()
	c, err := w.dial(to, netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.file.Close()
	begun, before := time.Now(), w.resent(t)
	if err := c.ask(10 * time.Second); err != nil {
		t.Fatalf("%v: %v", to, err)
	}
	if waited := time.Since(begun); waited > firstTry && w.resent(t) > before {
		return fmt.Sprintf("%v: the first octet took %v: something was sent again", to, waited)
	}
	return ""
}

// resent is how many segments both ends sent again, ever.
func (w *World) resent(t testing.TB) (sum int) {
	t.Helper()
	for _, end := range []*lab.Namespace{w.Server, w.Client} {
		if err := end.Do(func() error {
			text, err := os.ReadFile("/proc/thread-self/net/snmp")
			if err != nil {
				return err
			}
			var names []string
			for line := range strings.Lines(string(text)) {
				fields := strings.Fields(line)
				if i := slices.Index(names, "RetransSegs"); fields[0] == "Tcp:" && i > 0 {
					n, err := strconv.Atoi(fields[i])
					sum += n
					return err
				}
				names = fields
			}
			return errors.New("no RetransSegs")
		}); err != nil {
			t.Fatal(err)
		}
	}
	return sum
}

// TestOptions: the server's socket has with the guard what it has without, for
// every mixture of settings in which the client's timestamps carry them; without
// timestamps all but ECN.
func TestOptions(t *testing.T) {
	const (
		stamps, sack, scaling, ecn = "net.ipv4.tcp_timestamps", "net.ipv4.tcp_sack", "net.ipv4.tcp_window_scaling", "net.ipv4.tcp_ecn"
		buffers                    = "net.ipv4.tcp_rmem"
	)
	usual := map[string]string{stamps: "1", sack: "1", scaling: "1", ecn: "2", buffers: "4096 131072 6291456"}
	tests := []struct {
		name           string
		server, client map[string]string
	}{
		{"usual", nil, nil},
		{"ECN", nil, map[string]string{ecn: "1"}},
		{"ECN refused", map[string]string{ecn: "0"}, map[string]string{ecn: "1"}},
		{"server without random offset", map[string]string{stamps: "2"}, nil},
		{"server without timestamps", map[string]string{stamps: "0"}, nil},
		{"server without SACK", map[string]string{sack: "0"}, nil},
		{"server without scaling", map[string]string{scaling: "0"}, nil},
		{"client without timestamps", nil, map[string]string{stamps: "0"}},
		{"client without SACK", nil, map[string]string{sack: "0"}},
		{"client without scaling", nil, map[string]string{scaling: "0"}},
		{"client with nothing", nil, map[string]string{stamps: "0", sack: "0", scaling: "0"}},
		{"both without timestamps and SACK", map[string]string{stamps: "0", sack: "0"}, map[string]string{stamps: "0"}},
		{"large buffers", map[string]string{buffers: "4096 131072 67108864"}, map[string]string{buffers: "4096 131072 33554432"}},
	}
	w := newWorld(t)
	saw := make(chan Negotiated, 1)
	for _, at := range []netip.AddrPort{server4, server6} {
		s, err := w.serve(at, func(n Negotiated) { saw <- n })
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
	}
	for _, mode := range []bpf.XDPMode{bpf.Native, bpf.Generic} {
		g := armed(t, w, mode)
		for _, test := range tests {
			w.set(t, usual, usual)
			w.set(t, test.server, test.client)
			for _, at := range []netip.AddrPort{server4, server6} {
				t.Run(fmt.Sprintf("%v/%s/%v", mode, test.name, at.Addr()), func(t *testing.T) { sameOptions(t, w, g, at, saw) })
			}
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// sameOptions compares a connection with the guard and one without.
func sameOptions(t *testing.T, w *World, g *bpf.Guard, at netip.AddrPort, saw chan Negotiated) {
	w.calmly(t, func() string {
		if err := g.Disarm(at); err != nil {
			t.Fatal(err)
		}
		control := connectOnce(t, w, at, saw)
		if err := w.armAll(g); err != nil {
			t.Fatal(err)
		}
		before, err := g.Counters(at)
		if err != nil {
			t.Fatal(err)
		}
		slow := w.ask(t, at)
		if got := <-saw; got != control {
			return fmt.Sprintf("the guard's connection has %+v, one without has %+v", got, control)
		}
		c, err := g.Counters(at)
		if err != nil || c.Answered != before.Answered+1 || c.Accepted != before.Accepted+1 || c.Refused != before.Refused || c.Forged != before.Forged {
			return fmt.Sprintf("counted %+v, before %+v (%v)", c, before, err)
		}
		return slow
	})
}
