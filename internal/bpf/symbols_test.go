package bpf

import (
	"strings"
	"testing"
)

// TestSymbols: an address belongs to the function that begins last before it,
// wherever that stands in the list; data and hidden addresses are none.
func TestSymbols(t *testing.T) {
	const list = `ffffffff81000000 T _stext
ffffffff81000100 t nf_hook_slow
ffffffff81000180 d some_data
ffffffffc0000000 t nft_do_chain	[nf_tables]
ffffffff81000200 T tcp_v4_rcv
0000000000000000 T hidden
damaged
ffffffff81000190
`
	found, err := Symbols(strings.NewReader(list), []uint64{0xffffffff810001f0, 0xffffffff81000200, 0xffffffffc0000042, 1})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[uint64]string{0xffffffff810001f0: "nf_hook_slow", 0xffffffff81000200: "tcp_v4_rcv", 0xffffffffc0000042: "nft_do_chain", 1: ""} {
		if found[address] != want {
			t.Errorf("%x is in %q, not %q", address, found[address], want)
		}
	}
}

func FuzzSymbols(f *testing.F) {
	f.Add("ffffffff81000000 T _stext\n", uint64(0xffffffff81000001))
	f.Fuzz(func(t *testing.T, list string, address uint64) {
		found, err := Symbols(strings.NewReader(list), []uint64{address})
		if err == nil && len(found) > 1 {
			t.Errorf("%d functions of one address", len(found))
		}
	})
}
