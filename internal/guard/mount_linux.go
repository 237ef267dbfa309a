package guard

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// mounts puts a BPF filesystem where programs keep what outlives them, for
// systems that have not mounted it.
type mounts struct{}

// What the folder may hold, beside "" for no filesystem of its own.
const (
	bpfMounted = "bpf"
	bpfShared  = "bpf, with pins of others"
)

// preloaded are the pins with which a BPF filesystem begins (CONFIG_BPF_PRELOAD).
var preloaded = []string{"maps.debug", "progs.debug"}

// Read returns what is mounted. A folder with pins of others is not ours to unmount.
func (mounts) Read(c diagnose.Change) (string, error) {
	if c.Target != bpfFolder {
		return "", fmt.Errorf("%q is not the place of a BPF filesystem", c.Target)
	}
	is, err := isBPF(c.Target)
	if err != nil || !is {
		return "", err
	}
	pins, err := os.ReadDir(c.Target)
	if err != nil {
		return "", err
	}
	for _, p := range pins {
		if !strings.HasPrefix(p.Name(), pinBegin) && !slices.Contains(preloaded, p.Name()) {
			return bpfShared, nil
		}
	}
	return bpfMounted, nil
}

// Write mounts as systemd does, or unmounts.
func (mounts) Write(c diagnose.Change, value string) error {
	if c.Target != bpfFolder {
		return fmt.Errorf("%q is not the place of a BPF filesystem", c.Target)
	}
	if value == "" {
		return unix.Unmount(c.Target, 0)
	}
	return unix.Mount("bpf", c.Target, "bpf", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=700")
}

func isBPF(folder string) (bool, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return false, fmt.Errorf("%s: %w", folder, err)
	}
	return s.Type == unix.BPF_FS_MAGIC, nil
}

// toPin returns the change without which nothing can be pinned, none where nothing
// is missing.
func (w *Wish) toPin() ([]remedy.Change, error) {
	is, err := isBPF(bpfFolder)
	if err != nil || is {
		return nil, err
	}
	lasts := w.lasts
	if lasts == nil {
		lasts = mountsLast
	}
	if !lasts() {
		return nil, fmt.Errorf("%s is no BPF filesystem, in which the programs could outlive this one, and what is mounted here ends with this program: instead of \"ip netns exec NAME\" take \"nsenter --net=/run/netns/NAME\", which keeps the mounts of the host", bpfFolder)
	}
	c := diagnose.Change{Kind: diagnose.ChangeMount, Target: bpfFolder, To: bpfMounted}
	return []remedy.Change{{
		ID: "bpf", Change: c, Scope: remedy.ScopeOf(c), Effect: diagnose.Say("guard-mount"), Cost: diagnose.Say("guard-mount-cost"),
	}}, nil
}

// mountsLast tells whether what is mounted here outlives this program: who started
// it, or the first process, sees the same mounts. "ip netns exec" gives a program
// mounts of its own.
func mountsLast() bool {
	own, err := os.Readlink("/proc/thread-self/ns/mnt")
	if err != nil {
		return false
	}
	for _, pid := range []int{os.Getppid(), 1} {
		other, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/mnt")
		if err == nil && other == own {
			return true
		}
	}
	return false
}

// inUserNamespace tells whether rights are those of a user namespace, which loads
// no BPF program and mounts no BPF filesystem.
func inUserNamespace() bool {
	const first = "user:[4026531837]" // PROC_USER_INIT_INO
	own, err := os.Readlink("/proc/thread-self/ns/user")
	return err == nil && own != first
}
