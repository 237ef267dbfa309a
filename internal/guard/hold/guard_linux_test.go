package hold

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// asGuard, in the environment, makes the test binary a guard that does what its
// standard input says.
const asGuard = "SYNOPTIC_TEST_GUARD"

// reaperWaits, in the environment, makes reapers wait until somebody writes to the
// pipe of that name.
const reaperWaits = "SYNOPTIC_TEST_REAPER_WAITS"

func TestMain(m *testing.M) {
	if pipe := os.Getenv(reaperWaits); pipe != "" && os.Getenv(variable) != "" {
		if _, err := os.ReadFile(pipe); err != nil {
			os.Exit(1)
		}
	}
	Main()
	if folder := os.Getenv(asGuard); folder != "" {
		(&played{folder: folder}).play()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// played is a guard in a process of its own.
type played struct {
	folder string
	s      *Session
	squat  *net.UnixListener
}

// play obeys a line at a time, and answers each with one.
func (p *played) play() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		answer, err := p.obey(strings.Fields(lines.Text()))
		if err != nil {
			answer = "error: " + strings.ReplaceAll(err.Error(), "\n", " // ")
		}
		fmt.Fprintln(os.Stdout, answer)
	}
}

func (p *played) obey(words []string) (answer string, err error) {
	answer = "ok"
	switch words[0] {
	case "begin", "replace":
		o := Options{Interfaces: []string{wire}, State: p.folder, Replace: words[0] == "replace"}
		if len(words) > 1 {
			if o.Grace, err = time.ParseDuration(words[1]); err != nil {
				return "", err
			}
		}
		p.s, err = Begin(context.Background(), o)
	case "arm":
		err = p.s.Arm(netip.MustParseAddrPort(words[1]))
	case "disarm":
		err = p.s.Disarm(netip.MustParseAddrPort(words[1]))
	case "armed":
		answer = fmt.Sprint(p.s.Armed())
	case "answered":
		var c bpf.Counters
		c, err = p.s.Counters(netip.MustParseAddrPort(words[1]))
		answer = fmt.Sprint(c.Answered, c.Accepted)
	case "set":
		_, err = p.s.Apply(plan(words[1:]))
	case "back":
		err = p.s.TakeBack()
	case "rotate":
		err = p.s.RotateKey()
	case "beat":
		err = p.s.Beat()
	case "lease":
		if p.s.options.Lease, err = time.ParseDuration(words[1]); err == nil {
			err = p.s.Beat()
		}
	case "slow": // the reapers from now on
		err = os.Setenv(reaperWaits, words[1])
	case "quick":
		err = os.Unsetenv(reaperWaits)
	case "reaper":
		answer = fmt.Sprint(p.s.who().Reaper)
	case "handed":
		<-p.s.HandedOver()
	case "end":
		err = p.s.End()
	case "squat":
		p.squat, err = listen()
	case "take", "who", "leave":
		var c channel
		if c, _, err = call(context.Background()); err == nil {
			_, _, err = c.ask(message{Do: words[0]})
		}
	case "cycle":
		answer, err = "", p.cycle(words[1:])
	}
	return answer, err
}

// cycle goes through all that a guard does, until it is killed. It says of each of
// its steps that it is done.
func (p *played) cycle(words []string) error {
	for {
		for _, step := range cycle(words[0], words[1]) {
			if _, err := p.obey(strings.Fields(step)); err != nil {
				return fmt.Errorf("%s: %w", step, err)
			}
			fmt.Fprintln(os.Stdout, "ok")
		}
	}
}

func cycle(grace, listener string) []string {
	return []string{"begin " + grace, "set net.ipv4.tcp_syncookies=2 net.ipv4.tcp_synack_retries=2", "arm " + listener,
		"set net.core.somaxconn=8192", "rotate", "beat", "disarm " + listener, "back", "arm " + listener, "set net.ipv4.tcp_synack_retries=1", "end"}
}

// plan makes settings of words like "net.core.somaxconn=4096".
func plan(words []string) (p remedy.Plan) {
	for _, w := range words {
		target, to, _ := strings.Cut(w, "=")
		text, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(target, ".", "/"))
		if err != nil {
			continue // Apply will say so
		}
		c := diagnose.Change{Kind: diagnose.ChangeSetting, Target: target, From: strings.TrimSpace(string(text)), To: to}
		p.Changes = append(p.Changes, remedy.Change{ID: target, Change: c})
	}
	return p
}

// other is a guard in a process of its own, as the test sees it.
type other struct {
	t    testing.TB
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	once sync.Once
}

// newOther starts one in a namespace.
func newOther(t testing.TB, n *lab.Namespace, folder string) *other {
	t.Helper()
	return newOtherBy(t, n.Do, folder)
}

// newNobody starts one without any right.
func newNobody(t *testing.T, n *lab.Namespace) *other {
	t.Helper()
	return newOtherBy(t, n.Do, t.TempDir(), func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	})
}

// newOtherBy starts one on a thread of its namespaces.
func newOtherBy(t testing.TB, do func(func() error) error, folder string, change ...func(*exec.Cmd)) *other {
	t.Helper()
	o := &other{t: t, cmd: exec.Command("/proc/self/exe")}
	o.cmd.Env = append(os.Environ(), asGuard+"="+folder)
	o.cmd.Stderr = os.Stderr
	for _, c := range change {
		c(o.cmd)
	}
	in, err := o.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := do(o.cmd.Start); err != nil {
		t.Fatal(err)
	}
	o.in, o.out = in, bufio.NewReader(out)
	t.Cleanup(o.kill)
	return o
}

// kill ends it as nothing can be prepared for.
func (o *other) kill() {
	o.once.Do(func() {
		if err := errors.Join(o.cmd.Process.Kill(), o.in.Close()); err != nil && !errors.Is(err, os.ErrProcessDone) {
			o.t.Error(err)
		}
		_ = o.cmd.Wait() // killed
	})
}

func (o *other) say(line string) {
	if _, err := fmt.Fprintln(o.in, line); err != nil {
		o.t.Error(err)
	}
}

// hear returns the next answer. A guard that hangs says where.
func (o *other) hear() string {
	hangs := time.AfterFunc(30*time.Second, func() { _ = o.cmd.Process.Signal(syscall.SIGQUIT) })
	defer hangs.Stop()
	line, err := o.out.ReadString('\n')
	if err != nil && line == "" {
		return "no answer: " + err.Error()
	}
	return strings.TrimSpace(line)
}

// do says a line and returns the answer.
func (o *other) do(line string) string {
	o.say(line)
	return o.hear()
}

// ok says lines that must succeed.
func (o *other) ok(lines ...string) {
	o.t.Helper()
	for _, line := range lines {
		if answer := o.do(line); answer != "ok" {
			o.t.Errorf("%s: %s", line, answer)
		}
	}
}

// reaper is the process that waits for its end.
func (o *other) reaper() int {
	o.t.Helper()
	pid, err := strconv.Atoi(o.do("reaper"))
	if err != nil || pid < 2 {
		o.t.Fatal("no reaper:", pid, err)
	}
	return pid
}
