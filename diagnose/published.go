package diagnose

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// publishedServices: a service that stays on loopback, or whose port normally does,
// is reached from outside because a rule of the firewall leads strangers to it. It
// need not listen on this host: a container's ports are published so. Each is
// said once, however many rules lead there.
func (x *index) publishedServices() []Finding {
	var findings []Finding
	said := map[netip.AddrPort]bool{}
	for i := range x.bundle.Published {
		p := &x.bundle.Published[i]
		target, one := p.Leads()
		if !one || said[target] || !x.takesStrangers(p) || !x.leadsOn(p) {
			continue
		}
		if f, ok := x.publishedFinding(p, target); ok {
			said[target] = true
			findings = append(findings, f)
		}
	}
	return findings
}

// takesStrangers tells whether a rule takes connections of whoever can route
// here. One for an address that the world cannot dial, for some sources, or for
// an interface that does not lead to the world takes those of friends.
func (x *index) takesStrangers(p *host.Published) bool {
	switch {
	case p.Own, p.Narrowed, p.From.IsValid() && p.From.Bits() > 0:
		return false
	case p.To.IsValid() && p.To.Bits() > 0 && inward(p.To.Addr()):
		return false
	default:
		return p.In == "" || x.leadsToTheWorld(p.In)
	}
}

var sharedBehindNAT = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// inward tells whether an address is of no use outside: loopback, private or
// link-local.
func inward(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || sharedBehindNAT.Contains(a)
}

// leadsToTheWorld tells whether a default route leaves through the interface. With
// a star at its end the name is that of several.
func (x *index) leadsToTheWorld(name string) bool {
	begin, several := strings.CutSuffix(name, "*")
	for i := range x.bundle.Routes {
		r := &x.bundle.Routes[i]
		if r.Destination.Bits() == 0 && (r.Interface == name || several && strings.HasPrefix(r.Interface, begin)) {
			return true
		}
	}
	return false
}

// leadsOn tells whether the kernel lets a connection go where the rule leads it:
// to loopback only where that is allowed, to others only where it forwards.
func (x *index) leadsOn(p *host.Published) bool {
	to := p.Target.Addr()
	switch {
	case to.IsLoopback():
		return to.Is4() && x.routesLoopback(p.In) // to ::1 never: "network is unreachable"
	case x.ours(to):
		return true
	case to.Is6():
		return x.bundle.Settings["net.ipv6.conf.all.forwarding"] != "0"
	default:
		return x.bundle.Settings["net.ipv4.ip_forward"] != "0"
	}
}

// routesLoopback tells whether what comes in through an interface, or through any,
// may be led to 127.0.0.0/8: else the kernel drops it.
func (x *index) routesLoopback(in string) bool { return len(x.loopbackSettings(in)) > 0 }

// loopbackSettings are the settings that allow it, sorted.
func (x *index) loopbackSettings(in string) (names []string) {
	for name, value := range x.bundle.Settings {
		link, ok := strings.CutPrefix(name, "net.ipv4.conf.")
		link, setting := strings.CutSuffix(link, ".route_localnet")
		if ok && setting && value == "1" && link != "default" && link != "lo" && (in == "" || link == "all" || link == in) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// notToLoopback is the way to act that takes least away.
func (x *index) notToLoopback(p *host.Published) (remedies []Remedy) {
	if !p.Target.Addr().IsLoopback() {
		return nil
	}
	for _, name := range x.loopbackSettings(p.In) {
		if !plainWord(name) {
			continue // an interface may have any name
		}
		remedies = append(remedies, x.sysctl("stop-leading-to-loopback", name, "0", Say("remedy-route-localnet"), Say("remedy-route-localnet-risk")))
	}
	return remedies
}

// publishedFinding names the service behind a rule; false if there is none, or
// none that is better kept to oneself.
func (x *index) publishedFinding(p *host.Published, target netip.AddrPort) (Finding, bool) {
	service, usuallyLocal := local[target.Port()]
	if !usuallyLocal {
		service, usuallyLocal = local[p.First]
		usuallyLocal = usuallyLocal && p.First == p.Last
	}
	if !x.ours(target.Addr()) {
		return x.publishedElsewhere(p, target, service), usuallyLocal
	}
	l := x.listenerOf(target)
	if l == nil || l.at.Addr().IsUnspecified() || !usuallyLocal && !target.Addr().IsLoopback() {
		return Finding{}, false
	}
	pid := x.listenerPID(l)
	f := x.exposed(p, x.subject(pid))
	f.Count, f.Subject.Local = len(l.sockets), l.at.String()
	f.Summary = Say("exposed-through-nat", x.who(pid), l.at.String(), p.Dialled())
	f.Evidence = append(f.Evidence, listens(l))
	f.Remedies = append(x.notToLoopback(p), Remedy{ID: "take-the-rule-away", Text: Say("remedy-take-rule", p.Rule), Risk: Say("remedy-bind-loopback-risk")})
	f.Excluded = x.unlikeUnexpected(l, pid)
	return f, true
}

// publishedElsewhere is about a service that does not listen here, but where the
// rule leads: whether something listens there is not seen from here.
func (x *index) publishedElsewhere(p *host.Published, target netip.AddrPort, service string) Finding {
	f := x.exposed(p, Subject{})
	f.Count, f.Subject.Local, f.Subject.Peer = 1, p.At().String(), target.String()
	f.Summary = Say("exposed-elsewhere", target.String(), service, p.Dialled())
	f.Fate.Text = Say("exposed-elsewhere-fate")
	f.Remedies = []Remedy{
		{ID: "publish-on-loopback", Text: Say("remedy-publish-loopback"), Risk: Say("remedy-bind-loopback-risk")},
		{ID: "filter-what-is-forwarded", Text: Say("remedy-filter-forward"), Risk: Say("remedy-filter-port-risk")},
	}
	return f
}

// exposed is what all findings about published services say.
func (x *index) exposed(p *host.Published, about Subject) Finding {
	f := Finding{
		State: tcp.Listen, Severity: Notice, Subject: about,
		RefutedBy: Say("exposed-through-nat-refuted"),
		Fate:      Outlook{Text: Say("exposed-through-nat-fate"), Forever: true},
		Evidence: []Evidence{{
			Source: firewall, Fact: "published", Value: 1, Unit: "rules",
			Text: Say("published-by", p.Rule, p.Dialled(), p.Target.String()), Recheck: listRule(p.Rule),
		}},
	}
	f.Subject.Path = p.Rule
	if p.Counts && p.Packets > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: firewall, Fact: "published-used", Value: float64(p.Packets), Unit: "connections",
			Text: Say("published-used", int(p.Packets)), Recheck: listRule(p.Rule),
		})
	}
	return f
}

// listRule is the command that shows a rule, "" for a name that no shell should
// see.
func listRule(rule string) string {
	words := strings.Fields(rule)
	if len(words) != 5 || !plainWord(words[0]) || !plainWord(words[1]) || !plainWord(words[2]) {
		return ""
	}
	return "nft -a list chain " + strings.Join(words[:3], " ")
}

// unlikeUnexpected says why a listener is not, or may be, an unexpected one.
func (x *index) unlikeUnexpected(l *listener, pid int) []Exclusion {
	if x.expected(l, pid) {
		return []Exclusion{{"unexpected-listener", Say("in-the-baseline", l.at.String())}}
	}
	return []Exclusion{{"unexpected-listener", Say("expected-or-not")}}
}
