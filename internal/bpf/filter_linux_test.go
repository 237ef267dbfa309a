package bpf

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/synoptic-net/synoptic/internal/ssfilter"
)

// needRights skips where programs may not be loaded; that it was the rights is
// proved.
func needRights(t testing.TB) {
	t.Helper()
	if err := mayLoad(); errors.Is(err, ErrRights) {
		t.Skip(err)
	}
}

// runnable wraps a filter into a program that reads a transition from a packet
// and answers what the filter says of it.
func runnable(t *testing.T, code []byte) *ebpf.Program {
	t.Helper()
	filter, err := translate(code)
	if err != nil {
		t.Fatal(err)
	}
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type: ebpf.SchedCLS, License: "GPL",
		Instructions: append(asm.Instructions{
			asm.Mov.Imm(asm.R2, 14), // behind the Ethernet header
			asm.Mov.Reg(asm.R3, asm.RFP),
			asm.Add.Imm(asm.R3, -sizeOfRecord),
			asm.Mov.Imm(asm.R4, sizeOfRecord),
			asm.FnSkbLoadBytes.Call(),
			asm.Mov.Reg(asm.R1, asm.RFP),
			asm.Add.Imm(asm.R1, -sizeOfRecord),
			asm.Mov.Imm(asm.R0, 0),
		}, filter...),
	})
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// packetOf is a frame whose payload is the record.
func packetOf(t *Transition) []byte {
	frame := make([]byte, 14+sizeOfRecord)
	b := frame[14:]
	family, local, remote := uint16(familyIPv4), t.Local.Addr().AsSlice(), t.Remote.Addr().AsSlice()
	if t.Local.Addr().Is6() {
		family = familyIPv6
	}
	copy(b[atLocal:], local)
	copy(b[atRemote:], remote)
	native.PutUint16(b[atLocalPort:], t.Local.Port())
	native.PutUint16(b[atRemotePort:], t.Remote.Port())
	native.PutUint16(b[atFamily:], family)
	native.PutUint32(b[atMark:], t.Mark)
	native.PutUint32(b[atDevice:], t.Device)
	return frame
}

var filters = []string{
	"dport = :443", "sport = :443 or dport = :443", "sport >= :1024 and sport < :32768", "not ( dport > :80 )", "sport <= :80 or sport != :90",
	"dst 192.0.2.0/24", "src 192.0.2.1:443", "not dst 192.0.2.0/25 and src 10.0.0.0/8", "dst 2001:db8::/33", "src [2001:db8::1]:443",
	"not ( src 192.0.2.0/31 or dst [2001:db8::]/127 ) and dport != :80", "dst 0.0.0.0/0", "dst [::]/0", "dst [::ffff:0:0]/96",
	"fwmark = 0x10/0xf0", "fwmark != 3 and dev = lo", "( sport = :80 or sport = :443 or sport = :8080 ) and not ( dst 127.0.0.0/8 or dst ::1 )",
}

var (
	someAddresses = []string{"192.0.2.1", "192.0.2.200", "10.1.2.3", "127.0.0.1", "2001:db8::1", "2001:db8:8000::1", "::1", "2001:db8::"}
	somePorts     = []uint16{1, 80, 81, 90, 443, 1024, 8080, 32767, 32768, 65535}
)

func draw(random *rand.Rand) *Transition {
	address := func(like netip.Addr) netip.Addr {
		for {
			a := netip.MustParseAddr(someAddresses[random.IntN(len(someAddresses))])
			if !like.IsValid() || a.Is4() == like.Is4() {
				return a
			}
		}
	}
	port := func() uint16 { return somePorts[random.IntN(len(somePorts))] }
	local := netip.AddrPortFrom(address(netip.Addr{}), port())
	return &Transition{
		Local: local, Remote: netip.AddrPortFrom(address(local.Addr()), port()),
		Mark: random.Uint32N(64), Device: random.Uint32N(3),
	}
}

// TestFilterInTheKernel: the kernel selects what the filter selects in user
// space.
func TestFilterInTheKernel(t *testing.T) {
	needRights(t)
	random := rand.New(rand.NewPCG(1, 2))
	names := ssfilter.Names{Device: func(string) (uint32, bool) { return 1, true }}
	for _, text := range filters {
		filter, err := ssfilter.Parse(text, names)
		if err != nil {
			t.Fatal(err)
		}
		code, exact := filter.Bytecode()
		if !exact {
			t.Fatalf("%s: not exact", text)
		}
		program := runnable(t, code)
		said := map[bool]int{}
		for range 300 {
			record := draw(random)
			got, _, err := program.Test(packetOf(record))
			if err != nil {
				t.Fatal(err)
			}
			want := filter.Match(&ssfilter.Endpoint{
				Local: record.Local, Remote: record.Remote, Mark: record.Mark, Interface: record.Device,
				Known: ssfilter.KnowsMark | ssfilter.KnowsInterface,
			})
			if said[want]++; (got == 1) != want {
				t.Fatalf("%s: kernel %d, filter %v, of %v %v mark %d device %d", text, got, want, record.Local, record.Remote, record.Mark, record.Device)
			}
		}
		t.Logf("%-100s selects %d of 300", text, said[true])
		program.Close()
	}
}

// TestFilterThatSelectsNothing: "exclude all" is code that is never true.
func TestFilterThatSelectsNothing(t *testing.T) {
	needRights(t)
	filter, err := ssfilter.Parse("exclude all", ssfilter.Names{})
	if err != nil {
		t.Fatal(err)
	}
	code, _ := filter.Bytecode()
	program := runnable(t, code)
	defer program.Close()
	if got, _, err := program.Test(packetOf(draw(rand.New(rand.NewPCG(3, 4))))); err != nil || got != 0 {
		t.Errorf("%d, %v", got, err)
	}
}
