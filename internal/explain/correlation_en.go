package explain

import "github.com/synoptic-net/synoptic/track/correlate"

// correlationWords are the words about what happens between two captures. In the
// sentences %[1]s and %[2]s are the points a direction leads from and to, %[3]s is
// the segments or connections with their number, %[4]s how many of how many
// connections.
type correlationWords struct {
	Kinds       [correlate.Kinds][2]string // one, several
	Connections [2]string
	Segments    [2]string

	Proxied        string
	Made           string // then why
	MadeWhy        map[correlate.Why]string
	MadeTTL        string // time to live, that of the sender
	Repeated       string
	StrangeAnswer  string // then the two sockets, asked and answered
	StrangeAnswers string
	AllVanish      string
	SomeVanish     string // of how many
	Sizes          string // least gone, most come
	AllSizes       string // least gone
	Translated     [2]string
	TranslatedMany [2]string
	Altered        string // what
	AlteredFromTo  string // what, old, new
	Removed        string // what
	Added          string
	Cut            string
	Fields         map[correlate.Changes]string
	UnseenArrival  string
	SeenAtOne      string
	NotTold        string // then why
	NotToldWhy     map[correlate.Why]string
	Notes          map[correlate.Why]string // under a segment of a ladder
	Title          string
	Left           string
	Unjoined       string
	Lacks          string
	Parts          string
}

