package kernel

import (
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/synoptic-net/synoptic/host"
)

func TestStill(t *testing.T) {
	all := func(uint32) bool { return true }
	then := &earlier{descriptors: 9, owners: []host.Owner{{Inode: 30, PID: 1, FD: 3}, {Inode: 40, PID: 1, FD: 4}}}
	for _, c := range []struct {
		name        string
		before      *earlier
		descriptors int
		wanted      func(uint32) bool
		want        bool
	}{
		{"nothing changed", then, 9, all, true},
		{"one descriptor more", then, 10, all, false},
		{"one socket is gone", then, 9, func(inode uint32) bool { return inode != 40 }, false},
		{"was not there", nil, 9, all, false},
		{"every socket is wanted, also unknown ones", then, 9, nil, false},
	} {
		if got := c.before.still(c.descriptors, c.wanted); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// holder is a process that holds a socket and does nothing.
type holder struct {
	pid   int
	inode uint32
	end   func()
}

func newHolder(t *testing.T) holder {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inode := inodeOf(t, listener.(*net.TCPListener))
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command("sleep", "60")
	child.ExtraFiles = []*os.File{file}
	if err := child.Start(); err != nil {
		t.Skip(err)
	}
	file.Close()
	listener.Close()
	end := sync.OnceFunc(func() { _ = child.Process.Kill(); _ = child.Wait() })
	t.Cleanup(end)
	return holder{child.Process.Pid, inode, end}
}

// A second reading finds what a first one would, whatever happened between.
func TestLiveProcessesAgain(t *testing.T) {
	wanted := map[uint32]int{} // the process that holds it
	want := func(inode uint32) bool { return wanted[inode] != 0 }
	first := newHolder(t)
	wanted[first.inode] = first.pid
	before, err := Host.Processes(want)
	if err != nil || len(before.Owners) != 1 {
		t.Fatalf("%+v, %v", before, err)
	}
	check := func(name string) {
		t.Helper()
		again, err := Host.ProcessesAgain(want, before)
		if err != nil || len(again.Owners) != len(wanted) || len(again.List) != len(wanted) {
			t.Fatalf("%s: %+v, %v", name, again, err)
		}
		for _, o := range again.Owners {
			if wanted[o.Inode] != o.PID {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
	check("nothing happened")
	second := newHolder(t)
	wanted[second.inode] = second.pid
	check("one more")
	first.end()
	delete(wanted, first.inode)
	check("the first one has ended")
	delete(wanted, second.inode)
	check("nothing is wanted")
}
