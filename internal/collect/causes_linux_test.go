package collect_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestMain goes on as root of a user namespace where it must, and lets all
// scenes wait for their windows at the same time.
func TestMain(m *testing.M) {
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "32"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// window is long enough for the SYN retries at 1, 2 and 3 seconds.
const window = 3500 * time.Millisecond

// scene is a fault with a known cause, or something that only looks like one.
type scene struct {
	name   string
	make   func(w *world) // the fault; the symptom is proved with w.wait
	during func(w *world) // what goes on while the window is open, until w.over
	at     func(w *world) *lab.Namespace
	want   []expectation
	silent []diagnose.Cause // may not be named at all
	unsure []diagnose.Cause // may be named as possible, no surer
	clean  bool             // nothing above info may be named
}

type expectation struct {
	cause      diagnose.Cause
	state      tcp.State
	atLeast    int // sockets
	confidence diagnose.Confidence
	severity   diagnose.Severity
	becauseOf  diagnose.Cause
	owned      bool // the finding must name this process
}

func server(w *world) *lab.Namespace { return w.server }
func client(w *world) *lab.Namespace { return w.client }

// world is a client (192.0.2.1, 2001:db8::1) and a server (192.0.2.2,
// 2001:db8::2) on one link; the client is also the server's default gateway.
type world struct {
	t              *testing.T
	server, client *lab.Namespace
	over           context.Context // ends with the window
	cancel         context.CancelFunc
	actors         sync.WaitGroup
	sockets        []*lab.Socket
	mu             sync.Mutex
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	w.over, w.cancel = context.WithCancel(context.Background())
	w.server, w.client = w.namespace("server"), w.namespace("client")
	w.must(lab.Connect(w.client, w.server, "eth0", []string{"192.0.2.1/24", "2001:db8::1/64"}, []string{"192.0.2.2/24", "2001:db8::2/64"}))
	w.must(w.server.Route("192.0.2.1"))
	t.Cleanup(w.end)
	return w
}

func (w *world) namespace(name string) *lab.Namespace {
	n, err := lab.NewNamespace(name)
	w.must(err)
	w.t.Cleanup(func() { n.Close() })
	for setting, value := range map[string]string{
		"net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_max_syn_backlog": "1024", "net.ipv4.conf.all.rp_filter": "0",
		"net.ipv4.tcp_synack_retries": "5", "net.ipv4.tcp_fin_timeout": "60", "net.core.somaxconn": "4096",
	} {
		w.must(n.Set(setting, value))
	}
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) keep(s *lab.Socket, err error) *lab.Socket {
	w.t.Helper()
	w.must(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets = append(w.sockets, s)
	return s
}

// end wakes every actor, waits for them, and only then closes descriptors,
// whose numbers other scenes may get at once.
func (w *world) end() {
	w.cancel()
	w.mu.Lock()
	for _, s := range w.sockets {
		s.Stop()
	}
	w.mu.Unlock()
	w.actors.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sockets {
		s.Close()
	}
	w.sockets = nil
}

// pairs opens n connections to a fresh listener, accepted, half of them IPv6.
func (w *world) pairs(port, n int) (clients, servers []*lab.Socket) {
	w.t.Helper()
	listener := w.keep(w.server.Listen(fmt.Sprintf("[::]:%d", port), 1024))
	for i := range n {
		to := fmt.Sprintf("192.0.2.2:%d", port)
		if i%2 == 1 {
			to = fmt.Sprintf("[2001:db8::2]:%d", port)
		}
		clients = append(clients, w.keep(w.client.Dial(to)))
		servers = append(servers, w.keep(listener.Accept()))
	}
	return clients, servers
}

// wait polls until the namespace shows at least n sockets in the state: the
// scene proves its own symptom, whatever diagnose says.
func (w *world) wait(at *lab.Namespace, state tcp.State, n int) {
	w.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		var counts tcp.Counts
		w.must(at.Do(func() (err error) { counts, err = collect.Count(); return err }))
		if counts[state] >= uint64(n) {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s shows %d %v, expected %d", at.Name, counts[state], state, n)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// go runs an actor until it returns; it must stop when w.over ends.
func (w *world) actor(f func()) {
	w.actors.Add(1)
	go func() { defer w.actors.Done(); f() }()
}

func (w *world) diagnose(s scene) diagnose.Report {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.make(w)
	if s.during != nil {
		s.during(w)
	}
	var bundle *evidence.Bundle
	err := s.at(w).Do(func() (err error) {
		bundle, err = collect.Run(ctx, collect.Options{Window: window})
		return err
	})
	w.end()
	w.must(err)
	return diagnose.Diagnose(bundle)
}

func TestCauses(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			report := newWorld(t).diagnose(s)
			checkReplay(t, report)
			for _, want := range s.want {
				want.check(t, report)
			}
			s.checkSilent(t, report)
			if t.Failed() {
				describe(t, report)
			}
		})
	}
}

// checkReplay: the same findings come from a saved bundle, and from an
// anonymised one.
func checkReplay(t *testing.T, live diagnose.Report) {
	t.Helper()
	var file bytes.Buffer
	if err := evidence.Write(&file, evidence.Anonymize(live.Bundle, []byte("key"))); err != nil {
		t.Fatal(err)
	}
	anonymous, err := evidence.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	if err := evidence.Write(&file, live.Bundle); err != nil {
		t.Fatal(err)
	}
	saved, err := evidence.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	want := verdicts(live)
	if got := verdicts(diagnose.Diagnose(saved)); !slices.Equal(got, want) {
		t.Errorf("saved, it says %v; live it said %v", got, want)
	}
	if got := verdicts(diagnose.Diagnose(anonymous)); !slices.Equal(got, want) {
		t.Errorf("anonymised, it says %v; live it said %v", got, want)
	}
}

// verdicts leaves out what anonymising changes: names and addresses, and so
// the order of findings that are alike but for those.
func verdicts(report diagnose.Report) []string {
	var out []string
	for _, f := range report.Findings {
		out = append(out, fmt.Sprint(f.Cause, f.State, f.Count, f.Severity, f.Confidence, f.BecauseOf, len(f.Evidence), len(f.Excluded), len(f.Open)))
	}
	slices.Sort(out)
	return out
}

func (s scene) checkSilent(t *testing.T, report diagnose.Report) {
	t.Helper()
	for _, f := range report.Findings {
		if slices.Contains(s.silent, f.Cause) {
			t.Errorf("%s is named, and must not be", f.Cause)
		}
		if f.Confidence > diagnose.Possible && slices.Contains(s.unsure, f.Cause) {
			t.Errorf("%s is %v, and a rival is true", f.Cause, f.Confidence)
		}
		if s.clean && f.Severity > diagnose.Info {
			t.Errorf("%s (%v) on a healthy host", f.Cause, f.Severity)
		}
	}
}

func (want expectation) check(t *testing.T, report diagnose.Report) {
	t.Helper()
	f, err := find(report, want.cause)
	if err != nil {
		t.Error(err)
		return
	}
	if f.State != want.state || f.Count < want.atLeast || f.Confidence < want.confidence || f.Severity < want.severity || f.BecauseOf != want.becauseOf {
		t.Errorf("%s: state %v count %d %v %v because of %q; want %+v", f.Cause, f.State, f.Count, f.Confidence, f.Severity, f.BecauseOf, want)
	}
	if want.owned && f.Subject.PID != os.Getpid() {
		t.Errorf("%s: process %d %q, want %d", f.Cause, f.Subject.PID, f.Subject.Name, os.Getpid())
	}
	if len(f.Evidence) == 0 || f.Summary.ID == "" || f.RefutedBy.ID == "" || f.Fate.Text.ID == "" {
		t.Errorf("%s: evidence, summary, fate and refutation may not be empty: %+v", f.Cause, f)
	}
}

func find(report diagnose.Report, cause diagnose.Cause) (diagnose.Finding, error) {
	for _, f := range report.Findings {
		if f.Cause == cause {
			return f, nil
		}
	}
	return diagnose.Finding{}, errors.New("not named: " + string(cause))
}

func describe(t *testing.T, report diagnose.Report) {
	t.Helper()
	for _, f := range report.Findings {
		t.Logf("found %s %v count %d %v %v %v because of %q", f.Cause, f.State, f.Count, f.Severity, f.Confidence, f.Summary, f.BecauseOf)
		for _, e := range f.Evidence {
			t.Logf("   evidence %s %s %v %s", e.Source, e.Fact, e.Value, e.Unit)
		}
		for _, o := range f.Open {
			t.Logf("   open %s: %v", o.Cause, o.Because)
		}
	}
	for _, s := range tcp.States() {
		if n := report.States[s]; n > 0 {
			t.Logf("%v %d", s, n)
		}
	}
	before, after := report.Bundle.CountersBefore, report.Bundle.CountersAfter
	for name, value := range after.Values {
		if moved := value - before.Values[name]; moved != 0 {
			t.Logf("   %s %+d", name, moved)
		}
	}
}
