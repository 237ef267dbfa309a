package diagnose

import (
	"testing"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// struck has the kernel tell of mishaps as they happen.
func (s *scene) struck(places ...host.MishapAt) *evidence.Events {
	if s.b.Events == nil {
		s.b.Events = &evidence.Events{}
		s.b.Sources = append(s.b.Sources, evidence.Source{Name: evidence.SourceEvents, OK: true})
	}
	e := s.b.Events
	e.Places = append(e.Places, places...)
	for _, p := range places {
		e.Mishaps = append(e.Mishaps, host.MishapCount{Mishap: p.Mishap, Count: p.Count})
	}
	return e
}

// dropOf is a sort of drops by a firewall rule.
func dropOf(segment string, hook host.Hook) host.Mishap {
	return host.Mishap{Kind: host.Dropped, Reason: host.DropNetfilter, Segment: segment, Hook: hook, Outgoing: hook == host.Output}
}

func betweenEnds(m host.Mishap, local, remote string, n uint64) host.MishapAt {
	return host.MishapAt{Mishap: m, Local: at(local), Remote: at(remote), Count: n}
}

// barredHalves are half-open connections that come and go, and what the kernel
// told of each.
func (s *scene) barredHalves(n int, each uint64, m host.Mishap) {
	s.web()
	for i := range n {
		s.comes(tcp.SynReceived, "192.0.2.1:80", client(i), half)
		s.struck(betweenEnds(m, "192.0.2.1:80", client(i), each))
	}
}

func TestSYNACKBlockedByEvents(t *testing.T) {
	blocked := verdict{"synack-blocked-here", Critical, Certain, 8, nil, []Cause{"syn-flood", "ack-lost", "asymmetric-return", "synack-lost-on-path", "handshake-withheld", "deferred-accept"}}
	never := []Cause{"synack-blocked-here"}
	runScenes(t, []sceneCase{
		{"a rule on output, whatever else is sent again on this host", func(s *scene) {
			s.barredHalves(8, 3, dropOf("SYN,ACK", host.Output))
			s.rises("TcpRetransSegs", 500)
		}, blocked, []Cause{"unexplained"}},
		{"tc on the way out", func(s *scene) {
			s.barredHalves(8, 3, host.Mishap{Kind: host.Dropped, Reason: host.DropTrafficControl, Segment: "SYN,ACK", Outgoing: true})
		}, blocked, nil},
		{"each client once: it may be a flood as well", func(s *scene) { s.barredHalves(8, 1, dropOf("SYN,ACK", host.Output)) },
			verdict{"synack-blocked-here", Critical, Possible, 8, []Cause{"syn-flood", "syn-flood-from-prefix"}, []Cause{"ack-lost"}}, nil},
		{"the last look fell between two requests", func(s *scene) {
			s.web()
			for i := range 8 {
				s.struck(betweenEnds(dropOf("SYN,ACK", host.Output), "192.0.2.1:80", client(i), 3))
			}
		}, verdict{"synack-blocked-here", Critical, Probable, 8, nil, []Cause{"syn-flood"}}, nil},
		{"the link layer drops them: the clients are gone", func(s *scene) {
			s.barredHalves(8, 3, host.Mishap{Kind: host.Dropped, Reason: host.DropNeighbourDead, Segment: "SYN,ACK", Outgoing: true})
		}, verdict{}, never},
		{"a router drops the SYN-ACKs of others", func(s *scene) { s.barredHalves(8, 3, dropOf("SYN,ACK", host.Forward)) }, verdict{}, never},
		{"the kernel told, and this bundle says that it did not", func(s *scene) {
			s.barredHalves(8, 3, dropOf("SYN,ACK", host.Output))
			s.b.Events = nil
		}, verdict{}, never},
	})
}

func TestAnswersDroppedByEvents(t *testing.T) {
	dialling := func(m host.Mishap, retries uint8) func(*scene) {
		return func(s *scene) {
			s.stays(tcp.SynSent, "192.0.2.1:40001", "198.51.100.7:443", s.heldBy(programPID), resent(retries, host.TimerRetransmit))
			s.struck(betweenEnds(m, "192.0.2.1:40001", "198.51.100.7:443", 4))
		}
	}
	dropped := verdict{"synack-dropped-here", Warning, Certain, 1, nil, []Cause{"target-filtered", "target-dead", "hairpin-source-dropped"}}
	never := []Cause{"synack-dropped-here"}
	runScenes(t, []sceneCase{
		{"a rule on input", dialling(dropOf("SYN,ACK", host.Input), 3), dropped, []Cause{"target-filtered"}},
		{"before the route is known", dialling(dropOf("SYN,ACK", host.Prerouting), 3), dropped, nil},
		{"the reverse path filter", dialling(host.Mishap{Kind: host.Dropped, Reason: host.DropReversePath, Segment: "SYN,ACK"}, 3), dropped, nil},
		{"a refusal is no answer", dialling(dropOf("RST,ACK", host.Input), 3), verdict{}, never},
		{"its first SYN is under way", dialling(dropOf("SYN,ACK", host.Input), 0), verdict{}, never},
	})
}

func TestHairpinByEvents(t *testing.T) {
	came := func(reason string) func(*scene) {
		return func(s *scene) {
			s.stays(tcp.SynSent, "192.0.2.1:40001", "198.51.100.7:443", s.heldBy(programPID), resent(3, host.TimerRetransmit))
			s.struck(betweenEnds(host.Mishap{Kind: host.Dropped, Reason: reason, Segment: "SYN"}, "192.0.2.1:8443", "192.0.2.1:40001", 3))
		}
	}
	runScenes(t, []sceneCase{
		{"our SYN came back", came(host.DropLocalSource), verdict{"hairpin-source-dropped", Warning, Certain, 1, nil, []Cause{"target-filtered"}}, []Cause{"target-filtered"}},
		{"it came back, and a rule dropped it", came(host.DropNetfilter), verdict{}, []Cause{"hairpin-source-dropped"}},
	})
}

func TestACKsDroppedByEvents(t *testing.T) {
	ignored := func(n int, m host.Mishap) func(*scene) {
		return func(s *scene) {
			s.web()
			for i := range n {
				s.stays(tcp.SynReceived, "192.0.2.1:80", client(i), half, resent(2, host.TimerRetransmit))
				s.struck(betweenEnds(m, "192.0.2.1:80", client(i), 2))
			}
		}
	}
	runScenes(t, []sceneCase{
		{"a rule on input", ignored(8, dropOf("ACK", host.Input)),
			verdict{"ack-lost", Critical, Certain, 8, nil, []Cause{"handshake-withheld", "syn-flood"}}, []Cause{"unexplained", "syn-flood"}},
		{"four are no pile", ignored(4, dropOf("ACK", host.Input)), verdict{}, []Cause{"ack-lost"}},
		{"what is dropped are more SYNs", ignored(8, dropOf("SYN", host.Input)), verdict{}, []Cause{"ack-lost"}},
	})
}

func TestFlowsDroppedByEvents(t *testing.T) {
	stuck := func(m host.Mishap) func(*scene) {
		return func(s *scene) {
			for i := range 6 {
				local := client(i)
				s.stays(tcp.Established, local, "198.51.100.7:5432", s.heldBy(programPID), resent(5, host.TimerRetransmit), unsent(90), heard(20e9))
				s.struck(betweenEnds(m, local, "198.51.100.7:5432", 3))
			}
		}
	}
	here := verdict{"established-dropped", Warning, Certain, 6, nil, []Cause{"peer-vanished", "path-mtu-black-hole", "peer-not-reading"}}
	runScenes(t, []sceneCase{
		{"what comes is dropped", stuck(dropOf("ACK", host.Input)), here, []Cause{"peer-vanished"}},
		{"what leaves is dropped", stuck(dropOf("ACK", host.Output)), here, []Cause{"peer-vanished"}},
		{"the link layer drops it: the peer is gone", stuck(host.Mishap{Kind: host.Dropped, Reason: host.DropNeighbourDead, Segment: "ACK", Outgoing: true}),
			verdict{"peer-vanished", Warning, Possible, 6, []Cause{"established-dropped"}, []Cause{"peer-not-reading"}}, []Cause{"established-dropped"}},
	})
}

// factOf returns the evidence of a fact, of whichever finding.
func factOf(r Report, cause Cause, fact string) *Evidence {
	for _, f := range r.of(cause) {
		for i := range f.Evidence {
			if f.Evidence[i].Fact == fact {
				return &f.Evidence[i]
			}
		}
	}
	return nil
}

// TestEventsWitness: findings of other sources gain what the kernel told.
func TestEventsWitness(t *testing.T) {
	timedOut := host.Mishap{Kind: host.SocketError, Reason: "ETIMEDOUT", State: tcp.Established}
	for _, c := range []struct {
		cause Cause
		fact  string
		value float64
		scene func(*scene)
	}{
		{"peer-vanished", "sent-again", 12, func(s *scene) {
			for i := range 6 {
				s.stays(tcp.Established, client(i), "198.51.100.7:5432", s.heldBy(programPID), resent(5, host.TimerRetransmit), unsent(90), heard(20e9))
				s.struck(betweenEnds(host.Mishap{Kind: host.SegmentResent, State: tcp.Established, Outgoing: true}, client(i), "198.51.100.7:5432", 2))
			}
		}},
		{"peer-vanished", "given-up", 3, func(s *scene) {
			for i := range 6 {
				s.stays(tcp.Established, client(i), "198.51.100.7:5432", s.heldBy(programPID), resent(5, host.TimerRetransmit), unsent(90), heard(20e9))
			}
			s.struck(betweenEnds(timedOut, client(9), "198.51.100.7:5432", 3), betweenEnds(timedOut, client(9), "198.51.100.8:5432", 5))
		}},
		{"last-ack-lost", "flow-dropped", 6, func(s *scene) {
			for i := range 6 {
				s.stays(tcp.LastAck, client(i), "198.51.100.7:5432", resent(5, host.TimerRetransmit), unsent(1), heard(20e9))
				s.struck(betweenEnds(dropOf("FIN,ACK", host.Output), client(i), "198.51.100.7:5432", 1))
			}
		}},
		{"neighbour-table-full", "no-neighbour", 4, func(s *scene) {
			s.rises("arp_cache.table_fulls", 9)
			s.struck(betweenEnds(host.Mishap{Kind: host.Dropped, Reason: host.DropNeighbourNone, Outgoing: true}, "192.0.2.1:1", "192.0.2.9:2", 4))
		}},
		{"accept-stalled", "acks-refused", 5, func(s *scene) {
			s.listens("192.0.2.1:80", 2, queue(3))
			s.waiting("192.0.2.1:80", 3, 0)
			s.struck(betweenEnds(host.Mishap{Kind: host.Dropped, Reason: host.DropListenOverflow, Segment: "ACK"}, "192.0.2.1:80", client(1), 5))
			s.struck(betweenEnds(host.Mishap{Kind: host.Dropped, Reason: host.DropListenOverflow, Segment: "ACK"}, "192.0.2.1:81", client(1), 7))
		}},
		{"reset-storm", "reset-TCP_ABORT_ON_CLOSE", 60, func(s *scene) {
			s.rises("TcpEstabResets", 60)
			s.rises("TcpPassiveOpens", 60)
			s.rises("TcpExtTCPAbortOnClose", 60)
			s.struck(betweenEnds(host.Mishap{Kind: host.ResetSent, Reason: "TCP_ABORT_ON_CLOSE", State: tcp.CloseWait, Outgoing: true}, "192.0.2.1:80", client(1), 60))
		}},
	} {
		s := quietHost()
		c.scene(s)
		report := s.diagnose()
		if e := factOf(report, c.cause, c.fact); e == nil || e.Source != events || e.Value != c.value {
			t.Errorf("%s: %s is %+v, in %s", c.cause, c.fact, e, causesOf(report))
		}
	}
}

// TestRefusalsAreNamed: when only SYNs are refused, nobody's answers go astray.
func TestRefusalsAreNamed(t *testing.T) {
	refused := host.Mishap{Kind: host.ResetSent, Reason: "NO_SOCKET", Segment: "SYN"}
	astray := refused
	astray.Segment = "SYN,ACK"
	for _, c := range []struct {
		sorts []host.Mishap
		open  bool
	}{{nil, true}, {[]host.Mishap{refused}, false}, {[]host.Mishap{refused, astray}, true}} {
		s := quietHost()
		s.rises("TcpOutRsts", 90)
		for _, m := range c.sorts {
			s.struck(betweenEnds(m, "192.0.2.1:81", client(1), 90))
		}
		f := s.diagnose().of("reset-storm")
		if len(f) != 1 || (len(f[0].Open) > 0) != c.open {
			t.Errorf("%v: %+v", c.sorts, f)
		}
	}
}

// TestReversePathDropsAreSorted: SYNs that are filtered are no answers to ours.
func TestReversePathDropsAreSorted(t *testing.T) {
	for segment, want := range map[string]bool{"SYN": true, "SYN,ACK": false} {
		s := quietHost()
		s.web()
		s.rises("TcpExtIPReversePathFilter", 20)
		s.rises("TcpExtTCPSynRetrans", 6)
		s.b.Settings["net.ipv4.conf.eth0.rp_filter"] = "1"
		s.stays(tcp.SynSent, "192.0.2.1:40001", "198.51.100.7:443", s.heldBy(programPID), resent(3, host.TimerRetransmit))
		s.struck(betweenEnds(host.Mishap{Kind: host.Dropped, Reason: host.DropReversePath, Segment: segment}, "192.0.2.1:80", client(1), 20))
		f := s.diagnose().of("return-path-filtered")
		if len(f) != 1 {
			t.Fatalf("%s: %v", segment, f)
		}
		if excluded := len(f[0].Open) == 0; excluded != want {
			t.Errorf("%s: open %v", segment, f[0].Open)
		}
	}
}
