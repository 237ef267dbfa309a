package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	ebpflink "github.com/cilium/ebpf/link"
	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

const (
	bpffs  = "/sys/fs/bpf"
	nobody = 65534
)

// guardedHost is a host of the lab with a BPF filesystem of its own, on whose
// thread commands run.
type guardedHost struct {
	*testing.T
	user uint32 // who runs the commands
}

// onGuardedHost runs f on the thread of such a host, on which a program listens
// at 192.0.2.2:80.
func onGuardedHost(t *testing.T, f func(h *guardedHost)) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("it needs root: network namespaces with BPF in them")
	}
	missing := new(bpf.Missing)
	if err := bpf.AssignRequest.Probe(); errors.As(err, &missing) || errors.Is(err, bpf.ErrRights) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	w := lab.NewWorld(t.Context())
	defer w.Close()
	p := w.Pair()
	p.Server.Program("web").Listen("0.0.0.0:80", 128, actor.ServeAnswers)
	if err := w.Err(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // a thread of its own, so that a test may end on it
		defer close(done)
		runtime.LockOSThread() // and never unlocked: it ends with its mounts
		if err := enterWithBPF(p.Server.Path()); err != nil {
			t.Error(err)
			return
		}
		f(&guardedHost{T: t})
	}()
	<-done
}

// enterWithBPF takes the calling thread into a network namespace, with a BPF
// filesystem that nobody else sees.
func enterWithBPF(namespace string) error {
	file, err := os.Open(namespace)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, err := range []error{
		unix.Setns(int(file.Fd()), unix.CLONE_NEWNET),
		unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS),
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("bpf", bpffs, "bpf", 0, ""),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// run runs the program on this thread's host.
func (h *guardedHost) run(args ...string) (out, errs string, code int) {
	h.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "HOME=/nonexistent", "COLUMNS=80", "LANG=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: h.user, Gid: h.user}}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		h.Fatal(err)
	}
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()
}

// traces is all that the guard could leave on this thread's host.
func (h *guardedHost) traces() map[string]string {
	h.Helper()
	now := hostNow(h.T)
	delete(now, "routes") // of IPv6 they come by and by, as its addresses do
	delete(now, "/proc/net/if_inet6")
	pins, err := filepath.Glob(bpffs + "/*")
	if err != nil {
		h.Fatal(err)
	}
	links, err := netlink.LinkList()
	if err != nil {
		h.Fatal(err)
	}
	now["pins"] = fmt.Sprint(pins)
	for _, l := range links {
		xdp := netlink.LinkXdp{}
		if on := l.Attrs().Xdp; on != nil {
			xdp = *on
		}
		acks, err := bpf.IngressPrograms(l.Attrs().Index)
		if err != nil {
			h.Fatal(err)
		}
		now["programs of "+l.Attrs().Name] = fmt.Sprintf("%+v %v", xdp, acks)
	}
	return now
}

// refused runs the program, which must say so in one line, with code 1, and change
// nothing.
func (h *guardedHost) refused(says string, args ...string) {
	h.Helper()
	before := h.traces()
	_, errs, code := h.run(args...)
	if code != 1 || !strings.HasPrefix(errs, "synoptic: ") || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, says) || strings.Count(errs, "nothing was changed") > 1 {
		h.Errorf("%v ended with %d and said, not %q in one line:\n%s", args, code, says, errs)
	}
	if diff := cmp.Diff(before, h.traces()); diff != "" {
		h.Errorf("%v changed something: %s", args, diff)
	}
}

// worked runs the program, which must end with code 0.
func (h *guardedHost) worked(args ...string) string {
	h.Helper()
	out, errs, code := h.run(args...)
	if code != 0 {
		h.Errorf("%v ended with %d:\n%s", args, code, errs)
	}
	return out
}

// TestGuardRefusals: what cannot be done is said in one line, and nothing is done.
func TestGuardRefusals(t *testing.T) {
	onGuardedHost(t, func(h *guardedHost) {
		for _, verb := range [][]string{{"plan"}, {"apply", "--journal", t.TempDir()}} {
			guard := append([]string{"guard", verb[0], "--for", "0"}, verb[1:]...)
			h.refused(`there is no interface "nope"`, append(guard, "--interface", "nope")...)
			h.refused(`there is no interface "nope"`, append(guard, "--xdp", "--interface", "nope")...)
			h.refused("nobody listens on 192.0.2.2:9", append(guard, "--xdp", "--listener", "192.0.2.2:9")...)
		}
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{file, filepath.Join(file, "below"), "/proc/nowhere"} {
			h.refused("no journal can be kept", "guard", "apply", "--for", "0", "--journal", folder)
		}
		h.refused("the journals cannot be read", "guard", "status", "--journal", file)
	})
}

