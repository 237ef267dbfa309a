package collect

import (
	"context"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// A segment on a VLAN passes two interfaces of the host, with its tag and without.
// The first comes before the window.
func TestAConnectionOnAVLANCountsOnce(t *testing.T) {
	tap := &tap{tracker: track.New(track.Config{Efforts: true})}
	tap.since.Store(1e18)
	for i := range int64(4) {
		s := packet.Segment{
			Tuple: packet.Tuple{Source: packet.Address4(1), Destination: packet.Address4(2), SourcePort: 4, DestinationPort: 5},
			ID:    uint32(40 + i), Time: 1e18 + (i-1)*1e9 + 30_000, TCP: tcp.Segment{Flags: tcp.SYN, Seq: 7},
		}
		tagged := s
		tagged.Time, tagged.VLANs[0], tagged.VLANCount, tagged.Interface = s.Time-20_000, 5, 1, 1
		tap.take(&tagged)
		tap.take(&s)
	}
	n := 0
	tap.tracker.Each(func(c *track.Conn) bool {
		if n++; c.Originator.Effort.SYNs != 3 {
			t.Errorf("%d SYNs", c.Originator.Effort.SYNs)
		}
		return true
	})
	if n != 1 {
		t.Errorf("%d connections", n)
	}
}

// However many namespaces are looked at, their taps take bounded memory.
func TestTapsShareMemory(t *testing.T) {
	for n := range tapsMost + 1 {
		ring, memory := share(n)
		if all := n * (2*ring + memory); all > 192<<20 || n <= tapsWhole && (ring != tapRing || memory != tapMemory) {
			t.Errorf("%d taps: rings of %d, %d each, %d together", n, ring, memory, all)
		}
	}
	if tap, err := listen(context.Background(), tapsMost+1); err == nil || tap != nil || !strings.Contains(err.Error(), "33 network namespaces") {
		t.Errorf("%v", err)
	}
}

// A gateway that tracks millions of connections is not asked for all of them.
func TestALargeTableIsNotRead(t *testing.T) {
	const name = "net.netfilter.nf_conntrack_count"
	for _, c := range []struct {
		settings host.Settings
		on       bool
		fails    string
	}{
		{host.Settings{}, false, ""},
		{host.Settings{name: "65536"}, true, ""},
		{host.Settings{name: "2000000"}, true, "holds 2000000 connections"},
	} {
		on, err := readable(c.settings)
		if on != c.on || (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%v: %v, %v", c.settings, on, err)
		}
	}
}
