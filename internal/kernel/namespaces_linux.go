package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// NetNS is a network namespace that something of this host keeps alive.
type NetNS struct {
	Inode string // decimal, as in a diagnosis
	Path  string // a file that stands for it
}

// NetNamespaces finds every network namespace of the host: those of processes
// and threads, of open descriptors, and of bind mounts. Ours comes first. What
// belongs to processes that we may not look into stays unseen.
func (r Root) NetNamespaces() ([]NetNS, error) {
	here := r.path(fmt.Sprintf("proc/self/task/%d/ns/net", unix.Gettid())) // thread-self would be the reader's
	ours, err := namespaceOf(here)
	if err != nil {
		return nil, err
	}
	found := []NetNS{{ours, here}}
	known := map[string]bool{ours: true}
	add := func(path string) {
		if inode, err := namespaceOf(path); err == nil && !known[inode] {
			known[inode] = true
			found = append(found, NetNS{inode, path})
		}
	}
	for _, pattern := range []string{"proc/[0-9]*/ns/net", "proc/[0-9]*/task/[0-9]*/ns/net", "proc/[0-9]*/fd/*"} {
		paths, _ := filepath.Glob(r.path(pattern)) // the pattern is well-formed
		for _, path := range paths {
			add(path)
		}
	}
	for _, path := range r.mountedNamespaces() {
		add(path)
	}
	slices.SortFunc(found[1:], func(a, b NetNS) int { return strings.Compare(a.Inode, b.Inode) })
	return found, nil
}

// namespaceOf returns the inode of the network namespace that a file stands
// for; an error for every other file.
func namespaceOf(path string) (string, error) {
	link, err := os.Readlink(path)
	if err != nil || !strings.HasPrefix(link, "net:[") {
		return mounted(path, err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(link, "net:["), "]"), nil
}

// mounted is for a bind mount, which is a file and no link.
func mounted(path string, why error) (string, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil || fs.Type != unix.NSFS_MAGIC {
		return "", fmt.Errorf("%s is no network namespace: %w", path, os.ErrInvalid)
	}
	var file unix.Stat_t
	if err := unix.Stat(path, &file); err != nil {
		return "", why
	}
	return fmt.Sprint(file.Ino), nil
}

// mountedNamespaces returns the places where network namespaces are mounted, as
// "ip netns" does.
func (r Root) mountedNamespaces() (paths []string) {
	text, err := os.ReadFile(r.path("proc/thread-self/mountinfo"))
	if err != nil {
		return nil
	}
	for _, line := range strings.Split(string(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) > 4 && strings.HasPrefix(fields[3], "net:[") {
			paths = append(paths, r.path(fields[4]))
		}
	}
	return paths
}

// CgroupID returns the id of a cgroup v2 path ("/system.slice"), which is the
// inode of its folder.
func (r Root) CgroupID(path string) (uint64, bool) {
	var folder unix.Stat_t
	err := unix.Stat(filepath.Join(string(r), "sys/fs/cgroup", path), &folder)
	return folder.Ino, err == nil
}
