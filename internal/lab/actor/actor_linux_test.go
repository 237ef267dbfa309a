package actor

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever an actor is told, it keeps its bounds.
func TestBounds(t *testing.T) {
	for _, c := range [][2]int{{maxSegments + 1, 10}, {10, maxRate + 1}, {10, 0}, {0, 10}, {-1, 10}, {10, -1}} {
		if err := checkBounds(c[0], c[1]); err == nil || !strings.Contains(err.Error(), "bounds") {
			t.Errorf("%d at %d/s: %v", c[0], c[1], err)
		}
	}
	if err := checkBounds(maxSegments, maxRate); err != nil {
		t.Error(err)
	}
}

// An actor sends nothing in the namespace of the process that started it, nor in
// one that the lab did not put it in.
func TestFloodsAndScansAreRefusedOutside(t *testing.T) {
	for _, o := range []Order{
		{Do: "flood", To: "192.0.2.2:80", Prefix: "11.0.0.0/8", Count: 10, Rate: 10},
		{Do: "scan", To: "192.0.2.2:80", Count: 10, Rate: 10},
	} {
		if answer := answerTo(t, o); !strings.Contains(answer.Error, "outside a namespace of the lab") {
			t.Errorf("%s: %q", o.Do, answer.Error)
		}
	}
	for name, c := range map[string]struct {
		order Order
		says  string
	}{
		"two families": {Order{Do: "flood", To: "192.0.2.2:80", Prefix: "2001:db8::/32", Count: 10, Rate: 10}, "two families"},
		"no prefix":    {Order{Do: "flood", To: "192.0.2.2:80", Count: 10, Rate: 10}, "no '/'"},
		"no target":    {Order{Do: "flood", To: "here", Prefix: "11.0.0.0/8", Count: 10, Rate: 10}, "not an ip:port"},
	} {
		if answer := answerTo(t, c.order); !strings.Contains(answer.Error, c.says) {
			t.Errorf("%s: %q", name, answer.Error)
		}
	}
}

func answerTo(t *testing.T, o Order) (answer Answer) {
	t.Helper()
	line, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Builder{}
	if err := play(strings.NewReader(string(line)), &answers); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(answers.String()), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestOrdersThatMakeNoSense(t *testing.T) {
	for _, line := range []string{
		`{"Do":"dance"}`, `{"Do":"listen","At":"here"}`, `{"Do":"listen","At":"127.0.0.1:0","Serve":"tea"}`,
		`{"Do":"write","Group":"nobody"}`, `{"Do":"close","Group":"nobody"}`, `{"Do":"dial","To":"127.0.0.1"}`, `{"Do":"redial","To":"127.0.0.1:1"}`,
	} {
		answers := strings.Builder{}
		if err := play(strings.NewReader(line), &answers); err != nil {
			t.Fatal(err)
		}
		var answer Answer
		if err := json.Unmarshal([]byte(answers.String()), &answer); err != nil || answer.Error == "" {
			t.Errorf("%s: %s, %v", line, answers.String(), err)
		}
	}
	if err := play(strings.NewReader("no orders"), &strings.Builder{}); err == nil {
		t.Error("damaged orders are no orderly end")
	}
}

// The segments must be ones that a kernel accepts.
func TestSegmentsAreValidSYNs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	four := flood{target: netip.MustParseAddrPort("192.0.2.2:80"), sources: netip.MustParsePrefix("11.0.0.0/8"), random: random}
	segment := four.segment()
	if len(segment) != 40 || segment[12] != 11 || hex.EncodeToString(segment[16:20]) != "c0000202" || segment[33] != 0x02 {
		t.Errorf("segment %x", segment)
	}
	// A valid checksum makes the sum over everything, itself included, zero.
	if sum := checksum(segment[12:20], segment[20:]); sum != 0 {
		t.Errorf("checksum is off by %#04x", sum)
	}
	six := flood{target: netip.MustParseAddrPort("[2001:db8::2]:80"), sources: netip.MustParsePrefix("2a00::/12"), random: random}
	segment = six.segment()
	if len(segment) != 60 || segment[8] != 0x2a || segment[4] != 0 || segment[5] != 20 || segment[53] != 0x02 {
		t.Errorf("segment %x", segment)
	}
	if sum := checksum(segment[8:40], segment[40:]); sum != 0 {
		t.Errorf("checksum is off by %#04x", sum)
	}
}

func TestRandomAddressesStayInTheirPrefix(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for _, text := range []string{"0.0.0.0/0", "198.18.0.0/15", "198.18.7.0/24", "198.18.7.7/32", "2001:db8::/32", "::1/128"} {
		prefix := netip.MustParsePrefix(text)
		seen := map[netip.Addr]bool{}
		for range 300 {
			address := randomIn(prefix, random)
			if !prefix.Contains(address) {
				t.Fatalf("%v is not in %v", address, prefix)
			}
			seen[address] = true
		}
		if wide := prefix.Addr().BitLen()-prefix.Bits() > 7; wide && len(seen) < 100 || prefix.IsSingleIP() && len(seen) != 1 {
			t.Errorf("%v: %d addresses", prefix, len(seen))
		}
	}
}

func TestPacedKeepsItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started, done := time.Now(), 0
		if err := paced(t.Context(), 1000, 100, func() error { done++; return nil }); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); done != 1000 || took < 9900*time.Millisecond || took > 10100*time.Millisecond {
			t.Errorf("%d in %v", done, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done = 0
		if err := paced(ctx, 1000, 100, func() error { done++; return nil }); err != nil || done < 95 || done > 101 {
			t.Errorf("%d in a second, %v", done, err)
		}
	})
}

// TestTriedSumsUp: what comes after a second is no first try, and what never comes
// is no answer.
func TestTriedSumsUp(t *testing.T) {
	got := tried([]time.Duration{time.Millisecond, 0, 1100 * time.Millisecond, 3 * time.Millisecond, 2 * time.Millisecond, 0})
	if want := (Answer{Count: 6, FirstTry: 3, Answered: 4, Median: 3 * time.Millisecond}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, not %+v", got, want)
	}
	if got := tried(make([]time.Duration, 2)); !reflect.DeepEqual(got, Answer{Count: 2}) {
		t.Errorf("%+v", got)
	}
}
