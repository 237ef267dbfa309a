package kernel

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"

	"github.com/synoptic-net/synoptic/host"
)

// manyFiles is how many open files make the kernel's iterator worth its loading:
// the links of fewer are read sooner than that.
const manyFiles = 20_000

// ManyFiles tells whether so many files are open (fs.file-nr) that reading the
// links of all of them takes long.
func (r Root) ManyFiles() bool {
	text, err := os.ReadFile(r.path("proc/sys/fs/file-nr"))
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\t")
	n, err := strconv.Atoi(first)
	return err == nil && n >= manyFiles
}

// Held describes the processes that hold sockets, for who knows already which
// do: the kernel's iterator over descriptors tells all of them at once, where
// Processes reads link after link. Processes that ended meanwhile are left out
// with what they held. The error says that /proc cannot be read.
func (r Root) Held(owners []host.Owner) (host.Processes, error) {
	found := host.Processes{Time: time.Now()}
	proc, err := procfs.NewFS(r.path("proc"))
	if err != nil {
		return found, err
	}
	pids := make([]int, 0, 64)
	known := map[int]bool{}
	for _, o := range owners {
		if _, asked := known[o.PID]; !asked {
			known[o.PID] = false
			pids = append(pids, o.PID)
		}
	}
	slices.Sort(pids)
	for _, pid := range pids {
		if p, ok := describe(proc, pid); ok {
			p.Descriptors = descriptorCount(r.fdFolder(pid))
			found.List = append(found.List, p)
			known[pid] = true
		}
	}
	for _, o := range owners {
		if known[o.PID] {
			found.Owners = append(found.Owners, o)
		}
	}
	slices.SortFunc(found.Owners, compareOwners)
	return found, nil
}
