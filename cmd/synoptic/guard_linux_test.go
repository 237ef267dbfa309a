package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard/bench"
)

// benchSample is a report as one run gave it, shortened.
func benchSample() *bench.Report {
	return &bench.Report{
		Kernel: "6.18.44", Processors: 2, Took: 41 * time.Second, Size: bench.Full,
		Costs: []bench.Cost{
			{ID: bench.DropAll.ID, Title: bench.DropAll.Title, Layout: "Linux", Frame: "SYN", Gross: []float64{172, 162, 186}, Made: 74, Net: 98},
			{ID: bench.Guard.ID, Title: bench.Guard.Title, Layout: "Linux", Frame: "SYN", Gross: []float64{268, 295, 284}, Made: 74, Net: 210, Answers: 1},
			{ID: bench.Kernel2.ID, Title: bench.Kernel2.Title, Layout: "Linux", Frame: "SYN", Gross: []float64{3360, 3366, 3426}, Made: 74, Net: 3292, Answers: 1},
			{ID: bench.Guard.ID, Title: bench.Guard.Title, Layout: "stamped", Frame: "forged ACK", Gross: []float64{320}, Made: 79, Net: 241},
		},
		Services: []bench.Service{
			{ID: bench.Guard.ID, Title: bench.Guard.Title, SYNs: 198_072, Asked: 200_000, Clients: 2000, FirstTry: 1999, Ever: 2000, P50: 635 * time.Microsecond, P99: 4 * time.Millisecond, SameKind: 2000},
			{ID: bench.Nothing.ID, Title: bench.Nothing.Title, SYNs: 95_827, Asked: 200_000, Clients: 2000, Why: map[string]int{"no answer": 2000}},
		},
		Peace: []bench.Service{{ID: bench.Guard.ID, Title: bench.Guard.Title, Clients: 10, FirstTry: 10, Ever: 10, SameKind: 10}},
	}
}

// TestBenchText: what a person must be able to read off both tables.
func TestBenchText(t *testing.T) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	if err := writeBenchText(w, benchSample(), explain.English); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"XDP_DROP, knowing the attacker 98 10,204,081 1/33.6",
		"the guard's cookies, SYN of Linux 210 4,761,904 1/15.7",
		"of a forged ACK the guard's cookies 241 4,149,377 –",
		"kernel cookies, tcp_syncookies=2 3292 303,766 1.0",
		"the guard's cookies 198,072 99.95 % 100 % 0.64 ms 4.00 ms 100 %",
		"no defence: the queue is full 95,827* 0.00 % 0.00 % – – 0.00 %",
		"without a flood",
		"as few as 95,827 SYN/s",
		"the guard's cookies – 100 %",
		"200,000 SYN/s were asked for",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if len([]rune(line)) > 101 {
			t.Errorf("a line of %d columns: %s", len([]rune(line)), line)
		}
	}
}

// TestBenchDocument: the fields that scripts rely on.
func TestBenchDocument(t *testing.T) {
	text, err := json.Marshal(benchDocument(benchSample()))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema string
		Costs  []struct {
			Defence, Layout, Frame string
			Ns                     float64 `json:"ns_per_frame"`
			Share                  float64 `json:"share_of_kernel_cookies"`
		}
		Services []struct {
			Defence  string
			FirstTry int     `json:"first_try"`
			P99      float64 `json:"first_byte_p99_ms"`
			Options  int     `json:"options_equal"`
		}
		Peace []struct{ Clients int } `json:"without_flood"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != "synoptic.guard-bench/v1" || len(got.Costs) != 4 || got.Costs[1].Defence != "guard" || got.Costs[1].Ns != 210 || got.Costs[1].Share != 0.0638 ||
		got.Services[0].FirstTry != 1999 || got.Services[0].P99 != 4 || got.Services[0].Options != 2000 || got.Peace[0].Clients != 10 {
		t.Errorf("the document is %s", text)
	}
}
