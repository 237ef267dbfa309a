package kernel

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/procfs"

	"github.com/synoptic-net/synoptic/host"
)

// Processes finds, in one pass over /proc/PID/fd, who holds the sockets whose
// inode is wanted; nil wants every socket of every protocol. List has only the
// processes that hold one. Hidden counts those that may hold some but whose
// descriptors we may not read: owners of other users need CAP_SYS_PTRACE and
// CAP_DAC_READ_SEARCH. wanted is called by several goroutines. Processes that end meanwhile are left out silently. The
// error says that /proc itself cannot be read.
func (r Root) Processes(wanted func(inode uint32) bool) (host.Processes, error) {
	return r.processes(wanted, nil)
}

func (r Root) processes(wanted func(inode uint32) bool, before map[int]*earlier) (host.Processes, error) {
	found := host.Processes{Time: time.Now()}
	pids, err := r.pids()
	if err != nil {
		return found, err
	}
	proc, err := procfs.NewFS(r.path("proc"))
	if err != nil {
		return found, err
	}
	if pids[0] != 1 {
		found.Hidden++ // process 1 is always there: /proc is mounted with hidepid and shows our own only
	}
	for _, h := range r.holdings(proc, pids, wanted, before) {
		if h.hidden {
			found.Hidden++
		}
		if h.known {
			found.List = append(found.List, h.process)
			found.Owners = append(found.Owners, h.owners...)
		}
	}
	slices.SortFunc(found.Owners, compareOwners)
	return found, nil
}

// holding is what one process holds.
type holding struct {
	process host.Process
	owners  []host.Owner
	known   bool // it holds some, and could be described
	hidden  bool // it may hold some, and we may not look
}

// holdings reads the processes, as many at a time as there are processors: a
// descriptor costs a system call. What they tell does not depend on the thread
// that asks.
func (r Root) holdings(proc procfs.FS, pids []int, wanted func(inode uint32) bool, before map[int]*earlier) []holding {
	all := make([]holding, len(pids))
	var next atomic.Int64
	var reading sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(pids)) {
		reading.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(pids)); i = next.Add(1) - 1 {
				all[i] = r.holding(proc, pids[i], wanted, before[pids[i]])
			}
		})
	}
	reading.Wait()
	return all
}

func (r Root) holding(proc procfs.FS, pid int, wanted func(inode uint32) bool, before *earlier) (h holding) {
	folder := r.fdFolder(pid)
	descriptors := descriptorCount(folder)
	if pid != os.Getpid() && before.still(descriptors, wanted) { // our own come and go while we read
		h.owners = before.owners
	} else {
		h.owners, h.hidden = owners(folder, pid, wanted)
	}
	h.hidden = h.hidden && !isKernelThread(proc, pid)
	if len(h.owners) > 0 {
		h.process, h.known = describe(proc, pid)
		h.process.Descriptors = descriptors
	}
	return h
}

func (r Root) fdFolder(pid int) string { return r.path("proc/" + strconv.Itoa(pid) + "/fd") }

// pids returns the processes in /proc, in order.
func (r Root) pids() ([]int, error) {
	folder, err := os.Open(r.path("proc"))
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	pids := make([]int, 0, len(names))
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	if len(pids) == 0 {
		return nil, errors.New("proc shows no process: it is not mounted here")
	}
	slices.Sort(pids)
	return pids, nil
}

// owners returns the wanted sockets of the process with this folder.
func owners(folder string, pid int, wanted func(uint32) bool) (owners []host.Owner, hidden bool) {
	err := eachSocket(folder, func(fd int, inode uint32) {
		if wanted == nil || wanted(inode) {
			owners = append(owners, host.Owner{Inode: inode, PID: pid, FD: fd})
		}
	})
	return owners, errors.Is(err, fs.ErrPermission)
}

func compareOwners(a, b host.Owner) int {
	if a.Inode != b.Inode { // nearly always: nothing else is compared
		return cmp.Compare(a.Inode, b.Inode)
	}
	return cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.FD, b.FD))
}

// socketInode reads the target of a descriptor's link, "socket:[4711]".
func socketInode(link []byte) (inode uint32, ok bool) {
	const prefix = "socket:["
	n := len(link) - 1
	if n <= len(prefix) || string(link[:len(prefix)]) != prefix || link[n] != ']' {
		return 0, false
	}
	return digits(link[len(prefix):n])
}

// digits reads a decimal number without allocating.
func digits(text []byte) (n uint32, ok bool) {
	var sum uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		if sum = sum*10 + uint64(c-'0'); sum > 1<<32-1 {
			return 0, false
		}
	}
	return uint32(sum), len(text) > 0
}
