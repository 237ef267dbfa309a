package guard

import (
	"net/netip"
	"testing"
)

func TestArmour(t *testing.T) {
	first, second := netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("[2001:db8::1]:80")
	four, six := netip.MustParsePrefix("198.18.7.0/24"), netip.MustParsePrefix("2001:db8:7::/48")
	for want, a := range map[string]armour{
		"disarmed":                            {},
		"armed 192.0.2.1:80 [2001:db8::1]:80": {listeners: []netip.AddrPort{second, first, second}},
		"disarmed dropping 198.18.7.0/24":     {drops: []netip.Prefix{four}},
		"armed 192.0.2.1:80 dropping 198.18.7.0/24 2001:db8:7::/48": {listeners: []netip.AddrPort{first}, drops: []netip.Prefix{six, four, six}},
	} {
		if got := valueOf(a); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	for _, bad := range []string{"armed x", "disarmed 192.0.2.1:80", "dropping 198.18.7.0/24", "armed 192.0.2.1:80 dropping 198.18.7.1/24", "armed 192.0.2.1:80 dropping 0.0.0.0/0", "armed 192.0.2.1:80 dropping 192.0.2.1:80", "detached"} {
		if a, err := armourOf(bad); err == nil {
			t.Errorf("%q is %+v", bad, a)
		}
	}
}

// FuzzArmour: a value of a journal is refused, or says what it says in one way only.
func FuzzArmour(f *testing.F) {
	for _, value := range []string{"disarmed", "armed 192.0.2.1:80 [2001:db8::1]:80", "armed 192.0.2.1:80 dropping 198.18.7.0/24", "armed x", ""} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		a, err := armourOf(value)
		if err != nil {
			return
		}
		again, err := armourOf(valueOf(a))
		if err != nil || valueOf(again) != valueOf(a) {
			t.Errorf("%q: %+v, then %+v, %v", value, a, again, err)
		}
	})
}
