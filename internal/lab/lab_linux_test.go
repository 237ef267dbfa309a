package lab

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if err := Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "kernel tests skipped:", err)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func open2(t *testing.T) (a, b *Namespace) {
	t.Helper()
	var err error
	if a, err = NewNamespace("a"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if b, err = NewNamespace("b"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := Connect(a, b, "eth0", []string{"192.0.2.1/24", "2001:db8::1/64"}, []string{"192.0.2.2/24", "2001:db8::2/64"}); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestConnectionBetweenNamespaces(t *testing.T) {
	a, b := open2(t)
	listener, err := b.Listen("[::]:80", 4)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for _, to := range []string{"192.0.2.2:80", "[2001:db8::2]:80"} {
		ours, err := a.Dial(to)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if err := ours.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 16)
		if n, err := theirs.Read(got); err != nil || string(got[:n]) != "hello" {
			t.Errorf("%s: read %q, %v", to, got[:n], err)
		}
		ours.Close()
		theirs.Close()
	}
}

func TestSettingsStayInside(t *testing.T) {
	const path = "/proc/sys/net/ipv4/tcp_fin_timeout"
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := NewNamespace("a")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Set("net.ipv4.tcp_fin_timeout", "7"); err != nil {
		t.Fatal(err)
	}
	var inside []byte
	if err := n.Do(func() (err error) { inside, err = os.ReadFile(path); return err }); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(inside)) != "7" || string(after) != string(before) {
		t.Errorf("inside %q, outside %q before and %q after", inside, before, after)
	}
}

func TestFloodKeepsItsBounds(t *testing.T) {
	n, err := NewNamespace("a")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	target := netip.MustParseAddrPort("192.0.2.2:80")
	for _, flood := range []Flood{
		{Target: target, Count: maxFloodSegments + 1, Rate: 10},
		{Target: target, Count: 10, Rate: maxFloodRate + 1},
		{Target: target, Count: 10, Rate: 0},
	} {
		if err := n.Send(context.Background(), flood); err == nil {
			t.Errorf("%+v was not refused", flood)
		}
	}
	if err := notOnHost(); err == nil {
		t.Error("a thread in the namespace that the process began in may not send forged segments")
	}
	if err := n.Do(notOnHost); err != nil {
		t.Errorf("a thread of the lab may: %v", err)
	}
}

func TestCutIsSilent(t *testing.T) {
	a, b := open2(t)
	listener, err := b.Listen("0.0.0.0:80", 4)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := b.Cut("eth0"); err != nil {
		t.Fatal(err)
	}
	s, err := a.Start("192.0.2.2:80")
	if err != nil {
		t.Fatalf("a SYN into a dead link is no error: %v", err)
	}
	s.Close()
}

// The segment must be one that a kernel accepts.
func TestSegmentIsAValidSYN(t *testing.T) {
	flood := Flood{Target: netip.MustParseAddrPort("192.0.2.2:80"), Sources: netip.MustParsePrefix("11.0.0.0/8")}
	segment := flood.segment(rand.New(rand.NewPCG(1, 1)))
	if segment[12] != 11 || hex.EncodeToString(segment[16:20]) != "c0000202" || segment[33] != 0x02 {
		t.Errorf("segment %x", segment)
	}
	// A valid checksum makes the sum over everything, itself included, zero.
	if sum := checksum(segment[12:20], segment[20:]); sum != 0 {
		t.Errorf("checksum is off by %#04x", sum)
	}
}

func TestFloodStopsWithItsContext(t *testing.T) {
	a, _ := open2(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- a.Send(ctx, Flood{Target: netip.MustParseAddrPort("192.0.2.2:80"), Sources: netip.MustParsePrefix("11.0.0.0/8"), Count: maxFloodSegments, Rate: 100})
	}()
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the flood goes on")
	}
}
