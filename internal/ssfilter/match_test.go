package ssfilter

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

func at(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

func TestJudge(t *testing.T) {
	web := Endpoint{State: tcp.Established, Local: at("192.0.2.1:443"), Remote: at("198.51.100.7:40000"),
		Known: KnowsInterface | KnowsMark | KnowsCgroup | KnowsAutobound, Interface: 3, Mark: 0x12, Cgroup: 11}
	six := Endpoint{State: tcp.TimeWait, Local: at("[fe80::1%eth0]:443"), Remote: at("[2001:db8::7]:40000")}
	mapped := Endpoint{State: tcp.Established, Local: at("[::ffff:192.0.2.1]:443"), Remote: at("[::ffff:198.51.100.7]:40000")}
	listener := Endpoint{State: tcp.Listen, Local: at("192.0.2.1:443")}
	blank := Endpoint{}
	for _, test := range []struct {
		filter string
		on     *Endpoint
		want   Answer
	}{
		{"", &web, Yes},
		{"", &blank, Yes},
		{"state established", &web, Yes},
		{"state time-wait state established", &web, Yes},
		{"exclude established", &web, No},
		{"state all exclude synchronized", &web, No},
		{"state established", &blank, Maybe},
		{"state all", &blank, Yes},
		{"exclude all", &blank, No},
		{"state established sport = :80", &web, No},
		{"src 192.0.2.1", &web, Yes},
		{"src 192.0.2.1", &mapped, Yes},
		{"src ::ffff:192.0.2.1", &web, Yes},
		{"dst 198.51.100.0/24:40000", &mapped, Yes},
		{"dst 198.51.100.0/24:40001", &mapped, No},
		{"src [::]/0", &web, No},
		{"src [::]/0", &mapped, No},
		{"src 0.0.0.0/0", &six, No},
		{"src fe80::/10", &six, Yes},
		{"dst [2001:db8::/32]:40000", &six, Yes},
		{"dst 0.0.0.0 and dport = :0", &listener, Yes},
		{"dst != 0.0.0.0", &listener, No},
		{"dport lt :1", &listener, Yes},
		{"src 10/8", &blank, Maybe},
		{"sport = :80", &blank, Maybe},
		{"dev 3 and fwmark 0x10/0xf0 and cgroup /a", &web, Yes},
		{"not autobound", &web, Yes},
		{"fwmark 0x12/0x2", &web, No}, // as in the kernel: mark & mask is never 0x12
		{"dev 3", &six, Maybe},
		{"dev != 3", &six, Maybe},
		{"fwmark 1 or sport = :443", &six, Yes},
		{"fwmark 1 and sport = :443", &six, Maybe},
		{"fwmark 1 and sport = :80", &six, No},
		{"autobound or cgroup /a", &six, Maybe},
		{"state listening fwmark 1", &six, No},
	} {
		f := must(t, test.filter)
		if got := f.Judge(test.on); got != test.want {
			t.Errorf("%s on %v %v: %v, want %v", test.filter, test.on.State, test.on.Local, got, test.want)
		}
		if f.Match(test.on) != (test.want == Yes) {
			t.Errorf("%s on %v: Match and Judge differ", test.filter, test.on.Local)
		}
	}
}

func TestPortComparisons(t *testing.T) {
	for port, want := range map[string]string{"79": "!= < <= ", "80": "= <= >= ", "81": "!= > >= "} {
		e := Endpoint{State: tcp.Established, Local: at("192.0.2.1:1"), Remote: at("192.0.2.2:" + port)}
		got := ""
		for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
			if must(t, "dport "+op+" :80").Match(&e) {
				got += op + " "
			}
		}
		if sorted(got) != sorted(want) {
			t.Errorf("port %s: %s, want %s", port, got, want)
		}
	}
}

func TestOfSocket(t *testing.T) {
	full := host.Socket{State: tcp.Listen, Local: at("[::]:80"), Interface: 2}
	small := host.Socket{State: tcp.TimeWait, Kind: host.TimeWaitKind, Local: at("192.0.2.1:80"), Remote: at("192.0.2.2:1")}
	grouped := host.Socket{State: tcp.Established, Local: at("192.0.2.1:80"), Mark: 1, Cgroup: 11}
	for _, test := range []struct {
		socket *host.Socket
		marks  bool
		want   Known
	}{
		{&full, false, KnowsInterface},
		{&full, true, KnowsInterface | KnowsMark},
		{&small, false, KnowsInterface | KnowsCgroup | KnowsAutobound},
		{&grouped, false, KnowsInterface | KnowsMark | KnowsCgroup},
	} {
		if e := OfSocket(test.socket, test.marks); e.Known != test.want || e.State != test.socket.State || e.Local != test.socket.Local ||
			e.Remote != test.socket.Remote || e.Interface != test.socket.Interface || e.Mark != test.socket.Mark || e.Cgroup != test.socket.Cgroup {
			t.Errorf("%+v of %v %v", e, test.socket.Kind, test.socket.Local)
		}
	}
	if e := OfSocket(&small, false); !e.Autobound || !must(t, "autobound and not cgroup /a").Match(&e) {
		t.Error("to the kernel a minisocket is autobound and in no cgroup")
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	f := must(t, "state established ( dport = :443 or src 10/8 or dst [2001:db8::/32] ) and not fwmark 1")
	e := Endpoint{State: tcp.Established, Local: at("[2001:db8::1]:1"), Remote: at("[2001:db8::2]:2")}
	if allocs := testing.AllocsPerRun(100, func() { f.Match(&e) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func sorted(words string) string {
	list := strings.Fields(words)
	slices.Sort(list)
	return strings.Join(list, " ")
}
