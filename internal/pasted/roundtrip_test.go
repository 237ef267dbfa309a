package pasted

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// sample is a random socket with at most one owner (PID 0 is none).
type sample struct {
	socket host.Socket
	owner  Owner
}

// printer writes samples as one tool does; keep reduces a sample to what that
// tool shows.
type printer struct {
	tool  Tool
	head  string
	print func(*sample) string
	keep  func(*sample)
}

var printers = []printer{
	// The first rows show that addresses are printed whole.
	{NetstatLinux, "tcp6 0 0 2001:db8:1111:2222:3333::1:1 :::* LISTEN 0 0 - off (0.00/0/0)\n", printLinux, keepLinux},
	{NetstatBSD, "tcp6 0 0 2001:db8:1111:2222:3333::1.1 *.* LISTEN\n", printBSD, keepBSD},
	{NetstatWindows, "TCP [2001:db8:1111:2222:3333::1]:1 [::]:0 LISTENING 0\n", printWindows, keepWindows},
	{SS, "LISTEN 0 0 [2001:db8:1111:2222:3333::1]:1 [::]:*\n", printSS, keepSS},
	{Proc, "  sl  local_address\n", printProc, keepProc},
}

func TestRoundTrip(t *testing.T) {
	for _, p := range printers {
		t.Run(string(p.tool), func(t *testing.T) {
			random := rand.New(rand.NewPCG(4, 5))
			var text strings.Builder
			var want []string
			text.WriteString(p.head)
			for range 3000 {
				s := randomSample(random)
				p.keep(s)
				text.WriteString(p.print(s) + "\n")
				want = append(want, detail(&s.socket, s.owners()))
			}
			checkRoundTrip(t, parseString(t, text.String()), p.tool, want)
		})
	}
}

func checkRoundTrip(t *testing.T, got *Text, tool Tool, want []string) {
	t.Helper()
	var lines []string
	owners := map[int][]Owner{}
	for _, o := range got.Owners {
		owners[o.Socket] = append(owners[o.Socket], o)
	}
	extra := len(got.Sockets) - len(want) // the first row
	for i := range want {
		lines = append(lines, detail(&got.Sockets[i+extra], owners[i+extra]))
	}
	same(t, "socket", lines, want)
	if got.Tool != tool || got.Damaged != 0 || got.Cut != 0 || got.Named != 0 {
		t.Errorf("%q, %d damaged, %d cut, %d named", got.Tool, got.Damaged, got.Cut, got.Named)
	}
}

// detail is describe with the facts of ss.
func detail(s *host.Socket, owners []Owner) string {
	return fmt.Sprintf("%s sk=%x mark=%x shutdown=%d,%v", describe(s, owners), s.Cookie, s.Mark, s.Shutdown, s.HasShutdown)
}

func (s *sample) owners() []Owner {
	if s.owner.PID == 0 {
		return nil
	}
	return []Owner{s.owner}
}

func randomSample(r *rand.Rand) *sample {
	six := r.IntN(2) == 0
	states := tcp.States()
	s := &sample{socket: host.Socket{
		State: states[r.IntN(len(states))], Local: randomEnd(r, six), Remote: randomEnd(r, six),
		RecvQueue: uint32(r.IntN(5000)), SendQueue: uint32(r.IntN(5000)), Inode: r.Uint32(), UID: uint32(r.IntN(70000)),
		Timer: host.Timer(r.IntN(5)), Expires: randomTime(r), Retransmits: uint8(r.IntN(256)),
		Cookie: r.Uint64() >> r.IntN(64), Mark: r.Uint32(), Shutdown: host.Shutdown(r.IntN(4)), HasShutdown: true,
	}, owner: Owner{PID: 1 + r.IntN(99999), FD: r.IntN(1000), Name: randomName(r)}}
	s.settle()
	return s
}

