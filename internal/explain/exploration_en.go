package explain

import "github.com/synoptic-net/synoptic/simulate/explore"

// explorationWords are the words of the explorer.
type explorationWords struct {
	Bounds     map[string]string // what happens within a bound
	Invariants map[explore.Invariants]struct{ RFC, Text string }
	Reasons    map[explore.Reason]string

	Whole, Broken, ListHint                    string // the list of bounds
	Holds, Broke, Breaks                       string // the result of a bound
	Unexpected, Unfinished                     string
	Columns                                    [5]string
	Total, Pairs, PairsWhole, PairsHint, Never string
	Taken, NeverFor                            string
	Counterexample, Moves, Stopped             string
	Comma, Gap                                 string // between parts, between sentences
	Rule                                       string // what must hold, and by which RFC
}

var explorationEnglish = explorationWords{
	Bounds: map[string]string{
		"connection":           "One connection: both ends send, each closes when it likes; the network may lose one packet, duplicate one, and deliver in any order.",
		"early-retransmission": "As connection, with one retransmission that was not needed in place of the duplicate.",
		"any-order":            "As connection, but the users call whenever they like, even before there is a peer.",
		"simultaneous-open":    "Both ends open at once; the responder turns from LISTEN to do so.",
		"simultaneous-close":   "No text; two packets may be lost, one duplicated, one sent again too early.",
		"zero-window":          "The receiver has room for two octets, the sender has three, and the user takes its time.",
		"full-window":          "The responder closes while its text still waits for the window.",
		"old-syn":              "A SYN of an earlier connection is still under way.",
		"strays":               "Segments that neither end sent lie in wait: RSTs that miss RCV.NXT, ACKs of what was never sent.",
		"stray-text":           "Text that neither end sent lies in wait, with and without ACK.",
		"stray-fin":            "FINs that neither end sent lie in wait.",
		"abort":                "Each user aborts after it has closed, whatever has come of that.",
		"abort-early":          "Users abort before or instead of closing.",
		"cut":                  "At any moment the network may stop to carry anything; ends give up by R2, keep-alives and their users' patience.",
		"crash":                "The responder crashes at any moment and listens again; keep-alives find out.",
		"crash-after-close":    "As crash, but after the user of the responder has closed.",
		"crash-and-open":       "The responder crashes and opens the connection from its side.",
		"crash-and-listen":     "The originator crashes, listens, and then opens again.",
		"reuse":                "Two connections between the same sockets, with old numbers in the new window; TIME-WAIT is kept for 2 MSL and ignores RST.",
		"younger-syn":          "The responder opens anew while the originator is in TIME-WAIT, with an ISS beyond the old numbers.",
		"time-wait-zero":       "As reuse, but TIME-WAIT may end as soon as it begins.",
		"time-wait-half":       "As reuse, but TIME-WAIT lasts one MSL.",
		"last-ack-lost":        "As reuse, but the network may lose one packet: the FIN that answers a lost last ACK may come after TIME-WAIT.",
		"assassination":        "As reuse, but a RST ends TIME-WAIT: RFC 9293 allows it, RFC 1337 advises against it.",
		"half-open":            "As crash, but without keep-alives.",
		"close-in-handshake":   "As crash, but users may close in SYN-RECEIVED, where the peer has not answered yet.",
	},
	Invariants: map[explore.Invariants]struct{ RFC, Text string }{
		explore.OwnText:      {"RFC 9293 3.4", "What an end delivers is what its peer sent in the same connection, from the beginning and without a gap."},
		explore.WholeText:    {"RFC 9293 3.6", "A FIN is taken only after all the text before it."},
		explore.RealFIN:      {"RFC 9293 3.6", "A FIN is taken only if the peer sent one in the same connection."},
		explore.RealACK:      {"RFC 9293 3.4", "Nothing counts as acknowledged that the peer has not taken."},
		explore.Agreement:    {"RFC 9293 3.5", "Two ends that have each been answered agree on both initial sequence numbers."},
		explore.KnownPair:    {"RFC 9293 3.3.2", "The states of the two ends fit together."},
		explore.NoReset:      {"RFC 9293 3.5.2", "No end whose SYN was acknowledged is reset."},
		explore.FullTimeWait: {"RFC 1337 3", "Nothing but time or a younger SYN ends TIME-WAIT."},
		explore.NoDeadlock:   {"RFC 9293 3.3.2", "Where nothing can happen any more, both ends are CLOSED or in LISTEN."},
		explore.WayOut:       {"RFC 9293 3.6", "From every joint state some run leads to both ends being CLOSED or in LISTEN."},
	},
	Reasons: map[explore.Reason]string{
		explore.Unheeded:   "nothing in this state waits for the event",
		explore.NotCalled:  "no user makes the call in this state",
		explore.NotFired:   "no such timer runs in this state",
		explore.NotArrived: "no such segment arrives in this state",
	},
	Comma:          ", ",
	Gap:            " ",
	Rule:           "%s (%s)",
	Whole:          "Bounds within which everything holds:",
	Broken:         "Bounds that leave a rule out, to show what it is for:",
	ListHint:       "synoptic simulate explore NAME explores one of them, and shows a shortest run for whatever is broken; synoptic simulate explore all explores all of them.",
	Holds:          "holds",
	Broke:          "breaks ",
	Breaks:         "%s (%d moves)",
	Unexpected:     "UNEXPECTED: %s",
	Unfinished:     "not finished: %s; so far %s",
	Columns:        [5]string{"bound", "joint states", "moves", "depth", "result"},
	Total:          "%s bounds, %s joint states, %s moves in %.1f s",
	Pairs:          "Joint states by pair of states",
	PairsWhole:     "Joint states by pair of states, where nothing is broken on purpose",
	PairsHint:      "Down: the state of the originator. Across: that of the responder, in the same order.",
	Never:          "%d of %d rows of the table of transitions were taken; never taken:",
	NeverFor:       "%d because %s: %s",
	Taken:          "All %d rows of the table were taken.",
	Counterexample: "%s does not hold: a shortest run, %d moves",
	Moves:          "%s joint states, %s moves, the farthest after %d; %s of them are ends",
	Stopped:        "Stopped before the end: %s.",
}
