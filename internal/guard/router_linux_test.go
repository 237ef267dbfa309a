package guard

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/collect"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

// routed is a client, a router that tracks connections, and a server without
// cookies whose queue is short.
func routed(t *testing.T) (*lab.World, lab.Routed) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	w := lab.NewWorld(ctx)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	r := w.Routed()
	r.Server.Set(cookies, "0")
	r.Server.Program("web").Listen("[::]:80", 128, actor.ServeAnswers)
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	return w, r
}

func seenAt(t *testing.T, at *lab.Host, window time.Duration) *evidence.Bundle {
	t.Helper()
	var b *evidence.Bundle
	if err := at.Do(func() (err error) {
		b, err = collect.Run(at.World().Context, collect.Options{Window: window})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b
}

// everything is traces and the rules of the packet filter.
func everything(t *testing.T) map[string]string {
	t.Helper()
	all := traces(t)
	out, err := exec.Command("nft", "list", "ruleset").CombinedOutput()
	if err == nil { // where nft is not installed the settings must do
		all["nft"] = string(out)
	}
	return all
}

// TestRouterInFrontOfOthers: the flood on its way to another host is found; the
// router then carries genuine clients through it, and all is as it was when it
// stops.
func TestRouterInFrontOfOthers(t *testing.T) {
	w, r := routed(t)
	told := []Backend{{Address: netip.MustParseAddrPort("192.0.2.2:80")}, {Address: netip.MustParseAddrPort("[2001:db8::2]:80")}}
	if err := r.Router.Do(func() error { return errors.Join(told[0].ask(w.Context), told[1].ask(w.Context)) }); err != nil {
		t.Fatal(err)
	}
	r.Client.Program("evil").Flood("192.0.2.2:80", "198.18.0.0/15", 1500)
	clients := r.Client.Program("clients")
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	b := seenAt(t, r.Router, 2*time.Second)
	l := planOf(b)
	if l.Through == nil || l.Through.Cause != "syn-flood" || l.Through.Subject.Local != "192.0.2.2:80" || l.Flood != nil || len(l.Hints) != 1 {
		t.Fatalf("%+v %+v %v %+v", l.Through, l.Flood, l.Hints, b.Packets.Servers)
	}
	if got := throughFlood(t, r); got == strangers { // now and then a place in the queue falls free
		t.Error("the flood keeps nobody out")
	}
	err := r.Router.Do(func() error {
		before := everything(t)
		if _, err := l.Proxy(w.Context, b, told); err != nil {
			return err
		}
		if got := l.Plan.Changes[len(l.Plan.Changes)-1]; got.Target != proxyTable || got.Preventive || l.Plan.Changes[len(l.Plan.Changes)-2].Target != loose || l.Plan.Cause != "syn-flood" {
			t.Error(proposed(l))
		}
		h, err := NewHand(t.TempDir())
		if err != nil {
			return err
		}
		if _, err := h.Apply(l.Plan); err != nil {
			return err
		}
		clients.Dial("192.0.2.2:80", 50)
		clients.Dial("[2001:db8::2]:80", 50)
		clients.Talk(50 * time.Millisecond)
		if w.Err() != nil {
			t.Error("genuine clients:", w.Err())
		}
		if steps, err := Status(h); err != nil || slices.ContainsFunc(steps, func(s Step) bool { return s.Now != apply.InForce }) {
			t.Error(err, steps)
		}
		if done, err := Revert(h, false); err != nil || len(done) != 1 {
			t.Error(err, done)
		}
		if diff := cmp.Diff(before, everything(t)); diff != "" {
			t.Error("reverted, it is not as it was:", diff)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// strangers is how many clients try to come through the flood without a defence.
const strangers = 6

// throughFlood returns how many of them did at once.
func throughFlood(t *testing.T, r lab.Routed) (n int) {
	t.Helper()
	if err := r.Client.Do(func() error {
		for range strangers {
			if c, err := net.DialTimeout("tcp", "192.0.2.2:80", 300*time.Millisecond); err == nil {
				c.Close()
				n++
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestServerIsAsked: what a server offers is read from its own handshake, over
// both protocols.
func TestServerIsAsked(t *testing.T) {
	w, r := routed(t)
	b := seenAt(t, r.Router, 0)
	for _, test := range []struct{ setting, value, want string }{
		{"net.ipv4.tcp_sack", "1", ",timestamp,sack-perm"},
		{"net.ipv4.tcp_sack", "0", ",timestamp"},
		{"net.ipv4.tcp_timestamps", "0", ""},
		{"net.ipv4.tcp_window_scaling", "0", "only mss"},
	} {
		r.Server.Set(test.setting, test.value)
		err := r.Router.Do(func() error {
			l := planOf(b)
			asked, err := l.Proxy(w.Context, b, []Backend{{Address: netip.MustParseAddrPort("192.0.2.2:80")}, {Address: netip.MustParseAddrPort("[2001:db8::2]:80")}})
			if err != nil {
				return err
			}
			want4, want6 := "192.0.2.2:80,mss=1460,wscale="+offered(t, asked[0])+test.want, "[2001:db8::2]:80,mss=1440,wscale="+offered(t, asked[1])+test.want
			if test.want == "only mss" {
				want4, want6 = "192.0.2.2:80,mss=1460", "[2001:db8::2]:80,mss=1440"
			}
			if asked[0].String() != want4 || asked[1].String() != want6 {
				t.Errorf("%s=%s: %v", test.setting, test.value, asked)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// offered is the scale, which must be one that makes sense: it depends on memory.
func offered(t *testing.T, b Backend) string {
	t.Helper()
	_, scale, _ := strings.Cut(b.String(), "wscale=")
	scale, _, _ = strings.Cut(scale, ",")
	if b.Scale == 0 {
		t.Error("the server scales its window, and it was not seen:", b)
	}
	return scale
}

// TestNotBehindThisRouter: each in one line, and nothing is proposed.
func TestNotBehindThisRouter(t *testing.T) {
	w, r := routed(t)
	b := seenAt(t, r.Router, 0)
	server := netip.MustParseAddrPort("192.0.2.2:80")
	none := *b
	none.Settings = map[string]string{"net.ipv4.ip_forward": "0"}
	untracked := *b
	untracked.Settings = map[string]string{"net.ipv4.ip_forward": "1"}
	led := *b
	led.Published = []host.Published{{Rule: "ip nat pre handle 4", Last: 65535, Target: server}}
	ranged := *b
	ranged.Published = []host.Published{{Rule: "ip nat pre handle 4", First: 79, Last: 90, Target: netip.AddrPortFrom(server.Addr(), 0)}}
	for says, test := range map[string]struct {
		bundle *evidence.Bundle
		at     []Backend
	}{
		"forwards nothing (net.ipv4.ip_forward is not 1)": {&none, []Backend{{Address: server}}},
		"modprobe nf_conntrack":                           {&untracked, []Backend{{Address: server, Told: true}}},
		"leads connections to":                            {&led, []Backend{{Address: server}}},
		"the rule at ip nat pre handle 4":                 {&ranged, []Backend{{Address: server}}},
		"is an address of this host":                      {b, []Backend{{Address: netip.MustParseAddrPort("192.0.2.1:80")}}},
		"no route leads there":                            {b, []Backend{{Address: netip.MustParseAddrPort("203.0.113.9:80")}}},
		"nobody listens on 192.0.2.2:81":                  {b, []Backend{{Address: netip.MustParseAddrPort("192.0.2.2:81")}}},
		"does not answer, so what it offers is not known": {b, []Backend{{Address: netip.MustParseAddrPort("192.0.2.77:80")}}},
		"name the server with --protect":                  {b, nil},
	} {
		err := r.Router.Do(func() error {
			l := planOf(b)
			was := len(l.Plan.Changes)
			_, err := l.Proxy(w.Context, test.bundle, test.at)
			if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") || len(l.Plan.Changes) != was {
				t.Errorf("%v, not %s", err, says)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	refused := Ladder{Instead: &diagnose.Finding{Cause: "accept-stalled"}}
	if list, err := refused.Proxy(w.Context, b, []Backend{{Address: server}}); err != nil || list != nil || len(refused.Plan.Changes) > 0 {
		t.Error("proposed though it refuses:", err, list)
	}
}
