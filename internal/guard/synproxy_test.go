package guard

import (
	"testing"
)

// TestBackends: what is read, and what is refused.
func TestBackends(t *testing.T) {
	for text, ok := range map[string]bool{
		"192.0.2.2:80": true, "[2001:db8::1]:80": true, "192.0.2.2:80,mss=1460": true, "192.0.2.2:80,mss=88,wscale=0": true,
		"192.0.2.2:80,mss=1460,wscale=14,timestamp,sack-perm": true,
		"192.0.2.2": false, "192.0.2.2:0": false, "0.0.0.0:80": false, "[::]:80": false, "web:80": false, "[fe80::1%eth0]:80": false, "": false,
		"192.0.2.2:80,": false, "192.0.2.2:80,wscale=7": false, "192.0.2.2:80,mss=87": false, "192.0.2.2:80,mss=65536": false,
		"192.0.2.2:80,mss=1460,wscale=15": false, "192.0.2.2:80,mss=1460,ecn": false, "192.0.2.2:80,mss=": false, "192.0.2.2:80,timestamp=1,mss=1460": false,
	} {
		b, err := ParseBackend(text)
		if (err == nil) != ok || ok && b.String() != text {
			t.Errorf("%q: %v, %v", text, b, err)
		}
	}
}

// TestProxyText: as an administrator would write it.
func TestProxyText(t *testing.T) {
	first, err := ParseBackend("192.0.2.2:80,mss=1460,wscale=7,timestamp,sack-perm")
	if err != nil {
		t.Fatal(err)
	}
	second, err := ParseBackend("[2001:db8::2]:443,mss=1440")
	if err != nil {
		t.Fatal(err)
	}
	want := `chain raw {
	type filter hook prerouting priority -300;
	ip daddr 192.0.2.2 tcp dport 80 tcp flags & (fin|syn|rst|ack) == syn notrack
	ip6 daddr 2001:db8::2 tcp dport 443 tcp flags & (fin|syn|rst|ack) == syn notrack
}
chain through {
	type filter hook forward priority -10;
	ip daddr 192.0.2.2 tcp dport 80 ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
	ip daddr 192.0.2.2 tcp dport 80 ct state invalid counter drop
	ip6 daddr 2001:db8::2 tcp dport 443 ct state invalid,untracked synproxy mss 1440
	ip6 daddr 2001:db8::2 tcp dport 443 ct state invalid counter drop
}
`
	if got := proxyText([]Backend{first, second}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzBackend: what is read is written as it was, and read again the same.
func FuzzBackend(f *testing.F) {
	f.Add("192.0.2.2:80,mss=1460,wscale=7,timestamp,sack-perm")
	f.Add("[::ffff:192.0.2.2]:80")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBackend(text)
		if err != nil {
			return
		}
		if again, err := ParseBackend(b.String()); err != nil || again != b {
			t.Errorf("%q: %+v, then %+v, %v", text, b, again, err)
		}
	})
}
