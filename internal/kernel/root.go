// Package kernel reads what the Linux kernel says outside of its socket tables:
// counters, settings, processes, routes and neighbours, and the identity of the
// host. Files are read below a Root, so that a folder can stand for /proc;
// routes and neighbours come from netlink. Everything that parses builds on
// every system.
package kernel

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/synoptic-net/synoptic/host"
)

// Root is the folder that stands for "/". Tests give a folder of fixtures, a
// container the place where the host is mounted.
type Root string

// Host is the root of a program that runs on the host itself.
const Host Root = "/"

// path joins with the separator of the system; name has slashes.
func (r Root) path(name string) string {
	return filepath.Join(string(r), filepath.FromSlash(name))
}

func (r Root) read(name string) ([]byte, error) { return os.ReadFile(r.path(name)) }

// readWord returns the content of a file without surrounding white space.
func (r Root) readWord(name string) (string, error) {
	b, err := r.read(name)
	return string(bytes.TrimSpace(b)), err
}

// readNet reads a file of /proc/net for the namespace of the calling thread.
// /proc/net itself shows that of the main thread, but is all that kernels
// before 3.17 have.
func (r Root) readNet(name string) (b []byte, path string, err error) {
	path = "proc/thread-self/net/" + name
	if b, err = r.read(path); errors.Is(err, fs.ErrNotExist) {
		path = "proc/net/" + name
		b, err = r.read(path)
	}
	return b, path, err
}

// Identity names the host and the network namespace of the calling thread. What
// cannot be read stays empty; the error tells why.
func (r Root) Identity() (host.Identity, error) {
	name, errName := r.readWord("proc/sys/kernel/hostname")
	release, errRelease := r.readWord("proc/sys/kernel/osrelease")
	netns, errNetNS := r.netns()
	return host.Identity{Name: name, Kernel: release, NetNS: netns}, errors.Join(errName, errRelease, errNetNS)
}

// netns returns the inode in a link such as "net:[4026531840]".
func (r Root) netns() (string, error) {
	link, err := os.Readlink(r.path("proc/thread-self/ns/net"))
	if errors.Is(err, fs.ErrNotExist) {
		link, err = os.Readlink(r.path("proc/self/ns/net"))
	}
	if err != nil {
		return "", err
	}
	inode, ok := bracketed(link, "net")
	if !ok {
		return "", fmt.Errorf("proc/thread-self/ns/net: %q names no network namespace", link)
	}
	return inode, nil
}

// bracketed returns the number in "kind:[number]", the form of namespace and
// socket links.
func bracketed(link, kind string) (number string, ok bool) {
	number, ok = strings.CutPrefix(link, kind)
	if !ok {
		return "", false
	}
	if number, ok = strings.CutPrefix(number, ":["); !ok {
		return "", false
	}
	return strings.CutSuffix(number, "]")
}
