package correlate

import (
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// Verdict says what became of a segment between the points.
type Verdict uint8

// The verdicts.
const (
	Unknown  Verdict = iota // the captures cannot tell
	Arrived                 // it passed both points as it was, or its receiver acknowledged it
	Changed                 // it passed both points, and something in between changed it
	Vanished                // it passed the point nearer to its sender, and not the other
	Made                    // it passed the point nearer to its receiver, and its sender did not send it
	Verdicts = iota
)

var verdictNames = [Verdicts]string{"unknown", "arrived", "changed", "vanished", "made"}

// String returns a word: "arrived", "changed", "vanished", "made", "unknown".
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return "verdict?"
}

// Why gives the reason of a verdict.
type Why uint8

// The reasons.
const (
	// Seen: both captures have it.
	Seen Why = iota
	// Acknowledged: its receiver acknowledged it, though the capture lacks it.
	Acknowledged
	// Absent: the other capture covers the time, and has it not.
	Absent
	// TakenForAnswer: something in between answered it in the receiver's place.
	TakenForAnswer
	// Repeated: the network made a second one of a packet.
	Repeated
	// Foreign: its time to live is not that of its sender's other segments.
	Foreign
	// TooEarly: it answers what had not reached its sender by then.
	TooEarly
	// AnswersVanished: it answers what never reached its sender.
	AnswersVanished
	// OtherInstead: its sender sent another one, which did not come.
	OtherInstead
	// InItsPlace: something in between opened the connection in its sender's place.
	InItsPlace

	// The reasons why it is not known.

	// NotBegun: the other capture had not begun yet.
	NotBegun
	// Ended: the other capture had ended.
	Ended
	// Dropped: the other capture says that it dropped packets at that time.
	Dropped
	// Misses: the other capture lacks packets that demonstrably passed.
	Misses
	// KindNotTaken: the other capture has no segments of this kind at all; a filter
	// may keep them out.
	KindNotTaken
	// WayNotHeard: the other capture does not hear this direction.
	WayNotHeard
	// NotOnTheWay: nothing shows that the other point lies on the way.
	NotOnTheWay
	// NotJoined: another connection that the other capture shows may be this one.
	NotJoined
	// NoNumbers: the numbers of this direction may be others at the other point, and
	// nothing shows how they differ.
	NoNumbers
	// NoOrder: nothing shows which point is nearer to the originator.
	NoOrder
	// NoClock: the clocks could not be aligned.
	NoClock
	// Copies: copies of one segment that nothing tells apart.
	Copies
	// Genuine: it looks like its sender's other segments.
	Genuine
	// CutShort: the memory was full.
	CutShort
	Whys = iota
)

var whyNames = [Whys]string{
	"seen", "acknowledged", "absent", "taken-for-answer", "repeated", "foreign", "too-early", "answers-vanished", "other-instead", "in-its-place",
	"not-begun", "ended", "dropped", "misses", "kind-not-taken", "way-not-heard", "not-on-the-way", "not-joined", "no-numbers", "no-order", "no-clock", "copies", "genuine", "cut-short",
}

// String returns a word with hyphens: "acknowledged", "not-begun".
func (w Why) String() string {
	if int(w) < len(whyNames) {
		return whyNames[w]
	}
	return "why?"
}

// Changes are what something in between changed of a segment.
type Changes uint32

// The changes. A lower time to live is none: routers do that.
const (
	Addresses Changes = 1 << iota
	Ports
	Numbers // a constant was added to sequence numbers
	MSS
	WindowScale
	SACKPermitted
	Timestamps
	MPTCP
	FastOpen
	OtherOptions
	Window
	Length // cut into several segments, or joined with others: segmentation offload
	ECN    // in the IP header: Congestion Experienced, or cleared
	DSCP
	Flags // of the TCP header, those of ECN too
	Identification
	Text // its length, for another reason than Length
)

var changeNames = [...]string{
	"addresses", "ports", "numbers", "mss", "window-scale", "sack-permitted", "timestamps", "mptcp", "fast-open", "other-options", "window",
	"length", "ecn", "dscp", "flags", "identification", "text",
}

// ChangeList returns all changes, in the order of their names' use.
func ChangeList() (all []Changes) {
	for i := range changeNames {
		all = append(all, 1<<i)
	}
	return all
}

// List returns the names of the changes.
func (c Changes) List() []string {
	names := []string{}
	for i, name := range changeNames {
		if c>>i&1 != 0 {
			names = append(names, name)
		}
	}
	return names
}

// String joins the names with commas.
func (c Changes) String() string { return strings.Join(c.List(), ",") }

// Has tells whether all the given changes are there.
func (c Changes) Has(changes Changes) bool { return c&changes == changes }

// Passage is what became of one segment between the points.
type Passage struct {
	Seen           [Points]int32 // for Report.Kept; 0 where the capture has it not
	Changes        Changes
	Lacks          tcp.Size // octets of its text that vanished, where not all did
	Parts          uint16   // segments at the other point that hold its text, where offload cut or joined it
	Verdict        Verdict
	Why            Why
	FromOriginator bool
}
