package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// someDrops is how many packets a check must drop in the window before it is
// more than stray traffic.
const someDrops = 5

// fewInterfaces is how many interfaces a remedy may name one by one.
const fewInterfaces = 3

// noReturnRoute: SYNs arrive and this host has no route back, so it keeps
// nothing and answers nothing.
func noReturnRoute(x *index) []Finding {
	unrouted := x.rose("IpOutNoRoutes", "Ip6OutNoRoutes")
	refused := x.rose("TcpExtListenDrops") - x.rose("TcpExtListenOverflows") - x.rose("TcpExtTCPReqQFullDrop")
	lost := min(unrouted, refused) // connect() without a route counts in the first, a full queue in the second
	if lost <= 0 {
		return nil
	}
	f := Finding{
		Severity: Warning, Count: lost,
		Summary:   Say("no-return-route", lost),
		RefutedBy: Say("no-return-route-refuted"),
		Fate:      Outlook{Text: Say("no-return-route-fate")},
		Evidence: []Evidence{
			x.counted("TcpExtListenDrops", "listen-drops"),
			{
				Source: counters, Fact: "OutNoRoutes", Value: float64(unrouted), Unit: "in window",
				Text: Say("out-no-routes", unrouted), Recheck: "nstat -az IpOutNoRoutes Ip6OutNoRoutes",
			},
		},
		Remedies: []Remedy{{ID: "add-route", Text: Say("remedy-add-route"), Risk: Say("remedy-add-route-risk")}},
	}
	if lost < someDrops {
		f.Severity = Notice // a stray packet
	}
	x.refusingListener(&f)
	x.defaultRoute(&f, x.rose("IpOutNoRoutes") > 0)
	x.noRouteRivals(&f)
	return []Finding{f}
}

// refusingListener names the listener that refused them, if it is one.
func (x *index) refusingListener(f *Finding) {
	var refusing []*listener
	for _, l := range x.sorted() {
		if n, ok := l.drops(); ok && n > 0 {
			refusing = append(refusing, l)
		}
	}
	if len(refusing) != 1 {
		return
	}
	l := refusing[0]
	n, _ := l.drops()
	f.Subject = x.subject(x.listenerPID(l))
	f.Subject.Local = l.at.String()
	f.Evidence = append(f.Evidence, Evidence{
		Source: sourceListeners, Fact: "listener-drops", Value: float64(n), Unit: "in window",
		Text: Say("listener-drops", l.at.String(), n), Recheck: fmt.Sprintf("ss -ltnm '( sport = :%d )'", l.at.Port()),
	})
}

// defaultRoute adds what the routing table says.
func (x *index) defaultRoute(f *Finding, v4 bool) {
	if !x.bundle.Has(routes) {
		return
	}
	missing := !slices.ContainsFunc(x.defaults(v4), usable)
	text, command := Say("default-route-there"), "ip -4 route show table all; ip -4 rule show"
	if missing {
		text = Say("default-route-missing")
	}
	if !v4 {
		command = "ip -6 route show table all; ip -6 rule show"
	}
	f.Evidence = append(f.Evidence, Evidence{Source: routes, Fact: "default-route-missing", Value: map[bool]float64{true: 1}[missing], Unit: "true", Text: text, Recheck: command})
}

func (x *index) noRouteRivals(f *Finding) {
	out := func(cause Cause, because Message) { f.Excluded = append(f.Excluded, Exclusion{cause, because}) }
	if x.rose("TcpExtListenOverflows") == 0 {
		out("accept-backlog-too-small", Say("no-overflow"))
	}
	if x.rose("TcpExtTCPReqQFullDrop") == 0 {
		out("syn-flood", Say("queue-not-full"))
		out("syn-queue-too-small", Say("drops-explained"))
	}
	if len(x.byState[tcp.SynReceived]) == 0 {
		out("synack-lost-on-path", Say("nothing-half-open"))
		out("synack-blocked-here", Say("nothing-half-open"))
	}
}

