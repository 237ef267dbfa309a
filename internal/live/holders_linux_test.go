package live

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/kernel"
)

// TestHoldersAgreeWithProc: the iterator and the links of /proc tell the same
// owners, and the same of each process.
func TestHoldersAgreeWithProc(t *testing.T) {
	holders, err := OpenHolders()
	var missing *bpf.Missing
	if errors.Is(err, bpf.ErrRights) || errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer holders.Close()
	mine := map[uint32]bool{}
	for range 300 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		raw, err := l.(*net.TCPListener).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		if err := raw.Control(func(fd uintptr) { mine[socketInode(t, int(fd))] = true }); err != nil {
			t.Fatal(err)
		}
	}
	wanted := func(inode uint32) bool { return mine[inode] }
	owners, err := holders.Owners(wanted)
	if err != nil {
		t.Fatal(err)
	}
	got, err := kernel.Host.Held(owners)
	if err != nil {
		t.Fatal(err)
	}
	want, err := kernel.Host.Processes(wanted)
	if err != nil {
		t.Fatal(err)
	}
	if len(want.Owners) != 300 || !slices.Equal(got.Owners, want.Owners) {
		t.Errorf("the iterator tells %d owners, /proc %d", len(got.Owners), len(want.Owners))
	}
	if len(got.List) != 1 || len(want.List) != 1 || got.List[0].PID != want.List[0].PID || got.List[0].Exe != want.List[0].Exe {
		t.Errorf("%+v, and by /proc %+v", got.List, want.List)
	}
}

func socketInode(t *testing.T, fd int) uint32 {
	t.Helper()
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		t.Fatal(err)
	}
	return uint32(stat.Ino)
}
