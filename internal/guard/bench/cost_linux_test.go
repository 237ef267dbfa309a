package bench

import (
	"testing"
)

// TestCosts holds the bars: a cookie of ours costs at most a sixth of the
// kernel's own, a third in generic mode, for the layouts of the five commonest
// kinds of clients. Ratios only: the times are this machine's.
func TestCosts(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it takes 15 seconds")
	}
	w := newWorld(t)
	costs, err := w.Costs(t.Context(), CostCells(), 3, 60000)
	if err != nil {
		t.Fatal(err)
	}
	net, forged := map[string]float64{}, map[string]float64{}
	for _, c := range costs {
		t.Logf("%-18s %-8s %7.0f ns net, %.2f answers; gross %.0f", c.ID, c.Layout, c.Net, c.Answers, c.Gross)
		if c.Frame != "SYN" {
			// half-open connections of an earlier cell may still resend theirs
			if c.Answers > 0.01 {
				t.Errorf("%s: %.4f SYN-ACKs for an ACK", c.ID, c.Answers)
			}
			forged[c.ID] = c.Net
			continue
		}
		net[c.ID] = max(net[c.ID], c.Net) // the dearest layout
		if wants := c.ID != DropAll.ID && c.ID != Nothing.ID; wants != (c.Answers > 0.95) {
			t.Errorf("%s, %s: %.2f answers a SYN", c.ID, c.Layout, c.Answers)
		}
	}
	for _, bar := range []struct {
		what, of string
		share    float64
	}{{Guard.ID, Kernel2.ID, 6}, {Generic.ID, Kernel2.ID, 3}} {
		if net[bar.what]*bar.share > net[bar.of] {
			t.Errorf("%s costs %.0f ns, more than 1/%.0f of %s, %.0f ns", bar.what, net[bar.what], bar.share, bar.of, net[bar.of])
		}
	}
	if forged[Guard.ID]*3 > forged[Kernel2.ID] {
		t.Errorf("a forged ACK costs %.0f ns, more than a third of the kernel's %.0f ns", forged[Guard.ID], forged[Kernel2.ID])
	}
}
