package pasted

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

const plainRow = "tcp 0 0 10.0.0.1:22 10.0.0.2:51000 ESTABLISHED\n"

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		file string
		want tcp.Counts
	}{
		{"counts-awk.txt", tcp.Counts{tcp.TimeWait: 814, tcp.FinWait1: 1, tcp.Established: 20, tcp.SynReceived: 307, tcp.LastAck: 2}},
		{"counts-uniq.txt", tcp.Counts{tcp.TimeWait: 814, tcp.Listen: 12, tcp.Established: 5, tcp.SynReceived: 307}},
	} {
		text := parseFile(t, c.file)
		if text.Tool != CountLines || text.Counts != c.want || text.Sockets != nil || text.Rows != 0 {
			t.Errorf("%s: %q, %v, %d rows", c.file, text.Tool, text.Counts, text.Rows)
		}
		if text.Knows != (Knows{}) {
			t.Errorf("%s: counts tell %v", c.file, text.Knows.words())
		}
	}
}

func TestCountSpellings(t *testing.T) {
	for _, line := range []string{
		"SYN_RECV 3", "3 SYN_RECV", "  3 SYN_RCVD", "SYN_RECEIVED:\t3", "SYN-RECV= 3", "3 tcp SYN_RECV", "3 SYN_EMPFANGEN", "\xef\xbb\xbf3 syn_recv\r",
	} {
		if got := parseString(t, line).Counts[tcp.SynReceived]; got != 3 {
			t.Errorf("%q: %d", line, got)
		}
	}
	if got := parseString(t, "4 LISTENING").Counts[tcp.Listen]; got != 4 {
		t.Errorf("alone LISTENING is a TCP state of Windows: %d", got)
	}
}

func TestCountsBesideSocketsAreLeftOut(t *testing.T) {
	for _, text := range []string{"20 ESTAB\n3 LISTEN\n" + plainRow, plainRow + "20 ESTAB\n"} {
		got := parseString(t, text)
		if got.Counts != (tcp.Counts{tcp.Established: 1}) || got.Damaged != 1 || len(got.Sockets) != 1 {
			t.Errorf("%q: %v, %v", text, got.Counts, got.Skipped)
		}
	}
}

func TestNothingRecognised(t *testing.T) {
	for _, c := range []struct{ text, also string }{
		{"", ""},
		{"\n\n", ""},
		{"Dear all,\nour server is slow. tcp 5 is not it.\n", ""},
		{"Active Internet connections (w/o servers)\nProto Recv-Q Send-Q Local Address\n", ""},
		{"udp 0 0 0.0.0.0:53 0.0.0.0:*\n", ""},
		{"tcp 0 0 10.0.0.1:22 10.0.0.2:51000 ZZZ\n", `line 1: "ZZZ" is no state in any known language`},
		{"\xff\xfe", ""},
		{"\x00\x01\x02", ""},
		{strings.Repeat("x", 3*maxLine), "line 1: longer than 65536 bytes"},
	} {
		text, err := Parse(strings.NewReader(c.text))
		if !errors.Is(err, ErrNoRow) || text == nil || !strings.Contains(err.Error(), c.also) {
			t.Errorf("%.40q: %v", c.text, err)
		}
	}
}

