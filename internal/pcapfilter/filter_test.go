package pcapfilter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// someNames stands for /etc/services and a resolver.
var someNames = Names{
	Service: func(name string) (uint16, bool) { return 443, name == "https" },
	Host: func(name string) []netip.Addr {
		if name == "web.example" {
			return []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("2001:db8::1")}
		}
		return nil
	},
}

func compiled(t testing.TB, link Link, filter string) Program {
	t.Helper()
	f, err := Parse(filter, someNames)
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Compile(link, MaxSnap)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestErrors states where a filter is wrong and what a person is told.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ filter, bad, says string }{
		{"tcp prt 80", "prt", "host, net, port"},
		{"port", "", "a port or the name"},
		{"port htps", "htps", "no known service"},
		{"port 70000", "70000", "0 to 65535"},
		{"host nowhere.example", "nowhere.example", "no host of this name"},
		{"(tcp", "(", "never closed"},
		{"tcp)", ")", `expected "and"`},
		{"tcp and", "", "ends here"},
		{"or tcp", "or", "expected a condition"},
		{"tcp and 80", "80", `say what "80" is`},
		{"80", "80", `a port is "port 80"`},
		{"tcp[13", "", `expected "]"`},
		{"tcp[13:3] = 1", "3", "1, 2 or 4"},
		{"tcp[13] and tcp", "tcp", "compare it"},
		{"len / 0 > 1", "/", "division by zero"},
		{"len << 32 > 1", "<<", "32 bits"},
		{"net 10.0.0.1/8", "10.0.0.1", "10.0.0.0/8"},
		{"net 10.0.0.0/33", "33", "0 to 32"},
		{"ip6 host 10.0.0.1", "10.0.0.1", "other family"},
		{"tcp host 10.0.0.1", "10.0.0.1", "addresses"},
		{"icmp port 1", "1", "no ports"},
		{"ip proto 256", "256", "no protocol number"},
		{"ether host 02:00", "02", "no Ethernet address"},
		{"vlan 5", "vlan", "not among the words"},
		{"tcp port 80 § 5", "§", `expected "and"`},
		{strings.Repeat("(", 200) + "tcp", "(", "100 parentheses"},
		{strings.Repeat("not ", 200) + "tcp", "not", "100 parentheses"},
	} {
		_, err := Parse(c.filter, someNames)
		var wrong *SyntaxError
		if !errors.As(err, &wrong) {
			t.Errorf("%q: %v", c.filter, err)
			continue
		}
		if got := c.filter[wrong.Offset : wrong.Offset+wrong.Width]; got != c.bad || !strings.Contains(wrong.Error(), c.says) {
			t.Errorf("%q: %q: %v\n%s", c.filter, got, err, wrong.Caret())
		}
	}
}

// TestLinkLacks names filters that ask a link for what it does not show.
func TestLinkLacks(t *testing.T) {
	for _, filter := range []string{"ether host 02:00:5e:00:53:01", "ether[0] = 1"} {
		f, err := Parse(filter, Names{})
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range []Link{Raw, SLL2, Cooked} {
			if _, err := f.Compile(link, 100); err == nil || !strings.Contains(err.Error(), "Ethernet only") {
				t.Errorf("%s on link %d: %v", filter, link, err)
			}
		}
	}
	if _, err := new(Filter).Compile(Link(9), 100); err == nil {
		t.Error("a link that there is not was compiled for")
	}
	if _, err := new(Filter).Compile(Raw, MaxSnap+1); err == nil {
		t.Error("a snap length beyond the most was taken")
	}
}

func TestNames(t *testing.T) {
	for short, long := range map[string]string{
		"port https":                             "port 443",
		"host web.example":                       "host 10.0.0.1 or host 2001:db8::1",
		"ip host web.example and tcp port https": "ip host 10.0.0.1 and tcp port 443",
		"dst web.example":                        "dst host 10.0.0.1 or dst host 2001:db8::1",
		"net 192.168":                            "net 192.168.0.0/16",
	} {
		if a, b := compiled(t, Ethernet, short), compiled(t, Ethernet, long); a.String() != b.String() {
			t.Errorf("%s:\n%v%s:\n%v", short, a, long, b)
		}
	}
}

// TestFarJumps compiles a filter whose ends are further apart than a jump
// reaches.
func TestFarJumps(t *testing.T) {
	var list []string
	for i := range 700 {
		list = append(list, fmt.Sprintf("src host 10.%d.%d.1", i/250, i%250))
	}
	p := compiled(t, Ethernet, "ip and ("+strings.Join(list, " or ")+") and not port 22")
	r := rand.New(rand.NewPCG(5, 5))
	vm, seen := machine(t, p), 0
	withoutPort := machine(t, compiled(t, Ethernet, "not port 22"))
	for range 20000 {
		f := frame(r, Ethernet)
		if len(f) < 60 || f[12] != 8 || f[13] != 0 {
			continue
		}
		copy(f[26:], []byte{10, byte(r.IntN(4)), byte(r.IntN(256)), 1})
		number := int(f[27])*250 + int(f[28])
		listed := number < 700 && f[28] < 250
		if !listed && passes(t, vm, f) {
			t.Fatalf("passes: %x", f)
		}
		if listed {
			seen++
			if got, want := passes(t, vm, f), passes(t, withoutPort, f); got != want {
				t.Fatalf("%v, want %v: %x", got, want, f)
			}
		}
	}
	if seen < 100 {
		t.Errorf("%d frames of the list", seen)
	}
	if _, err := mustParse(t, strings.Join(manyHosts(3000), " or ")).Compile(Ethernet, 100); err == nil || !strings.Contains(err.Error(), "4096") {
		t.Errorf("a program beyond the kernel's limit: %v", err)
	}
}

