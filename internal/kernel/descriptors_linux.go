package kernel

import (
	"errors"
	"strconv"
	"unsafe"

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
	if found, ok := countedThrough(dir); ok {
		for _, s := range found {
			visit(s.fd, s.inode)
		}
		return nil
	}
	return listedThrough(dir, visit)
}

// descriptorCount returns how many descriptors a process has: the size of its
// folder since Linux 6.2. It is 0 before, for a process that we may not look
// into, and for a folder that is not the kernel's.
func descriptorCount(folder string) int {
	var at unix.Statfs_t
	var stat unix.Stat_t
	if unix.Statfs(folder, &at) != nil || at.Type != unix.PROC_SUPER_MAGIC || unix.Stat(folder, &stat) != nil {
		return 0
	}
	return int(stat.Size)
}

type socketLink struct {
	fd    int
	inode uint32
}

// few descriptors are listed as fast as they are counted.
const fewDescriptors = 64

// countedThrough reads the links 0, 1, 2, ... until all are found: descriptors
// are given out from the lowest, and the listing that this saves costs a third
// of the whole. The folder's size is their number since Linux 6.2. It gives up,
// with ok false, where the numbers have many gaps or links may not be read.
func countedThrough(dir int) (found []socketLink, ok bool) {
	var folder unix.Stat_t
	if err := unix.Fstat(dir, &folder); err != nil || folder.Size < fewDescriptors {
		return nil, false
	}
	wanted := int(folder.Size)
	found = make([]socketLink, 0, wanted)
	var link [64]byte // longer targets are files
	var name [12]byte
	for fd, seen, gaps := 0, 0, 0; seen < wanted; fd++ {
		n, errno := readLink(dir, strconv.AppendInt(name[:0], int64(fd), 10), link[:])
		switch {
		case errno == unix.ENOENT:
			if gaps++; gaps > fewDescriptors+wanted/8 {
				return nil, false
			}
			continue
		case errno != 0:
			return nil, false
		}
		seen++
		if inode, isSocket := socketInode(link[:n]); isSocket {
			found = append(found, socketLink{fd, inode})
		}
	}
	return found, true
}

// readLink is readlinkat without the allocations: name has room for a zero byte
// behind it.
func readLink(dir int, name, link []byte) (n int, errno unix.Errno) {
	name = append(name, 0)
	size, _, errno := unix.Syscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&link[0])), uintptr(len(link)), 0, 0)
	return int(size), errno
}

// listedThrough asks for the names first.
func listedThrough(dir int, visit func(fd int, inode uint32)) error {
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
