package packet

import (
	"strings"
	"testing"
	"time"
)

// TestWords: every value has a name of its own, and none beyond.
func TestWords(t *testing.T) {
	unique := func(what string, n int, name func(int) string) {
		seen := map[string]bool{}
		for i := range n {
			word := name(i)
			if seen[word] || strings.HasSuffix(word, "?") {
				t.Errorf("%s %d is called %q", what, i, word)
			}
			seen[word] = true
		}
		if beyond := name(n); !strings.HasSuffix(beyond, "?") {
			t.Errorf("%s %d is called %q", what, n, beyond)
		}
	}
	unique("reason", int(reasons), func(i int) string { return Reason(i).String() })
	unique("damage", int(damages), func(i int) string { return Damage(i).String() })
	unique("tunnel", int(MPLSInIP)+1, func(i int) string { return Tunnel(i).String() })
	unique("checksum", int(ChecksumUnknown)+1, func(i int) string { return Checksum(i).String() })
	if got := (Truncated | SourceRouted).String(); got != "truncated,source-routed" {
		t.Errorf("marks: %q", got)
	}
	if SourceRouted != 1<<(len(markNames)-1) {
		t.Error("marks without a name")
	}
	if LinkSLL2.String() != "sll2" || LinkType(147).String() != "linktype-147" {
		t.Errorf("%v %v", LinkSLL2, LinkType(147))
	}
	if Inbound.String() != "inbound" || Outbound.String() != "outbound" || DirectionUnknown.String() != "" {
		t.Error("directions")
	}
}

// TestEveryLinkTypeIsRead holds the names and the readers together.
func TestEveryLinkTypeIsRead(t *testing.T) {
	for link := range linkNames {
		if _, reason := decode(frameOf(link, make([]byte, 8))); reason == UnknownLink {
			t.Errorf("%v has a name but no reader", link)
		}
	}
}

// TestAddresses go to the standard library's type and back.
func TestAddresses(t *testing.T) {
	for _, text := range []string{"0.0.0.0", "10.1.2.3", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1"} {
		a := address(text)
		if a.String() != text || a.Is4() != strings.Contains(text, ".") {
			t.Errorf("%s: %v, Is4 %v", text, a, a.Is4())
		}
	}
	if got := ends4.String(); got != "10.0.0.1:40000 > 192.168.0.1:443" {
		t.Error(got)
	}
	if got := ends6.Reverse().String(); got != "[2001:db8:ffff::9]:443 > [2001:db8::1]:40000" {
		t.Error(got)
	}
	if HardwareAddress(0).String() != "" {
		t.Error("no hardware address")
	}
	if h := hardware(make([]byte, 6)); h.String() != "00:00:00:00:00:00" {
		t.Error(h)
	}
	if got := (&Segment{Time: 1_700_000_000 * second}).At().Format(time.RFC3339); got != "2023-11-14T22:13:20Z" {
		t.Error(got)
	}
}
