package sockdiag

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

var update = flag.Bool("update", false, "record the kernel's messages in testdata")

func TestKernel(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		stage := newStage(t)
		stage.play()
		t.Run("states", stage.checkStates)
		t.Run("fields", stage.checkFields)
		t.Run("filter by state", stage.checkStateFilter)
		t.Run("old and new request agree", stage.checkForms)
		t.Run("agrees with ss", stage.checkSS)
		t.Run("cancelled", stage.checkCancel)
		if *update {
			stage.record()
		}
	})
}

func (s *stage) checkStates(t *testing.T) {
	want := tcp.Counts{}
	for state, n := range map[tcp.State]uint64{
		tcp.Listen: 9, tcp.SynSent: 1, tcp.SynReceived: 1, tcp.FinWait1: 1, tcp.FinWait2: 2, tcp.CloseWait: 2, tcp.TimeWait: 1,
		tcp.Established: 2 + 2 + 1 + 1 + 2 + 2,
	} {
		want[state] = n
	}
	var got tcp.Counts
	s.eventually("all states", func() bool {
		counts, result, err := Count(context.Background(), Options{})
		s.must(err)
		if uint64(result.Sockets) != counts.Total() {
			t.Errorf("%d sockets, but counts of %d", result.Sockets, counts.Total())
		}
		got = counts
		return got == want || t.Failed()
	})
	if shot, _ := Snapshot(context.Background(), Options{}); shot.Count() != got {
		t.Errorf("Count %v, Snapshot %v", got, shot.Count())
	}
}

// expect describes one socket; nil leaves a field open.
type expect struct {
	state      tcp.State
	port       uint16
	kind       host.Kind
	timer      host.Timer
	inode      bool
	recv, send func(uint32) bool
}

func exactly(n uint32) func(uint32) bool { return func(got uint32) bool { return got == n } }
func some(n uint32) bool                 { return n > 0 }

func (s *stage) checkFields(t *testing.T) {
	for _, want := range []expect{
		{tcp.Listen, portUnaccepted, host.Full, host.TimerOff, true, exactly(1), exactly(16)},
		{tcp.Listen, portEstablished, host.Full, host.TimerOff, true, exactly(0), exactly(16)},
		{tcp.FinWait2, portHalfClosed, host.Full, host.TimerOff, true, exactly(0), exactly(0)},
		{tcp.CloseWait, portHalfClosed, host.Full, host.TimerOff, true, exactly(1), exactly(0)},
		{tcp.FinWait2, portOrphan, host.TimeWaitKind, host.TimerTimeWait, false, exactly(0), exactly(0)},
		{tcp.CloseWait, portOrphan, host.Full, host.TimerOff, true, exactly(1), exactly(0)},
		{tcp.TimeWait, portTimeWait, host.TimeWaitKind, host.TimerTimeWait, false, exactly(0), exactly(0)},
		{tcp.FinWait1, portFull, host.Full, host.TimerProbe, true, exactly(0), some},
		{tcp.Established, portFull, host.Full, host.TimerOff, true, some, exactly(0)},
		{tcp.SynReceived, portDefer, host.Request, host.TimerRetransmit, false, exactly(0), exactly(0)},
		{tcp.SynSent, portFiltered, host.Full, host.TimerRetransmit, true, exactly(0), exactly(1)},
	} {
		s.eventually(fmt.Sprintf("%v on port %d with timer %v", want.state, want.port, want.timer), func() bool {
			got := s.find(want.state, want.port)
			return got != nil && got.Kind == want.kind && got.Timer == want.timer && (got.Inode != 0) == want.inode &&
				want.recv(got.RecvQueue) && want.send(got.SendQueue)
		})
		checkKind(t, s.find(want.state, want.port))
	}
	s.checkEnds(t)
	s.checkUnaccepted(t)
}

// checkKind checks what goes with a kind, whatever the state.
func checkKind(t *testing.T, s *host.Socket) {
	t.Helper()
	if s.Cookie == 0 {
		t.Errorf("%v has no cookie", s)
	}
	if full := s.Kind == host.Full; s.HasInfo != full || s.HasMemory != full || s.HasShutdown != full {
		t.Errorf("%v %v: info %v, memory %v, shutdown %v", s.Kind, s.State, s.HasInfo, s.HasMemory, s.HasShutdown)
	}
	if (s.Timer == host.TimerOff) != (s.Expires == 0) {
		t.Errorf("%v: timer %v expires in %v", s.State, s.Timer, s.Expires)
	}
	if s.Kind == host.TimeWaitKind && (s.Expires < 40*time.Second || s.Expires > time.Minute) {
		t.Errorf("minisocket expires in %v", s.Expires)
	}
	if s.State == tcp.CloseWait && s.Shutdown != host.ShutdownReceive || s.State == tcp.FinWait1 && s.Shutdown != host.ShutdownSend {
		t.Errorf("%v has shutdown %v", s.State, s.Shutdown)
	}
	if s.Kind == host.Full && s.State != tcp.Listen && (s.Info.RTO < 200*time.Millisecond || s.Info.RTO > time.Minute || s.Memory.SendBuffer == 0) {
		t.Errorf("%v: info %+v, memory %+v", s.State, s.Info, s.Memory)
	}
}

