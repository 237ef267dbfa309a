package tcp

import (
	"math/bits"
	"strings"
)

// Facts is a set of conditions that hold when an event happens: the reduced view
// of a segment or call that the table is asked with. Classify makes it from a
// segment.
type Facts uint32

// Conditions on an arriving segment. Those on SEG.ACK hold only with the ACK
// bit. An acknowledgment that is none of AckNew, AckAtUNA, AckTooOld and
// AckBeyond is an old duplicate.
const (
	HasRST Facts = 1 << iota
	HasSYN
	HasACK
	HasFIN

	SeqExact    // SEG.SEQ = RCV.NXT
	SeqInWindow // RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND, or SeqExact
	InWindow    // the segment is acceptable (RFC 9293 section 3.4), or may be for its ACK alone
	SeqIRS      // SEG.SEQ = IRS: the peer's SYN once more
	SynNewer    // a SYN younger than the connection in TIME-WAIT (RFC 6191 section 2)

	AckOfSyn  // ISS < SEG.ACK =< SND.NXT
	AckNew    // SND.UNA < SEG.ACK =< SND.NXT
	AckAtUNA  // SEG.ACK = SND.UNA
	AckTooOld // SEG.ACK < SND.UNA-MAX.SND.WND (RFC 5961 section 5)
	AckBeyond // SEG.ACK > SND.NXT
	AckOfFin  // our FIN is sent and SEG.ACK = SND.NXT

	NewText    // text or FIN beyond RCV.NXT
	BehindGap  // that text or FIN begins beyond RCV.NXT
	FinInOrder // FIN in the window with nothing missing before it
	FinAgain   // FIN that ends at RCV.NXT: the one already taken
)

// Conditions on the end itself and on calls.
const (
	FromPassive  Facts = 1 << (iota + 19) // SYN-RECEIVED was entered from LISTEN
	IgnoresRST                            // the end follows RFC 1337: no RST ends TIME-WAIT
	ForeignGiven                          // the foreign socket is specified
	SendsQueued                           // SENDs are waiting that have not become segments
	TextQueued                            // received text is waiting for RECEIVE

	factsEnd
)

// factNames says each condition and its contrary, in the order of the bits.
var factNames = [...][2]string{
	{"RST", "no RST"},
	{"SYN", "no SYN"},
	{"ACK", "no ACK"},
	{"FIN", "no FIN"},
	{"SEQ = RCV.NXT", "SEQ other than RCV.NXT"},
	{"SEQ in the window", "SEQ outside the window"},
	{"segment in the window", "segment outside the window"},
	{"SEQ = IRS", "SEQ other than IRS"},
	{"newer than the old connection", "not newer than the old connection"},
	{"ISS < SEG.ACK =< SND.NXT", "SEG.ACK =< ISS or > SND.NXT"},
	{"SND.UNA < SEG.ACK =< SND.NXT", "SEG.ACK =< SND.UNA or > SND.NXT"},
	{"SEG.ACK = SND.UNA", "SEG.ACK other than SND.UNA"},
	{"SEG.ACK < SND.UNA-MAX.SND.WND", "SEG.ACK >= SND.UNA-MAX.SND.WND"},
	{"SEG.ACK > SND.NXT", "SEG.ACK =< SND.NXT"},
	{"ACK of our FIN", "no ACK of our FIN"},
	{"new text or FIN", "no new text or FIN"},
	{"behind a gap", "not behind a gap"},
	{"FIN in order", "no FIN in order"},
	{"the FIN already taken", "not the FIN already taken"},
	{"came from passive OPEN", "came from active OPEN"},
	{"RFC 1337 followed", "RFC 1337 not followed"},
	{"foreign socket specified", "foreign socket unspecified"},
	{"SENDs queued", "no SENDs queued"},
	{"text queued", "no text queued"},
}

// Has tells whether every one of the given conditions holds.
func (f Facts) Has(conditions Facts) bool { return f&conditions == conditions }

// String joins the conditions that hold with commas.
func (f Facts) String() string { return strings.Join(appendFacts(nil, f, 0), ", ") }

// Guard is what must hold besides the event for a row to be taken: all of the
// conditions in Require and none of those in Forbid. It is data, so that it can
// be printed, compared and tested.
type Guard struct {
	Require Facts
	Forbid  Facts
}

// when returns the guard that asks for the given conditions.
func when(require Facts) Guard { return Guard{Require: require} }

// unless returns the guard that holds while none of the given conditions does.
func unless(forbid Facts) Guard { return Guard{Forbid: forbid} }

// butNot adds conditions that must not hold.
func (g Guard) butNot(forbid Facts) Guard {
	g.Forbid |= forbid
	return g
}

// Holds tells whether the guard lets the event pass.
func (g Guard) Holds(f Facts) bool { return f.Has(g.Require) && f&g.Forbid == 0 }

// String says the condition in the RFC's words: "RST, SEQ = RCV.NXT, came from
// active OPEN". The zero Guard gives "".
func (g Guard) String() string {
	words := appendFacts(nil, g.Require, 0)
	return strings.Join(appendFacts(words, g.Forbid, 1), ", ")
}

// appendFacts appends the words for each condition of the set: the condition
// itself (side 0) or its contrary (side 1).
func appendFacts(words []string, set Facts, side int) []string {
	for ; set != 0; set &= set - 1 {
		if i := bits.TrailingZeros32(uint32(set)); i < len(factNames) {
			words = append(words, factNames[i][side])
		}
	}
	return words
}
