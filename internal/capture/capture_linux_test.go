package capture

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/pcapfilter"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

var canEnter = true

func TestMain(m *testing.M) {
	if err := lab.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "tests against the kernel are left out:", err)
		canEnter = false
	}
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func namespace(t testing.TB, name string) *lab.Namespace {
	t.Helper()
	if !canEnter {
		t.Skip("no private network namespace here")
	}
	n, err := lab.NewNamespace(name)
	must(t, err)
	t.Cleanup(func() { n.Close() })
	return n
}

// pair is two namespaces with a link between them.
func pair(t testing.TB) (client, server *lab.Namespace) {
	client, server = namespace(t, "client"), namespace(t, "server")
	must(t, lab.Connect(client, server, "wire", []string{"192.0.2.1/24"}, []string{"192.0.2.2/24"}))
	return client, server
}

func hardwareAddress(t testing.TB, n *lab.Namespace, link string) string {
	t.Helper()
	var address string
	must(t, n.Do(func() error {
		i, err := net.InterfaceByName(link)
		if err == nil {
			address = i.HardwareAddr.String()
		}
		return err
	}))
	return address
}

func filter(t testing.TB, text string) *pcapfilter.Filter {
	t.Helper()
	f, err := pcapfilter.Parse(text, pcapfilter.Names{})
	must(t, err)
	return f
}

// session is a capture that is being read.
type session struct {
	*Capture
	stop context.CancelFunc
	done chan error

	seen []packet.Segment
}

func start(t testing.TB, n *lab.Namespace, c Config) *session {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &session{stop: stop, done: make(chan error, 1)}
	must(t, n.Do(func() (err error) {
		s.Capture, err = Open(c)
		return err
	}))
	t.Cleanup(s.Close)
	t.Cleanup(stop)
	go func() {
		s.done <- s.Segments(ctx, func(_ *packet.Frame, segment *packet.Segment) error {
			s.seen = append(s.seen, *segment)
			return nil
		})
	}()
	return s
}

// end stops the capture and returns what it saw.
func (s *session) end(t testing.TB) []packet.Segment {
	t.Helper()
	s.stop()
	must(t, <-s.done)
	return s.seen
}

// script makes a connection of which every segment is known.
func script(t testing.TB, client, server *lab.Namespace, at string) {
	t.Helper()
	listener, err := server.Listen(at, 4)
	must(t, err)
	defer listener.Close()
	from, err := client.Dial(at)
	must(t, err)
	to, err := listener.Accept()
	must(t, err)
	must(t, from.FinishSending())
	if n, err := to.Read(make([]byte, 1)); n != 0 || err != nil {
		t.Fatalf("%d octets, %v", n, err)
	}
	to.Close()
	if n, err := from.Read(make([]byte, 1)); n != 0 || err != nil {
		t.Fatalf("%d octets, %v", n, err)
	}
	from.Close()
}

// checkScript: an ACK may wait for the FIN.
func checkScript(t *testing.T, seen []packet.Segment) {
	t.Helper()
	var flags []string
	for i := range seen {
		flags = append(flags, seen[i].TCP.Flags.String())
		if i > 0 && seen[i].Time < seen[i-1].Time {
			t.Errorf("segment %d is earlier than the one before", i)
		}
	}
	got := strings.Join(flags, " ")
	apart, together := "SYN SYN,ACK ACK FIN,ACK ACK FIN,ACK ACK", "SYN SYN,ACK ACK FIN,ACK FIN,ACK ACK"
	if got != apart && got != together {
		t.Errorf("captured %s", got)
	}
}

func TestConnection(t *testing.T) {
	client, server := pair(t)
	s := start(t, server, Config{Interfaces: []string{"wire"}, Filter: filter(t, "tcp port 80"), Snap: 128})
	script(t, client, server, "192.0.2.2:80")
	seen := s.end(t)
	checkScript(t, seen)
	a, b := hardwareAddress(t, client, "wire"), hardwareAddress(t, server, "wire")
	for i := range seen {
		in := seen[i].Tuple.DestinationPort == 80
		want := packet.Outbound
		if in {
			want = packet.Inbound
		}
		if seen[i].Direction != want || in != (seen[i].SourceHardware.String() == a) || in != (seen[i].DestinationHardware.String() == b) {
			t.Errorf("segment %d: %v, %v to %v", i, seen[i].Direction, seen[i].SourceHardware, seen[i].DestinationHardware)
		}
	}
	if known := s.Interfaces(); len(known) != 1 || known[0].Name != "wire" || known[0].Link != packet.LinkEthernet {
		t.Errorf("interfaces %+v", known)
	}
	counts, err := s.Counts(0)
	if err != nil || counts.Dropped != 0 || counts.Passed != uint64(len(seen)) || counts.Delivered != counts.Passed {
		t.Errorf("%d segments; %+v, %v", len(seen), counts, err)
	}
}

