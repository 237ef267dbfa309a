package verdict

import (
	"fmt"
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Reason is why a capture alone may say another thing about a host than the host's
// own evidence.
type Reason string

// The reasons that hold everywhere.
const (
	LessSure  Reason = "without the sockets a rival stays open, or nothing tells the cause: it is no more than possible"
	NotJudged Reason = "packets do not tell: the cause is not assessed"
	Limits    Reason = "packets are measured against the usual limits, a host against its own: what is much there may be little here"
	OtherHost Reason = "it is about another host of the world, of which this is not the capture"
)

// The reasons of single scenarios.
const (
	CableOut Reason = "the cable is pulled, and what the host sends again goes nowhere: there are no packets of it"
	Asked    Reason = "the connections are idle: what tells is the answer to a probe, which is sent when the window is over"
	Bounded  Reason = "the capture is one of very many and holds the first packets only: it ends before the fault shows"
	OneLink  Reason = "both ends are on one link: no TTL tells at which of them the capture was taken"
	GaveUp   Reason = "clients that give up after a tenth of a second, as those of the lab do, send one SYN each, as a flood does: the listener's queue tells them apart"
	Both     Reason = "both are true: the FIN waits behind a window of zero, and what packets show is the window"
)

// reasons lists the scenarios of which the host's evidence and its capture say
// different things, and why.
var reasons = map[string]Reason{
	"peer-vanished-data": CableOut, "peer-vanished-keepalive": CableOut, "vanished-and-leak": CableOut,
	"idle-and-dead": Asked, "idle-and-forgotten": Asked,
	"established-dropped":      Bounded,
	"synack-dropped-here":      OneLink,
	"accept-backlog-somaxconn": GaveUp, "accept-backlog-too-small": GaveUp,
	"fin-behind-zero-window": Both,
}

// Difference is a cause about which the host's evidence and a capture differ.
// Without a reason it is a fault of a rule.
type Difference struct {
	Cause  diagnose.Cause
	What   string
	Reason Reason
}

// String says the difference and its reason.
func (d Difference) String() string { return fmt.Sprintf("%s %s (%s)", d.Cause, d.What, d.Reason) }

// Differences compares what was found on a host with what its capture alone tells.
func Differences(e Expected, host, alone diagnose.Report) (list []Difference) {
	add := func(f diagnose.Finding, what string, reason Reason) {
		if reason == "" {
			reason = reasons[e.Scenario]
		}
		list = append(list, Difference{f.Cause, what, reason})
	}
	for _, f := range host.Findings {
		switch surest, named := surestOf(alone, f.Cause); {
		case named && surest <= f.Confidence:
		case named:
			add(f, fmt.Sprintf("is %v by packets and %v by all evidence", surest, f.Confidence), "")
		default:
			add(f, "is not told by packets", missing(f, host, alone))
		}
	}
	for _, f := range alone.Findings {
		if _, named := surestOf(host, f.Cause); !named {
			reason := unsure(f)
			if f.Cause == "active-close-churn" && f.Severity <= diagnose.Notice {
				reason = Limits
			}
			add(f, "is told by packets alone", reason)
		}
	}
	return list
}

func missing(f diagnose.Finding, host, alone diagnose.Report) Reason {
	switch {
	case notAssessed(alone, f.Cause):
		return NotJudged
	case host.Bundle != nil && f.Subject.NetNS != host.Bundle.Host.NetNS:
		return OtherHost
	default:
		return unsure(f)
	}
}

func unsure(f diagnose.Finding) Reason {
	if f.Confidence == diagnose.Possible {
		return LessSure
	}
	return ""
}

// surestOf returns how sure a report is of a cause, of the surest subject.
func surestOf(report diagnose.Report, cause diagnose.Cause) (surest diagnose.Confidence, named bool) {
	for _, f := range report.Findings {
		if f.Cause == cause {
			surest, named = max(surest, f.Confidence), true
		}
	}
	return surest, named
}

// Needless returns the scenarios of the list that differ for none of the reasons
// noted, of those given. What only a longer capture shows is left out.
func Needless(differing map[string][]Difference) (names []string) {
	for name, reason := range reasons {
		list, given := differing[name]
		if given && reason != GaveUp && !slices.ContainsFunc(list, func(d Difference) bool { return d.Reason == reason }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
