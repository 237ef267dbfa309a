package diagnose

import (
	"net/netip"
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
)

// publishes adds a rule that leads a port of this host elsewhere.
func (s *scene) publishes(port uint16, target string, with ...func(*host.Published)) {
	p := host.Published{Rule: "ip nat DOCKER handle 7", First: port, Last: port, Target: at(target), NotIn: "docker0"}
	for _, change := range with {
		change(&p)
	}
	s.b.Published = append(s.b.Published, p)
	if !s.b.Has(evidence.SourceFirewall) {
		s.b.Sources = append(s.b.Sources, evidence.Source{Name: evidence.SourceFirewall, OK: true})
	}
}

// onLoopback is a database on loopback; strangers are led there.
func (s *scene) onLoopback(local string, port uint16, with ...func(*host.Published)) {
	s.listens(local, 128, queue(0))
	s.b.Settings["net.ipv4.conf.eth0.route_localnet"] = "1"
	s.publishes(port, local, with...)
}

func TestPublishedListener(t *testing.T) {
	elsewhere := verdict{"exposed-listener", Notice, Probable, 1, nil, nil}
	here := verdict{"exposed-listener", Notice, Certain, 1, nil, nil}
	silent, none := verdict{}, []Cause{"exposed-listener"}
	redis := "172.17.0.2:6379"
	runScenes(t, []sceneCase{
		{"a container's Redis", func(s *scene) { s.publishes(6379, redis) }, elsewhere, nil},
		{"at another port", func(s *scene) { s.publishes(16379, redis) }, elsewhere, nil},
		{"Redis at another port of the container", func(s *scene) { s.publishes(6379, "172.17.0.2:7777") }, elsewhere, nil},
		{"the port is kept", func(s *scene) { s.publishes(6379, "172.17.0.2:0") }, elsewhere, nil},
		{"on a public address", func(s *scene) {
			s.publishes(6379, redis, func(p *host.Published) { p.To = netip.MustParsePrefix("192.0.2.1/32") })
		}, elsewhere, nil},
		{"through the interface of the default route", func(s *scene) {
			s.publishes(6379, redis, func(p *host.Published) { p.In = "eth0" })
		}, elsewhere, nil},
		{"loopback, and the kernel leads strangers there", func(s *scene) { s.onLoopback("127.0.0.1:6379", 6379) }, here, nil},
		{"any program on loopback", func(s *scene) { s.onLoopback("127.0.0.1:3000", 80) }, here, nil},
		{"one private address of this host", func(s *scene) {
			s.b.Routes = append(s.b.Routes, host.Route{Destination: prefix("10.0.0.1/32"), Type: "local", Interface: "eth1"})
			s.listens("10.0.0.1:5432", 128, queue(0))
			s.publishes(5432, "10.0.0.1:5432")
		}, here, nil},

		{"a container's web server", func(s *scene) { s.publishes(8080, "172.17.0.2:80") }, silent, none},
		{"published on loopback", func(s *scene) {
			s.publishes(6379, redis, func(p *host.Published) { p.To = netip.MustParsePrefix("127.0.0.1/32") })
		}, silent, none},
		{"published on a private address", func(s *scene) {
			s.publishes(6379, redis, func(p *host.Published) { p.To = netip.MustParsePrefix("10.1.2.3/32") })
		}, silent, none},
		{"for the own network", func(s *scene) {
			s.publishes(6379, redis, func(p *host.Published) { p.From = netip.MustParsePrefix("10.0.0.0/8") })
		}, silent, none},
		{"from loopback", func(s *scene) {
			s.publishes(6379, redis, func(p *host.Published) { p.From = netip.MustParsePrefix("127.0.0.0/8") })
		}, silent, none},
		{"through the tunnel only", func(s *scene) { s.publishes(6379, redis, func(p *host.Published) { p.In = "wg0" }) }, silent, none},
		{"for what the host dials itself", func(s *scene) { s.publishes(6379, redis, func(p *host.Published) { p.Own = true }) }, silent, none},
		{"under a condition that is not read", func(s *scene) { s.publishes(6379, redis, func(p *host.Published) { p.Narrowed = true }) }, silent, none},
		{"the host does not forward", func(s *scene) { s.publishes(6379, redis); s.b.Settings["net.ipv4.ip_forward"] = "0" }, silent, none},
		{"loopback, and the kernel drops it", func(s *scene) {
			s.onLoopback("127.0.0.1:6379", 6379)
			s.b.Settings["net.ipv4.conf.eth0.route_localnet"] = "0"
		}, silent, none},
		{"loopback of IPv6, to which the kernel leads nobody", func(s *scene) {
			s.onLoopback("[::1]:6379", 6379)
			s.b.Settings["net.ipv6.conf.all.forwarding"] = "1"
		}, silent, none},
		{"nobody listens there", func(s *scene) {
			s.b.Settings["net.ipv4.conf.all.route_localnet"] = "1"
			s.publishes(6379, "127.0.0.1:6379")
		}, silent, none},
	})
}

