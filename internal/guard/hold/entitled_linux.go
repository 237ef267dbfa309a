package hold

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Why a process may not tell this one what to do, nor hand anything to it.
var (
	errFeeble = errors.New("may not guard")                       // it has not the rights of a guard
	errUnseen = errors.New("its rights cannot be seen from here") // it lives in another PID namespace, or is not shown to who asks
	errLeft   = errors.New("who listened there has ended")
)

// entitled tells whether the process at the other end may do all that a guard does:
// it is root, or the same user, in our user namespace, with CAP_NET_ADMIN and CAP_BPF
// in force. A number of a user alone proves nothing: a container may be root in the
// host's network namespace, and have neither. The credentials are those of when it
// connected, or began to listen.
func entitled(c *net.UnixConn) (who *unix.Ucred, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	failed := raw.Control(func(fd uintptr) {
		if who, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			err = authority(int(fd), who)
		}
	})
	return who, errors.Join(failed, err)
}

// authority looks the rights of a peer up. They are believed only if the process
// still lives after the look: till then nobody else has its number.
func authority(socket int, who *unix.Ucred) error {
	if who.Uid != 0 && int(who.Uid) != os.Geteuid() {
		return errFeeble
	}
	if who.Pid == 0 {
		return errUnseen
	}
	pidfd, err := unix.GetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_PEERPIDFD)
	if errors.Is(err, unix.ENOPROTOOPT) { // before Linux 6.5
		pidfd, err = unix.PidfdOpen(int(who.Pid), 0)
	}
	switch {
	case errors.Is(err, unix.ESRCH), errors.Is(err, unix.EINVAL): // there is no descriptor of what has ended
		return errLeft
	case err != nil:
		return errUnseen
	}
	defer unix.Close(pidfd)
	err = rights(int(who.Pid))
	if n, e := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, 0); n != 0 || e != nil {
		return errLeft
	}
	return err
}

// rights looks at the user namespace and the capabilities of a process.
func rights(pid int) error {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return errUnseen // of hidepid, or another PID namespace's /proc
	}
	if !mayGuard(string(status)) {
		return errFeeble
	}
	its, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/user")
	ours, e := os.Readlink("/proc/self/ns/user")
	switch {
	case err != nil || e != nil:
		return errUnseen
	case its != ours:
		return errFeeble
	}
	return nil
}

// mayGuard reads the effective capabilities of a process in its status.
func mayGuard(status string) bool {
	for line := range strings.Lines(status) {
		text, found := strings.CutPrefix(line, "CapEff:")
		if !found {
			continue
		}
		has, err := strconv.ParseUint(strings.TrimSpace(text), 16, 64)
		const bpf = 1<<unix.CAP_BPF | 1<<unix.CAP_SYS_ADMIN // before Linux 5.8 the latter was both
		return err == nil && has&(1<<unix.CAP_NET_ADMIN) != 0 && has&bpf != 0
	}
	return false
}