func TestStatelessRowsAreExplained(t *testing.T) {
	file := "$ ss -tn state syn-recv\nRecv-Q Send-Q Local Address:Port Peer Address:Port\n0 0 192.0.2.1:80 203.0.113.77:41022\n"
	text, err := Parse(strings.NewReader(file))
	if !errors.Is(err, ErrNoRow) || text.Damaged != 1 || !strings.Contains(err.Error(), "single state") {
		t.Errorf("%v, %v", text.Skipped, err)
	}
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("disk on fire")
	text, err := Parse(io.MultiReader(strings.NewReader(plainRow), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2") || len(text.Sockets) != 1 {
		t.Errorf("%v, %d sockets", err, len(text.Sockets))
	}
	if _, err := Parse(iotest.OneByteReader(strings.NewReader(plainRow))); err != nil {
		t.Error(err)
	}
}

func TestScanStopsWithTheCaller(t *testing.T) {
	enough := errors.New("enough")
	seen := 0
	_, err := Scan(strings.NewReader(strings.Repeat(plainRow, 10)), func(row *Row) error {
		if seen++; seen == 3 {
			return enough
		}
		return nil
	})
	if err != enough || seen != 3 {
		t.Errorf("%v after %d", err, seen)
	}
}

func TestScanTellsLineAndTool(t *testing.T) {
	var seen []string
	text, err := Scan(strings.NewReader("junk\n"+plainRow+"TCP 10.0.0.1:1 10.0.0.2:2 ESTABLISHED\n"), func(row *Row) error {
		seen = append(seen, fmt.Sprintf("%d %s", row.Line, row.Tool))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "row", seen, []string{"2 netstat linux", "3 netstat windows"})
	if text.Sockets != nil || text.Rows != 2 || text.Counts[tcp.Established] != 2 || text.Lines != 3 {
		t.Errorf("%+v", text)
	}
}

func TestLongLinesAreSkipped(t *testing.T) {
	text := parseString(t, plainRow+"tcp 0 0 "+strings.Repeat("1", 2*maxLine)+"\n"+plainRow)
	if text.Rows != 2 || text.Lines != 3 {
		t.Errorf("%d rows of %d lines", text.Rows, text.Lines)
	}
	same(t, "skipped", []string{text.Skipped[0].String()}, []string{"line 2: longer than 65536 bytes"})
}

func TestSkippedIsBounded(t *testing.T) {
	text := parseString(t, plainRow+strings.Repeat("tcp 0 0 broken\n", 3*MaxSkipped))
	if len(text.Skipped) != MaxSkipped || text.Damaged != 3*MaxSkipped {
		t.Errorf("%d of %d kept", len(text.Skipped), text.Damaged)
	}
}

func TestInfoAndMemory(t *testing.T) {
	s := &parseFile(t, "ss.txt").Sockets[3]
	wantInfo := host.Info{
		RTO: 1632 * time.Millisecond, RTT: 23500 * time.Microsecond, RTTVariance: 11250 * time.Microsecond,
		MinRTT: 21750 * time.Microsecond, LastDataSent: 412 * time.Millisecond, LastDataRecv: 1500 * time.Millisecond,
		LastAckRecv: 1400 * time.Millisecond, Backoff: 3, Options: 1 | 2 | 4 | 8, SendMSS: 1448, RecvMSS: 536, PMTU: 1500,
		Unacked: 1, TotalRetrans: 2, CongestionWin: 1, NotSent: 12, HasSendWindow: true, BytesAcked: 8964,
		BytesReceived: 4500, BytesSent: 9000, SegmentsIn: 80, SegmentsOut: 90, BusyTime: 900 * time.Millisecond,
		WindowLimited: 20 * time.Millisecond, BufferLimited: 10 * time.Millisecond, DeliveryRate: 1_000_000,
	}
	if !s.HasInfo || s.Info != wantInfo {
		t.Errorf("info\n got  %+v\n want %+v", s.Info, wantInfo)
	}
	wantMemory := host.Memory{RecvBuffer: 131072, SendBuffer: 87040, Forward: 4096, SendQueued: 4352}
	if !s.HasMemory || s.Memory != wantMemory {
		t.Errorf("memory\n got  %+v\n want %+v", s.Memory, wantMemory)
	}
	if s.Cookie != 0x1f || s.Mark != 0x10 {
		t.Errorf("cookie %x, mark %x", s.Cookie, s.Mark)
	}
}

func TestListenerDrops(t *testing.T) {
	if got := parseFile(t, "ss.txt").Sockets[0].Memory.Drops; got != 2871 {
		t.Errorf("got %d", got)
	}
}

func TestShutdown(t *testing.T) {
	sockets := parseFile(t, "ss.txt").Sockets
	for i, want := range map[int]host.Shutdown{0: 0, 7: host.ShutdownReceive, 8: host.ShutdownReceive | host.ShutdownSend} {
		if s := &sockets[i]; !s.HasShutdown || s.Shutdown != want {
			t.Errorf("%v: %v", s.State, s.Shutdown)
		}
	}
	if sockets[5].HasShutdown {
		t.Error("a minisocket has no mask")
	}
}

func TestProcesses(t *testing.T) {
	text := parseString(t, "ESTAB 0 0 10.0.0.1:80 10.0.0.2:1 users:((\"b\",pid=20,fd=4),(\"a\",pid=10,fd=3))\n"+
		"ESTAB 0 0 10.0.0.1:80 10.0.0.2:2 users:((\"b\",pid=20,fd=5)) ino:7 sk:1\n"+
		"ESTAB 0 0 10.0.0.1:80 10.0.0.2:3\n")
	got := text.Processes()
	invented := text.Sockets[0].Inode
	want := host.Processes{
		List:   []host.Process{{PID: 10, Name: "a"}, {PID: 20, Name: "b"}},
		Owners: []host.Owner{{Inode: 7, PID: 20, FD: 5}, {Inode: invented, PID: 10, FD: 3}, {Inode: invented, PID: 20, FD: 4}},
	}
	if invented == 0 || invented == 7 || text.Sockets[2].Inode != 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestUTF16(t *testing.T) {
	wide := func(s string, big bool) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			if big {
				b.Write([]byte{0, c})
			} else {
				b.Write([]byte{c, 0})
			}
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"marked":       "\xff\xfe" + wide(plainRow, false),
		"big-endian":   "\xfe\xff" + wide(plainRow, true),
		"unmarked":     wide(plainRow, false),
		"half a unit":  "\xff\xfe" + wide(plainRow, false) + "x",
		"lone half":    "\xff\xfe" + wide(plainRow, false) + "\x00\xd8",
		"UTF-8 marked": "\xef\xbb\xbf" + plainRow,
	} {
		if got := parseString(t, text); got.Rows != 1 || got.Tool != NetstatLinux {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRemoteOfListenersIsZero(t *testing.T) {
	for _, file := range []string{"netstat-linux.txt", "netstat-bsd.txt", "netstat-macos.txt", "netstat-windows.txt", "ss.txt", "proc.txt"} {
		for _, s := range parseFile(t, file).Sockets {
			if s.State == tcp.Listen && s.Remote != (netip.AddrPort{}) {
				t.Errorf("%s: %v", file, s.Remote)
			}
		}
	}
}

func TestOldStarIsLearntFromLaterRows(t *testing.T) {
	text := parseString(t, "LISTEN 0 128 *:22 *:*\nLISTEN 0 128 :::22 :::*\n")
	same(t, "socket", text.describe(), []string{"LISTEN 0.0.0.0:22 - q=0/128", "LISTEN [::]:22 - q=0/128"})
}

func TestSpellingsOfStates(t *testing.T) {
	for _, state := range tcp.States() {
		words := host.Vocabulary(state)
		for _, word := range append(words.Netstat, words.RFC, words.Linux, words.SS) {
			text := parseString(t, "tcp 0 0 10.0.0.1:22 10.0.0.2:51000 "+word)
			if got := text.Sockets[0].State; got != state {
				t.Errorf("%s is read as %v", word, got)
			}
		}
	}
}

func TestLocalizedWordsDoNotCollide(t *testing.T) {
	seen := map[string]tcp.State{}
	for word, state := range localized {
		var space [longestWord]byte
		folded := string(fold(&space, []byte(word)))
		if other, ok := seen[folded]; ok && other != state || folded == "" {
			t.Errorf("%s folds into %q, as %v does", word, folded, other)
		}
		seen[folded] = state
		if known, err := host.ParseState(word); err == nil && known != state {
			t.Errorf("%s is %v elsewhere", word, known)
		}
	}
}

func TestTimesOfSS(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "204ms": 204 * time.Millisecond, "1.204ms": 1204 * time.Millisecond, "59sec": 59 * time.Second,
		"1min59sec": 119 * time.Second, "119min": 119 * time.Minute, "x": 0, "99999999999999999999ms": 0,
	} {
		if got := ssTime([]byte(text)); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestUnknownTimerWordTellsNothing(t *testing.T) {
	text := parseString(t, "tcp 0 0 10.0.0.1:22 10.0.0.2:51000 ESTABLISHED foo (1.00/2/3)")
	if text.Knows.Timers || text.Sockets[0].Timer != host.TimerOff || len(text.Owners) != 0 {
		t.Errorf("%+v", text)
	}
}

// TestOddRows reads rows that only some releases or options print.
func TestOddRows(t *testing.T) {
	for text, want := range map[string]string{
		"LISTEN 0 9 [::]%eth0:80 [::]:*":                             "LISTEN [::]:80 - q=0/9",
		"LISTEN 0 9 [fe80::1%eth0]:80 *:*":                           "LISTEN [fe80::1]:80 - q=0/9",
		"ESTAB 0 0 [127.0.0.1]:80 [127.0.0.1]:81":                    "ESTABLISHED 127.0.0.1:80 127.0.0.1:81",
		"tcp ESTAB 0 0 10.0.0.1:80 10.0.0.2:81 users:((\"a\",pid=1":  "ESTABLISHED 10.0.0.1:80 10.0.0.2:81",
		"tcp ESTAB 0 0 10.0.0.1:80 10.0.0.2:81 users:((\"a":          "ESTABLISHED 10.0.0.1:80 10.0.0.2:81",
		"tcp 0 0 10.0.0.1:80 10.0.0.2:81 ESTABLISHED off (0.00/x/0)": "ESTABLISHED 10.0.0.1:80 10.0.0.2:81",
		"tcp 0 0 10.0.0.1:80 10.0.0.2:81 ESTABLISHED 12/prog 5":      "ESTABLISHED 10.0.0.1:80 10.0.0.2:81 12:prog 5",
		"tcp 0 0 10.0.0.1:80 10.0.0.2:81 ESTABLISHED root 77":        "ESTABLISHED 10.0.0.1:80 10.0.0.2:81 ino=77",
	} {
		same(t, text, parseString(t, text).describe(), []string{want})
	}
}

// TestAddressesThatOnlyLookBigEndian: 10.0.0.127 begins with 7F when its bytes
// are read backwards.
func TestAddressesThatOnlyLookBigEndian(t *testing.T) {
	text := parseString(t, "0: 7F00000A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1")
	same(t, "socket", text.describe(), []string{"LISTEN 10.0.0.127:80 - ino=7"})
}
