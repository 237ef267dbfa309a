package duel

import (
	"testing"
)

// A script that is written and read again is the same.
func TestScriptsAreText(t *testing.T) {
	for number := range uint64(2000) {
		s := Random(7, number)
		got, err := Parse(s.String())
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != s.String() || got.Listens != s.Listens || got.Stamped != s.Stamped || len(got.Incidents) != len(s.Incidents) {
			t.Fatalf("%v became %v", s, got)
		}
		for i := range s.Incidents {
			if got.Incidents[i] != s.Incidents[i] {
				t.Fatalf("%v: incident %d became %v", s, i, got.Incidents[i])
			}
		}
	}
}

func TestScriptMistakes(t *testing.T) {
	for _, line := range []string{"", "wait | SYN", "listen | SIN", "listen |", "listen | SYN seq=far", "listen | close text", "listen | SYN,"} {
		if s, err := Parse(line); err == nil {
			t.Errorf("%q is read as %v", line, s)
		}
	}
}

// The same number gives the same script, and numbers differ.
func TestRandomIsRepeatable(t *testing.T) {
	seen := map[string]bool{}
	for number := range uint64(500) {
		s := Random(1, number).String()
		if s != Random(1, number).String() {
			t.Fatalf("script %d is not the same again", number)
		}
		seen[s] = true
	}
	if len(seen) < 490 {
		t.Errorf("only %d of 500 scripts differ", len(seen))
	}
}

// FuzzParse: no line makes it panic, and what it reads it writes so that it is
// read again.
func FuzzParse(f *testing.F) {
	for number := range uint64(5) {
		f.Add(Random(3, number).String())
	}
	f.Fuzz(func(t *testing.T, line string) {
		s, err := Parse(line)
		if err != nil {
			return
		}
		if again, err := Parse(s.String()); err != nil || again.String() != s.String() {
			t.Fatalf("%q: %q became %q (%v)", line, s, again, err)
		}
	})
}
