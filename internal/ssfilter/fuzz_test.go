package ssfilter

import (
	"errors"
	"net/netip"
	"reflect"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// Whatever the text: no panic, an error points into it, the normal form is read
// back as the same filter, and the kernel would take the bytecode.
func FuzzParse(f *testing.F) {
	g := anyFilters(3)
	for range 50 {
		f.Add(g.filter())
	}
	for _, seed := range []string{
		"state established ( dport = :ssh or sport = :ssh )", `cgroup /a\ \\x2d`, "src two:https", "dst 193.233.7/24", "not (((",
		"dev=7 fwmark!=0x1/0xff", "src [::ffff:0:0/96]:1 state foo", "excl bucket | autobound", "\xff\\", "src ::/0:80 and",
	} {
		f.Add(seed)
	}
	socket := kernelSocket{family: familyIPv4, local: netip.MustParseAddr("192.0.2.1"), remote: netip.MustParseAddr("10.1.2.3"), sport: 80, dport: 443}
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := Parse(text, allNames)
		if err != nil {
			checkError(t, text, err)
			return
		}
		again, err := Parse(filter.String(), allNames)
		if err != nil || !reflect.DeepEqual(filter, again) {
			t.Errorf("%q: normal form %q is read back as %v, %v", text, filter, again, err)
		}
		code, exact := filter.Bytecode()
		if err := audit(code); err != nil {
			t.Errorf("%q: the kernel refuses %x", text, code)
		}
		set, _ := filter.States()
		view := socket.view()
		view.State = tcp.Established
		if got, want := set.Has(tcp.Established) && run(code, &socket), filter.Match(&view); exact && got != want {
			t.Errorf("%q: kernel %v, Match %v", text, got, want)
		}
	})
}

func checkError(t *testing.T, text string, err error) {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Text != text || syntax.What == "" {
		t.Fatalf("%q: %v", text, err)
	}
	_ = syntax.Caret() // cuts the text at the place of the error
}