func manyHosts(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("host 10.1.%d.%d", i/256, i%256))
	}
	return list
}

func mustParse(t testing.TB, filter string) *Filter {
	t.Helper()
	f, err := Parse(filter, Names{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestCookedIsShifted: what the kernel is shown without link header is what
// files hold, 20 octets earlier, and the protocol an extension.
func TestCookedIsShifted(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range 200 {
		filter := randomFilter(r, SLL2, 3)
		file, live := compiled(t, SLL2, filter), compiled(t, Cooked, filter)
		if len(file) != len(live) {
			t.Fatalf("%s: %d and %d instructions", filter, len(file), len(live))
		}
		for i, want := range file {
			switch {
			case want.Code == opLoadHalf && want.K == 0:
				want.Code, want.K = opLoadWord, extendedProtocol
			case slices.Contains([]uint16{opLoadWord, opLoadHalf, opLoadByte, opLoadWord + opIndirect, opLoadHalf + opIndirect, opLoadByte + opIndirect, opLoadIP}, want.Code):
				want.K -= 20
			}
			if live[i] != want {
				t.Fatalf("%s: instruction %d is %v, want %v", filter, i, live[i], want)
			}
		}
	}
}

// TestInteresting compares with a filter that says the same in words.
func TestInteresting(t *testing.T) {
	same := compiled(t, Ethernet, "tcp[tcpflags] & 7 != 0 or icmp[icmptype] = 3 or icmp[icmptype] = 4 or icmp[icmptype] = 5 or icmp[icmptype] = 11 or icmp[icmptype] = 12"+
		" or (ip6[6] = 6 and ip6[53] & 7 != 0) or (icmp6[0] >= 1 and icmp6[0] <= 4)")
	all, err := Interesting(&Filter{}, Ethernet, 128, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	a, b, kept := machine(t, all), machine(t, same), 0
	for range 20000 {
		f := append(frame(r, Ethernet), make([]byte, 200)...)
		x, y := passes(t, a, f), passes(t, b, f)
		if x != y {
			t.Fatalf("%v, want %v: %x", x, y, f)
		}
		if x {
			kept++
		}
	}
	if kept < 2000 || kept > 15000 {
		t.Errorf("%d of 20000 were kept", kept)
	}
	sampled, err := Interesting(mustParse(t, "tcp port 80"), Cooked, 128, 64)
	if err != nil || !strings.Contains(sampled.String(), "ld rand") {
		t.Errorf("%v\n%v", err, sampled)
	}
}

// TestVerify breaks good programs in each way that the kernel refuses.
func TestVerify(t *testing.T) {
	end := Instruction{Code: opReturn}
	for what, p := range map[string]Program{
		"empty":          {},
		"no return":      {{Code: opLength}},
		"far":            {{Code: opEqual, JT: 1}, end},
		"far jump":       {{Code: opJump, K: 1}, end},
		"cell":           {{Code: opStore, K: 16}, end},
		"zero":           {{Code: 0x34}, end},
		"shift":          {{Code: 0x64, K: 32}, end},
		"code":           {{Code: 0xffff}, end},
		"too long":       make(Program, 5000),
		"beyond the end": {{Code: opGreater, JF: 200}, end},
	} {
		if err := p.Verify(); err == nil {
			t.Errorf("%s passes:\n%v", what, p)
		}
	}
}

func FuzzFilter(f *testing.F) {
	r := rand.New(rand.NewPCG(9, 9))
	for range 50 {
		f.Add(randomFilter(r, Ethernet, 3), noise(r, 64))
	}
	f.Add("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", []byte{})
	f.Add(`ether proto \arp and not (host ::1 or 10/8)`, []byte{0})
	f.Fuzz(func(t *testing.T, text string, frame []byte) {
		filter, err := Parse(text, someNames)
		if err != nil {
			var wrong *SyntaxError
			if !errors.As(err, &wrong) || wrong.Error() == "" || wrong.Caret() == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		for _, link := range []Link{Ethernet, Raw, SLL2, Cooked} {
			p, err := filter.Compile(link, 1)
			if err != nil {
				continue // too long, or not for this link
			}
			if err := p.Verify(); err != nil {
				t.Fatalf("%v\n%v", err, p)
			}
			if link != Cooked && !strings.Contains(p.String(), "ld type") {
				passes(t, machine(t, p), frame)
			}
		}
	})
}