func TestAny(t *testing.T) {
	client, server := pair(t)
	s := start(t, server, Config{Filter: filter(t, "tcp port 80")})
	script(t, client, server, "192.0.2.2:80")
	seen := s.end(t)
	checkScript(t, seen)
	a, b := hardwareAddress(t, client, "wire"), hardwareAddress(t, server, "wire")
	for i := range seen {
		in, from := seen[i].Tuple.DestinationPort == 80, seen[i].SourceHardware.String()
		if (seen[i].Direction == packet.Inbound) != in || in && from != a || !in && from != b || s.InterfaceName(seen[i].IfIndex) != "wire" {
			t.Errorf("segment %d: %v from %v on %q", i, seen[i].Direction, from, s.InterfaceName(seen[i].IfIndex))
		}
	}
}

// sendFrame lets a frame leave an interface.
func sendFrame(t testing.TB, n *lab.Namespace, link string, frame []byte) {
	t.Helper()
	must(t, n.Do(func() error {
		i, err := net.InterfaceByName(link)
		if err != nil {
			return err
		}
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: i.Index})
	}))
}

// TestTag: the kernel takes the VLAN tag off a packet that comes in; it is put
// back, in Ethernet and in cooked frames, and nothing else changes.
func TestTag(t *testing.T) {
	client, server := pair(t)
	plain := segmentFrame(1024, 0x02)
	withTag := slices.Concat(plain[:12], []byte{0x81, 0x00, 0x60, 0x05}, plain[12:])
	for _, interfaces := range [][]string{{"wire"}, nil} {
		var got [][]byte
		var length int
		var segment packet.Segment
		visit(t, server, Config{Interfaces: interfaces, Filter: filter(t, "tcp port 80"), Snap: 128}, func() { sendFrame(t, client, "wire", withTag) }, func(f *packet.Frame) {
			got, length = append(got, slices.Clone(f.Data)), f.Length
			new(packet.Decoder).Decode(f, &segment)
		})
		if len(got) != 1 || !slices.Equal(segment.Tags(), []uint16{5}) || segment.Tuple.SourcePort != 1024 || segment.SourceHardware.String() != "02:00:00:00:00:02" {
			t.Errorf("%v: %x, %+v", interfaces, got, segment)
			continue
		}
		want := withTag
		if interfaces == nil {
			want = slices.Concat(got[0][:20], withTag[14:])
		}
		if !slices.Equal(got[0], want) || length != len(want) {
			t.Errorf("%v: %x of %d octets, want %x", interfaces, got[0], length, want)
		}
	}
}

// TestLoopback: what leaves there comes in there, and counts once.
func TestLoopback(t *testing.T) {
	n := namespace(t, "alone")
	for _, interfaces := range [][]string{{"lo"}, nil} {
		s := start(t, n, Config{Interfaces: interfaces, Filter: filter(t, "tcp port 80")})
		script(t, n, n, "127.0.0.1:80")
		checkScript(t, s.end(t))
	}
}

func TestSeveralInterfaces(t *testing.T) {
	client, server := pair(t)
	s := start(t, server, Config{Interfaces: []string{"wire", "lo"}, Filter: filter(t, "tcp port 80")})
	script(t, client, server, "192.0.2.2:80")
	script(t, server, server, "127.0.0.1:80")
	var wire, lo []packet.Segment
	numbers := map[uint64]bool{}
	for _, segment := range s.end(t) {
		if numbers[segment.Number] = true; segment.Interface == 0 {
			wire = append(wire, segment)
		} else {
			lo = append(lo, segment)
		}
	}
	checkScript(t, wire)
	checkScript(t, lo)
	if len(numbers) != len(wire)+len(lo) {
		t.Errorf("%d numbers for %d segments", len(numbers), len(wire)+len(lo))
	}
}

// TestFilterHolds: what passes before Open and beside the filter is not seen.
// A container that ends takes its interface along; the capture of the others
// goes on if it shall.
func TestAnInterfaceGoesAway(t *testing.T) {
	for _, outlast := range []bool{true, false} {
		_, server := pair(t)
		s := start(t, server, Config{Interfaces: []string{"wire", "lo"}, Filter: filter(t, "tcp port 80"), Outlast: outlast})
		must(t, server.Do(func() error {
			link, err := netlink.LinkByName("wire")
			if err != nil {
				return err
			}
			return netlink.LinkDel(link)
		}))
		if !outlast {
			if err := <-s.done; err == nil || !strings.Contains(err.Error(), "interface is down") {
				t.Errorf("it ended with %v", err)
			}
			continue
		}
		script(t, server, server, "127.0.0.1:80")
		checkScript(t, s.end(t))
	}
}

