package diagnose

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// wideRange is the local port range that is proposed where a narrower one is
// used up: below it are the ports of most servers.
const wideRange = "15000 65535"

// timeWaitPortExhaustion: most local ports towards one destination wait in
// TIME-WAIT. connect() fails with EADDRNOTAVAIL, and no counter tells.
func timeWaitPortExhaustion(x *index) []Finding {
	var findings []Finding
	for _, u := range x.crowdedWays() {
		if u.mostlyWaiting() {
			x.claim(u.waiting)
			findings = append(findings, x.waitingPortsFinding(u))
		}
	}
	return findings
}

func (x *index) waitingPortsFinding(u *usage) Finding {
	within, _ := x.stay(u.waiting)
	f := Finding{
		State: tcp.TimeWait, Severity: u.severity(), Count: len(u.waiting), Subject: x.subject(x.dialsTo(u.sockets, u.target)),
		Summary:   Say("time-wait-ports", len(u.waiting), u.size, u.source.String(), u.target.String()),
		RefutedBy: Say("ports-refuted"),
		Fate:      Outlook{Text: Say("time-wait-ports-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "ports-in-time-wait", Value: float64(len(u.waiting)), Unit: "ports",
				Text: Say("ports-in-time-wait", len(u.waiting), u.target.String()), Recheck: "ss -tnoH state time-wait dst " + ssTarget(u.target) + " | wc -l",
			},
			x.rangeEvidence(u),
			x.reuseEvidence(),
		},
		Excluded: []Exclusion{
			{"active-close-churn", Say("ports-run-out", u.size-len(u.ports), u.size)},
			{"target-filtered", Say("closed-in-order")},
			{"target-dead", Say("closed-in-order")},
		},
		Remedies: append(x.reuseRemedies(), x.rangeRemedies()...),
	}
	f.Subject.Peer = u.target.String()
	return f
}

// ephemeralPortsExhausted: no local port is left towards one destination.
// Whatever holds them, the next connect() fails before it sends a SYN.
func ephemeralPortsExhausted(x *index) []Finding {
	var findings []Finding
	for _, u := range x.crowdedWays() {
		if u.exhausted() || !u.mostlyWaiting() {
			x.claim(u.sockets)
			findings = append(findings, x.portsFinding(u))
		}
	}
	return append(findings, boundPorts(x)...)
}

func (x *index) portsFinding(u *usage) Finding {
	pid := x.dialsTo(u.sockets, u.target)
	state, most := x.holdingState(u)
	within, forever := x.stay(u.sockets)
	f := Finding{
		State: state, Severity: u.severity(), Count: len(u.ports), Subject: x.subject(pid),
		Summary:   Say("ports-exhausted", len(u.ports), u.size, u.source.String(), u.target.String(), x.whoDials(pid)),
		RefutedBy: Say("ports-refuted"),
		Fate:      Outlook{Text: Say("ports-exhausted-fate"), Within: within, Forever: forever},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "ports-taken", Value: float64(len(u.ports)), Unit: "ports",
				Text: Say("ports-taken", len(u.ports), u.target.String()), Recheck: "ss -tanH dst " + ssTarget(u.target) + " | wc -l",
			},
			{
				Source: sockets, Fact: "held-in-state", Value: float64(most), Unit: "sockets",
				Text: Say("held-in-state", most, state.String()), Recheck: "ss -tanoe dst " + ssTarget(u.target),
			},
			x.rangeEvidence(u),
		},
		Remedies: append([]Remedy{{ID: "pool-connections", Text: Say("remedy-pool"), Risk: Say("remedy-pool-risk")}}, x.rangeRemedies()...),
	}
	f.Subject.Peer = u.target.String()
	x.heldBy(&f, pid, u.sockets, "holds-descriptors")
	portRivals(&f, u)
	return f
}

func portRivals(f *Finding, u *usage) {
	f.Excluded = append(f.Excluded, Exclusion{"scanning", Say("one-target", u.target.String())})
	if u.mostlyWaiting() {
		f.Remedies = nil // those of the root
	} else {
		f.Excluded = append(f.Excluded, Exclusion{"time-wait-port-exhaustion", Say("few-in-time-wait", len(u.waiting), len(u.ports))})
	}
}

