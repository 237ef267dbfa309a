package ssfilter

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func must(t *testing.T, text string) *Filter {
	t.Helper()
	f, err := Parse(text, names)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return f
}

// The kernel with bytecode selects what Match selects when the code is exact,
// and no less when it is not.
func TestBytecodeAgreesWithMatch(t *testing.T) {
	g := anyFilters(7)
	sockets := make([]kernelSocket, 400)
	for i := range sockets {
		sockets[i] = g.socket()
	}
	selected, refused := 0, 0
	for range 3000 {
		text := g.filter()
		f := must(t, text)
		for missing := Ability(0); missing < 8; missing++ {
			code, exact := f.BytecodeWithout(missing)
			if err := audit(code); err != nil {
				t.Fatalf("%s: the kernel refuses %x", text, code)
			}
			if missing == 0 && !exact {
				t.Errorf("%s is not exact", text)
			}
			for i := range sockets {
				view := sockets[i].view()
				set, _ := f.States()
				want, got := f.Match(&view), set.Has(sockets[i].state) && run(code, &sockets[i])
				if got != want && (exact || want) {
					t.Fatalf("%s (missing %03b, exact %v)\n%v\nMatch %v, kernel %v\n%x", text, missing, exact, sockets[i], want, got, code)
				}
				if missing == 0 && want {
					selected++
				} else if missing == 0 {
					refused++
				}
			}
		}
	}
	if selected < 100_000 || refused < 100_000 {
		t.Errorf("the filters select %d and refuse %d: too one-sided to prove much", selected, refused)
	}
}

func TestBytecode(t *testing.T) {
	for _, test := range []struct{ filter, want string }{
		{"", ""},
		{"state listening", ""},
		{"src *", ""},
		{"not src *", "01040800"},
		{"state all exclude all", "01040800"},
		{"autobound", "06040800"},
		{"sport = :80", "07 0c 1000 00 00 0000 50000000"},
		{"dport >= :80", "04 08 0c00 0000 5000"},
		{"dport < :80", "04 08 0c00 0000 5000 01 04 0800"},
		{"dev 3", "09 08 0c00 03000000"},
		{"fwmark 1/2", "0a 0c 1000 01000000 02000000"},
		{"cgroup /a", "0d 0c 1000 0b00000000000000"},
		{"src 10/8", "07 10 1400 02 08 0000 ffffffff 0a000000"},
		{"autobound and autobound", "06040c00 06040800"},
		{"autobound or autobound", "06040800 01040800 06040800"},
	} {
		code, exact := must(t, test.filter).Bytecode()
		want, err := hex.DecodeString(strings.ReplaceAll(test.want, " ", ""))
		if err != nil || !bytes.Equal(code, want) || !exact {
			t.Errorf("%s: %x, %v; want %x", test.filter, code, exact, want)
		}
	}
}

func TestMissingAbilities(t *testing.T) {
	for _, test := range []struct {
		filter  string
		missing Ability
		same    string // the filter that the code stands for
		exact   bool
	}{
		{"fwmark 1", MarkConditions, "", false},
		{"not fwmark 1", MarkConditions, "", false},
		{"fwmark 1", DeviceConditions, "fwmark 1", true},
		{"fwmark 1 and autobound", MarkConditions, "autobound", false},
		{"not ( fwmark 1 or autobound )", MarkConditions, "not autobound", false},
		{"fwmark 1 or autobound", MarkConditions, "", false},
		{"not ( fwmark 1 and autobound )", MarkConditions, "", false},
		{"( dev 1 or autobound ) and sport = :1", DeviceConditions, "sport = :1", false},
		{"cgroup /a and src *", CgroupConditions, "", false},
		{"cgroup /a and not src *", CgroupConditions, "not src *", false},
	} {
		code, exact := must(t, test.filter).BytecodeWithout(test.missing)
		want, _ := must(t, test.same).Bytecode()
		if !bytes.Equal(code, want) || exact != test.exact {
			t.Errorf("%s: %x, %v; want that of %q, %x", test.filter, code, exact, test.same, want)
		}
	}
}

// A filter that is too long for a netlink attribute is left to Match.
func TestLongestBytecode(t *testing.T) {
	conditions := func(n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, " or dport = :%d", i)
		}
		return strings.TrimPrefix(text.String(), " or ")
	}
	const fits = (longest + 4) / 16 // 12 bytes each and a jump between them
	f := must(t, conditions(fits))
	code, exact := f.Bytecode()
	if !exact || len(code) != 16*fits-4 || audit(code) != nil {
		t.Errorf("%d bytes, exact %v, %v", len(code), exact, audit(code))
	}
	if code, exact := must(t, conditions(fits+1)).Bytecode(); code != nil || exact {
		t.Errorf("%d bytes, exact %v", len(code), exact)
	}
	last := Endpoint{State: tcp.Established, Local: at("192.0.2.1:1"), Remote: at(fmt.Sprintf("192.0.2.2:%d", fits-1))}
	if !f.Match(&last) {
		t.Error("the last alternative is lost")
	}
}
