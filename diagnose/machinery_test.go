package diagnose

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// everything is a host on which each rule finds something.
func everything() *scene {
	s := quietHost()
	s.listens("0.0.0.0:80", 128, queue(0))
	s.flood(129)
	s.rises("TcpExtTCPReqQFullDrop", 2871)
	s.listens("192.0.2.1:81", 2, queue(3))
	s.refuses(40)
	for n := range 3 {
		s.goes(tcp.Established, "192.0.2.1:81", client(n))
		s.comes(tcp.Established, "192.0.2.1:81", client(10+n))
	}
	s.rises("TcpExtListenOverflows", 60)
	s.listens("192.0.2.1:82", 2, queue(3))
	s.waiting("192.0.2.1:82", 0, 2)
	s.stays(tcp.CloseWait, "192.0.2.1:82", client(5), unread(1))
	s.leaked(8)
	for range 6 {
		s.stays(tcp.CloseWait, "192.0.2.1:40001", "198.51.100.9:5432", s.heldBy(programPID), unread(7))
		s.stays(tcp.FinWait2, "192.0.2.1:40001", "198.51.100.9:443", s.heldBy(programPID))
		s.stays(tcp.LastAck, "192.0.2.1:40001", "198.51.100.9:443", resent(3, host.TimerRetransmit))
	}
	s.dials(3, target)
	s.livesNearby("198.51.100.7:22")
	s.silent(3, "192.0.2.7:5432")
	s.silent(2, "203.0.113.7:5432", unsent(64000))
	s.neighbour("192.0.2.7", "FAILED")
	s.listens("0.0.0.0:6379", 128, queue(0))
	s.expects("0.0.0.0:80", "192.0.2.1:81", "192.0.2.1:82")
	closing(s)
	s.portsOfEverything()
	s.hostOfEverything()
	return s
}

// closing adds what each rule of the closing states finds.
func closing(s *scene) {
	s.runs(901, "proxy")
	s.runs(902, "deadlocked").Waits = []host.Wait{{In: "futex_do_wait", Threads: 4}}
	s.proxied(901, 6, 0)
	s.listens("0.0.0.0:84", 128, queue(0))
	for n := range 6 {
		s.stays(tcp.CloseWait, "192.0.2.1:84", client(n), s.heldBy(902), unread(200))
		s.stays(tcp.FinWait1, "192.0.2.1:85", client(n), resent(3, host.TimerRetransmit), unsent(1))
		s.stays(tcp.Closing, "192.0.2.1:85", client(n), resent(3, host.TimerRetransmit), unsent(1))
		s.stays(tcp.FinWait2, "192.0.2.1:40001", "198.51.100.9:443", mini)
		s.stays(tcp.Established, "192.0.2.1:86", client(n), s.heldBy(programPID), shut)
		s.stays(tcp.CloseWait, "192.0.2.1:99", client(n), unread(1))
		s.goes(tcp.CloseWait, "192.0.2.1:84", client(50+n), s.heldBy(902))
		s.comes(tcp.Established, "192.0.2.1:84", client(50+n), s.heldBy(902))
	}
	s.rises("TcpExtTCPSYNChallenge", 6)
	s.idle(manyIdle, time.Hour)
	s.b.CountersAfter.Values[orphanGauge] = 9000
}

func needs(r Report, cause Cause, what string) bool {
	return slices.ContainsFunc(r.NotAssessed, func(n NotAssessed) bool { return n.Cause == cause && slices.Contains(n.Needs, what) })
}