// severity: once no port is free every connect() on that way fails.
func (u *usage) severity() Severity {
	if u.exhausted() {
		return Critical
	}
	return Warning
}

// holdingState returns the state that most of the sockets are in.
func (x *index) holdingState(u *usage) (state tcp.State, most int) {
	var counts tcp.Counts
	for _, s := range u.sockets {
		counts[s.now.State]++
	}
	for _, candidate := range tcp.States() {
		if int(counts[candidate]) > most {
			state, most = candidate, int(counts[candidate])
		}
	}
	return state, most
}

// dialsTo finds the program that dials: the owner of most of these sockets or,
// as TIME-WAIT has none, of others with the same target at either look.
func (x *index) dialsTo(group []seen, target netip.AddrPort) int {
	pids := map[int]int{}
	count := func(s *host.Socket) {
		if pid := x.holder(s); pid != 0 && s.State != tcp.Listen && s.Remote == target {
			pids[pid]++
		}
	}
	for _, s := range group {
		count(s.now)
	}
	if len(pids) == 0 {
		for _, list := range x.byState {
			for _, s := range list {
				count(s.now)
			}
		}
		for _, list := range x.gone {
			for _, s := range list {
				count(s)
			}
		}
	}
	return mostCommon(pids)
}

// mostCommon returns the key that counts most, the least one of several.
func mostCommon(counts map[int]int) (best int) {
	for key, n := range counts {
		if n > counts[best] || n == counts[best] && key < best {
			best = key
		}
	}
	return best
}

func (x *index) rangeEvidence(u *usage) Evidence {
	return Evidence{
		Source: settings, Fact: "ip-local-port-range", Value: float64(u.size), Unit: "ports",
		Text: Say("port-range", x.bundle.Settings[portRangeSetting], u.size), Recheck: "sysctl " + portRangeSetting + " " + reservedSetting,
	}
}

// reuseEvidence says what tcp_tw_reuse does about it.
func (x *index) reuseEvidence() Evidence {
	mode, _ := x.setting("net.ipv4.tcp_tw_reuse")
	text := Say("tw-reuse-off", x.bundle.Settings["net.ipv4.tcp_tw_reuse"])
	if mode == 1 {
		text = Say("tw-reuse-late", int(x.reuseDelay().Milliseconds()))
	}
	return Evidence{Source: settings, Fact: "tcp-tw-reuse", Value: float64(mode), Unit: "mode", Text: text, Recheck: "sysctl net.ipv4.tcp_tw_reuse net.ipv4.tcp_timestamps"}
}

// reuseRemedies: connections that are used again need no new port, and
// tcp_tw_reuse lets the kernel take one back where timestamps make that safe.
func (x *index) reuseRemedies() []Remedy {
	list := []Remedy{{ID: "keep-connections", Text: Say("remedy-keep-alive"), Risk: Say("remedy-keep-alive-risk")}}
	mode, known := x.setting("net.ipv4.tcp_tw_reuse")
	if stamps, _ := x.setting("net.ipv4.tcp_timestamps"); known && mode != 1 && stamps > 0 {
		list = append(list, x.sysctl("reuse-time-wait", "net.ipv4.tcp_tw_reuse", "1", Say("remedy-tw-reuse"), Say("remedy-tw-reuse-risk")))
	}
	return list
}

// rangeRemedies: more ports, or more addresses to have ports on.
func (x *index) rangeRemedies() []Remedy {
	var list []Remedy
	if r, ok := x.portRange(); ok && r.size < 40_000 {
		list = append(list, x.sysctl("widen-port-range", portRangeSetting, wideRange, Say("remedy-port-range", wideRange), Say("remedy-port-range-risk")))
	}
	return append(list, Remedy{ID: "more-addresses", Text: Say("remedy-addresses"), Risk: Say("remedy-addresses-risk")})
}
