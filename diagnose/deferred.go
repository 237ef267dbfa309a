package diagnose

// deferredAccept: the handshakes are complete and the kernel waits for data, as
// the program asked. Such a request outlives its first timer without a SYN-ACK
// being sent again, which no other half-open connection does.
func deferredAccept(x *index) []Finding {
	var findings []Finding
	for _, g := range x.halfOpens() {
		var waiting []seen
		for _, s := range g.requests {
			if x.held(g.listener, s) {
				waiting = append(waiting, s)
			}
		}
		if len(waiting) == 0 {
			continue
		}
		x.claim(waiting)
		findings = append(findings, x.deferredFinding(halfOpen{g.listener, waiting, g.networks}))
	}
	return findings
}

func (x *index) deferredFinding(g halfOpen) Finding {
	const counter = "TcpExtTCPDeferAcceptDrop"
	f := x.halfOpenFinding(g, Info)
	n, at, who := x.place(g)
	f.Summary, f.RefutedBy, f.Fate.Text = Say("deferred-accept", n, at, who), Say("deferred-accept-refuted"), Say("deferred-accept-fate")
	_, told := insightOf(g.requests)
	if told {
		f.Evidence[0] = Evidence{
			Source: sourceRequests, Fact: "acked", Value: float64(len(g.requests)), Unit: "sockets",
			Text: Say("acked-and-deferred", len(g.requests)), Recheck: "synoptic sockets --source iterator state syn-recv -o jsonl",
		}
	} else {
		f.Evidence[0] = Evidence{
			Source: sourceRequests, Fact: "quiet-through-window", Value: float64(len(g.requests)), Unit: "sockets",
			Text: Say("quiet-half-open", len(g.requests)), Recheck: recheck("syn-recv", g.listener.at.Port()),
		}
	}
	if ever := x.bundle.CountersAfter.Values[counter]; ever > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: counters, Fact: "TCPDeferAcceptDrop", Value: float64(ever), Unit: "since boot", Text: Say("deferred-ever", int(ever)), Recheck: "nstat -az " + counter,
		})
	} else if !told {
		f.Open = append(f.Open, Exclusion{"ack-lost", Say("none-deferred-ever")})
	}
	switch {
	case told:
		f.out(Say("listener-defers"), "accept-stalled", "ack-lost", "handshake-withheld")
	case g.listener.length() >= g.listener.limit():
		f.open(Say("queue-full-too"), "accept-stalled")
	default:
		f.out(Say("queue-has-room"), "accept-stalled")
	}
	f.Excluded = append(f.Excluded,
		Exclusion{"syn-flood", Say("synack-not-resent")}, Exclusion{"synack-lost-on-path", Say("synack-not-resent")},
		Exclusion{"synack-blocked-here", Say("outlived-first-timer")})
	f.Remedies = []Remedy{{ID: "none", Text: Say("remedy-deferred"), Risk: Say("remedy-upstream-risk")}}
	return f
}