// TestGuardWithoutRights: an ordinary user may look at the plan, and no more.
func TestGuardWithoutRights(t *testing.T) {
	onGuardedHost(t, func(h *guardedHost) {
		h.user = nobody
		folder := filepath.Join(t.TempDir(), "open")
		if err := errors.Join(os.Mkdir(folder, 0o700), os.Chown(folder, nobody, nobody), os.Chmod(filepath.Dir(folder), 0o755), os.Chmod(filepath.Dir(filepath.Dir(folder)), 0o755)); err != nil {
			t.Fatal(err)
		}
		if plan := h.worked("guard", "plan", "--for", "0"); !strings.Contains(plan, "would change") {
			t.Errorf("the plan is\n%s", plan)
		}
		h.refused("it needs root", "guard", "apply", "--for", "0", "--journal", folder)
		h.refused("it needs root", "guard", "apply", "--for", "0", "--xdp", "--journal", folder)
		h.refused("no journal can be kept", "guard", "apply", "--for", "0")
		h.refused("CAP_BPF", "guard", "bench")
		for _, verb := range []string{"status", "revert"} {
			if said := h.worked("guard", verb, "--journal", folder); !strings.Contains(said, "has changed nothing") {
				t.Errorf("%s says\n%s", verb, said)
			}
		}
	})
}

// TestGuardBesideOthers: an XDP program of somebody else is refused, one of
// traffic control stays where it is, and an interface whose driver has no XDP gets
// the generic one, which is said.
func TestGuardBesideOthers(t *testing.T) {
	onGuardedHost(t, func(h *guardedHost) {
		journal := t.TempDir()
		detach := h.foreignTC("eth0")
		before := h.traces()
		for name, mode := range map[string]string{"eth0": "generic", "lo": "generic"} {
			if said := h.worked("guard", "apply", "--for", "0", "--xdp", "--interface", name, "--journal", journal); !strings.Contains(said, mode) {
				t.Errorf("%s: it does not say %q:\n%s", name, mode, said)
			}
			h.worked("guard", "revert", "--journal", journal)
			if diff := cmp.Diff(before, h.traces()); diff != "" {
				t.Errorf("%s: reverted, it is not as it was: %s", name, diff)
			}
		}
		detach()
		defer h.foreignXDP("eth0")()
		h.refused("another XDP program is attached", "guard", "plan", "--for", "0", "--xdp")
		h.refused("another XDP program is attached", "guard", "apply", "--for", "0", "--xdp", "--journal", journal)
	})
}

// TestGuardDamagedJournal: what a journal no longer tells is not passed over.
func TestGuardDamagedJournal(t *testing.T) {
	onGuardedHost(t, func(h *guardedHost) {
		folder := t.TempDir()
		h.worked("guard", "apply", "--for", "0", "--journal", folder)
		found, err := filepath.Glob(folder + "/*.journal")
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		whole, err := os.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		for says, text := range map[string]string{
			"first line is damaged":     "{\"sch" + string(whole[6:200]) + "\x00" + string(whole[201:]),
			"a journal of another form": strings.Replace(string(whole), "journal/v1", "journal/v9", 1),
		} {
			if err := os.WriteFile(found[0], []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			h.refused(says, "guard", "status", "--journal", folder)
			h.refused(says, "guard", "revert", "--journal", folder)
		}
		if err := os.WriteFile(found[0], append(whole, `{"n":0,"state":"und`...), 0o600); err != nil { // torn by a crash
			t.Fatal(err)
		}
		if said := h.worked("guard", "revert", "--journal", folder); !strings.Contains(said, "put back") {
			t.Errorf("revert says\n%s", said)
		}
	})
}

// foreignTC puts somebody else's traffic-control program on an interface of this
// thread's host, which passes everything on.
func (h *guardedHost) foreignTC(name string) (detach func()) {
	h.Helper()
	const next = -1 // TCX_NEXT
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "foreign", Type: ebpf.SchedCLS, License: "GPL", Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, next), asm.Return()},
	})
	if err != nil {
		h.Fatal(err)
	}
	l, err := netlink.LinkByName(name)
	if err != nil {
		h.Fatal(err)
	}
	attached, err := ebpflink.AttachTCX(ebpflink.TCXOptions{Interface: l.Attrs().Index, Program: program, Attach: ebpf.AttachTCXIngress})
	if err != nil {
		h.Fatal(err)
	}
	return func() {
		if err := errors.Join(attached.Close(), program.Close()); err != nil {
			h.Error(err)
		}
	}
}

// foreignXDP puts somebody else's program on an interface of this thread's host.
func (h *guardedHost) foreignXDP(name string) (detach func()) {
	h.Helper()
	flood, err := bpf.OpenFlood()
	if err != nil {
		h.Fatal(err)
	}
	l, err := netlink.LinkByName(name)
	if err != nil {
		h.Fatal(err)
	}
	off, err := flood.Attach(bpf.FloodPass, l.Attrs().Index, bpf.Native)
	if err != nil {
		h.Fatal(err)
	}
	return func() {
		if err := errors.Join(off(), flood.Close()); err != nil {
			h.Error(err)
		}
	}
}
