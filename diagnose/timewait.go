package diagnose

import (
	"fmt"
	"strconv"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// timeWaitOverflow: tcp_max_tw_buckets is reached, and connections that should
// wait are forgotten at once.
func timeWaitOverflow(x *index) []Finding {
	const counter = "TcpExtTCPTimeWaitOverflow"
	cut := x.rose(counter)
	most, known := x.setting(timeWaitLimit)
	waiting := x.byState[tcp.TimeWait]
	if cut <= 0 {
		return nil
	}
	within, _ := x.stay(waiting)
	f := Finding{
		State: tcp.TimeWait, Severity: Warning, Count: len(waiting),
		Summary:   Say("time-wait-overflow", cut, x.bundle.Settings[timeWaitLimit]),
		RefutedBy: Say("time-wait-overflow-refuted"),
		Fate:      Outlook{Text: Say("time-wait-overflow-fate"), Within: within},
		Evidence:  []Evidence{x.counted(counter, "cut-short")},
		Excluded:  []Exclusion{{"active-close-churn", Say("limit-reached")}},
		Remedies: []Remedy{
			{ID: "keep-connections", Text: Say("remedy-keep-alive"), Risk: Say("remedy-keep-alive-risk")},
		},
	}
	if known && len(waiting)*10 >= most*9 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: sockets, Fact: "time-wait", Value: float64(len(waiting)), Unit: "sockets",
			Text: Say("time-wait-of-limit", len(waiting), strconv.Itoa(most)), Recheck: "ss -tanH state time-wait | wc -l; sysctl net.ipv4.tcp_max_tw_buckets",
		})
		f.Remedies = append(f.Remedies, x.sysctl("more-time-wait", timeWaitLimit, strconv.Itoa(x.enoughBuckets(cut, most)),
			Say("remedy-tw-buckets"), Say("remedy-tw-buckets-risk")))
	} else {
		f.Excluded = nil
		f.Open = []Exclusion{{"active-close-churn", Say("limit-not-reached", len(waiting))}}
	}
	if port, busy := busiestOf(waiting, func(s *host.Socket) uint16 { return s.Local.Port() }); busy*2 > len(waiting) {
		x.aboutPort(&f.Subject, port)
	}
	return []Finding{f}
}

// enoughBuckets is a limit that holds what would wait at this rate, in steps of
// two.
func (x *index) enoughBuckets(cut, most int) int {
	need := most + int(float64(cut)*timeWaitLength.Seconds()/max(x.window.Seconds(), 1))
	for most = max(most, 1); most < need; {
		most *= 2
	}
	return most
}

// aboutPort names the listener on a port and its program.
func (x *index) aboutPort(s *Subject, port uint16) {
	for _, l := range x.sorted() {
		if l.at.Port() == port {
			*s = x.subject(x.listenerPID(l))
			s.Local = l.at.String()
			return
		}
	}
}

// bindBlocked: connections of a server that is gone wait in TIME-WAIT on its
// port, where nobody listens now. A program that binds it without SO_REUSEADDR
// gets EADDRINUSE, which nothing here can see.
func bindBlocked(x *index) []Finding {
	groups := map[uint16][]seen{}
	var order []uint16
	r, _ := x.portRange()
	listened := x.listenedBefore()
	for _, s := range x.byState[tcp.TimeWait] {
		port := s.now.Local.Port()
		if x.listenerOf(s.now.Local) != nil || !listened[port] && !served(s.now, r) {
			continue
		}
		if groups[port] == nil {
			order = append(order, port)
		}
		groups[port] = append(groups[port], s)
	}
	var findings []Finding
	for _, port := range order {
		findings = append(findings, x.bindFinding(port, groups[port], listened[port]))
	}
	return findings
}

// served tells whether a connection came in: its port is none that connect()
// takes by itself while the peer's is one.
func served(s *host.Socket, r portRange) bool {
	return r.first > 0 && !r.has(s.Local.Port()) && s.Remote.Port() >= leastEphemeral
}

// leastEphemeral is the first of the ports that IANA and most systems take for
// outgoing connections: Linux from 32768, others from 49152.
const leastEphemeral = 32768

// listenedBefore returns the ports that somebody listened on when the window
// opened.
func (x *index) listenedBefore() map[uint16]bool {
	ports := map[uint16]bool{}
	if x.first == nil {
		return ports
	}
	for i := range x.first.Sockets {
		if s := &x.first.Sockets[i]; s.State == tcp.Listen {
			ports[s.Local.Port()] = true
		}
	}
	return ports
}

func (x *index) bindFinding(port uint16, group []seen, listened bool) Finding {
	within, _ := x.stay(group)
	text := strconv.Itoa(int(port))
	f := Finding{
		State: tcp.TimeWait, Severity: Notice, Count: len(group),
		Summary:   Say("bind-blocked", len(group), text, wholeSeconds(within)),
		RefutedBy: Say("bind-blocked-refuted"),
		Fate:      Outlook{Text: Say("bind-blocked-fate", wholeSeconds(within)), Within: within},
		Evidence: []Evidence{
			{
				Source: sockets, Fact: "time-wait-on-port", Value: float64(len(group)), Unit: "sockets",
				Text: Say("time-wait-on-port", len(group), text), Recheck: recheck("time-wait", port),
			},
			{
				Source: sourceListeners, Fact: "listeners-on-port", Value: 0, Unit: "sockets",
				Text: Say("nobody-listens", text), Recheck: fmt.Sprintf("ss -ltnp '( sport = :%d )'", port),
			},
		},
		Open: []Exclusion{{"active-close-churn", Say("perhaps-nobody-binds")}},
		Remedies: []Remedy{
			{ID: "set-reuseaddr", Text: Say("remedy-reuseaddr"), Risk: Say("remedy-reuseaddr-risk")},
			{ID: "wait", Text: Say("remedy-wait", wholeSeconds(within)), Risk: Say("remedy-wait-risk")},
		},
	}
	f.Subject.Local = group[0].now.Local.String()
	if listened {
		f.Severity = Warning
		f.Evidence[1].Text = Say("listener-gone", text)
	}
	x.otherHolders(&f, port)
	return f
}

// otherHolders: connections in other states hold the port as well, for longer.
func (x *index) otherHolders(f *Finding, port uint16) {
	others := 0
	for _, state := range (tcp.Synchronized &^ tcp.SetOf(tcp.TimeWait)).States() {
		for _, s := range x.byState[state] {
			if s.now.Local.Port() == port {
				others++
			}
		}
	}
	if others == 0 {
		f.Excluded = append(f.Excluded, Exclusion{"app-not-closing", Say("only-time-wait")})
		return
	}
	f.Open = append(f.Open, Exclusion{"app-not-closing", Say("others-hold-port", others)})
}
