package bench

import (
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
			for _, at := range []struct{ server, client netip.AddrPort }{
				{server4, netip.MustParseAddrPort(clientText + ":40001")},
				{server6, netip.MustParseAddrPort("[" + clientText6 + "]:40001")},
			} {
				s := &service{once: true}
				if err := s.begin(w, at.server); err != nil {
					t.Fatal(err)
				}
				g := armed(t, w, mode)
				resent := w.resent(t)
				for i := range 4 {
					c, err := w.dial(at.server, at.client)
					if err != nil {
						t.Fatal(err)
					}
					if err := c.ask(5 * time.Second); err != nil {
						counted, _ := g.Counters(at.server)
						t.Fatalf("%v, %v, timestamps %s, connection %d: %v; %+v", mode, at.client, stamps, i+1, err, counted)
					}
					if _, err := c.file.Read(make([]byte, 1)); err != io.EOF { // the server closed first
						t.Fatal(err)
					}
					c.file.Close()
				}
				if again := w.resent(t) - resent; again > 0 {
					t.Errorf("%v, %v, timestamps %s: %d segments were sent again", mode, at.client, stamps, again)
				}
				if c, err := g.Counters(at.server); err != nil || c.Accepted != 4 || c.Reused != 3 {
					t.Errorf("%v, %v, timestamps %s: counted %+v (%v)", mode, at.client, stamps, c, err)
				}
				if err := g.Close(); err != nil {
					t.Fatal(err)
				}
				s.close()
			}
		}
	}
}
