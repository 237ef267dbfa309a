package ruleset

import (
	"errors"
	"testing"
)

// TestCutShort: a message that ends within an attribute is an error and no smaller
// rule, which would seem to match more.
func TestCutShort(t *testing.T) {
	whole := []byte{
		1, 0, 0, 0, // inet
		8, 0, 1, 0, 'f', 'w', 0, 0, // table
		12, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 7, // handle
		20, 0, 4, 0x80, 16, 0, 1, 0x80, 12, 0, 1, 0, 'c', 'o', 'u', 'n', 't', 'e', 'r', 0, // one expression
		9, 0, 7, 0, 0, 3, 'h', 'i', 0, 0, 0, 0, // comment
	}
	r, err := ParseRule(whole)
	if err != nil || r.Table != "fw" || r.Handle != 7 || r.Comment != "hi" || len(r.Exprs) != 1 || r.Exprs[0].Name != "counter" {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, n := range []int{0, 3, 5, 10, 20, 30, 43} {
		if r, err := ParseRule(whole[:n]); !errors.Is(err, ErrShort) {
			t.Errorf("the first %d octets are %+v, %v", n, r, err)
		}
	}
}

func TestCommentsOfOthers(t *testing.T) {
	for _, data := range [][]byte{nil, {0}, {0, 9, 'x'}, {1, 255}, {1, 1, 'x'}, {1, 0, 2, 0}} {
		if got := comment(data); got != "" {
			t.Errorf("%v is the comment %q", data, got)
		}
	}
	if got := comment([]byte{1, 1, 'x', 0, 3, 'o', 'k', 0}); got != "ok" {
		t.Errorf("%q", got)
	}
}

func TestChain(t *testing.T) {
	c, err := ParseChain([]byte{
		2, 0, 0, 0, // ip
		8, 0, 1, 0, 'f', 'w', 0, 0,
		7, 0, 3, 0, 'i', 'n', 0, 0,
		20, 0, 4, 0x80, 8, 0, 1, 0, 0, 0, 0, 1, 8, 0, 2, 0, 0xff, 0xff, 0xff, 0xf6,
		8, 0, 5, 0, 0, 0, 0, 0,
	})
	if want := (Chain{Family: FamilyIPv4, Table: "fw", Name: "in", Hooked: true, Hook: 1, Priority: -10, Drops: true}); err != nil || c != want {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte{1, 0, 0, 0, 8, 0, 1, 0, 'f', 'w', 0, 0})
	f.Fuzz(func(t *testing.T, message []byte) {
		if r, err := ParseRule(message); err == nil {
			for _, e := range r.Exprs {
				_, _ = e.Number(2)
			}
		}
		_, _ = ParseChain(message)
	})
}
