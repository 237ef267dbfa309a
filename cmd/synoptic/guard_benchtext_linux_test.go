package main

import (
	"bufio"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard/bench"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// TestBenchTextOfLanguages: every defence has its name in each language, the one in English
// being that of documents, and the tables fit a terminal of 100 columns with their
// columns below each other.
func TestBenchTextOfLanguages(t *testing.T) {
	report := &bench.Report{Kernel: "6.12", Processors: 2, Size: bench.Full, Took: 3 * time.Minute}
	for _, cell := range bench.CostCells() {
		d := cell.Defence
		if got := explain.English.Say("defence-" + d.ID); got != d.Title {
			t.Errorf("%s is %q in text and %q in documents", d.ID, got, d.Title)
		}
		report.Costs = append(report.Costs, bench.Cost{ID: d.ID, Title: d.Title, Layout: cell.Layout.Name, Frame: cell.Frame(), Net: 1234.5, Made: 100})
		report.Services = append(report.Services, bench.Service{ID: d.ID, Title: d.Title, Clients: 5000, FirstTry: 4999, Ever: 5000, SameKind: 12, P50: time.Millisecond, P99: 2 * time.Second})
	}
	for i := range report.Services {
		report.Services[i].SYNs, report.Services[i].Asked = 190_000, 200_000
	}
	report.Services[1].SYNs = 123_456
	report.IPv6, report.Peace, report.Crowd = report.Services, report.Services, report.Services
	for _, lang := range explain.Languages() {
		var out strings.Builder
		w := bufio.NewWriter(&out)
		if err := writeBenchText(w, report, lang); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if wide := lines.Width(strings.TrimSuffix(line, "\n")); wide > 100 {
				t.Errorf("%s: %d columns: %q", lang, wide, line)
			}
			if strings.Contains(line, "2000.00 ms") && lines.Width(line[:strings.Index(line, "99.98 %")]) != 49 {
				t.Errorf("%s: out of its column: %q", lang, line)
			}
		}
		for _, of := range []string{"of a forged ACK", "of a SYN over IPv6"} {
			if strings.Contains(out.String(), of) != (lang == explain.English) || strings.Contains(out.String(), "forged") != (lang == explain.English) {
				t.Errorf("%s: the frames are not named in it", lang)
			}
		}
		if strings.Count(out.String(), "123,456*") != 4 || strings.Contains(out.String(), "200,000*") || !strings.Contains(out.String(), "190,000 ") {
			t.Errorf("%s: rows of a flood that fell short are not marked, or others are:\n%s", lang, out.String())
		}
		if strings.Contains(out.String(), "bench-") || strings.Contains(out.String(), "defence-") {
			t.Errorf("%s: a label without words:\n%s", lang, out.String())
		}
	}
}