var correlationEnglish = correlationWords{
	Kinds: [correlate.Kinds][2]string{
		correlate.KindRST: {"RST", "RSTs"}, correlate.KindSYN: {"SYN", "SYNs"}, correlate.KindSYNACK: {"SYN-ACK", "SYN-ACKs"},
		correlate.KindFIN: {"FIN", "FINs"}, correlate.KindText: {"segment with text", "segments with text"},
		correlate.KindACK: {"bare ACK", "bare ACKs"},
	},
	Connections: [2]string{"connection", "connections"},
	Segments:    [2]string{"segment", "segments"},

	Proxied: "%[3]s came to %[2]s that are not the responder's own: something between %[2]s and %[1]s, a SYN proxy for one, answers in the responder's place (%[4]s).",
	Made:    "%[3]s came to %[2]s that never passed %[1]s, though it lies on the way: made in between (%[4]s).",
	MadeWhy: map[correlate.Why]string{
		correlate.Foreign:         "The time to live is not that of the sender's own segments.",
		correlate.AnswersVanished: "What is answered there never reached %[1]s.",
		correlate.OtherInstead:    "What the sender itself sent passed %[1]s and did not come.",
		correlate.InItsPlace:      "Something there opens the connections in the originator's place.",
	},
	MadeTTL:        "The time to live is %d, that of the sender's own segments %d.",
	Repeated:       "%[3]s came to %[2]s a second time, though %[1]s saw one: the network duplicates packets (%[4]s).",
	StrangeAnswer:  "At %[1]s, %[4]s asked %[5]s and got the answer from %[6]s: a gateway changed the destination on the way there, and the answers do not go back through it.",
	StrangeAnswers: "At %[1]s, %[4]s got the answer from another socket than was asked: a gateway changes destinations on the way there, and the answers do not go back through it.",
	AllVanish:      "%[3]s left %[1]s and none reached %[2]s: all vanish in between (%[4]s).",
	SomeVanish:     "%[3]s of %[5]s that left %[1]s did not reach %[2]s: lost in between (%[4]s).",
	Sizes:          "All of %d octets of text or more vanish, those of up to %d arrive: no large packet gets through.",
	AllSizes:       "The smallest has %d octets of text.",
	Translated: [2]string{
		"The source %[5]s becomes %[6]s between %[1]s and %[2]s (%[4]s).",
		"The destination %[5]s becomes %[6]s between %[1]s and %[2]s (%[4]s).",
	},
	TranslatedMany: [2]string{
		"The source is rewritten between %[1]s and %[2]s, in %[3]s (%[4]s).",
		"The destination is rewritten between %[1]s and %[2]s, in %[3]s (%[4]s).",
	},
	Altered:       "%[5]s changed between %[1]s and %[2]s, in %[3]s (%[4]s).",
	AlteredFromTo: "%[5]s changed from %[6]d to %[7]d between %[1]s and %[2]s, in %[3]s (%[4]s).",
	Removed:       "%[5]s removed between %[1]s and %[2]s, in %[3]s (%[4]s).",
	Added:         "%[5]s added between %[1]s and %[2]s, in %[3]s (%[4]s).",
	Cut:           "%[3]s from %[1]s to %[2]s were cut or joined on the way, as segmentation offload does; no octet is missing (%[4]s).",
	Fields: map[correlate.Changes]string{
		correlate.Numbers: "Sequence numbers were", correlate.MSS: "The MSS was", correlate.WindowScale: "The window scale was",
		correlate.SACKPermitted: "The SACK option was", correlate.Timestamps: "The timestamps option was", correlate.MPTCP: "The MPTCP option was",
		correlate.FastOpen: "The Fast Open option was", correlate.OtherOptions: "Other TCP options were", correlate.Window: "The window was",
		correlate.ECN: "The ECN field was", correlate.DSCP: "The DSCP was", correlate.Flags: "TCP flags were",
		correlate.Identification: "The IP identification was", correlate.Text: "The length of the text was",
	},
	UnseenArrival: "%[3]s from %[1]s reached %[2]s although the capture there lacks what was sent: the receiver acknowledged it. What else that capture lacks is therefore not said to have vanished.",
	SeenAtOne:     "%[3]s: seen at %[1]s and not at %[2]s.",
	NotTold:       "%[3]s from %[1]s to %[2]s: not known, because %[5]s.",
	NotToldWhy: map[correlate.Why]string{
		correlate.Acknowledged: "the receiver acknowledged them, or a copy of them, and the capture has neither",
		correlate.NotBegun:     "the other capture had not begun then",
		correlate.Ended:        "the other capture had ended by then",
		correlate.Dropped:      "the other capture says that it dropped packets then",
		correlate.Misses:       "the other capture lacks packets that demonstrably passed, so it may lack these",
		correlate.KindNotTaken: "the other capture has no segments of that kind at all; a filter may keep them out",
		correlate.WayNotHeard:  "the other capture hears nothing that goes in this direction",
		correlate.NotOnTheWay:  "nothing shows that the other capture lies on their way",
		correlate.NotJoined:    "another connection that the other capture shows may be theirs",
		correlate.NoNumbers:    "the numbers of their direction may be others there, and nothing shows how they differ",
		correlate.NoOrder:      "nothing shows which capture is nearer to the originator",
		correlate.NoClock:      "the clocks could not be aligned",
		correlate.Copies:       "they are copies of one segment that nothing tells apart",
		correlate.Genuine:      "they look like the sender's own, so the capture at %[1]s may have missed them",
		correlate.CutShort:     "there was no memory for more; give more with --memory",
	},
	Notes: map[correlate.Why]string{
		correlate.Acknowledged: "not captured, but acknowledged", correlate.TakenForAnswer: "taken by what answers in between",
		correlate.Repeated: "a second copy, made by the network", correlate.Foreign: "made in between: another time to live",
		correlate.TooEarly: "made in between: the SYN had not arrived yet", correlate.AnswersVanished: "made in between: it answers what never arrived",
		correlate.OtherInstead: "made in between: the responder sent another", correlate.InItsPlace: "made in between, in the originator's place",
		correlate.NotBegun: "not known: the other capture had not begun", correlate.Ended: "not known: the other capture had ended",
		correlate.Dropped: "not known: the other capture dropped packets then", correlate.Misses: "not known: the other capture misses packets",
		correlate.KindNotTaken: "not known: the other capture takes none of this kind", correlate.WayNotHeard: "not known: this direction is not heard there",
		correlate.NotJoined: "not known: its connection may be another one there", correlate.NoNumbers: "not known: its numbers may be others there", correlate.NotOnTheWay: "not known: the other capture may not lie on its way", correlate.NoOrder: "not known: the order of the captures is not known",
		correlate.NoClock: "not known: the clocks are not aligned", correlate.Copies: "not known: one of several copies",
		correlate.Genuine: "not known: the other capture may have missed it", correlate.CutShort: "not known: no memory for more",
	},
	Title:    "Connection %d, seen at A and B",
	Left:     "%d more segments are not drawn.",
	Unjoined: "Connection %d, seen at %s alone",
	Lacks:    "%d octets of it vanish",
	Parts:    "%d segments there",
}
