package text

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/tcp"
)

func traceSample() TraceRow {
	return TraceRow{
		Time: time.Date(2026, 11, 21, 2, 0, 0, 123456000, time.UTC), From: tcp.SynReceived, To: tcp.Established, InFrom: 1234 * time.Microsecond, HasInFrom: true,
		Local: "192.0.2.2:443", Peer: "198.51.100.10:50123", Owner: "nginx[812]", Cause: "segment", Source: "event", NetNS: "4026531840", Cookie: 77,
	}
}

// TestTrace: a narrow terminal loses columns, in their order, and keeps both
// states, both ends and the owner.
func TestTrace(t *testing.T) {
	for _, c := range []struct {
		style Style
		wide  bool
		has   []string
		lacks []string
	}{
		{Style{}, false, []string{"1234µs", "segment"}, []string{"event", "4026531840"}},
		{Style{}, true, []string{"1234µs", "segment", "event", "4026531840", "77"}, nil},
		{Style{Width: 115}, false, []string{"1234µs"}, []string{"segment"}},
		{Style{Width: 80}, false, nil, []string{"1234µs", "segment"}},
	} {
		var out strings.Builder
		table := NewTrace(&out, c.wide, c.style)
		for range 2 {
			if err := table.Write(traceSample()); err != nil {
				t.Fatal(err)
			}
		}
		got := out.String()
		if lines := strings.Split(strings.TrimSpace(got), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "TIME") || lines[1] != lines[2] {
			t.Errorf("not a title and two equal lines:\n%s", got)
		}
		for _, want := range append(c.has, "SYN-RECEIVED  →  ESTABLISHED", "192.0.2.2:443", "198.51.100.10:50123", "nginx[812]") {
			if !strings.Contains(got, want) {
				t.Errorf("width %d: no %q in\n%s", c.style.Width, want, got)
			}
		}
		for _, unwanted := range c.lacks {
			if strings.Contains(got, unwanted) {
				t.Errorf("width %d: %q in\n%s", c.style.Width, unwanted, got)
			}
		}
	}
}

func TestTraceColour(t *testing.T) {
	var plain, coloured strings.Builder
	if err := NewTrace(&plain, false, Style{}).Write(traceSample()); err != nil {
		t.Fatal(err)
	}
	if err := NewTrace(&coloured, false, Style{Color: true}).Write(traceSample()); err != nil {
		t.Fatal(err)
	}
	if coloured.String() == plain.String() || ansi.Strip(coloured.String()) != plain.String() {
		t.Errorf("colour changes more than colours, or nothing:\n%s%s", coloured.String(), plain.String())
	}
}

func TestTraceEnd(t *testing.T) {
	for want, got := range map[string]string{
		"1 transition in 2.0 s, none lost":                                                       TraceEnd(1, 0, 2*time.Second, 0, 0, Style{}),
		"0 transitions in 2.0 s, 1 event left out because they came too fast":                    TraceEnd(0, 0, 2*time.Second, 0, 1, Style{}),
		"9 transitions in 2.0 s, 3 events lost and 7 events left out because they came too fast": TraceEnd(9, 0, 2*time.Second, 3, 7, Style{}),
		"1 transition and 2 mishaps in 2.0 s, none lost":                                         TraceEnd(1, 2, 2*time.Second, 0, 0, Style{}),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestSummaryTable(t *testing.T) {
	var out strings.Builder
	rows := []SummaryRow{
		{Edge: tcp.Edge{From: tcp.Closed, To: tcp.SynSent}, Count: 20},
		{Edge: tcp.Edge{From: tcp.SynSent, To: tcp.Established}, Count: 15, Median: 80 * time.Microsecond, P99: 3 * time.Second, HasTimes: true},
	}
	if err := Summary(&out, rows, 10*time.Second, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"CLOSED    →  SYN-SENT        20         2.0               -           -", "SYN-SENT  →  ESTABLISHED     15         1.5            80µs        3.0s", "35 transitions in 10.0 s"} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("no %q in\n%s", line, out.String())
		}
	}
}
