package bench

import (
	"fmt"
	"strings"
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
	again(t, 2, func() string {
		costs, err := w.Costs(t.Context(), CostCells(), 3, 60000)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range costs {
			t.Logf("%-18s %-8s %7.0f ns net, %.2f answers; gross %.0f", c.ID, c.Layout, c.Net, c.Answers, c.Gross)
		}
		return strings.Join(append(answersOf(costs), overBars(costs)...), "; ")
	})
}

// answersOf says which cells answered what they should not, or did not. Receiving
// that is put off is counted late, and half-open connections of an earlier cell
// may send theirs again.
func answersOf(costs []Cost) (wrong []string) {
	for _, c := range costs {
		wants, answers := c.ID != DropAll.ID && c.ID != Nothing.ID, c.Answers > 0.95
		if c.Frame == "forged ACK" {
			wants, answers = false, c.Answers > 0.1
		}
		if wants != answers {
			wrong = append(wrong, fmt.Sprintf("%s, %s: %.4f SYN-ACKs for a %s", c.ID, c.Layout, c.Answers, c.Frame))
		}
	}
	return wrong
}

// overBars says what costs more than it may. Of several layouts the dearest counts.
func overBars(costs []Cost) (wrong []string) {
	dearest := map[string]float64{}
	for _, c := range costs {
		dearest[c.Frame+c.ID] = max(dearest[c.Frame+c.ID], c.Net)
	}
	for _, bar := range []struct {
		frame, what string
		share       float64
	}{{"SYN", Guard.ID, 6}, {"SYN", Generic.ID, 3}, {"SYN over IPv6", Guard.ID, 6}, {"forged ACK", Guard.ID, 3}} {
		ours, kernels := dearest[bar.frame+bar.what], dearest[bar.frame+Kernel2.ID]
		if ours*bar.share > kernels || kernels <= 0 {
			wrong = append(wrong, fmt.Sprintf("a %s costs %s %.0f ns, more than 1/%.0f of the kernel's %.0f ns", bar.frame, bar.what, ours, bar.share, kernels))
		}
	}
	return wrong
}
