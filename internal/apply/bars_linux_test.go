package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/internal/remedy"
	"github.com/synoptic-net/synoptic/tcp"
)

const web80 = lab.ServerAddress + ":80"

// bar is a remedy that a namespace can carry: in a world that shows the cause it
// ends the fault, and undone it leaves the namespace as it was.
type bar struct {
	remedy   string // as --fix takes it
	scenario string
	build    func(w *lab.World) // instead of the scenario, on the host "server"
	also     func(w *lab.World) // what goes on in the scenario, so that it lasts
	first    string             // another remedy that goes before it
	window   time.Duration      // 0 is two seconds
	then     func(w *lab.World) // what a program must do for it
	harmless bool               // it cannot end this fault, and must not be said to have
}

var bars = []bar{
	{remedy: "enable-syn-cookies", scenario: "syn-flood-cookies-off"},
	{remedy: "fewer-synack-retries", scenario: "syn-flood-cookies-off"},
	{remedy: "drop-the-prefix", scenario: "syn-flood-from-prefix"},
	{remedy: "raise-syn-backlog", scenario: "proven-peers-only"},
	{remedy: "raise-somaxconn", scenario: "accept-backlog-somaxconn", then: func(w *lab.World) {
		w.Running("web").CloseListeners()
		w.Find("server").Program("web").Listen("0.0.0.0:80", 512, actor.ServeAnswers)
	}},
	{remedy: "continue-program", scenario: "accept-stopped"},
	{remedy: "forget-the-entries", scenario: "stale-nat-entry"},
	{remedy: "peer-vanished/kill-dead-sockets@192.0.2.1", scenario: "peer-vanished-data"},
	{remedy: "kill-dead-sockets", scenario: "established-dropped", window: 6 * time.Second}, // what is sent again comes ever more seldom
	{remedy: "kill-not-reading", scenario: "peer-not-reading"},
	{remedy: "kill-self-connection", first: "reserve-port", scenario: "self-connect"},
	{remedy: "reserve-port", scenario: "self-connect", harmless: true},
	{remedy: "kill-unacknowledged", scenario: "fin-unacknowledged"},
	{remedy: "orphan-retries", scenario: "last-ack-lost", window: 4 * time.Second},
	{remedy: "loose-filter-eth0", scenario: "return-path-filtered"},
	{remedy: "loose-filter-eth1", scenario: "synack-dropped-by-rp-filter", window: 4 * time.Second},
	{remedy: "more-time-wait", scenario: "time-wait-overflow"},
	{remedy: "reuse-time-wait", scenario: "time-wait-port-exhaustion"},
	{remedy: "widen-port-range", scenario: "ephemeral-ports-exhausted"},
	{remedy: "allow-synack", scenario: "synack-blocked-here", also: dialOn, window: 4 * time.Second},
	{remedy: "allow-synack-in", scenario: "synack-dropped-here", also: dialOn, window: 4 * time.Second},
	{remedy: "allow-ack-in", scenario: "ack-lost-here"},
	{remedy: "allow-these-flows", build: flowsDropped, window: 4 * time.Second},
	{remedy: "stop-leading-to-loopback", scenario: "published-loopback"},
	{remedy: "clamp-mss", build: nil},
}

// notCarried are remedies with commands that no namespace can carry, and why.
var notCarried = map[string]string{
	"larger-conntrack":    "nf_conntrack_max is the host's: other namespaces cannot write it",
	"forget-idle-sooner":  "a table that is full is the host's: the setting is of a namespace, its fault is not",
	"more-neighbours":     "the neighbour tables are the host's",
	"raise-orphan-limit":  "tcp_max_orphans is the host's",
	"restart-program":     "the lab's programs are not units of systemd: restarted by hand in raise-somaxconn",
	"extend-the-baseline": "it only looks",
}

// onlyLooks tells whether commands change nothing: they show a person where to
// act.
func onlyLooks(commands []string) bool {
	looks := regexp.MustCompile(`^(nft list|iptables -vnL|tc filter show|ip (route|rule|neighbour show|route get)|conntrack -L|synoptic|ls |tr |for t in|sysctl -a )`)
	return !slices.ContainsFunc(commands, func(c string) bool { return !looks.MatchString(c) })
}

// dialOn lets clients come anew: who dialled once tries again ever more seldom.
func dialOn(w *lab.World) {
	w.Find("client").Program("clients").Redial(web80, 200*time.Millisecond, 10*time.Second)
}

