package bpf

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestGuardLayouts: what the maps hold is as long on both sides, field by field.
func TestGuardLayouts(t *testing.T) {
	for name, record := range map[string]any{
		"control": control{}, "listener": listenerRecord{}, "port": portRecord{}, "place": placeRecord{},
		"prefix4": prefix4Record{}, "prefix6": prefix6Record{}, "counters": Counters{},
	} {
		if size := structure(t, guardObject, name).Size; int(size) != binary.Size(record) {
			t.Errorf("%s has %d octets in C, %d in Go", name, size, binary.Size(record))
		}
	}
	if size := structure(t, floodObject, "template").Size; int(size) != binary.Size(templateRecord{}) {
		t.Errorf("template has %d octets in C, %d in Go", size, binary.Size(templateRecord{}))
	}
	checkLayout(t, structure(t, guardObject, "control"), map[string]int{
		"keys": 0, "old_until": 32, "lease_until": 40, "acks_until": 48, "gate": 56, "current": 60, "drops": 64, "early": 68,
	}, 72)
	names := []string{"answered", "general", "would_answer", "passed", "bad_checksum", "dropped", "would_drop", "accepted", "old_key", "forged", "refused", "reused"}
	for i, m := range structure(t, guardObject, "counters").Members {
		if m.Name != names[i] || m.Offset.Bytes() != uint32(8*i) {
			t.Errorf("counter %d is %s at %d, not %s", i, m.Name, m.Offset.Bytes(), names[i])
		}
	}
}

// TestGuardLoads: the verifier takes all programs, with room to its limit of a
// million instructions for kernels that look closer.
func TestGuardLoads(t *testing.T) {
	needRights(t)
	for _, bound := range []bool{false, true} {
		g, err := openGuard(bound)
		if err != nil {
			t.Fatalf("bound %v: %v", bound, err)
		}
		for name, p := range g.objects.Programs {
			info, err := p.Info()
			if err != nil {
				t.Fatal(err)
			}
			looked, known := info.VerifiedInstructions()
			if known && looked > 300_000 {
				t.Errorf("%s: the verifier looked at %d instructions", name, looked)
			}
			t.Logf("%s: %d instructions looked at", name, looked)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestListenerIsChecked: what would harm is refused in one line.
func TestListenerIsChecked(t *testing.T) {
	good := Offer{MSS: 1460, Window: 65160, Scale: 7}
	for _, test := range []struct {
		address string
		offer   Offer
		says    string
	}{
		{"192.0.2.1:80", good, ""},
		{"[2001:db8::1]:80", good, ""},
		{"0.0.0.0:80", good, "each address"},
		{"[::]:80", good, "each address"},
		{"192.0.2.1:0", good, "no address and port"},
		{"224.0.0.1:80", good, "group"},
		{"192.0.2.1:80", Offer{MSS: 1460, Window: 65160, Scale: 15}, "at most 14"},
		{"192.0.2.1:80", Offer{MSS: 0, Window: 65160}, "MSS 0"},
		{"192.0.2.1:80", Offer{MSS: 1460}, "window 0"},
	} {
		l := Listener{Address: netip.MustParseAddrPort(test.address), Offer: test.offer}
		switch err := l.check(); {
		case err == nil && test.says != "":
			t.Errorf("%s %+v was taken", test.address, test.offer)
		case err != nil && (test.says == "" || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%s %+v: %v", test.address, test.offer, err)
		}
	}
}

// TestOfferOf: what Linux says with its usual settings, from captures.
func TestOfferOf(t *testing.T) {
	usual := OfferSettings{MTU: 1500, Timestamps: 1, SACK: 1, WindowScaling: 1, ECN: 2, ReceiveBuffer: [3]int{4096, 131072, 6291456}, ReceiveMax: 212992, AdvanceWindow: 1}
	all := Offer{MSS: 1460, Window: 65160, Scale: 7, Timestamps: true, SACK: true, WindowScale: true, ECN: true}
	for _, test := range []struct {
		name   string
		change func(*OfferSettings, *Offer)
	}{
		{"usual", func(*OfferSettings, *Offer) {}},
		{"IPv6", func(s *OfferSettings, o *Offer) { s.IPv6 = true; o.MSS = 1440; o.Window = 64260 }},
		{"no timestamps", func(s *OfferSettings, o *Offer) { s.Timestamps = 0; o.Timestamps = false; o.Window = 64240 }},
		{"no scaling", func(s *OfferSettings, o *Offer) { s.WindowScaling = 0; o.WindowScale = false; o.Scale = 0 }},
		{"64 MiB", func(s *OfferSettings, o *Offer) { s.ReceiveBuffer[2] = 64 << 20; o.Scale = 11 }},
		{"nothing", func(s *OfferSettings, o *Offer) {
			s.SACK, s.ECN = 0, 0
			o.SACK, o.ECN = false, false
		}},
	} {
		s, want := usual, all
		test.change(&s, &want)
		if got := OfferOf(s); got != want {
			t.Errorf("%s: %+v, not %+v", test.name, got, want)
		}
	}
}

// TestKeysRotate: a new key takes the place of the older one, and the old one is
// good for a while.
func TestKeysRotate(t *testing.T) {
	needRights(t)
	g, err := OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	first := g.control
	if err := g.RotateKey(); err != nil {
		t.Fatal(err)
	}
	second := g.control
	if second.Current == first.Current || second.Keys[first.Current] != first.Keys[first.Current] || second.Keys[second.Current] == first.Keys[second.Current] {
		t.Errorf("keys before %+v, after %+v", first, second)
	}
	if left := time.Duration(second.OldUntil - now()); left < AcksStay-20*time.Second || left > AcksStay { // a machine may stall meanwhile
		t.Errorf("the old key is taken for %v, not %v", left, AcksStay)
	}
	var kernel control
	if err := g.objects.Maps["guard_control"].Lookup(uint32(0), &kernel); err != nil || kernel != second {
		t.Errorf("the kernel has %+v, not %+v (%v)", kernel, second, err)
	}
}
