package apply

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Here is the place of the calling thread.
func Here() (Place, error) {
	var p Place
	p.Host, _ = os.Hostname() // a journal without it is still exact
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return p, err
	}
	p.Boot = strings.TrimSpace(string(boot))
	link, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		return p, err
	}
	p.NetNS = strings.TrimSuffix(strings.TrimPrefix(link, "net:["), "]")
	p.Cookie, err = cookie()
	return p, err
}

// cookie is the number of the thread's network namespace, which is never used
// again while the kernel runs; 0 where the kernel has none to tell.
func cookie() (uint64, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("a socket to name the network namespace: %w", err)
	}
	defer unix.Close(fd)
	n, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE) // Linux 5.14
	if err != nil {
		return 0, nil
	}
	return n, nil
}

// Doers returns who makes each kind of change that this system knows. The kinds
// xdp and tc are the guard's own.
func Doers() map[diagnose.ChangeKind]Doer {
	return map[diagnose.ChangeKind]Doer{
		diagnose.ChangeSetting: Settings{"/proc/sys"},
		diagnose.ChangeFile:    Files{},
		diagnose.ChangeLink:    Links{},
		diagnose.ChangeProcess: processes{"/proc"},
		diagnose.ChangeRules:   rules{},
		diagnose.ChangeRoute:   routes{},
		diagnose.ChangeSocket:  sockets{},
		diagnose.ChangeEntry:   entries{},
	}
}