// flowsDropped: the server's own firewall drops what comes in on connections that
// it let through, and takes new ones.
func flowsDropped(w *lab.World) {
	p := w.Pair()
	web := p.Server.Program("web")
	web.Listen("0.0.0.0:80", 128, actor.ServeAnswers)
	p.Client.Program("ssh").Listen("0.0.0.0:22", 128, actor.ServeAnswers)
	p.Client.Program("api").Listen("0.0.0.0:23", 128, actor.ServeAnswers)
	batch := p.Server.Program("batch")
	batch.Dial(lab.ClientAddress+":22", 6)
	batch.Talk(300 * time.Millisecond)
	p.Server.Shows(tcp.Established, 6)
	p.Server.Drop(lab.Drop{Hook: lab.Inbound}.From(22))
	p.Server.Program("new").Ask(lab.ClientAddress+":23", 2, 50*time.Millisecond)
	p.Server.Counted("TcpRetransSegs", 12)
}

func TestBars(t *testing.T) {
	for _, b := range bars {
		t.Run(b.remedy+" "+b.scenario, func(t *testing.T) {
			t.Parallel() // they mostly wait
			switch {
			case b.remedy == "clamp-mss":
				clampOnTheRouter(t)
			case testing.Short() && b.remedy != "enable-syn-cookies" && b.remedy != "allow-ack-in":
				t.Skip("-short: two bars stand for all")
			default:
				b.play(t)
			}
		})
	}
}

func (b *bar) play(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	w := lab.NewWorld(ctx)
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	build, at, probe := b.build, "server", false
	if s, ok := scenario.Find(b.scenario); ok {
		build, at, probe = s.Build, s.At, s.Probe
	}
	if build(w); b.also != nil {
		b.also(w)
	}
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	g := &stand{t: t, w: w, at: w.Find(at), window: max(b.window, 2*time.Second), probe: probe, dir: t.TempDir()}
	untouched := g.settled()
	if b.first != "" {
		g.apply(b.first)
	}
	plan, before := g.apply(b.remedy)
	if b.then != nil {
		if b.then(w); w.Err() != nil {
			t.Fatal(w.Err())
		}
	}
	g.await(plan, before, b.harmless)
	g.undoAll()
	if diff := cmp.Diff(untouched, g.dump()); diff != "" {
		t.Errorf("undone, the namespace is not as it was:\n%s", diff)
	}
}

// stand is a host of a world on which a remedy is tried.
type stand struct {
	t      *testing.T
	w      *lab.World
	at     *lab.Host
	window time.Duration
	probe  bool
	dir    string
}

func (g *stand) do(f func(h *Hand) error) error {
	return g.at.Do(func() error {
		h, err := realHand(g.dir)
		if err != nil {
			return err
		}
		return f(h)
	})
}

func (g *stand) look() diagnose.Report {
	g.t.Helper()
	var bundle *evidence.Bundle
	o := collect.Options{Window: g.window}
	if g.probe {
		o.Probe = func([]evidence.Probe) {}
	}
	if err := g.at.Do(func() (err error) { bundle, err = collect.Run(g.w.Context, o); return err }); err != nil {
		g.t.Fatal(err)
	}
	return diagnose.Diagnose(bundle)
}

// offered looks until a finding offers the remedy.
func (g *stand) offered(id string) (remedy.Choice, diagnose.Report) {
	g.t.Helper()
	var names []string
	for range 5 {
		report := g.look()
		if meant := remedy.Choose(&report, id); len(meant) == 1 {
			return meant[0], report
		}
		names = nil
		for _, c := range remedy.Choices(&report) {
			names = append(names, c.Name)
		}
	}
	g.t.Fatalf("nothing offers %s; there is %v", id, names)
	return remedy.Choice{}, diagnose.Report{}
}

// apply carries a remedy out.
func (g *stand) apply(id string) (remedy.Plan, diagnose.Report) {
	g.t.Helper()
	meant, report := g.offered(id)
	plan, err := remedy.Of(meant.Finding, meant.Remedy)
	if err != nil {
		g.t.Fatal(err)
	}
	if err := g.do(func(h *Hand) error { _, err := h.Apply(plan); return err }); err != nil {
		g.t.Fatal(err)
	}
	return plan, report
}

// await looks again until the plan has helped: what stands there already may take
// its time to go.
func (g *stand) await(plan remedy.Plan, before diagnose.Report, harmless bool) {
	g.t.Helper()
	var got remedy.Outcome
	for range 8 {
		after := g.look()
		got = plan.Outcome(before, after)
		if got == remedy.Helped {
			break
		}
		if harmless && got == remedy.NotYet {
			return
		}
	}
	if got != remedy.Helped || harmless {
		g.t.Errorf("%s helped: %s", plan.Remedy, got)
	}
}