// settle makes the sample one that a kernel could have.
func (s *sample) settle() {
	k := &s.socket
	switch {
	case k.State == tcp.Listen:
		k.Remote, k.Timer = netip.AddrPort{}, host.TimerOff
	case k.State == tcp.TimeWait || k.Timer == host.TimerTimeWait && k.State == tcp.FinWait2:
		k.Kind, k.Timer, k.Retransmits = host.TimeWaitKind, host.TimerTimeWait, 0
		s.disown()
	case k.Timer == host.TimerTimeWait:
		k.Timer = host.TimerOff
	case k.State == tcp.SynReceived:
		k.Kind, k.Timer = host.Request, host.TimerRetransmit
		s.disown()
	}
	if k.State == tcp.SynReceived && k.Kind == host.Full {
		k.Kind = host.Request
		s.disown()
	}
	if k.Timer == host.TimerOff {
		k.Expires, k.Retransmits = 0, 0
	}
}

func (s *sample) disown() { s.socket.Inode, s.owner = 0, Owner{} }

func randomEnd(r *rand.Rand, six bool) netip.AddrPort {
	var raw [16]byte
	for i := 0; i < len(raw); i += 2 {
		binary.BigEndian.PutUint16(raw[i:], uint16(r.Uint32()>>r.IntN(16))&uint16(-r.IntN(2)))
	}
	raw[0] = 0x20
	addr := netip.AddrFrom16(raw)
	if !six {
		raw[3] |= 2 // not loopback read backwards
		addr = netip.AddrFrom4([4]byte(raw[:4]))
	}
	return netip.AddrPortFrom(addr, uint16(1+r.IntN(65535)))
}

// randomTime is one that ss can write: it drops milliseconds from ten seconds
// on and seconds from ten minutes on. Below that, hundredths.
func randomTime(r *rand.Rand) time.Duration {
	switch r.IntN(3) {
	case 0:
		return time.Duration(1+r.IntN(999)) * 10 * time.Millisecond
	case 1:
		return time.Duration(10+r.IntN(590)) * time.Second
	}
	return time.Duration(10+r.IntN(110)) * time.Minute
}

func randomName(r *rand.Rand) string {
	names := []string{"nginx", "java", "php-fpm: master", "Web Content", "(squid-1)", "kworker/0:1", "it's", "a,b"}
	return names[r.IntN(len(names))]
}

func keepLinux(s *sample) {
	k := &s.socket
	k.Cookie, k.Mark, k.Shutdown, k.HasShutdown = 0, 0, 0, false
	s.owner.FD = -1
}

func printLinux(s *sample) string {
	k := &s.socket
	program := "-"
	if s.owner.PID != 0 {
		program = fmt.Sprintf("%d/%s", s.owner.PID, s.owner.Name)
	}
	remote := fmt.Sprintf("%v:%d", k.Remote.Addr(), k.Remote.Port())
	if k.State == tcp.Listen {
		remote = "0.0.0.0:*"
	}
	retransmits, probes := k.Retransmits, uint8(0)
	if k.Timer == host.TimerKeepalive || k.Timer == host.TimerProbe {
		retransmits, probes = 0, k.Retransmits
	}
	protocol := "tcp"
	if k.Local.Addr().Is6() {
		protocol = "tcp6"
	}
	return fmt.Sprintf("%-5s %6d %6d %-23s %-23s %-11s %-10d %-10d %-20s %v (%.2f/%d/%d)", protocol, k.RecvQueue, k.SendQueue,
		fmt.Sprintf("%v:%d", k.Local.Addr(), k.Local.Port()), remote, host.Vocabulary(k.State).Netstat[0], k.UID, k.Inode, program,
		k.Timer, k.Expires.Seconds(), retransmits, probes)
}

func keepBSD(s *sample) {
	keepWindows(s)
	s.owner = Owner{}
}

func printBSD(s *sample) string {
	k := &s.socket
	protocol, remote := "tcp4", fmt.Sprintf("%v.%d", k.Remote.Addr(), k.Remote.Port())
	if k.Local.Addr().Is6() {
		protocol = "tcp6"
	}
	if k.State == tcp.Listen {
		remote = "*.*"
	}
	return fmt.Sprintf("%-5s %6d %6d %-45s %-45s %s", protocol, k.RecvQueue, k.SendQueue,
		fmt.Sprintf("%v.%d", k.Local.Addr(), k.Local.Port()), remote, host.Vocabulary(k.State).Netstat[1%len(host.Vocabulary(k.State).Netstat)])
}

