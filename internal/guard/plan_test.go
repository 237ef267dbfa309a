package guard

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

func recorded(t *testing.T, scenario string) *evidence.Bundle {
	t.Helper()
	file, err := os.Open("../../testdata/recordings/" + scenario + ".bundle")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	b, err := evidence.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func planOf(b *evidence.Bundle) Ladder {
	report := diagnose.Diagnose(b)
	return Plan(&report)
}

// proposed is "target=to" of each change.
func proposed(l Ladder) (list []string) {
	for _, c := range l.Plan.Changes {
		list = append(list, strings.TrimPrefix(c.Target, "net.ipv4.")+"="+c.To)
	}
	return list
}

// TestLookAlikesAreRefused: what fills a queue as a flood does, and is none.
func TestLookAlikesAreRefused(t *testing.T) {
	for scenario, cause := range map[string]diagnose.Cause{
		"accept-stalled": "accept-stalled", "accept-stopped": "accept-stalled", "accept-backlog-too-small": "accept-backlog-too-small",
		"synack-blocked-here": "synack-blocked-here", "synack-lost-on-path": "synack-lost-on-path", "second-gateway": "asymmetric-return",
		"no-return-route": "no-return-route", "ack-lost-here": "ack-lost", "handshake-withheld": "handshake-withheld",
		"deferred-accept": "deferred-accept", "syn-queue-too-small-drops": "syn-queue-too-small",
	} {
		l := planOf(recorded(t, scenario))
		if !l.Refuses() || l.Instead == nil || l.Instead.Cause != cause || len(l.Plan.Changes) > 0 || l.Flood != nil {
			t.Errorf("%s: refuses because of %+v and proposes %v", scenario, l.Instead, proposed(l))
		}
	}
}

func TestFloods(t *testing.T) {
	for scenario, want := range map[string][]string{
		"syn-flood-cookies-off":       {"tcp_syncookies=1", "tcp_synack_retries=2"},
		"syn-flood-cookies-on":        {"tcp_synack_retries=2"},
		"syn-flood-cookies-always":    nil,
		"syn-flood-from-prefix":       {"tcp_synack_retries=2"},
		"syn-flood-ipv6":              {"tcp_synack_retries=2"},
		"flood-and-stall":             {"tcp_syncookies=1", "tcp_synack_retries=2"}, // the stall is elsewhere
		"flood-over-leak-one-program": {"tcp_syncookies=2", "tcp_synack_retries=2"}, // its queue wavers
	} {
		l := planOf(recorded(t, scenario))
		if l.Flood == nil || l.Refuses() || !slices.Equal(proposed(l), want) || l.Plan.Subject.Local == "" {
			t.Errorf("%s: proposes %v, not %v: %+v", scenario, proposed(l), want, l.Flood)
		}
		for _, c := range l.Plan.Changes {
			if c.Preventive || c.Effect.ID == "" || c.Cost.ID == "" {
				t.Errorf("%s: %+v", scenario, c)
			}
		}
	}
}

// TestQuiet: each setting alone, and what leads to no proposal.
func TestQuiet(t *testing.T) {
	base := map[string]string{cookies: "1", longest: "4096", backlog: "128", retries: "3"}
	for _, test := range []struct {
		name, value string // changed from base; the value "-" takes it away
		want        []string
	}{
		{cookies, "1", nil},
		{cookies, "2", nil},
		{cookies, "0", []string{"tcp_syncookies=1"}},
		{cookies, "-", []string{"tcp_max_syn_backlog=4096"}},
		{longest, "128", []string{"net.core.somaxconn=4096"}},
		{longest, "65535", nil},
		{longest, "-", nil},
		{backlog, "1", nil},
		{retries, "5", []string{"tcp_synack_retries=3"}},
		{retries, "1", nil},
		{retries, "many", nil},
	} {
		b := recorded(t, "idle")
		b.Settings = maps.Clone(base)
		if b.Settings[test.name] = test.value; test.value == "-" {
			delete(b.Settings, test.name)
		}
		l := planOf(b)
		if l.Flood != nil || l.Refuses() || !slices.Equal(proposed(l), test.want) {
			t.Errorf("%s=%s: proposes %v, not %v", test.name, test.value, proposed(l), test.want)
		}
		for _, c := range l.Plan.Changes {
			if !c.Preventive || c.From != b.Settings[c.Target] {
				t.Errorf("%+v", c)
			}
		}
	}
}

// TestBlind: what was not seen may be anything.
func TestBlind(t *testing.T) {
	for _, source := range needed {
		b := recorded(t, "syn-flood-cookies-off")
		for i := range b.Sources {
			if b.Sources[i].Name == source {
				b.Sources[i].OK = false
			}
		}
		if l := planOf(b); l.Unseen != source || len(l.Plan.Changes) > 0 {
			t.Errorf("without %s: %q, %v", source, l.Unseen, proposed(l))
		}
	}
}

// TestKept: the sums of timeouts of 1, 2, 4 ... s, none above 120 s.
func TestKept(t *testing.T) {
	for retries, want := range map[int]int{0: 1, 1: 3, 2: 7, 3: 15, 5: 63, 7: 247} {
		if got := kept(retries); got != want {
			t.Errorf("%d: %d s, not %d", retries, got, want)
		}
	}
}

// TestNothingProposedHarms: in no recording.
func TestNothingProposedHarms(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/recordings/*.bundle")
	if err != nil || len(paths) < 45 {
		t.Fatal(len(paths), err)
	}
	for _, path := range paths {
		l := planOf(recorded(t, strings.TrimSuffix(filepath.Base(path), ".bundle")))
		for _, c := range l.Plan.Changes {
			if why := remedy.Harm(l.Plan.Cause, c.Change); why != "" || c.Kind != diagnose.ChangeSetting {
				t.Errorf("%s: %s: %s", path, c.Target, why)
			}
		}
	}
}
