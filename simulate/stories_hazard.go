package simulate

import "github.com/synoptic-net/synoptic/tcp"

// hazardStories: what old or forged segments do (RFC 9293 sections 3.4 and 3.5,
// RFC 1337, RFC 5961).
func hazardStories() []Story {
	open := [2]tcp.State{tcp.Established, tcp.Established}
	closed := [2]tcp.State{tcp.Closed, tcp.Closed}
	return []Story{
		{"old-duplicate-syn", oldSYN(), open, []tcp.Edge{edge(tcp.SynReceived, tcp.Listen)}},
		{"old-duplicate-listeners", play(listens, does(Originator, tcp.CallPassiveOpen, at(0)),
			Act{When: at(sec), Side: Responder, Turn: Stray, Forged: tcp.Segment{Seq: 700, Flags: tcp.SYN, Window: 65535}}),
			[2]tcp.State{tcp.Listen, tcp.Listen}, []tcp.Edge{edge(tcp.SynReceived, tcp.Listen)}},
		{"old-duplicate", oldText(), [2]tcp.State{tcp.Closed, tcp.Listen}, []tcp.Edge{edge(tcp.FinWait2, tcp.TimeWait)}},
		{"old-duplicate-no-time-wait", withoutTimeWait(oldText()), open, []tcp.Edge{edge(tcp.TimeWait, tcp.Closed)}},
		{"time-wait-assassination", assassination(), closed, []tcp.Edge{edge(tcp.TimeWait, tcp.Closed)}},
		{"time-wait-protected", assassination().both(func(c *tcp.EndpointConfig) { c.IgnoreRSTInTimeWait = true }), closed,
			[]tcp.Edge{edge(tcp.TimeWait, tcp.Closed)}},
		{"time-wait-reopened", play(listens, opens, closes, follows, does(Responder, tcp.CallActiveOpen, at(5*sec))), open,
			[]tcp.Edge{edge(tcp.TimeWait, tcp.SynReceived)}},
		{"forged-reset", forgedReset(), closed, []tcp.Edge{edge(tcp.Established, tcp.Closed)}},
	}
}

// oldSYN is figure 8 of RFC 9293: a SYN of long ago comes before the new one.
func oldSYN() Config {
	old := tcp.Segment{Seq: 90, Flags: tcp.SYN, Window: 65535}
	c := play(listens, opens, Act{When: at(2 * ms), Side: Responder, Turn: Stray, Forged: old})
	return c.with(Rule{On: Match{Sorts: SYNs}.Only(1), Do: Delay, By: 40 * ms})
}

// oldText: a copy of a segment of text comes when its connection is long closed
// and another between the same sockets has begun, if it can begin at all.
func oldText() Config {
	c := play(listens, opens, sends(Originator, 5, at(500*ms)), closes, follows,
		does(Responder, tcp.CallPassiveOpen, at(2*sec)), does(Originator, tcp.CallActiveOpen, at(2*sec)))
	c.Ends[Originator].Numbers = []tcp.Seq{100, 100}
	return c.with(Rule{On: Match{Sorts: Texts}.Only(1), Do: Duplicate, By: 3 * sec})
}

func withoutTimeWait(c Config) Config {
	return c.both(func(c *tcp.EndpointConfig) { c.TimeWait = -1 })
}

// assassination is figure 1 of RFC 1337: old text provokes an acknowledgment to
// which the other end, long CLOSED, answers with RST.
func assassination() Config {
	c := play(listens, opens, sends(Responder, 5, at(500*ms)), closes, follows)
	return c.with(Rule{On: Match{From: OfResponder, Sorts: Texts}.Only(1), Do: Duplicate, By: 2 * sec})
}

// forgedReset: an RST within the window is answered, one at RCV.NXT is believed
// (RFC 5961 section 3.2).
func forgedReset() Config {
	reset := func(seq tcp.Seq) tcp.Segment { return tcp.Segment{Seq: seq, Flags: tcp.RST} }
	return play(listens, opens,
		Act{When: at(sec), Side: Responder, Turn: Forge, Forged: reset(70_000)},
		Act{When: at(2 * sec), Side: Responder, Turn: Forge, Forged: reset(150)},
		Act{When: at(3 * sec), Side: Responder, Turn: Forge, Forged: reset(101)},
		sends(Originator, 5, at(4*sec)))
}
