package sockdiag

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// A dump allocates a little at its start and nothing a socket.
func TestDumpAllocatesNothingPerSocket(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		s := newStage(t)
		at := netip.AddrPortFrom(loopback4, portUnaccepted)
		_, err := listen(at, 1000)
		s.must(err)
		for range 500 {
			s.dial(at)
		}
		for name, run := range map[string]func() (Result, error){
			"Dump": func() (Result, error) {
				return Dump(context.Background(), Options{Info: true, Memory: true}, func(*host.Socket) error { return nil })
			},
			"Count": func() (Result, error) {
				_, r, err := Count(context.Background(), Options{})
				return r, err
			},
		} {
			allocs := testing.AllocsPerRun(10, func() {
				r, err := run()
				if s.must(err); r.Sockets != 1001 || r.Walks != 1 {
					t.Errorf("%s: %+v", name, r)
				}
			})
			if allocs > 100 {
				t.Errorf("%s: %v allocations for 1001 sockets", name, allocs)
			}
		}
	})
}

func TestBoundInactive(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		s := newStage(t)
		at := netip.AddrPortFrom(loopback4, portEstablished)
		family, addr := sockaddr(at)
		fd, err := syscall.Socket(family, syscall.SOCK_STREAM, 0)
		s.must(err)
		s.must(syscall.Bind(fd, addr))
		if got := s.dump(Options{}); len(got) != 0 {
			t.Errorf("bound sockets without being asked for: %+v", got)
		}
		got := s.dump(Options{BoundInactive: true})
		if len(got) != 1 || got[0].State != tcp.Closed || got[0].Kind != host.Full || got[0].Local != at || got[0].Remote.IsValid() || got[0].Inode == 0 {
			t.Errorf("bound socket: %+v", got)
		}
	})
}

// A filter that the kernel refuses goes through both forms of request.
func TestRefusedFilter(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		_, r, err := Count(context.Background(), Options{Filter: []byte{255, 4, 0, 0}})
		var kernel *KernelError
		if !errors.As(err, &kernel) || kernel.Errno != syscall.EINVAL || r.Walks != 2 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// A filter that jumps past its end at once accepts everything; one that always
// falls through to its failure accepts nothing.
func TestFilter(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		s := newStage(t)
		s.listen(loopback4, portEstablished)
		s.listen(loopback6, portSix)
		portIs := func(port uint16) []byte { // INET_DIAG_BC_S_EQ, yes 8, no 12, then the port
			b := []byte{11, 8, 0, 0, 0, 0, 0, 0}
			native.PutUint16(b[2:], 12)
			native.PutUint16(b[6:], port)
			return b
		}
		for port, want := range map[uint16]int{portEstablished: 1, portSix: 1, portDual: 0} {
			if got := s.dump(Options{Filter: portIs(port)}); len(got) != want {
				t.Errorf("port %d: %+v", port, got)
			}
		}
	})
}

const roleHold = "hold"

func init() {
	roles[roleHold] = func() error {
		if err := loopbackUp(); err != nil {
			return err
		}
		return populate()
	}
}

func TestOtherNamespace(t *testing.T) {
	holder, err := spawn(roleHold, 1, 2, private)
	if refusesNamespaces(err) {
		t.Skipf("no private network namespace here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer holder.end()
	ns, err := os.Open("/proc/" + strconv.Itoa(holder.cmd.Process.Pid) + "/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	counts, _, err := Count(context.Background(), Options{NetNS: int(ns.Fd())})
	if os.Geteuid() != 0 {
		if !errors.Is(err, syscall.EPERM) {
			t.Errorf("entered a namespace without rights: %v", err)
		}
		return
	}
	if err != nil || counts[tcp.Listen] != 1 || counts[tcp.Established] != 4 || counts.Total() != 5 {
		t.Errorf("%v, %v", counts, err)
	}
}
