package inventory

import (
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/host"
)

// TestPublish: rules lead to a listener here, to one on all addresses, and into a
// container; what the host dials itself and a port on which nobody listens are not
// listed.
func TestPublish(t *testing.T) {
	list := Listeners(sockets(), NewOwners(found(), false), nil)
	rule := func(first, last uint16, target string) host.Published {
		return host.Published{Rule: "ip nat x handle 1", First: first, Last: last, Target: at(target)}
	}
	container := rule(8080, 8090, "172.17.0.2:0")
	container.NotIn, container.Counts, container.Packets = "docker0", true, 9
	friends := rule(2525, 2525, "127.0.0.1:25")
	friends.From, friends.Narrowed = netip.MustParsePrefix("10.0.0.0/8"), true
	own := rule(1, 1, "172.17.0.9:1")
	own.Own = true
	six := rule(443, 443, "[fd00::2]:443")
	six.To, six.In = netip.MustParsePrefix("2001:db8::1/128"), "eth0"
	got := Publish(list, []host.Published{container, friends, rule(81, 81, "192.0.2.1:80"), own, rule(9, 9, "127.0.0.1:9"), six},
		func(a netip.Addr) bool { return a.IsLoopback() || a == netip.MustParseAddr("192.0.2.1") })
	if len(got) != 5 {
		t.Fatalf("%+v", got)
	}
	mail, web, led, led6 := got[1], got[2], got[3], got[4]
	if len(mail.Published) != 1 || mail.Scope != Loopback {
		t.Fatalf("mail: %+v", mail)
	}
	if w := mail.Published[0]; w.Dialled != "*:2525" || w.From != "10.0.0.0/8" || w.Interface != "" || !w.Narrowed {
		t.Errorf("mail: %+v", mail)
	}
	if len(web.Published) != 1 || web.Published[0].Dialled != "*:81" || web.Published[0].Taken != nil {
		t.Errorf("web: %+v", web)
	}
	if led.Local != at("0.0.0.0:8080") || led.Scope != Led || led.OwnerKind != Elsewhere || *led.Published[0].Taken != 9 ||
		led.Published[0].Dialled != "*:8080-8090" || led.Published[0].Interface != "not docker0" {
		t.Errorf("container: %+v", led)
	}
	if led6.Local != at("[2001:db8::1]:443") || led6.Published[0].Dialled != "[2001:db8::1]:443" || led6.Published[0].Interface != "eth0" {
		t.Errorf("IPv6: %+v", led6)
	}
	if len(got[0].Published) != 0 {
		t.Errorf("ssh: %+v", got[0])
	}
}
