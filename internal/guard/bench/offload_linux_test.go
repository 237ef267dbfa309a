package bench

import (
	"fmt"
	"testing"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// TestOffloadedChecksums: over a virtual interface a checksum that is left to a
// card never meets one, and the frame comes with the sum of the pseudo header
// alone. It is answered as one with the whole sum is, and counted as neither bad
// nor forged.
func TestOffloadedChecksums(t *testing.T) {
	const get, set = 0x16, 0x17 // ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM
	w := newWorld(t)
	w.listen(t, server4, plain())
	for _, left := range []uint32{1, 0} {
		if err := w.Client.Do(func() error {
			if _, err := ethtool(wire, set, left); err != nil {
				return err
			}
			is, err := ethtool(wire, get, 0)
			if err == nil && is != left {
				err = fmt.Errorf("checksums left to the card: %d, not %d", is, left)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for _, mode := range []bpf.XDPMode{bpf.Native, bpf.Generic} {
			g := armed(t, w, mode)
			w.served(t, server4)
			if c, err := g.Counters(server4); err != nil || c.Accepted == 0 || c.BadChecksum != 0 || c.Forged != 0 {
				t.Errorf("%v, left to the card %d: counted %+v (%v)", mode, left, c, err)
			}
			if err := g.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
