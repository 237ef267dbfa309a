package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// insideVariable marks a process that Enter started, so that it does not start
// another one.
const insideVariable = "SYNOPTIC_LAB_INSIDE"

// Enter makes sure that the program may create network namespaces. With
// CAP_SYS_ADMIN it returns at once and the caller goes on. Otherwise it runs
// the program again, with the same arguments, as root of a user namespace of
// its own and never returns: the process ends with the exit code of that run.
// It must be called before anything else is started.
func Enter() error {
	if os.Getenv(insideVariable) != "" || mayCreate() {
		return nil
	}
	inner := exec.Command("/proc/self/exe", os.Args[1:]...)
	inner.Args[0] = os.Args[0]
	inner.Stdin, inner.Stdout, inner.Stderr = os.Stdin, os.Stdout, os.Stderr
	inner.Env = append(os.Environ(), insideVariable+"=1")
	inner.SysProcAttr = userNamespace()
	if err := inner.Start(); err != nil {
		return fmt.Errorf("lab needs CAP_SYS_ADMIN or unprivileged user namespaces (kernel.unprivileged_userns_clone, user.max_user_namespaces): %w", err)
	}
	passOn(inner.Process)
	os.Exit(exitCode(inner.Wait()))
	return nil
}

// passOn lets the inner process end in order when this one is asked to. What the
// terminal sends, it sends to both.
func passOn(inner *os.Process) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, unix.SIGTERM, unix.SIGHUP)
	go func() {
		for s := range signals {
			if s != os.Interrupt {
				_ = inner.Signal(s) // it may have ended
			}
		}
	}()
}

func userNamespace() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		Pdeathsig:   unix.SIGKILL,
	}
}

func exitCode(err error) int {
	var failed *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed) && failed.ExitCode() >= 0:
		return failed.ExitCode()
	default:
		return 1
	}
}

func mayCreate() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	return data[0].Effective&(1<<unix.CAP_SYS_ADMIN) != 0 && data[0].Effective&(1<<unix.CAP_NET_ADMIN) != 0
}

// Inside tells whether the process is root of a user namespace that Enter made:
// an ordinary user runs the lab.
func Inside() bool { return os.Getenv(insideVariable) != "" }
