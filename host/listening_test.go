package host

import (
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestListeningOf(t *testing.T) {
	at := netip.MustParseAddrPort
	l := NewListening([]Socket{
		{State: tcp.Listen, Local: at("192.0.2.1:80")}, {State: tcp.Listen, Local: at("0.0.0.0:80")},
		{State: tcp.Listen, Local: at("[::]:443")}, {State: tcp.Listen, Local: at("[::]:22"), V6Only: true},
		{State: tcp.Listen, Local: at("[::1]:25")}, {State: tcp.Established, Local: at("192.0.2.1:9")},
	})
	for local, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1:80", "192.0.2.2:80": "0.0.0.0:80", "192.0.2.1:443": "[::]:443", "[2001:db8::1]:443": "[::]:443",
		"192.0.2.1:22": "", "[2001:db8::1]:22": "[::]:22", "[::1]:25": "[::1]:25", "[::2]:25": "", "127.0.0.1:25": "", "192.0.2.1:9": "", "[::1]:80": "",
	} {
		got, ok := l.Of(at(local))
		if ok != (want != "") || ok && got != at(want) {
			t.Errorf("%s: %v, %v; want %q", local, got, ok, want)
		}
	}
}