// TestCatalogueHasTheCodesOfTheContract: a code is a promise.
func TestCatalogueHasTheCodesOfTheContract(t *testing.T) {
	want := []Cause{
		"syn-flood", "syn-flood-from-prefix", "synack-blocked-here", "synack-lost-on-path", "asymmetric-return", "ack-lost",
		"handshake-withheld", "deferred-accept", "syn-queue-too-small", "no-return-route",
		"accept-stalled", "accept-backlog-too-small", "unexpected-listener", "exposed-listener",
		"target-dead", "target-filtered", "synack-dropped-here", "target-overloaded", "scanning", "stale-nat-entry",
		"ephemeral-ports-exhausted", "hairpin-source-dropped", "self-connect",
		"peer-vanished", "no-keepalive", "path-mtu-black-hole", "peer-not-reading", "established-dropped",
		"app-not-closing", "app-blocked", "closed-before-accept", "idle-pool", "tuple-clash",
		"fin-unacknowledged", "half-close-held", "peer-not-closing", "proxied-culprit", "simultaneous-close-stuck", "last-ack-lost", "orphan-limit",
		"active-close-churn", "time-wait-port-exhaustion", "bind-blocked", "time-wait-overflow",
		"conntrack-full", "neighbour-table-full", "return-path-filtered", "reset-storm", "unexplained",
	}
	var got []Cause
	for _, row := range Catalogue() {
		got = append(got, row.Cause)
		if row.HasRule() != (len(row.Needs) > 0) {
			t.Errorf("%s: a rule needs sources, and only a rule does", row.Cause)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// apart are scenes of causes that cannot stand beside the others: counters of
// the whole host speak for one or for the other.
func apart() []*scene {
	make := func(build func(*scene)) *scene { s := quietHost(); build(s); return s }
	return []*scene{
		make(func(s *scene) { s.narrowFlood(129) }), make(func(s *scene) { s.blockedAnswers(6) }), make(func(s *scene) { s.deferred(5) }),
		make(func(s *scene) { s.crowdOnShortQueue(9) }), make(func(s *scene) { s.nobodyThere(3) }), make(func(s *scene) { s.answersDropped(6) }),
		make(func(s *scene) { s.overloads(5) }), make(func(s *scene) { s.scans(40) }),
		make(func(s *scene) { s.staleEntries(5, 3) }),
		make(func(s *scene) { s.web(); s.halves(8, againSent) }), make(func(s *scene) { s.web(); s.halves(8, turnedAway) }),
		make(func(s *scene) { s.web(); s.halves(8, evidence.PacketSocket{Out: end(2, 0, 1)}) }),
		make(func(s *scene) {
			s.stays(tcp.SynSent, "192.0.2.1:40000", "203.0.113.80:80", s.heldBy(programPID), resent(3, host.TimerRetransmit))
			s.hears().Sockets = []evidence.PacketSocket{{Local: at("192.0.2.1:40000"), Remote: at("203.0.113.80:80"), Out: end(3, 0, 1), Hairpin: true}}
		}),
		make(func(s *scene) {
			s.stuck(3, evidence.PacketEnd{Asked: 3, Front: 1448, FrontSent: 3}, end(0, 10, 0.4), heard(time.Second))
		}),
		make(func(s *scene) {
			s.stuck(3, evidence.PacketEnd{Asked: 3, Front: 10, FrontSent: 3}, evidence.PacketEnd{})
			s.stays(tcp.Established, "192.0.2.1:40999", "198.51.100.7:5432", s.heldBy(programPID), heard(time.Second))
		}),
	}
}

func TestEveryRuleIsExercised(t *testing.T) {
	named := map[Cause]bool{}
	for _, s := range append(apart(), everything()) {
		for _, f := range s.diagnose().Findings {
			named[f.Cause] = true
		}
	}
	for _, row := range Catalogue() {
		if row.HasRule() && !named[row.Cause] {
			t.Errorf("no scene shows %s", row.Cause)
		}
	}
}

// TestRivalsAreCauses: what a finding excludes or leaves open has a code too,
// is not the cause itself, and stands once.
func TestRivalsAreCauses(t *testing.T) {
	known := map[Cause]bool{}
	for _, row := range Catalogue() {
		known[row.Cause] = true
	}
	var findings []Finding
	for _, s := range append(apart(), everything()) {
		findings = append(findings, s.diagnose().Findings...)
	}
	for _, f := range findings {
		once := map[Cause]bool{f.Cause: true}
		for _, e := range slices.Concat(f.Excluded, f.Open) {
			if !known[e.Cause] || once[e.Cause] {
				t.Errorf("%s has the rival %s, unknown or twice", f.Cause, e.Cause)
			}
			once[e.Cause] = true
		}
	}
}

func TestConfidence(t *testing.T) {
	ev := func(sources ...string) (list []Evidence) {
		for _, s := range sources {
			list = append(list, Evidence{Source: s})
		}
		return list
	}
	for _, c := range []struct {
		name string
		f    Finding
		want Confidence
	}{
		{"no evidence", Finding{}, Possible},
		{"one source", Finding{Evidence: ev("sockets")}, Probable},
		{"one source twice", Finding{Evidence: ev("sockets", "sockets")}, Probable},
		{"listeners, requests and sockets are one dump", Finding{Evidence: ev("sockets", "listeners", "request-sockets")}, Probable},
		{"two sources", Finding{Evidence: ev("listeners", "counters")}, Certain},
		{"a rival left open", Finding{Evidence: ev("sockets", "counters"), Open: []Exclusion{{Cause: "idle-pool"}}}, Possible},
	} {
		if got := confidence(&c.f); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestConsequencesFollowTheirRoot(t *testing.T) {
	s := quietHost()
	s.listens("192.0.2.1:80", 2, queue(3))
	s.waiting("192.0.2.1:80", 0, 1)
	for n := range 2 {
		s.stays(tcp.CloseWait, "192.0.2.1:80", client(5+n), unread(1))
	}
	s.listens("192.0.2.1:90", 128, queue(0))
	for n := range 9 {
		s.stays(tcp.CloseWait, "192.0.2.1:90", client(n), s.heldBy(programPID))
	}
	f := s.diagnose().Findings
	if len(f) != 3 || f[0].Cause != "accept-stalled" || f[1].Cause != "closed-before-accept" || f[2].Cause != "app-not-closing" {
		t.Fatalf("%v", f)
	}
	if f[1].BecauseOf != "accept-stalled" || f[0].BecauseOf != "" || f[2].BecauseOf != "" {
		t.Errorf("because of %q, %q, %q", f[0].BecauseOf, f[1].BecauseOf, f[2].BecauseOf)
	}
}

func TestAConsequenceBelongsToItsOwnListener(t *testing.T) {
	findings := []Finding{
		{Cause: "accept-stalled", Subject: Subject{Local: "192.0.2.1:80"}},
		{Cause: "closed-before-accept", Subject: Subject{Local: "192.0.2.1:81"}},
	}
	link(findings)
	if findings[1].BecauseOf != "" {
		t.Error("the listener on port 80 is no reason for the queue of port 81")
	}
}

func TestOrder(t *testing.T) {
	got := ordered([]Finding{
		{Cause: "a", Severity: Notice, Count: 900},
		{Cause: "b", Severity: Warning, Count: 1},
		{Cause: "c", Severity: Critical, Count: 2, BecauseOf: "b"},
		{Cause: "d", Severity: Warning, Count: 7},
		{Cause: "e", Severity: Warning, Count: 7},
	})
	order := ""
	for _, f := range got {
		order += string(f.Cause)
	}
	if order != "debca" {
		t.Error(order)
	}
}

// TestEveryCauseIsJudgedOrListed: never silently healthy.
func TestEveryCauseIsJudgedOrListed(t *testing.T) {
	for _, lost := range []string{"", evidence.SourceSockets, evidence.SourceCounters, evidence.SourcePackets, "window"} {
		s := everything()
		s.hears()
		s.lose(lost)
		b := s.bundle()
		if lost == "window" {
			b = s.oneLook()
		}
		report := Diagnose(b)
		listed := map[Cause]int{}
		for _, n := range report.NotAssessed {
			listed[n.Cause]++
			if len(n.Needs) == 0 {
				t.Errorf("%s needs nothing?", n.Cause)
			}
		}
		for _, row := range Catalogue() {
			judged := row.HasRule() && !slices.Contains(row.Needs, lost) && (lost != "window" || !row.Window)
			if want := map[bool]int{true: 0, false: 1}[judged]; listed[row.Cause] != want {
				t.Errorf("without %q: %s is listed %d times", lost, row.Cause, listed[row.Cause])
			}
			if !judged && len(report.of(row.Cause)) > 0 {
				t.Errorf("without %q: %s was named", lost, row.Cause)
			}
		}
	}
}

func TestNotAssessedSaysWhatIsMissing(t *testing.T) {
	s := everything()
	s.lose(evidence.SourceSockets)
	s.lose(evidence.SourceCounters)
	report := Diagnose(s.oneLook())
	for cause, want := range map[Cause][]string{
		"syn-flood":                {"sockets", "counters"},
		"accept-stalled":           {"sockets", "a window of at least 1 s"},
		"accept-backlog-too-small": {"sockets", "counters", "a window of at least 1 s"},
		"path-mtu-black-hole":      {"packets", "a window of at least 1 s"},
		"stale-nat-entry":          {"sockets"},
	} {
		for _, what := range want {
			if !needs(report, cause, what) {
				t.Errorf("%s does not say that it needs %s", cause, what)
			}
		}
	}
}

func TestWindowsThatAreTooShort(t *testing.T) {
	for _, window := range []time.Duration{-time.Hour, 0, 999 * time.Millisecond} {
		s := everything()
		s.window = window
		if report := s.diagnose(); !needs(report, "app-not-closing", needsWindow) || len(report.of("app-not-closing")) > 0 {
			t.Errorf("%v: %s", window, causesOf(report))
		}
	}
}

func TestBundlesWithNothingInThem(t *testing.T) {
	for name, b := range map[string]*evidence.Bundle{
		"nil": nil, "empty": {},
		"sources without snapshots": {Sources: quietHost().b.Sources},
		"listeners only":            {Sources: quietHost().b.Sources, Snapshots: []host.Snapshot{{States: tcp.SetOf(tcp.Listen)}}},
		"empty looks":               quietHost().bundle(),
	} {
		report := Diagnose(b)
		if len(report.Findings) > 0 || len(report.NotAssessed) == 0 {
			t.Errorf("%s: %s", name, causesOf(report))
		}
		if report.Bundle != b {
			t.Errorf("%s: the report is about another bundle", name)
		}
	}
}

func TestReportCountsTheLastLook(t *testing.T) {
	report := everything().diagnose()
	if want := report.Bundle.Last().Count(); report.States != want {
		t.Errorf("got %v, want %v", report.States, want)
	}
	if f := report.Findings[0]; f.Subject.NetNS != "4026531840" {
		t.Errorf("%+v", f.Subject)
	}
}

func TestDiagnoseIsDeterministicAndReadsOnly(t *testing.T) {
	b := everything().bundle()
	before, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	said := func() Report {
		report := Diagnose(b)
		report.index = nil // its lists have no order
		return report
	}
	want := said()
	for range 20 {
		if got := said(); !reflect.DeepEqual(got, want) {
			t.Fatalf("the same bundle gave %s, then %s", causesOf(want), causesOf(got))
		}
	}
	if after, _ := json.Marshal(b); string(after) != string(before) {
		t.Error("Diagnose changed the bundle")
	}
}

// TestOrderOfTheDumpDoesNotMatter: the kernel lists sockets as its hash tables
// have them.
func TestOrderOfTheDumpDoesNotMatter(t *testing.T) {
	b := everything().bundle()
	want := causesOf(Diagnose(b))
	slices.Sort(want)
	for range 5 {
		for i := range b.Snapshots {
			list := b.Snapshots[i].Sockets
			rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		got := causesOf(Diagnose(b))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%s, then %s", want, got)
		}
	}
}

// TestSocketsAreTheSameByCookieOrAddress: dumps of other tools have no cookies.
func TestSocketsAreTheSameByCookieOrAddress(t *testing.T) {
	withoutCookies := quietHost()
	withoutCookies.listens("0.0.0.0:80", 128, queue(0))
	withoutCookies.leaked(8, func(sk *host.Socket) { sk.Cookie = 0 })
	only(t, withoutCookies.diagnose(), "app-not-closing")

	reused := quietHost() // the same addresses, another connection
	reused.listens("0.0.0.0:80", 128, queue(0))
	for n := range 8 {
		reused.goes(tcp.CloseWait, "192.0.2.1:80", client(n), reused.heldBy(programPID))
		reused.comes(tcp.CloseWait, "192.0.2.1:80", client(n), reused.heldBy(programPID))
	}
	if report := reused.diagnose(); len(report.Findings) > 0 {
		t.Error(causesOf(report))
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0 true", "128": "128 true", "": "0 false", "-1": "0 false", "4\t4": "0 false", "x": "0 false", "99999999999999999999999": "0 false",
	} {
		n, ok := number(text)
		if got := fmt.Sprint(n, ok); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestNetworks(t *testing.T) {
	for addr, want := range map[string]string{"192.0.2.77": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48"} {
		if got := network(ip(addr)).String(); got != want {
			t.Errorf("%s is in %s", addr, got)
		}
	}
	if network(netip.Addr{}) != (netip.Prefix{}) {
		t.Error("no address, no network")
	}
}

func TestCommandsTakePlainNamesOnly(t *testing.T) {
	for name, want := range map[string]bool{"nginx.service": true, "getty@tty1.service": true, "": false, "-rf": false, "a b": false, "a;b": false, "$(x)": false, "a\nb": false, "ü": false} {
		if plainWord(name) != want {
			t.Errorf("%q", name)
		}
	}
}
