package pasted

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// noLab says why there is no lab here; the other tests need none.
var noLab error

// TestMain goes on as root of a user namespace where it must.
func TestMain(m *testing.M) {
	noLab = lab.Enter()
	os.Exit(m.Run())
}

// scene is a namespace with sockets in many states.
type scene struct {
	*testing.T
	namespace *lab.Namespace
	kept      []*lab.Socket
}

func newScene(t *testing.T) *scene {
	if noLab != nil {
		t.Skip(noLab)
	}
	namespace, err := lab.NewNamespace("pasted")
	if err != nil {
		t.Skip(err)
	}
	s := &scene{T: t, namespace: namespace}
	t.Cleanup(func() {
		for _, socket := range s.kept {
			socket.Close()
		}
		namespace.Close()
	})
	return s
}

func (s *scene) keep(socket *lab.Socket, err error) *lab.Socket {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	s.kept = append(s.kept, socket)
	return socket
}

func (s *scene) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// play opens listeners of each family, connections in use, half-closed ones and
// one in TIME-WAIT.
func (s *scene) play() {
	four := s.keep(s.namespace.Listen("127.0.0.1:8001", 7))
	client := s.keep(s.namespace.Dial("127.0.0.1:8001"))
	s.keep(four.Accept())
	s.must(client.Write([]byte("hello")))

	s.keep(s.namespace.Dial("127.0.0.1:8001")) // never accepted

	third := s.keep(s.namespace.Listen("127.0.0.1:8003", 7))
	half := s.keep(s.namespace.Dial("127.0.0.1:8003"))
	s.keep(third.Accept())
	s.must(half.FinishSending())
	s.eventually(tcp.FinWait2, 1)

	six := s.keep(s.namespace.Listen("[::]:8002", 9))
	s.keep(s.namespace.Dial("[::1]:8002"))
	s.keep(six.Accept())
	s.keep(s.namespace.Dial("127.0.0.1:8002")) // mapped
	s.keep(six.Accept())

	first, err := s.namespace.Dial("[::1]:8002")
	s.must(err)
	second, err := six.Accept()
	s.must(err)
	first.Close()
	s.eventually(tcp.CloseWait, 2)
	second.Close()
	s.eventually(tcp.TimeWait, 1)
}

func (s *scene) dump() []host.Socket {
	s.Helper()
	var shot host.Snapshot
	s.must(s.namespace.Do(func() (err error) {
		shot, err = sockdiag.Snapshot(context.Background(), sockdiag.Options{Memory: true})
		return err
	}))
	return shot.Sockets
}

func (s *scene) eventually(state tcp.State, n int) {
	s.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for {
		shot := host.Snapshot{Sockets: s.dump()}
		if counts := shot.Count(); counts[state] >= uint64(n) {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.Fatalf("waited in vain for %d in %v", n, state)
		}
	}
}

// output runs a program in the namespace.
func (s *scene) output(command ...string) []byte {
	s.Helper()
	path, err := exec.LookPath(command[0])
	if err != nil {
		s.Skip(err)
	}
	var out []byte
	s.must(s.namespace.Do(func() (err error) {
		run := exec.Command(path, command[1:]...)
		run.Env = append(os.Environ(), "LC_ALL=C")
		out, err = run.Output()
		return err
	}))
	return out
}

// facts are what a tool shows of a socket, in the words of one line.
type facts func(*host.Socket) string

func basic(k *host.Socket) string {
	timer := host.TimerOff // others may end between two looks
	if k.Timer == host.TimerTimeWait {
		timer = k.Timer
	}
	backlog := k.SendQueue
	if k.State == tcp.Listen {
		backlog = 0
	}
	return fmt.Sprintf("%v %v %v %v rq=%d sq=%d ino=%d uid=%d %v", k.State, k.Kind, k.Local, k.Remote, k.RecvQueue, backlog, k.Inode, k.UID, timer)
}

func extended(k *host.Socket) string {
	return fmt.Sprintf("%s limit=%d cookie=%x shutdown=%d rb=%d", basic(k), k.SendQueue, k.Cookie, k.Shutdown, k.Memory.RecvBuffer)
}

func TestRealOutput(t *testing.T) {
	s := newScene(t)
	s.play()
	for _, c := range []struct {
		tool    Tool
		show    facts
		owners  bool
		command []string
	}{
		{NetstatLinux, basic, true, []string{"netstat", "-antpoeW"}},
		{SS, extended, true, []string{"ss", "-tanpoeim"}},
		{SS, extended, false, []string{"ss", "-HtanoeOm"}},
		{Proc, basic, false, []string{"cat", "/proc/net/tcp", "/proc/net/tcp6"}},
	} {
		t.Run(fmt.Sprint(c.command), func(t *testing.T) {
			at := *s
			at.T = t
			text, err := Parse(bytes.NewReader(at.output(c.command...)))
			at.must(err)
			if text.Tool != c.tool || text.Damaged > 0 || text.Cut > 0 {
				t.Errorf("%q, skipped %v, %d cut", text.Tool, text.Skipped, text.Cut)
			}
			same(t, "socket", lines(text.Sockets, c.show), lines(at.dump(), c.show))
			if c.owners {
				checkOwners(t, text)
			}
		})
	}
}

func lines(sockets []host.Socket, show facts) []string {
	var all []string
	for i := range sockets {
		all = append(all, show(&sockets[i]))
	}
	slices.Sort(all)
	return all
}

// checkOwners: whatever has an inode is held by this very process.
func checkOwners(t *testing.T, text *Text) {
	t.Helper()
	owned := map[int]bool{}
	for _, o := range text.Owners {
		owned[o.Socket] = o.PID == os.Getpid() && o.Name != ""
	}
	for i := range text.Sockets {
		if has := text.Sockets[i].Inode != 0; has != owned[i] {
			t.Errorf("%s: inode %v, owned %v", basic(&text.Sockets[i]), has, owned[i])
		}
	}
}

// TestRealColumnIsCut proves the width at which net-tools shortens addresses.
func TestRealColumnIsCut(t *testing.T) {
	s := newScene(t)
	const long = "2001:db8:1111:2222:3333:4444:5555:6666"
	s.output("ip", "address", "add", long+"/128", "dev", "lo", "nodad")
	s.keep(s.namespace.Listen("["+long+"]:8443", 1))
	text, err := Parse(bytes.NewReader(s.output("netstat", "-ant")))
	s.must(err)
	if text.Cut != 1 || text.Sockets[0].Local.Addr().IsValid() || text.Sockets[0].Local.Port() != 8443 {
		t.Errorf("%d cut: %v", text.Cut, text.describe())
	}
}
