package kernel

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// The two ways to find descriptors agree, with gaps and without, and among
// descriptors that are no sockets.
func TestDescriptorsBothWays(t *testing.T) {
	var held []int
	t.Cleanup(func() {
		for _, fd := range held {
			unix.Close(fd)
		}
	})
	for range 150 {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, pair[0], pair[1])
	}
	for i := 0; i < 20; i++ { // some gaps
		unix.Close(held[len(held)-1])
		held = slices.Delete(held, len(held)-10, len(held)-9)
	}
	compareWays(t, true)
	for len(held) > 90 { // nearly all gaps
		unix.Close(held[0])
		held = held[1:]
	}
	far, err := unix.FcntlInt(uintptr(held[0]), unix.F_DUPFD_CLOEXEC, 900)
	if err != nil {
		t.Fatal(err)
	}
	held = append(held, far)
	compareWays(t, false)
}

func compareWays(t *testing.T, dense bool) {
	t.Helper()
	dir, err := unix.Open("/proc/self/fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	var folder unix.Stat_t
	if err := unix.Fstat(dir, &folder); err != nil || folder.Size == 0 {
		t.Skip("this kernel does not count descriptors in the size of the folder (Linux 6.2 does)")
	}
	counted, ok := countedThrough(dir)
	if ok != dense {
		t.Fatalf("counted through: %v", ok)
	}
	var listed []socketLink
	if err := listedThrough(dir, func(fd int, inode uint32) { listed = append(listed, socketLink{fd, inode}) }); err != nil {
		t.Fatal(err)
	}
	if dense && !slices.Equal(counted, listed) {
		t.Errorf("counted %d, listed %d sockets", len(counted), len(listed))
	}
	if len(listed) == 0 {
		t.Error("no sockets at all")
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Error(err)
	}
}
