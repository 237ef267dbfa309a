package explain

import (
	"strings"
	"testing"
	"time"
)

// TestGuardLife: what a person must be able to read of each state, in each
// language.
func TestGuardLife(t *testing.T) {
	at := time.Date(2026, 11, 21, 20, 15, 9, 0, time.UTC)
	for _, test := range []struct {
		life GuardLife
		has  []string
	}{
		{GuardLife{State: "none"}, nil},
		{GuardLife{State: "running", PID: 16740, Reaper: 16741, Interfaces: []string{"eth0", "eth1"}, Since: &at}, []string{"16740", "16741", "eth0, eth1", "2026-11-21 20:15:09 UTC"}},
		{GuardLife{State: "running", PID: 7, Interfaces: []string{"eth0"}, Armed: []string{"192.0.2.1:80"}, Since: &at}, []string{"192.0.2.1:80"}},
		{GuardLife{State: "beginning", PID: 16740}, []string{"16740"}},
		{GuardLife{State: "silent", PID: 16740}, []string{"16740"}},
		{GuardLife{State: "restoring", PID: 16740}, []string{"16740"}},
		{GuardLife{State: "grace", PID: 7, Reaper: 16741, Until: &at}, []string{"16741", "20:15:09 UTC", "synoptic guard revert --now"}},
		{GuardLife{State: "changing", PID: 16740}, []string{"16740"}},
		{GuardLife{State: "died", PID: 16740}, []string{"16740", "synoptic guard revert"}},
	} {
		said := map[string]bool{}
		for _, lang := range Languages() {
			life := test.life
			life.Say(lang)
			for _, word := range test.has {
				if !strings.Contains(life.Text, word) {
					t.Errorf("%s, %s: no %q in %q", life.State, lang, word, life.Text)
				}
			}
			if (life.Text == "") != (life.State == "none") || life.Text != "" && said[life.Text] {
				t.Errorf("%s, %s: %q", life.State, lang, life.Text)
			}
			said[life.Text] = true
		}
	}
}
