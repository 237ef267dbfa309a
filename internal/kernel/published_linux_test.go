package kernel

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
)

// TestPublishedInNamespace runs itself again in a network namespace of its own,
// whose firewall it may fill.
func TestPublishedInNamespace(t *testing.T) {
	if os.Getenv(envInside) == t.Name() {
		t.Run("of the library", checkPublishedByLibrary)
		t.Run("of iptables", checkPublishedByIptables)
		t.Run("of nft", checkPublishedByNft)
		return
	}
	inNewNamespace(t)
}

// line says a rule in one line, without its place.
func line(p host.Published) string {
	text := p.Dialled() + " to " + p.Target.String()
	if p.From.IsValid() {
		text += " from " + p.From.String()
	}
	if p.In != "" {
		text += " in " + p.In
	}
	if p.NotIn != "" {
		text += " not in " + p.NotIn
	}
	if p.Own {
		text += " own"
	}
	if p.Narrowed {
		text += " narrowed"
	}
	return text
}

func lines(list []host.Published) []string {
	text := make([]string, 0, len(list))
	for _, p := range list {
		text = append(text, line(p))
	}
	return text
}

// published reads the rules, each of which must say where it stands.
func published(t *testing.T) (list []host.Published, unread int) {
	t.Helper()
	list, unread, err := Published()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if !strings.Contains(p.Rule, " handle ") {
			t.Errorf("%q is no place", p.Rule)
		}
	}
	return list, unread
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// checkPublishedByLibrary writes rules as iptables-nft does, with its own matches
// and targets, where the kernel has those, and plain ones.
func checkPublishedByLibrary(t *testing.T) {
	if list, unread := published(t); len(list) != 0 || unread != 0 {
		t.Fatalf("an empty firewall publishes %v", lines(list))
	}
	conn, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	table := conn.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "nat"})
	base := conn.AddChain(&nftables.Chain{Table: table, Name: "PREROUTING", Type: nftables.ChainTypeNAT, Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityNATDest})
	to := netip.MustParseAddr("172.17.0.2")
	conn.AddRule(&nftables.Rule{Table: table, Chain: base, Exprs: []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1}, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.BigEndian.AppendUint16(nil, 8080)},
		&expr.Counter{Packets: 7, Bytes: 420},
		&expr.Immediate{Register: 1, Data: to.AsSlice()}, &expr.Immediate{Register: 2, Data: binary.BigEndian.AppendUint16(nil, 80)},
		&expr.NAT{Type: expr.NATTypeDestNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: 1, RegProtoMin: 2},
	}})
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	list, _ := published(t)
	compare(t, lines(list), []string{"*:8080 to 172.17.0.2:80"})
	if len(list) == 1 && (!list[0].Counts || list[0].Packets != 7) {
		t.Errorf("%+v", list[0])
	}
	conn.FlushRuleset()
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
}

