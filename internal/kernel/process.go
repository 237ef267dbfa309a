package kernel

import (
	"strings"
	"time"

	"github.com/prometheus/procfs"

	"github.com/synoptic-net/synoptic/host"
)

const (
	flagKernelThread = 0x00200000        // PF_KTHREAD
	tick             = time.Second / 100 // 1/USER_HZ, the unit of times in /proc/PID/stat
	deletedSuffix    = " (deleted)"      // the kernel adds it to the name of an unlinked executable
)

// describe reads what there is to say about a process. ok is false when it has
// ended; what we may not read stays empty.
func describe(proc procfs.FS, pid int) (process host.Process, ok bool) {
	p, err := proc.Proc(pid)
	if err != nil {
		return host.Process{}, false
	}
	stat, err := p.Stat()
	if err != nil {
		return host.Process{}, false
	}
	process = host.Process{
		PID:     pid,
		Name:    stat.Comm,
		State:   stat.State,
		Threads: stat.NumThreads,
		CPU:     time.Duration(stat.UTime+stat.STime) * tick,
	}
	process.Wait, _ = p.Wchan()
	process.Exe, process.ExeDeleted = executable(p)
	if status, err := p.NewStatus(); err == nil {
		process.UID = uint32(status.UIDs[1]) // effective
	}
	if limits, err := p.Limits(); err == nil {
		process.OpenFiles = limits.OpenFiles
	}
	if groups, err := p.Cgroups(); err == nil {
		process.Cgroup, process.Container = cgroupPath(groups), container(groups)
	}
	return process, true
}

func executable(p procfs.Proc) (path string, deleted bool) {
	path, err := p.Executable()
	if err != nil {
		return "", false
	}
	return strings.CutSuffix(path, deletedSuffix)
}

// isKernelThread tells threads of the kernel, which hold no sockets, from
// processes that hide theirs.
func isKernelThread(proc procfs.FS, pid int) bool {
	p, err := proc.Proc(pid)
	if err != nil {
		return true // it has ended
	}
	stat, err := p.Stat()
	return err != nil || stat.Flags&flagKernelThread != 0
}
