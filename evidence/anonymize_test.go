package evidence

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/bits"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
)

func TestAnonymizeHidesNames(t *testing.T) {
	original := sample()
	file := saved(t, Anonymize(original, []byte("secret")))
	unpacked, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"web-1", "nginx", "192.0.2.1", "db8::7", "eth0", "02:00:00", "4026531840", "1000"} {
		if strings.Contains(string(text), `"`+secret) || strings.Contains(string(text), "."+secret) {
			t.Errorf("%q is still in the anonymised bundle", secret)
		}
	}
	if original.Host.Name != "web-1" || original.Snapshots[0].Sockets[1].UID != 1000 {
		t.Error("the original was changed")
	}
}

func TestAnonymizeKeepsWhatADiagnosisReads(t *testing.T) {
	b := Anonymize(sample(), []byte("secret"))
	listener, socket := b.Snapshots[0].Sockets[0], b.Snapshots[0].Sockets[1]
	if listener.Local.String() != "0.0.0.0:8080" {
		t.Errorf("wildcard address became %v", listener.Local)
	}
	if socket.Local.Port() != 8080 || !b.Routes[0].Destination.Contains(socket.Local.Addr()) {
		t.Errorf("%v no longer lies in %v", socket.Local, b.Routes[0].Destination)
	}
	if !b.Routes[0].Destination.Contains(b.Neighbours[0].Address) || b.Routes[0].Interface != b.Neighbours[0].Interface {
		t.Error("route and neighbour no longer belong together")
	}
	if name := "net.ipv4.conf." + b.Routes[0].Interface + ".rp_filter"; b.Settings[name] != "1" {
		t.Errorf("setting %s is missing in %v", name, b.Settings)
	}
	if !strings.HasPrefix(b.ProcessesAfter.List[1].Exe, "/tmp/") {
		t.Error("that a program runs from a temporary folder is evidence and must stay")
	}
	if b.ProcessesAfter.List[0].Name == b.ProcessesAfter.List[1].Name {
		t.Error("two programs became one")
	}
}

// Property: two addresses share exactly as many leading bits after as before.
func TestAnonymizePreservesPrefixes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	a := Anonymize(sample(), []byte("k"))
	if a.Snapshots[0].Sockets[1].Local == Anonymize(sample(), []byte("other")).Snapshots[0].Sockets[1].Local {
		t.Error("another key gives the same address")
	}
	change := newAnonymizer([]byte("k"))
	for range 2000 {
		x := netip.AddrFrom4([4]byte{20, byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())})
		y := x.As4()
		y[1+random.IntN(3)] ^= byte(1 << random.IntN(8))
		before := sharedBits(x, netip.AddrFrom4(y))
		after := sharedBits(change.addr(x), change.addr(netip.AddrFrom4(y)))
		if before != after {
			t.Fatalf("%v and %v share %d bits, after it %d", x, netip.AddrFrom4(y), before, after)
		}
	}
}

func sharedBits(x, y netip.Addr) int {
	a, b := x.AsSlice(), y.AsSlice()
	for i := range a {
		if diff := a[i] ^ b[i]; diff != 0 {
			return i*8 + bits.LeadingZeros8(diff)
		}
	}
	return len(a) * 8
}

// TestAnonymizeKeepsPrivateApart: what only friends can dial stays so, and what
// the world can dial too.
func TestAnonymizeKeepsPrivateApart(t *testing.T) {
	shared := netip.MustParsePrefix("100.64.0.0/10")
	random := rand.New(rand.NewPCG(1, 2))
	for key := range 20 {
		a := newAnonymizer([]byte{byte(key)})
		for _, text := range []string{"10.1.2.3", "172.16.0.1", "172.31.255.1", "172.32.0.1", "172.15.0.9", "192.168.7.1", "192.169.0.1", "100.64.3.4", "100.63.1.1", "100.128.0.1", "fd00::1", "2001:db8::1"} {
			in := netip.MustParseAddr(text)
			if out := a.addr(in); out.IsPrivate() != in.IsPrivate() || shared.Contains(out) != shared.Contains(in) {
				t.Errorf("%s becomes %s", in, out)
			}
		}
		for range 200 {
			in := netip.AddrFrom4([4]byte{[]byte{172, 192, 100}[random.IntN(3)], byte(random.IntN(256)), byte(random.IntN(256)), 1})
			if out := a.addr(in); out.IsPrivate() != in.IsPrivate() || shared.Contains(out) != shared.Contains(in) {
				t.Errorf("%s becomes %s", in, out)
			}
		}
	}
}

func TestAnonymizeRules(t *testing.T) {
	b := sample()
	b.Firewall = []host.FilterRule{{
		Family: "inet", Table: "acme-edge", Chain: "from-rivals", Handle: 7, Hook: "input", Verdict: "drop", Moved: 3,
		Asks: host.Asks{Protocol: 6, Source: netip.MustParsePrefix("198.51.100.0/24"), DestinationPort: 80},
	}}
	r := Anonymize(b, []byte("secret")).Firewall[0]
	if r.Table == "acme-edge" || r.Chain == "from-rivals" || r.Asks.Source.Addr() == netip.MustParseAddr("198.51.100.0") {
		t.Errorf("a name or an address is still there: %+v", r)
	}
	if r.Handle != 7 || r.Moved != 3 || r.Asks.DestinationPort != 80 || r.Asks.Source.Bits() != 24 || r.Asks.Destination.IsValid() {
		t.Errorf("what a diagnosis reads is lost: %+v", r)
	}
}
