package sockdiag

import (
	"encoding/hex"
	"errors"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const messagesFile = "testdata/messages.txt"

// recorded returns messages of a real kernel (6.18, little-endian) by name:
// state/kind/family/local port.
func recorded(t testing.TB) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(messagesFile)
	if err != nil {
		t.Fatal(err)
	}
	messages := map[string][]byte{}
	for line := range strings.Lines(string(text)) {
		name, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		if messages[name], err = hex.DecodeString(digits); err != nil {
			t.Fatal(err)
		}
	}
	return messages
}

// described is what a test writes by hand about a message.
type described struct {
	state         tcp.State
	kind          host.Kind
	timer         host.Timer
	local, remote string
	recv, send    uint32
	hasInode      bool
	shutdown      host.Shutdown
	full          bool // info, memory and shutdown are told
}

func TestParseRecordedMessages(t *testing.T) {
	messages := recorded(t)
	for name, want := range map[string]described{
		"CLOSE-WAIT/full/ipv4/port-8003":       {tcp.CloseWait, host.Full, host.TimerOff, "127.0.0.1:8003", "127.0.0.1", 1, 0, true, host.ShutdownReceive, true},
		"ESTABLISHED/full/ipv4/port-8002":      {tcp.Established, host.Full, host.TimerOff, "127.0.0.1:8002", "127.0.0.1", 0, 0, false, 0, true},
		"ESTABLISHED/full/ipv6/port-8008":      {tcp.Established, host.Full, host.TimerOff, "127.0.0.1:8008", "127.0.0.1", 0, 0, true, 0, true},
		"ESTABLISHED/full/ipv6/port-8009":      {tcp.Established, host.Full, host.TimerOff, "[::1]:8009", "::1", 0, 0, true, 0, true},
		"FIN-WAIT-2/full/ipv4/port-32000":      {tcp.FinWait2, host.Full, host.TimerOff, "", "127.0.0.1:8003", 0, 0, true, host.ShutdownSend, true},
		"FIN-WAIT-2/time-wait/ipv4/port-32000": {tcp.FinWait2, host.TimeWaitKind, host.TimerTimeWait, "", "127.0.0.1:8004", 0, 0, false, 0, false},
		"TIME-WAIT/time-wait/ipv4/port-32000":  {tcp.TimeWait, host.TimeWaitKind, host.TimerTimeWait, "", "127.0.0.1:8005", 0, 0, false, 0, false},
		"LISTEN/full/ipv4/port-8002":           {tcp.Listen, host.Full, host.TimerOff, "127.0.0.1:8002", "-", 1, 16, true, 0, true},
		"LISTEN/full/ipv6/port-8008":           {tcp.Listen, host.Full, host.TimerOff, "[::]:8008", "-", 0, 16, true, 0, true},
		"SYN-RECEIVED/request/ipv4/port-8007":  {tcp.SynReceived, host.Request, host.TimerRetransmit, "127.0.0.1:8007", "127.0.0.1", 0, 0, false, 0, false},
		"SYN-SENT/full/ipv4/port-32000":        {tcp.SynSent, host.Full, host.TimerRetransmit, "", "192.0.2.1:8010", 0, 1, true, 0, true},
	} {
		message, ok := messages[name]
		if !ok {
			t.Errorf("no message %s", name)
			continue
		}
		s := host.Socket{Inode: 99, HasInfo: true, Mark: 7} // left over: must be overwritten
		if err := ParseMessage(message, &s); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want.check(t, name, &s)
	}
}