// keepWindows keeps what every netstat shows.
func keepWindows(s *sample) {
	k := &s.socket
	s.socket = host.Socket{State: k.State, Local: k.Local, Remote: k.Remote}
	switch {
	case k.State == tcp.TimeWait:
		s.socket.Kind = host.TimeWaitKind
	case k.State == tcp.SynReceived:
		s.socket.Kind = host.Request
	}
	s.owner.FD, s.owner.Name = -1, ""
}

func printWindows(s *sample) string {
	k := &s.socket
	remote := k.Remote.String()
	if k.State == tcp.Listen {
		remote = "0.0.0.0:0"
	}
	return fmt.Sprintf("  TCP    %-22v %-22v %-15s %d\r", k.Local, remote, host.Vocabulary(k.State).Netstat[0], s.owner.PID)
}

func keepSS(s *sample) {
	if s.socket.Kind == host.TimeWaitKind {
		s.socket.Shutdown, s.socket.HasShutdown = 0, false
	}
}

func printSS(s *sample) string {
	k := &s.socket
	remote := k.Remote.String()
	if k.State == tcp.Listen {
		remote = "0.0.0.0:*"
	}
	line := fmt.Sprintf("%-10s %-6d %-6d %v %v", host.Vocabulary(k.State).SS, k.RecvQueue, k.SendQueue, k.Local, remote)
	if s.owner.PID != 0 {
		line += fmt.Sprintf(" users:((\"%s\",pid=%d,fd=%d))", s.owner.Name, s.owner.PID, s.owner.FD)
	}
	if k.Timer != host.TimerOff {
		line += fmt.Sprintf(" timer:(%s,%s,%d)", strings.Replace(k.Timer.String(), "probe", "persist", 1), timeOfSS(k.Expires), k.Retransmits)
	}
	line += fmt.Sprintf(" uid:%d ino:%d sk:%x fwmark:0x%x cgroup:/", k.UID, k.Inode, k.Cookie, k.Mark)
	if k.HasShutdown {
		line += " " + [...]string{"<->", "-->", "<--", "---"}[k.Shutdown]
	}
	return line
}

func timeOfSS(d time.Duration) string {
	minutes, seconds, ms := int(d.Minutes()), int(d.Seconds())%60, int(d.Milliseconds())%1000
	text := ""
	if minutes > 0 {
		text, ms = fmt.Sprintf("%dmin", minutes), 0
	}
	switch {
	case seconds > 0 && ms > 0:
		return text + fmt.Sprintf("%d.%03dms", seconds, ms)
	case seconds > 0:
		return text + fmt.Sprintf("%dsec", seconds)
	case ms > 0:
		return text + fmt.Sprintf("%03dms", ms)
	}
	return text
}

func keepProc(s *sample) {
	keepLinux(s)
	s.owner = Owner{}
}

func printProc(s *sample) string {
	k := &s.socket
	number, timer := host.LinuxNumber(k.State), uint8(k.Timer)
	retransmits, probes := k.Retransmits, uint8(0)
	if k.Timer == host.TimerKeepalive || k.Timer == host.TimerProbe {
		retransmits, probes = 0, k.Retransmits
	}
	remote := k.Remote
	if k.State == tcp.Listen {
		remote = netip.AddrPortFrom(unspecified(k.Local.Addr()), 0)
	}
	return fmt.Sprintf("%4d: %s %s %02X %08X:%08X %02X:%08X %08X %5d %8d %d 1 0000000000000000", 0, procHex(k.Local), procHex(remote),
		number, k.SendQueue, k.RecvQueue, timer, k.Expires.Milliseconds()/10, retransmits, k.UID, probes, k.Inode)
}

func unspecified(like netip.Addr) netip.Addr {
	if like.Is6() {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// procHex writes an end as a little-endian kernel does.
func procHex(a netip.AddrPort) string {
	var out strings.Builder
	raw := a.Addr().AsSlice()
	for i := 0; i < len(raw); i += 4 {
		fmt.Fprintf(&out, "%08X", binary.LittleEndian.Uint32(raw[i:]))
	}
	return fmt.Sprintf("%s:%04X", out.String(), a.Port())
}
