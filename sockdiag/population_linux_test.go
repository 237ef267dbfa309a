package sockdiag

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// A population of sockets too large for one process: RLIMIT_NOFILE may be
// 20,000. Each child listens on an address of its own and dials itself; the
// connections it never accepts need one descriptor for two sockets.
const (
	rolePopulate = "populate"
	envIndex     = "SYNOPTIC_TEST_INDEX"
	envPairs     = "SYNOPTIC_TEST_PAIRS"
	envAccept    = "SYNOPTIC_TEST_ACCEPT" // accept what is dialled: a descriptor for every socket
	pairsAChild  = 12500
)

func init() { roles[rolePopulate] = populate }

// crowd starts the children; the returned function ends them.
func crowd(pairs int) (end func(), err error) {
	if err := os.WriteFile("/proc/sys/net/core/somaxconn", []byte("65535"), 0); err != nil {
		return nil, err
	}
	var children []*child
	end = func() {
		for _, c := range children {
			c.end()
		}
	}
	for index := 1; pairs > 0; index++ {
		part := min(pairs, pairsAChild)
		pairs -= part
		c, err := spawn(rolePopulate, index, part, nil)
		if err != nil {
			end()
			return nil, err
		}
		children = append(children, c)
	}
	return end, nil
}

// child is a process that holds sockets until its standard input ends.
type child struct {
	cmd  *exec.Cmd
	hold io.Closer
}

func (c *child) end() {
	c.hold.Close()
	c.cmd.Wait()
}

// spawn starts a child in a role and waits until it has made its sockets.
// prepare, if not nil, may change the command.
func spawn(role string, index, pairs int, prepare func(*exec.Cmd)) (*child, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), envRole+"="+role, envIndex+"="+strconv.Itoa(index), envPairs+"="+strconv.Itoa(pairs))
	cmd.Stderr = os.Stderr
	if prepare != nil {
		prepare(cmd)
	}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &child{cmd, hold}
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "ready" {
		c.end()
		return nil, fmt.Errorf("child %d said %q: %w", index, line, err)
	}
	return c, nil
}

// populate is the child: it makes its pairs, says so and waits for its end.
func populate() error {
	index, err := strconv.Atoi(os.Getenv(envIndex))
	if err != nil {
		return err
	}
	pairs, err := strconv.Atoi(os.Getenv(envPairs))
	if err != nil {
		return err
	}
	target := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 1, byte(index)}), 8080)
	listener, err := listen(target, 65535)
	if err != nil {
		return err
	}
	for range pairs {
		if _, err := dial(target); err != nil {
			return err
		}
		if os.Getenv(envAccept) != "" {
			if _, _, err := syscall.Accept(listener); err != nil {
				return err
			}
		}
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func sockaddr(to netip.AddrPort) (family int, addr syscall.Sockaddr) {
	if to.Addr().Is4() {
		return syscall.AF_INET, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	}
	return syscall.AF_INET6, &syscall.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
}

// listen and dial use bare descriptors: the Go runtime must not read from the
// sockets, close them or switch keepalive on.
func listen(at netip.AddrPort, backlog int) (fd int, err error) {
	family, addr := sockaddr(at)
	fd, err = syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	return fd, errors.Join(
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1),
		syscall.Bind(fd, addr),
		syscall.Listen(fd, backlog))
}

func dial(to netip.AddrPort) (fd int, err error) {
	family, addr := sockaddr(to)
	fd, err = syscall.Socket(family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	return fd, syscall.Connect(fd, addr)
}
