package sockdiag

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"
)

// Tests of the real kernel run the test binary again inside a network namespace
// of its own, so that the host is never touched.
const (
	envInside = "SYNOPTIC_TEST_INSIDE" // name of the test that runs inside
	envRole   = "SYNOPTIC_TEST_ROLE"   // set in children that play a part, see roles
)

// roles are what a child of a test does instead of running tests.
var roles = map[string]func() error{}

func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv(envRole)]; ok {
		if err := role(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// private makes the command start in new user and network namespaces; as root
// the network namespace is enough.
func private(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 {
		return
	}
	cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
}

// inNamespace runs body in a private namespace whose loopback is up. The outer
// call runs this same test again inside and reports what it said.
func inNamespace(t *testing.T, body func(t *testing.T)) {
	t.Helper()
	if os.Getenv(envInside) == t.Name() {
		if err := loopbackUp(); err != nil {
			t.Fatal(err)
		}
		body(t)
		return
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	if *update {
		cmd.Args = append(cmd.Args, "-update")
	}
	cmd.Env = append(os.Environ(), envInside+"="+t.Name())
	private(cmd)
	report, err := cmd.CombinedOutput()
	if refusesNamespaces(err) {
		t.Skipf("no private network namespace here: %v", err)
	}
	if err != nil || !bytes.Contains(report, []byte("--- PASS: "+t.Name())) {
		t.Fatalf("inside the namespace: %v\n%s", err, report)
	}
	for line := range strings.Lines(string(report)) {
		t.Log(strings.TrimRight(line, "\n"))
	}
}

// refusesNamespaces tells that the system does not let this user make
// namespaces, which is the one reason to skip.
func refusesNamespaces(err error) bool {
	return os.Geteuid() != 0 && (errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL))
}

func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}