func (s *stage) checkEnds(t *testing.T) {
	if got := s.find(tcp.Listen, portDual); got.Local.Addr() != netip.IPv6Unspecified() || got.V6Only || got.Remote.IsValid() {
		t.Errorf("dual-stack listener: %+v", got)
	}
	if got := s.find(tcp.Listen, portSix); got.Local.Addr() != loopback6 {
		t.Errorf("IPv6 listener: %+v", got)
	}
	if got := s.find(tcp.Established, portSix); got.Local.Addr() != loopback6 || got.Remote.Addr() != loopback6 {
		t.Errorf("IPv6 connection: %+v", got)
	}
	for _, got := range s.dump(Options{}) {
		if got.State == tcp.Established && got.Local.Port() == portDual && (got.Local.Addr() != loopback4 || got.Remote.Addr() != loopback4) {
			t.Errorf("mapped addresses: %+v", got)
		}
	}
}

func (s *stage) checkUnaccepted(t *testing.T) {
	for _, got := range s.dump(Options{}) {
		if got.State != tcp.Established {
			continue
		}
		neverAccepted := got.Local.Port() == portUnaccepted
		if (got.Inode == 0) != neverAccepted || got.Kind != host.Full {
			t.Errorf("inode %d of %v %v", got.Inode, got.Kind, got.Local)
		}
	}
}

func (s *stage) checkStateFilter(t *testing.T) {
	for _, state := range tcp.States() {
		for _, got := range s.dump(Options{States: tcp.SetOf(state)}) {
			if got.State != state {
				t.Errorf("asked for %v, got %v", state, got.State)
			}
		}
	}
	if got := len(s.dump(Options{States: tcp.SetOf(tcp.SynReceived, tcp.TimeWait)})); got != 2 {
		t.Errorf("%d sockets in SYN-RECEIVED and TIME-WAIT, want 2", got)
	}
}

// checkForms compares the one walk of the old request with the two of the new.
func (s *stage) checkForms(t *testing.T) {
	o := Options{Info: true, Memory: true}
	ask := func(families ...uint8) (lines []string) {
		c, err := open(0)
		s.must(err)
		defer c.Close()
		var socket host.Socket
		for _, family := range families {
			s.must(c.dump(context.Background(), o.request(family), "test", new(Result), func(b []byte) error {
				err := ParseMessage(b, &socket)
				lines = append(lines, stable(socket))
				return err
			}))
		}
		slices.Sort(lines)
		return lines
	}
	if old, separate := ask(0), ask(familyIPv4, familyIPv6); !slices.Equal(old, separate) {
		t.Errorf("one walk:\n%s\ntwo walks:\n%s", strings.Join(old, "\n"), strings.Join(separate, "\n"))
	}
}

// stable prints a socket without what time moves.
func stable(s host.Socket) string {
	s.Timer, s.Expires, s.Retransmits = 0, 0, 0
	s.Memory = host.Memory{RecvBuffer: s.Memory.RecvBuffer, SendBuffer: s.Memory.SendBuffer, Drops: s.Memory.Drops}
	s.Info = host.Info{SendMSS: s.Info.SendMSS, RecvMSS: s.Info.RecvMSS, PMTU: s.Info.PMTU}
	return fmt.Sprintf("%+v", s)
}

func (s *stage) checkCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Count(ctx, Options{}); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
	seen := 0
	_, err := Dump(context.Background(), Options{}, func(*host.Socket) error { seen++; return os.ErrClosed })
	if err != os.ErrClosed || seen != 1 {
		t.Errorf("stopped by the callback: %v after %d", err, seen)
	}
}

// record writes one message of each kind and state for tests without a kernel.
func (s *stage) record() {
	var lines []string
	seen := map[string]bool{}
	_, err := walk(context.Background(), Options{Info: true, Memory: true}, func(b []byte) error {
		var socket host.Socket
		err := ParseMessage(b, &socket)
		name := fmt.Sprintf("%v/%v/%v/port-%d", socket.State, socket.Kind, map[uint8]string{2: "ipv4", 10: "ipv6"}[b[offFamily]], min(socket.Local.Port(), 32000))
		if !seen[name] {
			seen[name] = true
			lines = append(lines, name+" "+hex.EncodeToString(b)+"\n")
		}
		return err
	})
	s.must(err)
	slices.Sort(lines)
	s.must(os.WriteFile(messagesFile, []byte(strings.Join(lines, "")), 0o644))
}
