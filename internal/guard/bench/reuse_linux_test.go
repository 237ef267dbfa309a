package bench

import (
	"fmt"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// TestPortsOfTimeWait: a client that takes the port of a connection which the
// server closed first, and still keeps in TIME-WAIT, is served at once. The
// kernel lets a SYN replace that connection; behind a cookie it sees no SYN.
func TestPortsOfTimeWait(t *testing.T) {
	for _, mode := range []bpf.XDPMode{bpf.Native, bpf.Generic} {
		for _, stamps := range []string{"1", "0"} {
			w := newWorld(t)
			w.set(t, nil, map[string]string{"net.ipv4.tcp_timestamps": stamps})
			for _, at := range []struct {
				server netip.AddrPort
				client string
			}{{server4, clientText}, {server6, clientText6}} {
				t.Run(fmt.Sprintf("%v/%s/timestamps %s", mode, at.client, stamps), func(t *testing.T) {
					s := &service{once: true}
					if err := s.begin(w, at.server); err != nil {
						t.Fatal(err)
					}
					defer s.close()
					port := uint16(40000)
					w.calmly(t, func() string {
						port++ // one that is not in TIME-WAIT yet
						return w.reuse(t, mode, at.server, netip.AddrPortFrom(netip.MustParseAddr(at.client), port))
					})
				})
			}
		}
	}
}

// reuse makes four connections from one port, and says what is wrong with them.
func (w *World) reuse(t *testing.T, mode bpf.XDPMode, server, client netip.AddrPort) (wrong string) {
	t.Helper()
	g := armed(t, w, mode)
	defer g.Close()
	resent := w.resent(t)
	for i := range 4 {
		c, err := w.dial(server, client)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.ask(10 * time.Second); err != nil {
			counted, _ := g.Counters(server)
			t.Fatalf("connection %d: %v; %+v", i+1, err, counted)
		}
		if _, err := c.file.Read(make([]byte, 1)); err != io.EOF { // the server closed first
			t.Fatal(err)
		}
		c.file.Close()
	}
	if again := w.resent(t) - resent; again > 0 {
		return fmt.Sprintf("%d segments were sent again", again)
	}
	if c, err := g.Counters(server); err != nil || c.Accepted != 4 || c.Reused != 3 {
		return fmt.Sprintf("counted %+v (%v)", c, err)
	}
	return ""
}