func TestFilterHolds(t *testing.T) {
	client, server := pair(t)
	script(t, client, server, "192.0.2.2:81")
	s := start(t, server, Config{Interfaces: []string{"wire"}, Filter: filter(t, "dst port 80 and tcp[tcpflags] & tcp-syn != 0")})
	script(t, client, server, "192.0.2.2:80")
	script(t, client, server, "192.0.2.2:82")
	seen := s.end(t)
	if len(seen) != 1 || seen[0].TCP.Flags != tcp.SYN || seen[0].Tuple.DestinationPort != 80 {
		t.Errorf("%d segments, %+v", len(seen), seen)
	}
}

func TestInteresting(t *testing.T) {
	client, server := pair(t)
	s := start(t, server, Config{Interfaces: []string{"wire"}, Filter: filter(t, "tcp port 80"), Sample: 1 << 31})
	script(t, client, server, "192.0.2.2:80")
	for _, segment := range s.end(t) {
		if segment.TCP.Flags&(tcp.SYN|tcp.FIN|tcp.RST) == 0 {
			t.Errorf("%v is no change", segment.TCP)
		}
	}
	if len(s.seen) != 4 {
		t.Errorf("%d segments, want both SYNs and both FINs", len(s.seen))
	}
}

func TestOpenFails(t *testing.T) {
	n := namespace(t, "alone")
	for wants, c := range map[string]Config{
		`there is no interface "nope"; there are lo`: {Interfaces: []string{"nope"}},
		"named twice":   {Interfaces: []string{"lo", "lo"}},
		"Ethernet only": {Filter: filter(t, "ether host 02:00:5e:00:53:01")},
	} {
		err := n.Do(func() error {
			opened, err := Open(c)
			if err == nil {
				opened.Close()
			}
			return err
		})
		if err == nil || !strings.Contains(err.Error(), wants) {
			t.Errorf("%v, want %q", err, wants)
		}
	}
}

// flood sends so many UDP datagrams through the loopback.
func flood(t testing.TB, n *lab.Namespace, datagrams, size int) {
	t.Helper()
	var fd int
	must(t, n.Do(func() (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	}))
	defer unix.Close(fd)
	to := &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}}
	for payload := make([]byte, size); datagrams > 0; datagrams-- {
		_ = unix.Sendto(fd, payload, 0, to) // refused: nobody listens
	}
}

// TestDropsAreCounted lets a ring of two blocks overflow while nobody reads.
func TestDropsAreCounted(t *testing.T) {
	n := namespace(t, "alone")
	var c *Capture
	must(t, n.Do(func() (err error) {
		c, err = Open(Config{Interfaces: []string{"lo"}, Filter: filter(t, "udp dst port 9"), Memory: 1})
		return err
	}))
	defer c.Close()
	const datagrams = 1000
	flood(t, n, datagrams, 4000)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	read := 0
	must(t, c.Each(ctx, func(*packet.Frame) error {
		read++
		return nil
	}))
	counts, err := c.Counts(0)
	must(t, err)
	if counts.Passed != 2*datagrams || counts.Dropped == 0 || counts.Freezes == 0 || counts.Delivered+counts.Dropped != counts.Passed || read == 0 {
		t.Errorf("read %d; %+v", read, counts)
	}
}

// TestCutAndWhole: the kernel keeps as much as was asked for, and tells the
// packet's size.
func TestCutAndWhole(t *testing.T) {
	n := namespace(t, "alone")
	for _, snap := range []uint32{60, 0} {
		s := frames(t, n, Config{Interfaces: []string{"lo"}, Filter: filter(t, "udp dst port 9"), Snap: snap}, func() { flood(t, n, 3, 20000) })
		want := 14 + 20 + 8 + 20000
		kept := want
		if snap > 0 {
			kept = int(snap)
		}
		if !slices.Equal(s, [][2]int{{want, kept}, {want, kept}, {want, kept}}) {
			t.Errorf("snap length %d: %v", snap, s)
		}
	}
}

// frames returns length and kept octets of what do causes.
func frames(t *testing.T, n *lab.Namespace, c Config, do func()) (sizes [][2]int) {
	t.Helper()
	visit(t, n, c, do, func(f *packet.Frame) { sizes = append(sizes, [2]int{f.Length, len(f.Data)}) })
	return sizes
}

// visit captures what do causes.
func visit(t *testing.T, n *lab.Namespace, c Config, do func(), see func(*packet.Frame)) {
	t.Helper()
	var opened *Capture
	must(t, n.Do(func() (err error) {
		opened, err = Open(c)
		return err
	}))
	defer opened.Close()
	do()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	must(t, opened.Each(ctx, func(f *packet.Frame) error {
		see(f)
		return nil
	}))
}
