package kernel

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"
)

// eachSocket calls visit for every socket in a /proc/PID/fd folder. Links are
// read relative to the folder: a host may hold half a million, and looking each
// one up from the root costs as much again. The error is that of the folder, or
// a refusal to read its links; links that vanish are skipped.
func eachSocket(folder string, visit func(fd int, inode uint32)) error {
	dir, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(dir)
	var (
		entries = make([]byte, 8<<10)
		names   []string
	)
	for {
		n, err := unix.ReadDirent(dir, entries)
		if n <= 0 || err != nil {
			return err
		}
		_, _, names = unix.ParseDirent(entries[:n], -1, names[:0])
		if err := readLinks(dir, names, visit); err != nil {
			return err
		}
	}
}

func readLinks(dir int, names []string, visit func(fd int, inode uint32)) error {
	var link [64]byte // longer targets are files
	for _, name := range names {
		n, err := unix.Readlinkat(dir, name, link[:])
		if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
			return err
		}
		if err != nil {
			continue
		}
		inode, isSocket := socketInode(link[:n])
		if fd, err := strconv.Atoi(name); isSocket && err == nil {
			visit(fd, inode)
		}
	}
	return nil
}
