package capture

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/packet"
)

const childVariable = "SYNOPTIC_TEST_CHILD"

// TestCaptureChild is the process that the benchmark measures: it writes what it
// captures to nowhere, as tcpdump does beside it.
func TestCaptureChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		t.Skip("only BenchmarkAgainstTcpdump starts it")
	}
	c, err := Open(Config{Interfaces: []string{"wire"}, Snap: 256, Sample: 1 << 31})
	must(t, err)
	defer c.Close()
	ng, err := packet.NewNGWriter(io.Discard)
	must(t, err)
	_, err = ng.Add(c.Interfaces()[0])
	must(t, err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Fprintln(os.Stderr, "listening")
	must(t, c.Each(ctx, ng.Write))
	counts, err := c.Counts(0)
	must(t, err)
	fmt.Fprintf(os.Stderr, "%+v\n", counts)
}

func linkIndex(name string) (int, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return 0, err
	}
	return i.Index, nil
}

// sendBatch returns how many frames were sent.
func (s *sender) sendBatch() int {
	n, _, _ := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.batch[0])), uintptr(len(s.batch)), 0, 0, 0)
	return int(n)
}
