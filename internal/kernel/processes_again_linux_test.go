package kernel

import (
	"net"
	"os"
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

// A second reading finds what a first one would, whatever happened between.
func TestLiveProcessesAgain(t *testing.T) {
	listen := func() (*net.TCPListener, uint32) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		tcp := l.(*net.TCPListener)
		return tcp, inodeOf(t, tcp)
	}
	wanted := map[uint32]bool{}
	want := func(inode uint32) bool { return wanted[inode] }
	first, inode := listen()
	wanted[inode] = true
	before, err := Host.Processes(want)
	if err != nil || len(before.Owners) != 1 || before.List[0].Descriptors < 4 {
		t.Fatalf("%+v, %v", before, err)
	}
	check := func(name string) {
		t.Helper()
		again, err := Host.ProcessesAgain(want, before)
		if err != nil || len(again.Owners) != len(wanted) || len(again.List) != min(1, len(wanted)) {
			t.Fatalf("%s: %+v, %v", name, again, err)
		}
		for _, o := range again.Owners {
			if o.PID != os.Getpid() || !wanted[o.Inode] {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
	check("nothing happened")
	_, more := listen()
	wanted[more] = true
	check("one more")
	first.Close()
	delete(wanted, inode)
	check("the first one is closed")
	delete(wanted, more)
	check("nothing is wanted")
}
