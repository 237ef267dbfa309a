package bpf

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/cilium/ebpf"
)

// The verdicts of XDP.
const (
	xdpDrop = 1
	xdpPass = 2
	xdpTx   = 3
)

// armedGuard is one that is armed for both hosts, on no interface.
func armedGuard(t testing.TB) *Guard {
	t.Helper()
	needRights(t)
	g, err := OpenGuard()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	for _, at := range []netip.AddrPort{host4, host6} {
		if err := g.Arm(Listener{Address: at, Offer: usualOffer}); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

var usualOffer = Offer{MSS: 1460, Window: 65160, Scale: 7, Timestamps: true, SACK: true, WindowScale: true, ECN: true}

// run gives the frame to XDP.
func (g *Guard) run(t testing.TB, frame []byte) (verdict uint32, out []byte) {
	t.Helper()
	out = make([]byte, len(frame)+64)
	o := ebpf.RunOptions{Data: frame, DataOut: out}
	verdict, err := g.objects.Programs["guard_syn"].Run(&o)
	if err != nil {
		t.Fatal(err)
	}
	return verdict, o.DataOut
}

// TestVerdicts: what is answered, and what is left to the kernel.
func TestVerdicts(t *testing.T) {
	g := armedGuard(t)
	md5 := append([]byte{19, 18}, make([]byte, 16)...)
	for _, test := range []struct {
		name  string
		frame synFrame
		want  uint32
	}{
		{"IPv4", synFrame{}, xdpTx},
		{"IPv6", synFrame{to: host6, from: peer6}, xdpTx},
		{"VLAN", synFrame{tags: []uint16{0x8100}}, xdpTx},
		{"VLAN, IPv6", synFrame{tags: []uint16{0x8100}, to: host6, from: peer6}, xdpTx},
		{"service VLAN", synFrame{tags: []uint16{0x88a8}}, xdpTx},
		{"two tags", synFrame{tags: []uint16{0x88a8, 0x8100}}, xdpPass},
		{"checksum left to the card", synFrame{partial: true}, xdpTx},
		{"checksum left to the card, IPv6", synFrame{partial: true, to: host6, from: peer6}, xdpTx},
		{"wrong checksum", synFrame{wrong: true}, xdpDrop},
		{"wrong checksum, IPv6", synFrame{wrong: true, to: host6, from: peer6}, xdpDrop},
		{"wrong checksum, options of its own", synFrame{wrong: true, options: []byte{2, 4, 5, 180}}, xdpDrop},
		{"another port", synFrame{to: netip.MustParseAddrPort("192.0.2.1:81")}, xdpPass},
		{"another address", synFrame{to: netip.MustParseAddrPort("192.0.2.2:80")}, xdpPass},
		{"another address, IPv6", synFrame{to: netip.MustParseAddrPort("[2001:db8::2]:80"), from: peer6}, xdpPass},
		{"first fragment", synFrame{fragment: 0x2000}, xdpPass},
		{"later fragment", synFrame{fragment: 1}, xdpPass},
		{"IPv4 options", synFrame{header: []byte{1, 1, 1, 1}}, xdpPass},
		{"data of a fast open", synFrame{data: []byte("GET")}, xdpPass},
		{"fast open", synFrame{options: []byte{34, 2, 1, 1}}, xdpPass},
		{"MPTCP", synFrame{options: []byte{2, 4, 5, 180, 30, 4, 1, 0}}, xdpPass},
		{"MD5", synFrame{options: append(md5, 1, 1)}, xdpPass},
		{"AO", synFrame{options: []byte{29, 4, 1, 1}}, xdpPass},
		{"SYN-ACK", synFrame{flags: 16}, xdpPass},
		{"SYN and FIN", synFrame{flags: 1}, xdpPass},
		{"SYN and RST", synFrame{flags: 4}, xdpPass},
		{"ECN", synFrame{flags: 0xc0}, xdpTx},
		{"to a group of stations", synFrame{multi: true}, xdpPass},
		{"no options", synFrame{options: []byte{}}, xdpTx},
	} {
		f := test.frame.usual()
		verdict, out := g.run(t, f.bytes())
		if verdict != test.want {
			t.Errorf("%s: verdict %d, not %d", test.name, verdict, test.want)
			continue
		}
		if verdict == xdpTx {
			if _, err := f.answerOf(out); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		} else if !bytes.Equal(out, f.bytes()) {
			t.Errorf("%s: the frame was changed", test.name)
		}
	}
}

// TestAnswers: whatever options come, in whatever order, those that both ends
// know are answered, in a segment of the same length.
func TestAnswers(t *testing.T) {
	g := armedGuard(t)
	random := rand.New(rand.NewPCG(1, 2))
	frames := [][]byte{}
	for _, l := range Layouts {
		frames = append(frames, l.Options)
	}
	for range 400 {
		frames = append(frames, randomOptions(random))
	}
	for i, options := range frames {
		f := synFrame{options: options}.usual()
		if i%2 == 1 {
			f.to, f.from = host6, peer6
		}
		verdict, out := g.run(t, f.bytes())
		if verdict != xdpTx || len(out) != len(f.bytes()) {
			t.Fatalf("%x: verdict %d, %d octets", options, verdict, len(out))
		}
		got, err := f.answerOf(out)
		if err != nil {
			t.Fatalf("%x: %v", options, err)
		}
		asked, _ := readOptions(options)
		if err := answered(asked, got); err != nil {
			t.Fatalf("%x was answered with %x: %v", options, got, err)
		}
	}
	c, err := g.Counters(host4)
	if err != nil || c.Answered == 0 || c.General == 0 || c.General == c.Answered {
		t.Errorf("both paths should have answered: %+v (%v)", c, err)
	}
}

// answered compares options that were asked for with those of the SYN-ACK.
func answered(asked, got map[byte][]byte) error {
	for kind, value := range asked {
		has, ok := got[kind]
		if !ok {
			return fmt.Errorf("option %d is missing", kind)
		}
		switch kind {
		case 2:
			if !bytes.Equal(has, []byte{0x05, 0xb4}) {
				return fmt.Errorf("MSS %x", has)
			}
		case 3:
			if has[0] != usualOffer.Scale {
				return fmt.Errorf("scale %d", has[0])
			}
		case 8:
			if !bytes.Equal(has[4:], value[:4]) {
				return fmt.Errorf("echo %x of %x", has, value)
			}
		}
	}
	for kind := range got {
		if _, ok := asked[kind]; !ok {
			return fmt.Errorf("option %d was not asked for", kind)
		}
	}
	return nil
}

// randomOptions lays out some of the options in some order, padded somehow.
func randomOptions(random *rand.Rand) (b []byte) {
	parts := [][]byte{{2, 4, 0x05, 0xb4}, {4, 2}, {8, 10, 9, 8, 7, 6, 0, 0, 0, 0}, {3, 3, byte(random.IntN(15))}}
	random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	if random.IntN(4) == 0 {
		parts = parts[:random.IntN(len(parts))]
	}
	mss := false
	for _, p := range parts {
		for random.IntN(3) == 0 && len(b) < 12 {
			b = append(b, 1)
		}
		b = append(b, p...)
		mss = mss || p[0] == 2
	}
	if !mss { // every real SYN has one
		b = append(b, 2, 4, 0x05, 0xb4)
	}
	for len(b)%4 != 0 {
		b = append(b, byte(random.IntN(2)))
		if b[len(b)-1] == 0 {
			for len(b)%4 != 0 {
				b = append(b, 0)
			}
		}
	}
	return b
}

// TestShadow: the verdict is counted, and the frame goes on as it is.
func TestShadow(t *testing.T) {
	g := armedGuard(t)
	if err := g.Shadow(Listener{Address: host4, Offer: usualOffer}); err != nil {
		t.Fatal(err)
	}
	if err := g.Drop(netip.MustParsePrefix("203.0.113.0/24")); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"198.51.100.7:1", "203.0.113.5:1"} {
		for _, options := range [][]byte{linuxOptions, {2, 4, 5, 180}} {
			f := synFrame{options: options, from: netip.MustParseAddrPort(from)}.usual()
			if verdict, out := g.run(t, f.bytes()); verdict != xdpPass || !bytes.Equal(out, f.bytes()) {
				t.Errorf("from %s: verdict %d", from, verdict)
			}
		}
	}
	for _, options := range [][]byte{linuxOptions, {2, 4, 5, 180}} {
		f := synFrame{options: options, wrong: true}.usual()
		if verdict, _ := g.run(t, f.bytes()); verdict != xdpPass {
			t.Errorf("damaged: verdict %d", verdict)
		}
	}
	c, err := g.Counters(host4)
	if want := (Counters{WouldAnswer: 2, WouldDrop: 2, BadChecksum: 2}); err != nil || c != want {
		t.Errorf("counted %+v (%v), not %+v", c, err, want)
	}
}

// TestDropList: a source on it is dropped, and passes again when it is off.
func TestDropList(t *testing.T) {
	g := armedGuard(t)
	for _, test := range []struct {
		prefix   string
		from, to netip.AddrPort
	}{{"198.51.100.0/24", peer4, host4}, {"2001:db8::/64", peer6, host6}} {
		prefix := netip.MustParsePrefix(test.prefix)
		f := synFrame{from: test.from, to: test.to}.usual()
		for i, change := range []func(netip.Prefix) error{g.Drop, g.Drop, g.Undrop, g.Undrop} {
			if err := change(prefix); err != nil {
				t.Fatal(err)
			}
			want := uint32(xdpDrop)
			if i > 1 {
				want = xdpTx
			}
			if verdict, _ := g.run(t, f.bytes()); verdict != want {
				t.Errorf("%v, step %d: verdict %d, not %d", prefix, i, verdict, want)
			}
		}
	}
	if err := g.Drop(netip.MustParsePrefix("0.0.0.0/0")); err == nil {
		t.Error("everybody was put on the drop list")
	}
}

// TestLease: who does not renew it falls silent.
func TestLease(t *testing.T) {
	g := armedGuard(t)
	f := synFrame{}.usual()
	for _, step := range []struct {
		lease time.Duration
		want  uint32
	}{{time.Hour, xdpTx}, {time.Nanosecond, xdpPass}, {0, xdpTx}} {
		if err := g.Lease(step.lease); err != nil {
			t.Fatal(err)
		}
		if step.lease == time.Nanosecond {
			tick := time.NewTimer(20 * time.Millisecond) // the clock of the program is coarse
			<-tick.C
		}
		if verdict, _ := g.run(t, f.bytes()); verdict != step.want {
			t.Errorf("lease %v: verdict %d, not %d", step.lease, verdict, step.want)
		}
	}
}

// TestDisarmed: every frame passes as it is, and costs next to nothing.
func TestDisarmed(t *testing.T) {
	g := armedGuard(t)
	for _, at := range []netip.AddrPort{host4, host6} {
		if err := g.Disarm(at); err != nil {
			t.Fatal(err)
		}
	}
	f := synFrame{}.usual()
	if verdict, out := g.run(t, f.bytes()); verdict != xdpPass || !bytes.Equal(out, f.bytes()) {
		t.Errorf("verdict %d", verdict)
	}
	flood, err := OpenFlood()
	if err != nil {
		t.Fatal(err)
	}
	defer flood.Close()
	const bar = 10 * time.Nanosecond
	var ours, pass time.Duration = time.Hour, time.Hour
	for round := 0; round < 15 || round < 60 && ours > pass+bar; round++ { // the least of several: what is above it is the machine's
		ours = min(ours, cost(t, g.objects.Programs["guard_syn"], f.bytes()))
		pass = min(pass, cost(t, flood.objects.Programs["pass"], f.bytes()))
	}
	if t.Logf("disarmed %v, XDP_PASS %v a frame", ours, pass); ours > pass+bar {
		t.Errorf("a disarmed guard costs %v a frame, XDP_PASS %v: more than %v above", ours, pass, bar)
	}
}

// cost is what the kernel says a run takes.
func cost(t testing.TB, p *ebpf.Program, frame []byte) time.Duration {
	t.Helper()
	const times = 200_000
	_, took, err := p.Benchmark(frame, times, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// FuzzFrames: no frame is answered that is not a SYN for a listener, and what is
// answered is whole.
func FuzzFrames(f *testing.F) {
	g := armedGuard(f)
	for _, frame := range []synFrame{{}, {to: host6, from: peer6}, {tags: []uint16{0x8100}}, {options: []byte{2, 4, 5, 180}}, {data: []byte("x")}} {
		frame = frame.usual()
		f.Add(frame.bytes())
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		if len(frame) < 14 || len(frame) > 1500 {
			return
		}
		verdict, out := g.run(t, frame)
		if len(out) != len(frame) {
			t.Fatalf("%d octets became %d", len(frame), len(out))
		}
		if verdict != xdpTx && !bytes.Equal(out, frame) {
			t.Fatalf("verdict %d, and the frame was changed", verdict)
		}
	})
}