// checkPublishedByIptables stores a rule with matches and targets of iptables in the
// kernel, if it takes them.
func checkPublishedByIptables(t *testing.T) {
	conn, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	table := conn.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "nat"})
	base := conn.AddChain(&nftables.Chain{Table: table, Name: "PREROUTING", Type: nftables.ChainTypeNAT, Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityNATDest})
	conn.AddRule(&nftables.Rule{Table: table, Chain: base, Exprs: compatRule([2]uint16{8080, 8080})})
	if err := conn.Flush(); errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EOPNOTSUPP) {
		t.Skipf("this kernel has no nft_compat, or may not load it: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	list, _ := published(t)
	compare(t, lines(list), []string{"*:8080 to 172.17.0.2:80"})
	if len(list) == 1 && list[0].Packets != 3 {
		t.Errorf("%+v", list[0])
	}
	conn.FlushRuleset()
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
}

// compatRule is what iptables-nft of some versions stores for
// "! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80".
func compatRule(ports [2]uint16) []expr.Any {
	return []expr.Any{
		&expr.Match{Name: "addrtype", Rev: 1, Info: &xt.AddrTypeV1{Dest: uint16(xt.AddrTypeLocal)}},
		&expr.Match{Name: "comment", Info: func() *xt.Comment { c := xt.Comment("web"); return &c }()},
		&expr.Match{Name: "tcp", Info: &xt.Tcp{SrcPorts: [2]uint16{0, 65535}, DstPorts: ports}},
		&expr.Counter{Packets: 3},
		&expr.Target{Name: "DNAT", Rev: 2, Info: &xt.NatRange2{NatRange: xt.NatRange{
			Flags: uint(xt.NatRangeMapIPs | xt.NatRangeProtoSpecified), MinIP: netip.MustParseAddr("172.17.0.2").AsSlice(), MinPort: 80,
		}}},
	}
}

// TestCompat reads matches and targets of iptables as they come back from the
// library; not every kernel lets us store them.
func TestCompat(t *testing.T) {
	for name, c := range map[string]struct {
		exprs []expr.Any
		want  []string
	}{
		"a container": {compatRule([2]uint16{8080, 8080}), []string{"*:8080 to 172.17.0.2:80"}},
		"a range":     {compatRule([2]uint16{8080, 8090}), []string{"*:8080-8090 to 172.17.0.2:80"}},
		"udp":         {append([]expr.Any{&expr.Match{Name: "udp", Info: &xt.Udp{}}}, compatRule([2]uint16{53, 53})...), nil},
		"not local":   {append([]expr.Any{&expr.Match{Name: "addrtype", Rev: 1, Info: &xt.AddrTypeV1{Dest: uint16(xt.AddrTypeLocal), Flags: 2}}}, compatRule([2]uint16{1, 1})...), nil},
		"unknown":     {append([]expr.Any{&expr.Match{Name: "geoip", Info: &xt.Unknown{}}}, compatRule([2]uint16{22, 22})...), []string{"*:22 to 172.17.0.2:80 narrowed"}},
		"a share":     {append([]expr.Any{&expr.Match{Name: "statistic", Info: &xt.Unknown{}}}, compatRule([2]uint16{22, 22})...), []string{"*:22 to 172.17.0.2:80"}},
	} {
		t.Run(name, func(t *testing.T) {
			table, chain := &nftables.Table{Family: nftables.TableFamilyIPv4, Name: "nat"}, natChain{nftables.TableFamilyIPv4, "nat", "PREROUTING"}
			w := &natWalk{chains: map[natChain][]*nftables.Rule{chain: {{Exprs: c.exprs, Handle: 4}}}}
			if err := w.follow(table, chain.name, way{Published: host.Published{Last: 65535}}, 0); err != nil {
				t.Fatal(err)
			}
			compare(t, lines(w.found), c.want)
		})
	}
}

// nftRules are rules as people and programs write them, with what each means.
const nftRules = `
table ip nat {
	map services { type inet_service : ipv4_addr; elements = { 7000 : 10.0.0.9 }; }
	chain PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local counter jump DOCKER
		ip daddr 203.0.113.7 tcp dport { 80, 443 } dnat to 10.0.0.2
		iifname "wg0" tcp dport 1000-2000 dnat to 10.0.0.3:3000
		ip saddr 10.0.0.0/8 tcp dport 6379 dnat to 127.0.0.1:6379
		udp dport 53 dnat to 10.0.0.4
		ip protocol tcp ip saddr { 192.0.2.1, 192.0.2.9 } dnat to 10.0.0.5
		tcp dport { 5000-5009, 5432 } dnat to 10.0.0.6
		dnat to tcp dport map @services
		iifname "lan*" ip saddr != 10.0.0.0/8 accept
		meta l4proto tcp goto last
		tcp dport 1 dnat to 10.0.0.66
	}
	chain last {
		meta mark 7 tcp dport 81 dnat to 10.0.0.7
		tcp dport 82 numgen random mod 2 0 dnat to 10.0.0.8
		ip saddr != 10.0.0.0/8 return
		tcp dport 83 dnat to 10.0.0.8
		return
		tcp dport 2 dnat to 10.0.0.66
	}
	chain OUTPUT {
		type nat hook output priority -100; policy accept;
		ip daddr != 127.0.0.0/8 fib daddr type local counter jump DOCKER
	}
	chain DOCKER {
		iifname "docker0" counter return
		iifname != "docker0" tcp dport 8080 counter dnat to 172.17.0.2:80
		ip daddr 127.0.0.1 tcp dport 6379 counter dnat to 172.17.0.3:6379
	}
	chain POSTROUTING { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }
}
table ip6 nat {
	chain PREROUTING { type nat hook prerouting priority dstnat; ip6 daddr 2001:db8::7 tcp dport 80 dnat to [fd00::2]:8080; }
}
table inet filter {
	chain input { type filter hook input priority filter; policy drop; tcp dport 22 accept; }
}
`

func checkPublishedByNft(t *testing.T) {
	nft, err := exec.LookPath("nft")
	if err != nil {
		t.Skip("nft is not installed: the rules of the library were read")
	}
	load := exec.Command(nft, "-f", "-")
	load.Stdin = strings.NewReader(nftRules)
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	list, unread := published(t)
	docker := []string{"*:8080 to 172.17.0.2:80 not in docker0", "127.0.0.1:6379 to 172.17.0.3:6379 not in docker0"}
	want := slices.Concat(docker, []string{
		"203.0.113.7:80 to 10.0.0.2:0", "203.0.113.7:443 to 10.0.0.2:0",
		"*:1000-2000 to 10.0.0.3:3000 in wg0",
		"*:6379 to 127.0.0.1:6379 from 10.0.0.0/8",
		"*:* to 10.0.0.5:0 narrowed",
		"*:5000-5009 to 10.0.0.6:0", "*:5432 to 10.0.0.6:0",
		"*:81 to 10.0.0.7:0 narrowed", "*:82 to 10.0.0.8:0", "*:83 to 10.0.0.8:0 narrowed",
	})
	for _, p := range docker {
		want = append(want, p+" own")
	}
	want = append(want, "[2001:db8::7]:80 to [fd00::2]:8080")
	slices.Sort(want)
	got := lines(list)
	slices.Sort(got)
	compare(t, got, want)
	if unread != 1 {
		t.Errorf("%d maps", unread)
	}
}

// FuzzNATRule reads rules of any expressions in any order: none may panic, lead
// from no port, or lead nowhere.
func FuzzNATRule(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	f.Add([]byte{2, 18, 235, 8, 127, 9, 0, 10, 1, 6, 32, 3})
	f.Fuzz(func(t *testing.T, program []byte) {
		w := &natWalk{chains: map[natChain][]*nftables.Rule{}, names: map[int]string{1: "lo"}}
		table := &nftables.Table{Family: nftables.TableFamilyIPv4, Name: "t"}
		w.chains[natChain{table.Family, table.Name, "c"}] = []*nftables.Rule{{Exprs: anyRule(program)}, {Exprs: anyRule(append(program, 9, 10))}}
		if err := w.follow(table, "c", way{Published: host.Published{Last: 65535}}, 0); err != nil {
			t.Fatal(err)
		}
		for _, p := range w.found {
			if p.First > p.Last || !p.Target.Addr().IsValid() || p.Dialled() == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}

// anyRule turns bytes into expressions, each with what follows as its data.
func anyRule(program []byte) (exprs []expr.Any) {
	for i, b := range program {
		data := program[i+1 : min(len(program), i+1+int(b>>4))]
		register := uint32(b>>4)%4 + 1
		switch b % 16 {
		case 0:
			exprs = append(exprs, &expr.Meta{Key: expr.MetaKey(b >> 2), Register: register})
		case 1:
			exprs = append(exprs, &expr.Payload{DestRegister: register, Base: expr.PayloadBase(b >> 6), Offset: uint32(b >> 3), Len: uint32(b >> 4)})
		case 2:
			exprs = append(exprs, &expr.Cmp{Op: expr.CmpOp(b >> 5), Register: register, Data: data})
		case 3:
			exprs = append(exprs, &expr.Bitwise{SourceRegister: register, DestRegister: register, Mask: data})
		case 4:
			exprs = append(exprs, &expr.Range{Op: expr.CmpOp(b >> 6), Register: register, FromData: data, ToData: data})
		case 5:
			exprs = append(exprs, &expr.Fib{Register: register, ResultADDRTYPE: true, FlagDADDR: b > 99})
		case 6:
			exprs = append(exprs, &expr.Verdict{Kind: expr.VerdictKind(int64(b>>4) - 5), Chain: "c"})
		case 7:
			exprs = append(exprs, &expr.Lookup{SourceRegister: register, DestRegister: register, IsDestRegSet: true, Invert: b > 99})
		case 8:
			exprs = append(exprs, &expr.Immediate{Register: register, Data: data})
		case 9:
			exprs = append(exprs, &expr.Immediate{Register: 1, Data: []byte{10, 0, 0, 2}})
		case 10:
			exprs = append(exprs, &expr.NAT{Type: expr.NATType(b >> 7), RegAddrMin: 1, RegProtoMin: register})
		case 11:
			exprs = append(exprs, &expr.Target{Name: "DNAT", Info: &xt.NatRange{Flags: uint(b), MinIP: data, MinPort: uint16(b)}})
		case 12:
			exprs = append(exprs, &expr.Match{Name: "tcp", Info: &xt.Tcp{DstPorts: [2]uint16{uint16(b), uint16(b) / 2}}})
		default:
			exprs = append(exprs, &expr.Notrack{}, nil)
		}
	}
	return exprs
}
