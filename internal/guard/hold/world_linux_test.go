package hold

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard/bench"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// wire is the interface of both ends of a bench's world.
const wire = "wire0"

var web = netip.MustParseAddrPort("192.0.2.1:80")

// newWorld skips where rights are missing or the kernel is too old, and nowhere
// else.
func newWorld(t testing.TB) *bench.World {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("it needs root: network namespaces with BPF in them")
	}
	for _, f := range []*bpf.Feature{bpf.TrafficControl, bpf.AssignRequest} {
		missing := new(bpf.Missing)
		if err := f.Probe(); errors.Is(err, bpf.ErrRights) || errors.As(err, &missing) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	w, err := bench.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// echo answers on an address of the server with what it hears.
func echo(t testing.TB, w *bench.World, at netip.AddrPort) {
	t.Helper()
	var l net.Listener
	if err := w.Server.Do(func() (err error) {
		config := net.ListenConfig{}
		config.SetMultipathTCP(false) // else the kernel makes the cookies
		l, err = config.Listen(t.Context(), "tcp4", at.String())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); _, _ = io.Copy(c, c) }()
		}
	}()
}

// dial connects from the client's namespace.
func dial(w *bench.World, at netip.AddrPort) (c net.Conn, err error) {
	err = w.Client.Do(func() error {
		c, err = net.DialTimeout("tcp4", at.String(), 4*time.Second)
		return err
	})
	return c, err
}

// alive says something on a connection and wants to hear it again.
func alive(c net.Conn) error {
	if err := c.SetDeadline(time.Now().Add(4 * time.Second)); err != nil {
		return err
	}
	said := []byte("?")
	if _, err := c.Write(said); err != nil {
		return err
	}
	_, err := io.ReadFull(c, said)
	return err
}

// served makes a connection and uses it.
func served(t *testing.T, w *bench.World) {
	t.Helper()
	c, err := dial(w, web)
	if err == nil {
		defer c.Close()
		err = alive(c)
	}
	if err != nil {
		t.Error(err)
	}
}

// traces is all of a namespace in which a guard could leave one.
func traces(t testing.TB, n *lab.Namespace) map[string]string {
	t.Helper()
	all := map[string]string{}
	if err := n.Do(func() error {
		for _, folder := range []string{"/proc/sys/net/ipv4", "/proc/sys/net/core"} {
			if err := settings(folder, all); err != nil {
				return err
			}
		}
		for _, words := range []string{"ip -d link", "ip addr", "ip route show table all", "nft list ruleset"} {
			f := strings.Fields(words)
			out, err := exec.Command(f[0], f[1:]...).CombinedOutput()
			if err != nil && !errors.Is(err, exec.ErrNotFound) {
				return fmt.Errorf("%s: %w %s", words, err, out)
			}
			all[words] = string(out)
		}
		return programs(all)
	}); err != nil {
		t.Error(err)
	}
	return all
}

func settings(folder string, all map[string]string) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, _ := os.ReadFile(path) // what cannot be read was not changed through this name
			all[path] = string(text)
		}
		return err
	})
}

// programs are those of the wire, by their numbers: others of the same kind are
// others.
func programs(all map[string]string) error {
	l, err := netlink.LinkByName(wire)
	if err != nil {
		return err
	}
	names, err := bpf.IngressPrograms(l.Attrs().Index)
	all["tcx"] = fmt.Sprint(names)
	all["xdp"] = "none"
	if x := l.Attrs().Xdp; x != nil && x.Attached {
		all["xdp"] = fmt.Sprint(x.ProgId, x.AttachMode)
	}
	return err
}

// glance is what changes most, and costs least to look at.
func glance(n *lab.Namespace) (all map[string]string, err error) {
	all = map[string]string{}
	err = n.Do(func() error {
		for _, path := range []string{"/proc/sys/net/ipv4/tcp_syncookies", "/proc/sys/net/ipv4/tcp_synack_retries", "/proc/sys/net/core/somaxconn"} {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all[path] = string(text)
		}
		return programs(all)
	})
	return all, err
}

// same waits until all is as it was, for a second at most, and returns for how long.
func same(t testing.TB, n *lab.Namespace, before map[string]string) (took time.Duration) {
	t.Helper()
	begun := time.Now()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(time.Second); time.Now().Before(end); <-again.C {
		now, err := glance(n)
		if err != nil {
			t.Error(err)
			return
		}
		alike := true
		for key, value := range now {
			alike = alike && before[key] == value
		}
		if alike {
			break
		}
	}
	took = time.Since(begun)
	if diff := cmp.Diff(before, traces(t, n)); diff != "" {
		t.Error("a second later it is not as it was: ", diff)
	}
	return took
}
