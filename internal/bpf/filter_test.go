package bpf

import (
	"errors"
	"testing"

	"github.com/synoptic-net/synoptic/internal/ssfilter"
)

func TestConditionsThatAreNotKnown(t *testing.T) {
	for _, text := range []string{"autobound", "sport = :80 or not autobound", "cgroup /x"} {
		filter, err := ssfilter.Parse(text, ssfilter.Names{Cgroup: func(string) (uint64, bool) { return 7, true }})
		if err != nil {
			t.Fatal(err)
		}
		code, _ := filter.Bytecode()
		if _, err := translate(code); !errors.Is(err, ErrCondition) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzTranslate: whatever the bytecode, translate answers, and every jump leads
// to a place that exists or the loader's error will say so.
func FuzzTranslate(f *testing.F) {
	for _, text := range []string{"sport = :80", "dst 192.0.2.0/24 or not src ::1", "fwmark = 1/3"} {
		filter, err := ssfilter.Parse(text, ssfilter.Names{})
		if err != nil {
			f.Fatal(err)
		}
		code, _ := filter.Bytecode()
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		out, err := translate(code)
		if err == nil && (len(out) < 4 || len(out) > longestFilter) {
			t.Errorf("%d instructions of %d octets", len(out), len(code))
		}
	})
}