// returnPathFiltered: packets arrive on an interface that is not the way back
// to their sender, and strict reverse path filtering drops them before TCP.
func returnPathFiltered(x *index) []Finding {
	const counter = "TcpExtIPReversePathFilter"
	strict := x.strictInterfaces()
	dropped := x.rose(counter)
	if dropped < someDrops || len(strict) == 0 || len(x.listeners) == 0 {
		return nil
	}
	aside := x.notTheWayOut(strict)
	names := strings.Join(strict, ", ")
	f := Finding{
		Severity: Warning, Count: dropped,
		Summary:   Say("return-path-filtered", dropped, names),
		RefutedBy: Say("return-path-filtered-refuted"),
		Fate:      Outlook{Text: Say("return-path-filtered-fate")},
		Evidence: []Evidence{x.counted(counter, "rp-filter-drops"), {
			Source: settings, Fact: "rp-filter-strict", Value: float64(len(strict)), Unit: "interfaces",
			Text: Say("rp-filter-strict", names), Recheck: "sysctl -a --pattern 'net.ipv4.conf.*.rp_filter'",
		}},
		Excluded: []Exclusion{{"hairpin-source-dropped", Say("hairpin-not-counted")}},
		Remedies: x.filterRemedies(strict, aside),
	}
	if len(aside) == 0 {
		f.Severity = Notice // forged senders, as on any link: every way in is a way out
	}
	if len(aside) == 1 {
		f.Subject.Path = aside[0]
		f.Evidence = append(f.Evidence, Evidence{
			Source: routes, Fact: "way-back-elsewhere", Value: 1, Unit: "true",
			Text: Say("way-back-elsewhere", aside[0]), Recheck: "ip -4 route show",
		})
	}
	x.reversePath(&f)
	x.filterRivals(&f, dropped)
	return []Finding{f}
}

// filterRivals: what is dropped may be the answers to our own SYNs. Each SYN
// brings at most a few: its own answer and those that the target repeats.
func (x *index) filterRivals(f *Finding, dropped int) {
	waiting := 0
	for _, s := range x.byState[tcp.SynSent] {
		if s.now.Retransmits > 0 {
			waiting++
		}
	}
	answered, told := x.answersFiltered()
	switch answers := 3 * (waiting + x.rose("TcpExtTCPSynRetrans")); {
	case told && answered == 0:
		f.Excluded = append(f.Excluded, Exclusion{"synack-dropped-here", Say("no-answer-filtered")})
	case waiting == 0:
		f.Excluded = append(f.Excluded, Exclusion{"synack-dropped-here", Say("no-syn-waits")})
	case dropped > answers:
		f.Excluded = append(f.Excluded, Exclusion{"synack-dropped-here", Say("more-than-answers", dropped, waiting)})
	default:
		f.Severity = Notice // the pile in SYN-SENT is the finding
		f.Open = append(f.Open, Exclusion{"synack-dropped-here", Say("answers-perhaps", waiting)})
	}
	for _, s := range x.byState[tcp.Established] {
		if s.now.Unanswered() {
			f.Open = append(f.Open, Exclusion{"established-dropped", Say("stuck-perhaps")})
			return
		}
	}
	f.Excluded = append(f.Excluded, Exclusion{"established-dropped", Say("none-stuck")})
}

// filterRemedies: loose mode on the interfaces, which still drops what no route
// leads to.
func (x *index) filterRemedies(strict, aside []string) []Remedy {
	list := []Remedy{{ID: "fix-routes", Text: Say("remedy-fix-routes"), Risk: Say("remedy-fix-routes-risk")}}
	if len(aside) == 0 {
		aside = strict
	}
	for _, name := range aside {
		setting := filterSetting(name)
		if len(aside) > fewInterfaces || !plainWord(setting) {
			continue
		}
		list = append(list, x.sysctl("loose-filter-"+name, setting, "2", Say("remedy-loose-filter", name), Say("remedy-loose-filter-risk")))
	}
	return list
}

func filterSetting(name string) string { return "net.ipv4.conf." + name + ".rp_filter" }

// strictInterfaces lists the interfaces where the stricter of "all" and their
// own setting is 1.
func (x *index) strictInterfaces() []string {
	all, _ := x.setting(filterSetting("all"))
	var names []string
	for key := range x.bundle.Settings {
		name, ok := strings.CutPrefix(key, "net.ipv4.conf.")
		name, filter := strings.CutSuffix(name, ".rp_filter")
		if !ok || !filter || name == "all" || name == "default" || name == "lo" {
			continue
		}
		if own, _ := x.setting(key); max(own, all) == 1 { // 2 is loose, and larger
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// notTheWayOut lists those of the interfaces that no default route uses, when
// there is a default route.
func (x *index) notTheWayOut(names []string) []string {
	out := map[string]bool{}
	for _, r := range x.defaults(true) {
		out[r.Interface] = true
	}
	if len(out) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return out[name] })
}

// defaults returns the default routes of a family.
func (x *index) defaults(v4 bool) []host.Route {
	var list []host.Route
	for _, r := range x.bundle.Routes {
		if r.Destination.IsValid() && r.Destination.Bits() == 0 && r.Destination.Addr().Is4() == v4 {
			list = append(list, r)
		}
	}
	return list
}

// usable tells whether a route leads anywhere.
func usable(r host.Route) bool { return r.Type == "" || r.Type == "unicast" }
