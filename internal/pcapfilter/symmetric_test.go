package pcapfilter

import "testing"

func TestSymmetric(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                    true,
		"tcp port 443":                        true,
		"host 192.0.2.7 and not port 22":      true,
		"net 10.0.0.0/8 or tcp portrange 1-9": true,
		"ip6 proto 6":                         true,
		"src host 192.0.2.7":                  false,
		"dst port 80":                         false,
		"host 192.0.2.7 and (src port 80)":    false,
		"tcp[tcpflags] & tcp-syn != 0":        false,
		"inbound":                             false,
		"less 100":                            false,
		"ether host 02:00:00:00:00:01":        true,
		"ether src 02:00:00:00:00:01":         false,
		"src and dst port 179":                true,
		"not src or dst net 10.0.0.0/8":       true,
	} {
		f, err := Parse(text, Names{})
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := f.Symmetric(); got != want {
			t.Errorf("%q: %v (%#v)", text, got, f.expr)
		}
	}
}