func (want described) check(t *testing.T, name string, s *host.Socket) {
	t.Helper()
	if s.State != want.state || s.Kind != want.kind || s.Timer != want.timer {
		t.Errorf("%s: %v %v %v", name, s.State, s.Kind, s.Timer)
	}
	if want.local != "" && s.Local.String() != want.local {
		t.Errorf("%s: local %v, want %s", name, s.Local, want.local)
	}
	if want.remote == "-" && s.Remote.IsValid() || want.remote != "-" && !strings.HasPrefix(strings.Trim(s.Remote.String(), "["), want.remote) {
		t.Errorf("%s: remote %v, want %s", name, s.Remote, want.remote)
	}
	if s.RecvQueue != want.recv || s.SendQueue != want.send || (s.Inode != 0) != want.hasInode || s.Shutdown != want.shutdown {
		t.Errorf("%s: queues %d and %d, inode %d, shutdown %d", name, s.RecvQueue, s.SendQueue, s.Inode, s.Shutdown)
	}
	if s.HasInfo != want.full || s.HasMemory != want.full || s.HasShutdown != want.full || s.Info.HasSendWindow != want.full {
		t.Errorf("%s: has info %v, memory %v, shutdown %v, window %v", name, s.HasInfo, s.HasMemory, s.HasShutdown, s.Info.HasSendWindow)
	}
}

// build makes a message by hand.
func build(change func(b []byte), attributes ...[]byte) []byte {
	b := make([]byte, messageSize)
	b[offFamily], b[offState] = familyIPv4, 1
	if change != nil {
		change(b)
	}
	for _, a := range attributes {
		b = append(b, a...)
	}
	return b
}

func attribute(kind uint16, value ...byte) []byte {
	b := native.AppendUint16(nil, uint16(attrHeaderSize+len(value)))
	b = append(native.AppendUint16(b, kind), value...)
	return append(b, make([]byte, align4(len(b))-len(b))...)
}

