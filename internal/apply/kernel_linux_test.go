package apply

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// childVariable makes the test binary carry out plans until it is killed.
const childVariable = "SYNOPTIC_APPLY_CHILD"

func TestMain(m *testing.M) {
	actor.Main()
	if dir := os.Getenv(childVariable); dir != "" {
		fmt.Fprintln(os.Stderr, applyForEver(dir))
		os.Exit(1)
	}
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func namespace(t *testing.T) *lab.Namespace {
	t.Helper()
	n, err := lab.NewNamespace("apply")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// inside runs f on a thread of a namespace of its own.
func inside(t *testing.T, f func() error) {
	t.Helper()
	if err := namespace(t).Do(f); err != nil {
		t.Fatal(err)
	}
}

func realHand(dir string) (*Hand, error) {
	place, err := Here()
	return &Hand{Dir: dir, Doers: Doers(), Here: place, Now: time.Now}, err
}

// manyChanges are of every kind that a namespace can hold and take back.
var manyChanges = []diagnose.Change{
	{Kind: "sysctl", Target: "net.ipv4.tcp_synack_retries", From: "5", To: "2"},
	{Kind: "sysctl", Target: "net.ipv4.ip_local_port_range", From: "32768 60999", To: "10000 60999"},
	{Kind: "nft", Target: "inet synoptic-drop-198.18.7.0/24", To: "type filter hook input priority -10; ip saddr 198.18.7.0/24 counter drop"},
	{Kind: "sysctl", Target: "net.ipv4.ip_local_reserved_ports", From: "", To: "40500"},
	{Kind: "nft", Target: "inet synoptic-clamp-mss", To: "type filter hook forward priority -150; tcp flags syn tcp option maxseg size set rt mtu"},
	{Kind: "sysctl", Target: "net.ipv4.tcp_orphan_retries", From: "0", To: "4"},
}

func manyPlan() remedy.Plan {
	p := remedy.Plan{Remedy: "many", Cause: "syn-flood"}
	for _, c := range manyChanges {
		p.Changes = append(p.Changes, remedy.Change{ID: c.Target, Change: c})
	}
	return p
}

// applyForEver applies and undoes until somebody kills it. It says when it has
// begun.
func applyForEver(dir string) error {
	h, err := realHand(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "begun")
	for {
		if _, err := h.Apply(manyPlan()); err != nil {
			return err
		}
		if _, err := h.Undo("", false); err != nil {
			return err
		}
	}
}

// state is all of a namespace that a change could leave a trace in.
func state(h *Hand) (map[string]string, error) {
	held := map[string]string{}
	for _, c := range manyChanges {
		value, err := h.Doers[c.Kind].Read(c)
		if err != nil {
			return nil, err
		}
		held[c.Target] = value
	}
	held["rules"] = list("list", "ruleset")
	return held, nil
}

// list is what nft(8) prints in the namespace of the calling thread, "" where it
// is not installed.
func list(words ...string) string {
	out, err := exec.Command("nft", words...).CombinedOutput()
	if err != nil {
		return "nft: " + err.Error()
	}
	return string(out)
}

// TestKillAnywhere kills a process that applies and undoes at random moments.
// Its journal tells what stands, and undoing it is exact.
func TestKillAnywhere(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	n := namespace(t)
	dir := filepath.Join(t.TempDir(), "journals")
	r := rand.New(rand.NewPCG(3, 4))
	stood := 0
	for round := range rounds {
		if err := n.Do(func() error { return killed(dir, time.Duration(r.IntN(40_000))*time.Microsecond, &stood) }); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
	if stood == 0 {
		t.Error("it was never killed while something stood")
	}
	t.Logf("%d of %d kills left something to undo", stood, rounds)
}

func killed(dir string, after time.Duration, stood *int) error {
	h, err := realHand(dir)
	if err != nil {
		return err
	}
	before, err := state(h)
	if err != nil {
		return err
	}
	if err := runAndKill(dir, after); err != nil {
		return err
	}
	for {
		standing, err := h.Standing()
		if err != nil {
			return err
		}
		if len(standing) == 0 {
			break
		}
		*stood++
		if _, err := h.Undo("", false); err != nil {
			return err
		}
	}
	now, err := state(h)
	if err == nil && !maps.Equal(before, now) {
		err = fmt.Errorf("it is %q and was %q", now, before)
	}
	return err
}

// runAndKill starts a child in the namespace of the calling thread.
func runAndKill(dir string, after time.Duration) error {
	child := exec.Command("/proc/self/exe")
	child.Env = append(os.Environ(), childVariable+"="+dir)
	var said bytes.Buffer
	child.Stderr = &said
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil && err != io.EOF {
		return err
	}
	<-time.After(after)
	_ = child.Process.Kill()
	_ = child.Wait() // the signal, always
	if said.Len() > 0 {
		return fmt.Errorf("the child ended by itself: %s", said.String())
	}
	return nil
}

// TestRulesAreThoseOfNft: what is done is what the printed commands do, in the
// words of nft(8).
func TestRulesAreThoseOfNft(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil {
		t.Skip("nft is not installed")
	}
	for _, c := range ruleChanges {
		t.Run(c.Target, func(t *testing.T) {
			byUs, byNft := namespace(t), namespace(t)
			var ours, theirs string
			for _, n := range []*lab.Namespace{byUs, byNft} {
				if err := n.Add(lab.SYNACK.On(lab.Outbound)); err != nil {
					t.Fatal(err)
				}
			}
			inNamespace(t, byUs, func() error {
				before := list("list", "ruleset")
				if err := (rules{}).Write(c, c.To); err != nil {
					return err
				}
				ours = list("list", "ruleset")
				if held, err := (rules{}).Read(c); err != nil || held != c.To {
					t.Errorf("it holds %q, %v", held, err)
				}
				if err := (rules{}).Write(c, c.From); err != nil {
					return err
				}
				if after := list("list", "ruleset"); after != before {
					t.Errorf("it leaves\n%s\nof\n%s", after, before)
				}
				return nil
			})
			inNamespace(t, byNft, func() error {
				before := list("list", "ruleset")
				shell(t, c.Apply())
				theirs = list("list", "ruleset")
				if held, err := (rules{}).Read(c); err != nil || held != c.To {
					t.Errorf("by nft it holds %q, %v", held, err)
				}
				shell(t, c.Undo())
				if after := list("list", "ruleset"); after != before {
					t.Errorf("the commands leave\n%s\nof\n%s", after, before)
				}
				return nil
			})
			if ours != theirs {
				t.Errorf("done\n%s\nprinted\n%s", ours, theirs)
			}
		})
	}
}

// ruleChanges are the forms that remedies use. The lab's rule has the handle 3.
var ruleChanges = []diagnose.Change{
	manyChanges[2], manyChanges[4],
	{Kind: "nft", Target: "inet synoptic-drop-2001_db8__/48", To: "type filter hook input priority -10; ip6 saddr 2001:db8::/48 counter drop"},
	{Kind: "nft", Target: "inet synoptic-drop-198.18.64.0/18", To: "type filter hook input priority -10; ip saddr 198.18.64.0/18 counter drop"},
	{Kind: "nft", Target: "inet synoptic-drop-198.18.7.7/32", To: "type filter hook input priority -10; ip saddr 198.18.7.7/32 counter drop"},
	{Kind: "nft", Target: "inet synoptic-synproxy", To: proxyText},
	{Kind: "nft", Target: "inet lab out position 2", To: "tcp sport 80 tcp flags & (fin|syn|rst|ack) == syn|ack counter accept"},
	{Kind: "nft", Target: "inet lab out position 2", To: "tcp dport 443 counter accept"},
}

func inNamespace(t *testing.T, n *lab.Namespace, f func() error) {
	t.Helper()
	if err := n.Do(f); err != nil {
		t.Error(err)
	}
}

func shell(t *testing.T, commands []string) {
	t.Helper()
	if len(commands) == 0 {
		t.Error("no commands")
	}
	for _, line := range commands {
		if out, err := exec.Command("sh", "-c", line).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}

func TestARuleThatSomebodyChangedIsNotOurs(t *testing.T) {
	c := manyChanges[2]
	inside(t, func() error {
		if err := (rules{}).Write(c, c.To); err != nil {
			return err
		}
		shell(t, []string{"nft 'add rule " + c.Target + " only ip saddr 198.18.9.9 accept'"})
		held, err := (rules{}).Read(c)
		if held != altered {
			t.Errorf("it holds %q", held)
		}
		return err
	})
}

func TestARuleThatIsGoneIsNotPassed(t *testing.T) {
	c := ruleChanges[len(ruleChanges)-1]
	inside(t, func() error {
		if _, err := (rules{}).Read(c); err == nil || !strings.Contains(err.Error(), "gone") {
			t.Error(err)
		}
		return nil
	})
}

func TestNonsenseIsRefused(t *testing.T) {
	inside(t, func() error {
		for _, c := range []diagnose.Change{
			{Kind: "nft"}, {Kind: "nft", Target: "inet fw"}, {Kind: "nft", Target: "inet fw out position 0"}, {Kind: "nft", Target: "inet synoptic-x", To: "accept"},
			{Kind: "nft", Target: "inet synoptic-x", To: "type filter hook input priority 0; tcp dport 99999 drop"},
			{Kind: "nft", Target: "inet synoptic-x", To: "type filter hook input priority 0; tcp flags & drop"},
			{Kind: "nft", Target: "inet synoptic-x", To: "type filter hook input priority 0; ip saddr 2001:db8:: drop"},
			{Kind: "sysctl"}, {Kind: "sysctl", Target: "net/../../../etc/passwd"}, {Kind: "sysctl", Target: "net.ipv4.no_such_setting"},
			{Kind: "process", Target: "1"}, {Kind: "process", Target: "web"}, {Kind: "process", Target: "2147483000"},
			{Kind: "socket"}, {Kind: "socket", Target: "state nonsense"}, {Kind: "conntrack", Target: "-p tcp"}, {Kind: "route", Target: "x"},
			{Kind: "file", Target: "/etc/passwd"}, {Kind: "file", Target: "synoptic.conf"},
		} {
			doer := Doers()[c.Kind]
			if held, err := doer.Read(c); err == nil {
				t.Errorf("%+v holds %q", c, held)
			}
			if err := doer.Write(c, c.To); err == nil {
				t.Errorf("%+v was made", c)
			}
		}
		return nil
	})
}

func TestFilesOfOurOwn(t *testing.T) {
	f := Files{t.TempDir()}
	if err := os.MkdirAll(filepath.Join(f.Root, "etc/sysctl.d"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := diagnose.Change{Kind: "file", Target: "/etc/sysctl.d/90-synoptic-x.conf", To: "net.ipv4.tcp_syncookies = 1\n"}
	for _, value := range []string{c.To, c.From, c.From} {
		if err := f.Write(c, value); err != nil {
			t.Fatal(err)
		}
		if held, err := f.Read(c); held != value || err != nil {
			t.Errorf("%q holds %q, %v", value, held, err)
		}
	}
	left, err := os.ReadDir(filepath.Join(f.Root, "etc/sysctl.d"))
	if err != nil || len(left) != 0 {
		t.Error("left behind:", left, err)
	}
}

func TestARouteComesAndGoes(t *testing.T) {
	w := lab.NewWorld(t.Context())
	t.Cleanup(func() { w.Close() })
	p := w.Pair()
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []diagnose.Change{
		{Kind: "route", Target: "10.9.0.0/16", To: "via 192.0.2.1 dev eth0"},
		{Kind: "route", Target: "2001:db8:9::/48", To: "via 2001:db8::1 dev eth0"},
	} {
		inNamespace(t, p.Server.Namespace, func() error {
			for _, value := range []string{"", c.To, "", c.To, ""} {
				if held, err := (routes{}).Read(c); err != nil || held == value && value != "" {
					t.Errorf("%s holds %q before it is made, %v", c.Target, held, err)
				}
				if err := (routes{}).Write(c, value); err != nil {
					return err
				}
				if held, err := (routes{}).Read(c); held != value || err != nil {
					t.Errorf("%s holds %q and not %q, %v", c.Target, held, value, err)
				}
			}
			return nil
		})
	}
}

func FuzzCompile(f *testing.F) {
	for _, c := range ruleChanges {
		f.Add(c.Target, c.To)
	}
	f.Fuzz(func(t *testing.T, target, text string) {
		s, err := slotOf(diagnose.Change{Kind: "nft", Target: target, To: text})
		if err != nil {
			return
		}
		if s.whole(text) {
			_, _ = s.chainsOf(text)
		} else if r, err := compile(text, s); err == nil && s.before == 0 && r.hook == nil {
			t.Errorf("%q hooks nowhere", text)
		}
	})
}