// TestPublishedOnce: it listens everywhere and is published too, by two rules.
func TestPublishedOnce(t *testing.T) {
	s := quietHost()
	s.publishes(6379, "172.17.0.2:6379", func(p *host.Published) { p.Counts, p.Packets = true, 12 })
	s.publishes(6380, "172.17.0.2:6379")
	report := s.diagnose()
	f := one(t, report, "exposed-listener")
	if f.Subject.Path != "ip nat DOCKER handle 7" || f.Subject.Local != "0.0.0.0:6379" || f.Subject.Peer != "172.17.0.2:6379" {
		t.Errorf("%+v", f.Subject)
	}
	if used := f.Evidence[len(f.Evidence)-1]; used.Fact != "published-used" || used.Value != 12 || used.Recheck != "nft -a list chain ip nat DOCKER" {
		t.Errorf("%+v", used)
	}
	s.listens("0.0.0.0:6379", 128, queue(0))
	if report = s.diagnose(); len(report.of("exposed-listener")) != 2 {
		t.Errorf("a listener of the host is not the container's: %s", causesOf(report))
	}
}

// TestPublishedIntoNamespace: the program in the container is named, and what it is
// blamed for there follows from the rule.
func TestPublishedIntoNamespace(t *testing.T) {
	hostSide, container := twoHosts()
	hostSide.publishes(6379, "192.0.2.9:6379")
	container.runs(4711, "redis-server")
	container.listens("0.0.0.0:6379", 511, queue(0), container.heldBy(4711))
	all := Merge([]Report{hostSide.diagnose(), container.diagnose()})
	if len(all.Findings) != 2 {
		t.Fatalf("%s", causesOf(all))
	}
	root, follows := all.Findings[0], all.Findings[1]
	if root.Subject.Name != "redis-server" || root.Confidence != Certain || root.Subject.NetNS != "1" || root.BecauseOf != "" {
		t.Errorf("%+v, %v", root.Subject, root.Confidence)
	}
	if follows.BecauseOf != "exposed-listener" || follows.Subject.NetNS != "2" {
		t.Errorf("%+v because of %q", follows.Subject, follows.BecauseOf)
	}
	loopback := quietHost()
	loopback.listens("127.0.0.1:6379", 128, queue(0))
	hostSide, _ = twoHosts()
	hostSide.publishes(6379, "192.0.2.77:6379")
	if all = Merge([]Report{hostSide.diagnose(), loopback.diagnose()}); len(all.Findings) != 1 || all.Findings[0].Subject.Name != "" {
		t.Errorf("it leads to nobody who was looked at: %s", causesOf(all))
	}
}

// TestRuleOfStrangeName: names of rules come from the host and reach no shell.
func TestRuleOfStrangeName(t *testing.T) {
	for rule, want := range map[string]string{
		"ip nat DOCKER handle 7":       "nft -a list chain ip nat DOCKER",
		"ip nat $(reboot) handle 7":    "",
		"ip nat a;b handle 7":          "",
		"rule-1f2e3d4c":                "",
		"inet my table x handle 7":     "",
		"ip6 nat KUBE-SEP-A1 handle 9": "nft -a list chain ip6 nat KUBE-SEP-A1",
	} {
		if got := listRule(rule); got != want {
			t.Errorf("%q gives %q", rule, got)
		}
	}
}