func TestParseBase(t *testing.T) {
	b := build(func(b []byte) {
		b[offTimer], b[offRetrans] = 2, 5
		copy(b[offSourcePort:], []byte{0x1f, 0x90, 0xc0, 0x01})
		copy(b[offSource:], []byte{192, 0, 2, 1})
		copy(b[offDest:], []byte{198, 51, 100, 7})
		for i, word := range []uint32{3, 0x11223344, 0x55667788, 1500, 10, 20, 1000, 4711} {
			native.PutUint32(b[offInterface+4*i:], word)
		}
	}, attribute(attrMark, native.AppendUint32(nil, 0xfeed)...), attribute(attrCgroupID, native.AppendUint64(nil, 77)...),
		attribute(attrV6Only, 1), attribute(attrShutdown, 0xff), attribute(4, 'c', 'u', 'b', 'i', 'c', 0), attribute(99, 1, 2, 3))
	var got host.Socket
	if err := ParseMessage(b, &got); err != nil {
		t.Fatal(err)
	}
	want := host.Socket{
		State: tcp.Established, Local: netip.MustParseAddrPort("192.0.2.1:8080"), Remote: netip.MustParseAddrPort("198.51.100.7:49153"),
		Interface: 3, Cookie: 0x5566778811223344, Timer: host.TimerKeepalive, Retransmits: 5, Expires: 1500 * time.Millisecond,
		RecvQueue: 10, SendQueue: 20, UID: 1000, Inode: 4711,
		Mark: 0xfeed, Cgroup: 77, V6Only: true, Shutdown: host.ShutdownReceive | host.ShutdownSend, HasShutdown: true,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestKinds(t *testing.T) {
	shutdown := attribute(attrShutdown, 0)
	mark := attribute(attrMark, 1, 0, 0, 0)
	withInode := func(state byte) func([]byte) {
		return func(b []byte) { b[offState], b[offInode] = state, 9 }
	}
	plain := func(state, timer byte) func([]byte) {
		return func(b []byte) { b[offState], b[offTimer] = state, timer }
	}
	for _, test := range []struct {
		name  string
		b     []byte
		state tcp.State
		kind  host.Kind
	}{
		{"request", build(plain(3, 1)), tcp.SynReceived, host.Request},
		{"request with mark", build(plain(3, 1), mark), tcp.SynReceived, host.Request},
		{"request by its own number", build(plain(12, 1)), tcp.SynReceived, host.Request},
		{"fast open, not accepted", build(plain(3, 1), shutdown), tcp.SynReceived, host.Full},
		{"full by tcp_info", build(plain(3, 1), attribute(attrInfo, 3)), tcp.SynReceived, host.Full},
		{"simultaneous open", build(withInode(3)), tcp.SynReceived, host.Full},
		{"TIME-WAIT", build(plain(6, 3)), tcp.TimeWait, host.TimeWaitKind},
		{"orphan in a minisocket", build(plain(5, 3)), tcp.FinWait2, host.TimeWaitKind},
		{"orphan in a full socket", build(plain(5, 2), shutdown), tcp.FinWait2, host.Full},
		{"bound, inactive", build(withInode(13)), tcp.Closed, host.Full},
		{"closed", build(withInode(7)), tcp.Closed, host.Full},
	} {
		var s host.Socket
		if err := ParseMessage(test.b, &s); err != nil || s.State != test.state || s.Kind != test.kind {
			t.Errorf("%s: %v %v, %v", test.name, s.State, s.Kind, err)
		}
	}
}

func TestOddValues(t *testing.T) {
	var s host.Socket
	err := ParseMessage(build(func(b []byte) {
		native.PutUint32(b[offExpires:], 0xffffff38) // -200 ms
		native.PutUint64(b[offCookie:], ^uint64(0))  // INET_DIAG_NOCOOKIE
		b[offTimer] = 6                              // of a newer kernel
	}, attribute(attrInfo), attribute(attrSKMemInfo)), &s)
	if err != nil || s.Expires != 0 || s.Cookie != 0 || s.Timer.String() != "timer-6" || s.HasInfo || s.HasMemory {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestParseErrors(t *testing.T) {
	good := build(nil, attribute(attrShutdown, 1))
	for _, test := range []struct {
		name   string
		b      []byte
		offset int
	}{
		{"empty", nil, 0},
		{"short", good[:71], 71},
		{"family", build(func(b []byte) { b[offFamily] = 1 }), offFamily},
		{"state 0", build(func(b []byte) { b[offState] = 0 }), offState},
		{"state 200", build(func(b []byte) { b[offState] = 200 }), offState},
		{"half a header", good[:74], 72},
		{"attribute of length 3", append(build(nil), 3, 0, 8, 0), 72},
		{"attribute too long", append(build(nil), 12, 0, 8, 0), 72},
		{"empty shutdown", build(nil, attribute(attrMark, 1, 2, 3, 4), attribute(attrShutdown)), 80},
		{"empty v6only", build(nil, attribute(attrV6Only)), 72},
		{"short mark", build(nil, attribute(attrMark, 1, 2)), 72},
		{"short cgroup", build(nil, attribute(attrCgroupID, 1, 2, 3, 4)), 72},
	} {
		var s host.Socket
		var parse *ParseError
		if err := ParseMessage(test.b, &s); !errors.As(err, &parse) || parse.Offset != test.offset {
			t.Errorf("%s: %v, want an error at byte %d", test.name, err, test.offset)
		}
	}
}

// Every prefix of a real message is either understood or refused.
func TestTruncatedMessages(t *testing.T) {
	for name, message := range recorded(t) {
		for n := range message {
			var s host.Socket
			if err := ParseMessage(message[:n], &s); n < messageSize && err == nil {
				t.Errorf("%s: %d bytes are understood", name, n)
			}
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	messages := slices.Collect(maps.Values(recorded(t)))
	var s host.Socket
	allocs := testing.AllocsPerRun(100, func() {
		for _, message := range messages {
			if ParseMessage(message, &s) != nil {
				t.Error("refused")
			}
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for %d messages", allocs, len(messages))
	}
}

func FuzzParseMessage(f *testing.F) {
	for _, message := range recorded(f) {
		f.Add(message)
	}
	f.Add(build(nil, attribute(attrInfo, make([]byte, 104)...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s host.Socket
		err := ParseMessage(b, &s)
		if err != nil {
			if parse := (*ParseError)(nil); !errors.As(err, &parse) || parse.Offset > len(b) {
				t.Errorf("error %v", err)
			}
			return
		}
		if s.State == tcp.Unknown || !s.Local.IsValid() || s.Expires < 0 || s.Info.BusyTime < 0 || s.Local.Addr().Is4In6() {
			t.Errorf("%+v", s)
		}
	})
}