// settled waits until the addresses of new links have come, and what comes with
// them, and dumps.
func (g *stand) settled() map[string]string {
	g.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	before := g.dump()
	for late := time.Now().Add(10 * time.Second); ; <-again.C {
		now := g.dump()
		same := true
		for what := range now {
			same = same && (!strings.HasPrefix(what, "ip ") || now[what] == before[what])
		}
		if same && !strings.Contains(now["ip addr"], "tentative") {
			return now
		}
		if before = now; time.Now().After(late) {
			g.t.Fatalf("after ten seconds the namespace still changes:\n%s", now["ip addr"])
		}
	}
}

func (g *stand) undoAll() {
	g.t.Helper()
	err := g.do(func(h *Hand) error {
		for {
			_, err := h.Undo("", false)
			if nothing := new(NothingError); errors.As(err, &nothing) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	if err != nil {
		g.t.Fatal(err)
	}
}

// counters of rules go on while packets come.
var counters = regexp.MustCompile(`packets \d+ bytes \d+`)

// dump is all that a change could leave a trace in.
func (g *stand) dump() map[string]string {
	g.t.Helper()
	all := map[string]string{}
	err := g.at.Do(func() error {
		for _, words := range []string{
			"nft list ruleset", "ip addr", "ip route show table all", "ip -6 route show table all", "ip rule", "ip -6 rule", "ip link",
		} {
			out, err := exec.Command(strings.Fields(words)[0], strings.Fields(words)[1:]...).CombinedOutput()
			if errors.Is(err, exec.ErrNotFound) {
				continue
			}
			if err != nil {
				return fmt.Errorf("%s: %w %s", words, err, out)
			}
			all[words] = counters.ReplaceAllString(string(out), "counted")
		}
		return settingsInto(all)
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return all
}

func settingsInto(all map[string]string) error {
	return filepath.WalkDir("/proc/sys/net", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "/nf_conntrack_count") {
			return nil // what cannot be read was not changed through this name
		}
		if text, err := os.ReadFile(path); err == nil {
			all[path] = string(text)
		}
		return nil
	})
}

// clampOnTheRouter: the remedy is for the router before the narrow link. There,
// new connections get through; the old ones stay stuck.
func clampOnTheRouter(t *testing.T) {
	if testing.Short() {
		t.Skip("-short")
	}
	w := lab.NewWorld(t.Context())
	defer w.Close()
	s, _ := scenario.Find("path-mtu-black-hole")
	if s.Build(w); w.Err() != nil {
		t.Fatal(w.Err())
	}
	client := &stand{t: t, w: w, at: w.Find(s.At), window: 3 * time.Second, dir: t.TempDir()}
	meant, _ := client.offered("clamp-mss")
	router := &stand{t: t, w: w, at: w.Find("router"), dir: t.TempDir()}
	untouched := router.settled()
	if err := router.at.Do(func() error { shell(t, meant.Remedy.Apply); return nil }); err != nil {
		t.Fatal(err)
	}
	fresh := client.at.Program("fresh")
	fresh.Dial(web80, 4)
	fresh.Write(20_000)
	fresh.CloseAll()
	w.Wait("all of it was acknowledged", func() (bool, string) {
		var stuck int
		report := client.look()
		for _, s := range report.Bundle.Last().Sockets {
			if s.State == tcp.FinWait1 {
				stuck++
			}
		}
		return stuck == 0, fmt.Sprint(stuck, " stuck")
	})
	if w.Err() != nil {
		t.Error(w.Err())
	}
	if err := router.at.Do(func() error { shell(t, meant.Remedy.Undo); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(untouched, router.dump()); diff != "" {
		t.Error(diff)
	}
}

// TestEveryRemedyWithCommandsIsTried: in the lab, or with the reason why not.
func TestEveryRemedyWithCommandsIsTried(t *testing.T) {
	tried := map[string]bool{}
	for _, b := range bars {
		id := b.remedy[strings.Index(b.remedy, "/")+1:]
		id, _, _ = strings.Cut(id, "@")
		tried[id] = true
	}
	paths, err := filepath.Glob("../../testdata/recordings/*.bundle")
	if err != nil || len(paths) < 45 {
		t.Fatal(len(paths), err)
	}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := evidence.Read(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range diagnose.Diagnose(bundle).Findings {
			for _, r := range f.Remedies {
				if !remedy.Known(r.ID) {
					t.Errorf("%s is in no list", r.ID)
				}
				if !tried[r.ID] && notCarried[r.ID] == "" && !onlyLooks(r.Apply) {
					t.Errorf("%s: %s, %q, is neither tried in the lab nor said why not", filepath.Base(path), r.ID, r.Apply)
				}
			}
		}
	}
	for id := range tried {
		if notCarried[id] != "" {
			t.Errorf("%s is tried and cannot be", id)
		}
	}
}
