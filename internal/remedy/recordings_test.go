package remedy

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// eachRemedy calls visit for every remedy of every finding of every recording.
func eachRemedy(t *testing.T, visit func(scenario string, f *diagnose.Finding, r *diagnose.Remedy)) {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/recordings/*.bundle")
	if err != nil || len(paths) < 45 {
		t.Fatal(len(paths), "recordings", err)
	}
	for _, path := range paths {
		report := diagnose.Diagnose(recorded(t, path))
		for i := range report.Findings {
			for j := range report.Findings[i].Remedies {
				visit(strings.TrimSuffix(filepath.Base(path), ".bundle"), &report.Findings[i], &report.Findings[i].Remedies[j])
			}
		}
	}
}

func recorded(t *testing.T, path string) *evidence.Bundle {
	t.Helper()
	file, err := os.Open(path)
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

// TestNoRemedyHarms: what is known to harm is offered by no finding of any
// recording, neither as a change nor as words to type.
func TestNoRemedyHarms(t *testing.T) {
	seen := 0
	eachRemedy(t, func(scenario string, f *diagnose.Finding, r *diagnose.Remedy) {
		for _, c := range r.Changes {
			seen++
			if why := Harm(f.Cause, c); why != "" {
				t.Errorf("%s: %s offers %s: %s", scenario, f.Cause, r.ID, why)
			}
		}
		for _, line := range slices.Concat(r.Apply, r.Persist) {
			if why := HarmTyped(line); why != "" {
				t.Errorf("%s: %s offers %q: %s", scenario, f.Cause, line, why)
			}
		}
	})
	if seen < 40 {
		t.Errorf("only %d changes were seen", seen)
	}
}

// TestWhatIsPrintedIsWhatIsDone: commands of a remedy that the program can carry
// out are those of its changes, and every way back is the reverse.
func TestWhatIsPrintedIsWhatIsDone(t *testing.T) {
	eachRemedy(t, func(scenario string, f *diagnose.Finding, r *diagnose.Remedy) {
		if len(r.Changes) == 0 {
			return
		}
		var apply, undo []string
		for _, c := range r.Changes {
			apply, undo = append(apply, c.Apply()...), append(c.Undo(), undo...)
			if c.Known() && c.Reversible() && len(c.Undo()) == 0 {
				t.Errorf("%s: %s has no way back from %+v", scenario, r.ID, c)
			}
		}
		if !slices.Equal(apply, r.Apply) || !slices.Equal(undo, r.Undo) {
			t.Errorf("%s: %s prints %q and %q, and does %q and %q", scenario, r.ID, r.Apply, r.Undo, apply, undo)
		}
		if p, err := Of(f, r); err != nil || p.Effect.ID == "" || p.Cost.ID == "" {
			t.Errorf("%s: %s: %v %+v", scenario, r.ID, err, p)
		}
	})
}

// force is how much a kind of change breaks: the order of remedies.
func force(c diagnose.Change) int {
	switch c.Kind {
	case diagnose.ChangeSetting, diagnose.ChangeProcess, diagnose.ChangeFile:
		return 1
	case diagnose.ChangeRoute, diagnose.ChangeEntry:
		return 2
	case diagnose.ChangeRules:
		if strings.HasSuffix(c.To, "drop") {
			return 4
		}
		return 2
	default:
		return 3
	}
}

// TestLeastForceFirst: of the remedies of a finding that change something, the
// gentler stand before the harsher.
func TestLeastForceFirst(t *testing.T) {
	last, most := (*diagnose.Finding)(nil), 0
	eachRemedy(t, func(scenario string, f *diagnose.Finding, r *diagnose.Remedy) {
		if f != last {
			last, most = f, 0
		}
		for _, c := range r.Changes {
			if force(c) < most {
				t.Errorf("%s: %s offers %s after something harsher", scenario, f.Cause, r.ID)
			}
			most = max(most, force(c))
		}
	})
}

// TestFolkloreIsForbidden states each cure that harms, as a change and as people
// type it.
func TestFolkloreIsForbidden(t *testing.T) {
	set := func(name, to string) diagnose.Change {
		return diagnose.Change{Kind: diagnose.ChangeSetting, Target: name, From: "65536", To: to}
	}
	rule := func(text string) diagnose.Change {
		return diagnose.Change{Kind: diagnose.ChangeRules, Target: "inet synoptic-x", To: text}
	}
	for _, c := range []struct {
		cause  diagnose.Cause
		change diagnose.Change
		harms  bool
	}{
		{"syn-flood", rule("type filter hook input priority 0; tcp flags syn limit rate 1/second accept"), true},
		{"syn-flood", rule("type filter hook input priority -10; ip saddr 198.18.7.0/24 counter drop"), false},
		{"accept-stalled", set("net.core.somaxconn", "65535"), true},
		{"closed-before-accept", set("net.ipv4.tcp_max_syn_backlog", "65535"), true},
		{"accept-backlog-too-small", set("net.core.somaxconn", "65535"), false},
		{"half-close-held", set("net.ipv4.tcp_fin_timeout", "10"), true},
		{"return-path-filtered", set("net.ipv4.conf.eth0.rp_filter", "0"), true},
		{"return-path-filtered", set("net.ipv4.conf.eth0.rp_filter", "2"), false},
		{"syn-flood", set("net.ipv4.tcp_syncookies", "0"), true},
		{"syn-flood", set("net.ipv4.tcp_syncookies", "1"), false},
		{"active-close-churn", set("net.ipv4.tcp_tw_recycle", "1"), true},
		{"active-close-churn", set("net.ipv4.tcp_timestamps", "0"), true},
		{"accept-backlog-too-small", set("net.ipv4.tcp_abort_on_overflow", "1"), true},
		{"time-wait-overflow", set("net.ipv4.tcp_max_tw_buckets", "5000"), true},
		{"time-wait-overflow", set("net.ipv4.tcp_max_tw_buckets", "262144"), false},
		{"bind-blocked", set("net.ipv4.tcp_rfc1337", "0"), true},
		{"synack-blocked-here", diagnose.Change{Kind: diagnose.ChangeRules, Target: "inet fw", From: "x"}, true},
	} {
		why := Harm(c.cause, c.change)
		if (why != "") != c.harms {
			t.Errorf("%s %s=%s: %q", c.cause, c.change.Target, c.change.To, why)
		}
		f := diagnose.Finding{Cause: c.cause}
		_, err := Of(&f, &diagnose.Remedy{ID: "x", Changes: []diagnose.Change{c.change}})
		if harm := new(HarmError); errors.As(err, &harm) != c.harms {
			t.Errorf("%s %s: %v", c.cause, c.change.Target, err)
		}
	}
	for _, line := range []string{
		"iptables -A INPUT -p tcp --syn -m limit --limit 1/s -j ACCEPT", "nft add rule inet fw in tcp flags syn limit rate 25/second accept",
		"sysctl -w net.ipv4.tcp_fin_timeout=15", "sysctl -w net.ipv4.conf.all.rp_filter=0", "sysctl -w net.ipv4.tcp_tw_recycle=1",
		"sysctl -w net.ipv4.tcp_syncookies=0", "nft flush ruleset", "iptables -F",
	} {
		if HarmTyped(line) == "" {
			t.Errorf("%q may be printed", line)
		}
	}
	if HarmTyped("sysctl -w net.ipv4.tcp_syncookies=1") != "" {
		t.Error("a cure is forbidden")
	}
}

func TestScopes(t *testing.T) {
	for name, want := range map[string]Scope{
		"net.ipv4.tcp_syncookies": ThisNamespace, "net.core.somaxconn": ThisNamespace, "net.ipv4.tcp_max_orphans": WholeHost,
		"net.netfilter.nf_conntrack_max": WholeHost, "net.ipv4.neigh.default.gc_thresh3": WholeHost, "net.ipv4.tcp_mem": WholeHost,
	} {
		if got := ScopeOf(diagnose.Change{Kind: diagnose.ChangeSetting, Target: name}); got != want {
			t.Errorf("%s is of the %s", name, got)
		}
	}
}

// TestChoosing: every remedy of a real report can be named, and its name means it.
func TestChoosing(t *testing.T) {
	report := diagnose.Diagnose(recorded(t, "../../testdata/recordings/flood-and-stall.bundle"))
	names := map[string]bool{}
	for _, c := range Choices(&report) {
		if names[c.Name] {
			t.Errorf("%s is twofold", c.Name)
		}
		names[c.Name] = true
		meant := Choose(&report, c.Name)
		if len(meant) != 1 || meant[0].Remedy.ID != c.Remedy.ID {
			t.Errorf("%s means %d remedies", c.Name, len(meant))
		}
	}
	if len(names) < 4 || len(Choose(&report, "no-such-remedy")) != 0 {
		t.Error(names)
	}
}

func TestPersonMustDoIt(t *testing.T) {
	f := diagnose.Finding{Cause: "app-not-closing"}
	_, err := Of(&f, &diagnose.Remedy{ID: "fix-close"})
	if person := new(PersonError); !errors.As(err, &person) {
		t.Error(err)
	}
	_, err = Of(&f, &diagnose.Remedy{ID: "restart-program", Apply: []string{"systemctl restart web.service"}})
	if person := new(PersonError); !errors.As(err, &person) || !strings.Contains(err.Error(), "systemctl restart web.service") {
		t.Error(err)
	}
}

func TestKeptFilesComeLast(t *testing.T) {
	c := diagnose.Change{Kind: diagnose.ChangeSetting, Target: "net.ipv4.tcp_syncookies", From: "0", To: "1", Keep: "/etc/sysctl.d/90-synoptic-x.conf"}
	p := Plan{Changes: []Change{{ID: "a", Change: c}, {ID: "b", Change: c}}}.Kept()
	if len(p.Changes) != 4 || p.Changes[1].Kind != diagnose.ChangeSetting || p.Changes[3].To != "net.ipv4.tcp_syncookies = 1\n" || p.Changes[2].Scope != WholeHost {
		t.Errorf("%+v", p.Changes)
	}
	if !p.Reversible() {
		t.Error("a file cannot be taken back")
	}
}

// TestOutcomes compares looks of ten seconds.
func TestOutcomes(t *testing.T) {
	look := func(count int, full int64, assessed bool) diagnose.Report {
		b := &evidence.Bundle{CountersBefore: host.Counters{Values: map[string]int64{"TcpExtTCPReqQFullDrop": 0}}}
		b.End = b.Start.Add(10e9)
		b.CountersAfter.Values = map[string]int64{"TcpExtTCPReqQFullDrop": full}
		r := diagnose.Report{Bundle: b}
		if count > 0 {
			r.Findings = []diagnose.Finding{{Cause: "syn-flood", Count: count, Subject: diagnose.Subject{Local: "0.0.0.0:80"}}}
		}
		if !assessed {
			r.NotAssessed = []diagnose.NotAssessed{{Cause: "syn-flood"}}
		}
		return r
	}
	plan := Plan{Cause: "syn-flood", Subject: diagnose.Subject{Local: "0.0.0.0:80"}}
	cookies := plan
	cookies.Check = checkOf("enable-syn-cookies")
	restart := plan
	restart.Restart = true
	sent, retries := plan, plan
	sent.State = tcp.SynReceived
	retries.Check = checkOf("fewer-synack-retries")
	waiting := func(sockets uint64, resent uint8) diagnose.Report {
		r := look(int(resent), 0, true)
		r.States[tcp.SynReceived] = sockets
		for i := range r.Findings {
			r.Findings[i].State = retries.State
		}
		r.Bundle.Snapshots = []host.Snapshot{{Sockets: []host.Socket{{State: tcp.SynReceived, Retransmits: resent}}}}
		return r
	}
	for _, c := range []struct {
		name  string
		plan  Plan
		after diagnose.Report
		want  Outcome
	}{
		{"the finding is gone", plan, look(0, 0, true), Helped},
		{"it cannot be seen", plan, look(0, 0, false), Unknown},
		{"it is as it was", plan, look(100, 0, true), NoHelp},
		{"it is less", plan, look(60, 0, true), NotYet},
		{"the program must listen again", restart, look(100, 0, true), NotYet},
		{"the flood goes on and nobody is refused", cookies, look(129, 0, true), Helped},
		{"clients are refused as before", cookies, look(129, 5000, true), NoHelp},
		{"fewer are refused", cookies, look(129, 100, true), NotYet},
		{"the finding is gone and the sockets are not", sent, waiting(100, 0), NotYet},
		{"both are gone", sent, waiting(3, 0), Helped},
		{"half-open connections are answered for long", retries, waiting(100, 5), NotYet},
		{"all are answered twice at most", retries, waiting(100, 2), Helped},
	} {
		before := look(100, 5000, true)
		before.States[tcp.SynReceived] = 100
		before.Findings[0].State = c.plan.State
		if got := c.plan.Outcome(before, c.after); got != c.want {
			t.Errorf("%s: %s, not %s", c.name, got, c.want)
		}
	}
	if (Plan{Check: Check{Counters: []string{"x"}}, Cause: "syn-flood", Subject: plan.Subject}).Outcome(look(1, 0, true), look(1, 0, true)) != Unknown {
		t.Error("a counter that is not there tells something")
	}
}
