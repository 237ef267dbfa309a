package kernel

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/host"
)

// mostThreads bounds how many threads of one process are looked at.
const mostThreads = 1024

// Waits reads what the threads of a process wait for, alike ones counted
// together, most first. Threads that run, that we may not see, or that are
// beyond a bound have no function. It is empty when the process has ended.
func (r Root) Waits(pid int) []host.Wait {
	dir := "proc/" + strconv.Itoa(pid) + "/"
	tasks, err := os.ReadDir(r.path(dir + "task"))
	if err != nil {
		return nil
	}
	threads := map[host.Wait]int{}
	for i, task := range tasks {
		if i == mostThreads {
			threads[host.Wait{}] += len(tasks) - i
			break
		}
		threads[r.wait(dir, task.Name())]++
	}
	return sortedWaits(threads)
}

func sortedWaits(threads map[host.Wait]int) []host.Wait {
	waits := make([]host.Wait, 0, len(threads))
	for w, n := range threads {
		w.Threads = n
		waits = append(waits, w)
	}
	slices.SortFunc(waits, func(a, b host.Wait) int {
		if a.Threads != b.Threads {
			return b.Threads - a.Threads
		}
		if a.In != b.In {
			return strings.Compare(a.In, b.In)
		}
		return int(a.Inode) - int(b.Inode)
	})
	return waits
}

// wait reads one thread.
func (r Root) wait(dir, task string) (w host.Wait) {
	in, err := r.readWord(dir + "task/" + task + "/wchan")
	if err != nil || in == "0" {
		return w
	}
	w.In = in
	if w.Kind() == host.WaitsForSocket {
		w.Inode = r.socketOfCall(dir, task)
	}
	return w
}

// socketOfCall returns the inode of the socket that a thread reads from or
// writes to: all those calls have the descriptor as their first argument. The
// file needs the rights of a debugger.
func (r Root) socketOfCall(dir, task string) uint32 {
	call, err := r.readWord(dir + "task/" + task + "/syscall")
	fields := strings.Fields(call)
	if err != nil || len(fields) < 2 {
		return 0
	}
	fd, err := strconv.ParseUint(strings.TrimPrefix(fields[1], "0x"), 16, 31)
	if err != nil {
		return 0
	}
	link, err := os.Readlink(r.path(dir + "fd/" + strconv.FormatUint(fd, 10)))
	if err != nil {
		return 0
	}
	inode, _ := socketInode([]byte(link))
	return inode
}
