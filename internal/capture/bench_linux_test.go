package capture

import (
	"context"
	"encoding/binary"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/packet"
)

// sender sends ready-made Ethernet frames out of one end of a link, many with
// one system call.
type sender struct {
	fd    int
	batch []mmsghdr
	keep  [][]byte
}

// mmsghdr is struct mmsghdr of linux/socket.h.
type mmsghdr struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

const together = 64

// newSender makes segments to port 80 from many ports: one in every is a SYN,
// the others are ACKs.
func newSender(t testing.TB, n *lab.Namespace, link string, every int) *sender {
	t.Helper()
	s := &sender{}
	must(t, n.Do(func() error {
		links, err := linkIndex(link)
		if err != nil {
			return err
		}
		s.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		return unix.Bind(s.fd, &unix.SockaddrLinklayer{Ifindex: links})
	}))
	t.Cleanup(func() { unix.Close(s.fd) })
	for i := range together {
		flags := byte(0x10)
		if i%every == 0 {
			flags = 0x02
		}
		s.keep = append(s.keep, segmentFrame(uint16(1024+i), flags))
		vector := &unix.Iovec{Base: &s.keep[i][0]}
		vector.SetLen(len(s.keep[i]))
		m := mmsghdr{header: unix.Msghdr{Iov: vector}}
		m.header.SetIovlen(1)
		s.batch = append(s.batch, m)
	}
	return s
}

func segmentFrame(port uint16, flags byte) []byte {
	f := make([]byte, 60)
	copy(f, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 198, 51, 100, 7, 198, 51, 100, 8})
	binary.BigEndian.PutUint16(f[34:], port)
	f[37], f[46], f[47] = 80, 0x50, flags
	return f
}

// send sends at a rate, in steps of a millisecond, and returns how many left.
func (s *sender) send(rate int, d time.Duration) (sent int) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	begun := time.Now()
	for since := time.Duration(0); since < d; since = time.Since(begun) {
		for due := int(since.Seconds() * float64(rate)); sent < due; {
			n := s.sendBatch()
			if n <= 0 {
				break
			}
			sent += n
		}
		<-tick.C
	}
	return sent
}

// BenchmarkAgainstTcpdump sends 200,000 segments a second for three seconds to a
// link, all of them SYNs or one in sixteen as on a busy host, captured in turn by a child that runs this package with the filter
// Interesting, and by tcpdump with the filter that says the same. It reports
// processor time of both and packets that each dropped.
func BenchmarkAgainstTcpdump(b *testing.B) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		b.Skip("tcpdump is not installed")
	}
	if lab.Inside() {
		b.Skip("tcpdump does not capture in a user namespace of one user")
	}
	client, server := pair(b)
	for name, every := range map[string]int{"flood": 1, "busy": 16} {
		b.Run(name, func(b *testing.B) { againstTcpdump(b, server, newSender(b, client, "wire", every)) })
	}
}

func againstTcpdump(b *testing.B, server *lab.Namespace, s *sender) {
	var ours, theirs, sent time.Duration
	for b.Loop() {
		n := 0
		ours += measured(b, server, &n, s, exec.Command("/proc/self/exe", "-test.run=^TestCaptureChild$", "-test.v"))
		sent += time.Duration(n)
		theirs += measured(b, server, &n, s, exec.Command("tcpdump", "-n", "-i", "wire", "-s", "256", "-w", "/dev/null", sameInWords))
	}
	rounds := time.Duration(b.N)
	b.ReportMetric(float64((ours/rounds).Milliseconds())/3/10, "%core")
	b.ReportMetric(float64((theirs/rounds).Milliseconds())/3/10, "%core-tcpdump")
	b.ReportMetric(float64(ours)/float64(theirs), "ours/tcpdump")
	b.ReportMetric(float64(sent/rounds)/3, "sent/s")
}

const sameInWords = "tcp[tcpflags] & 7 != 0 or icmp[icmptype] = 3 or icmp[icmptype] = 11 or (ip6[6] = 6 and ip6[53] & 7 != 0)"

// measured runs a capture while frames are sent and returns the processor time
// that it took.
func measured(b *testing.B, at *lab.Namespace, sent *int, s *sender, cmd *exec.Cmd) time.Duration {
	b.Helper()
	cmd.Env = append(cmd.Environ(), childVariable+"=1")
	said, err := cmd.StderrPipe()
	must(b, err)
	must(b, at.Do(cmd.Start))
	line := make([]byte, 1<<12)
	if _, err := said.Read(line); err != nil { // it listens now
		b.Fatal(err)
	}
	*sent = s.send(200_000, 3*time.Second)
	must(b, cmd.Process.Signal(syscall.SIGINT))
	rest := ""
	for {
		n, err := said.Read(line)
		rest += string(line[:n])
		if err != nil {
			break
		}
	}
	must(b, cmd.Wait())
	b.Logf("%s: %d sent, %v: %s", cmd.Args[0], *sent, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), rest)
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// TestNothingIsAllocated reads packets of a ring.
func TestNothingIsAllocated(t *testing.T) {
	n := namespace(t, "alone")
	var c *Capture
	must(t, n.Do(func() (err error) {
		c, err = Open(Config{Interfaces: []string{"lo"}, Filter: filter(t, "udp dst port 9"), Snap: 128})
		return err
	}))
	defer c.Close()
	const datagrams = 2000
	flood(t, n, datagrams, 10)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	seen := 0
	allocations := testing.AllocsPerRun(1, func() {
		must(t, c.Each(ctx, func(*packet.Frame) error {
			seen++
			return nil
		}))
	})
	if seen != datagrams || allocations > 100 {
		t.Errorf("%v allocations for %d packets", allocations, seen)
	}
}
