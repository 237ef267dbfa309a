package duel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// Call is what the program does.
type Call uint8

// The calls. Text that arrives is read at once, without a call.
const (
	NoCall   Call = iota
	Write         // a few octets
	Shutdown      // no more octets: shutdown(SHUT_WR)
	Close         // nobody reads any more either: close()
	Abort         // close() with a RST
	Pause         // nothing, for longer than it takes a timer of Linux that is in a hurry
)

var callWords = []string{"", "write", "shutdown", "close", "abort", "pause"}

// SeqPlace says where a segment of the peer lies.
type SeqPlace uint8

// Places of SEG.SEQ. Before there is a RCV.NXT, it is the peer's own next octet.
const (
	SeqNext   SeqPlace = iota // RCV.NXT
	SeqOld                    // one before it
	SeqAhead                  // in the window, behind a gap
	SeqBeyond                 // beyond every window
	SeqFirst                  // the peer's SYN again
)

var seqWords = []string{"", "seq=old", "seq=ahead", "seq=beyond", "seq=first"}

// AckPlace says what a segment of the peer acknowledges.
type AckPlace uint8

// Places of SEG.ACK.
const (
	AckAll     AckPlace = iota // SND.NXT
	AckNothing                 // SND.UNA: nothing new
	AckOld                     // one before SND.UNA
	AckAncient                 // far before it
	AckBeyond                  // one more than was sent
)

var ackWords = []string{"", "ack=nothing", "ack=old", "ack=ancient", "ack=beyond"}

// StampPlace says which timestamp a segment of the peer carries, where the script
// has timestamps.
type StampPlace uint8

// Timestamps.
const (
	StampNew  StampPlace = iota // one tick later than the last
	StampOld                    // far before it
	StampNone                   // none at all
)

var stampWords = []string{"", "ts=old", "ts=none"}

// Incident is one thing that happens: a call, or a segment of the peer.
type Incident struct {
	Call  Call
	Flags tcp.Flags
	Seq   SeqPlace
	Ack   AckPlace // only with the ACK bit
	Stamp StampPlace
	Text  bool // it carries five octets
}

// String writes the incident as a script does.
func (in Incident) String() string {
	if in.Call != NoCall {
		return callWords[in.Call]
	}
	words := []string{in.Flags.String()}
	if in.Flags == 0 {
		words[0] = "none"
	}
	if in.Text {
		words = append(words, "text")
	}
	words = append(words, seqWords[in.Seq], ackWords[in.Ack], stampWords[in.Stamp])
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// Script is how a connection begins and what happens then.
type Script struct {
	Listens   bool // the TCP under test waits for a SYN; else it has sent one
	Stamped   bool // the peer's segments carry timestamps (RFC 7323)
	Incidents []Incident
}

// String writes the script in one line.
func (s Script) String() string {
	words := []string{"connect"}
	if s.Listens {
		words[0] = "listen"
	}
	if s.Stamped {
		words[0] += " stamped"
	}
	for _, in := range s.Incidents {
		words = append(words, in.String())
	}
	return strings.Join(words, " | ")
}

// Parse reads a script.
func Parse(line string) (Script, error) {
	var s Script
	for i, part := range strings.Split(line, "|") {
		part = strings.TrimSpace(part)
		if i == 0 {
			part, s.Stamped = strings.CutSuffix(part, " stamped")
			s.Listens = part == "listen"
			if !s.Listens && part != "connect" {
				return s, fmt.Errorf("a script begins with \"listen\" or \"connect\", not with %q", part)
			}
			continue
		}
		in, err := parseIncident(part)
		if err != nil {
			return s, fmt.Errorf("script %q: %w", line, err)
		}
		s.Incidents = append(s.Incidents, in)
	}
	return s, nil
}

func parseIncident(text string) (in Incident, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return in, fmt.Errorf("an incident is empty")
	}
	if call := slices.Index(callWords, words[0]); call > 0 && len(words) == 1 {
		in.Call = Call(call)
		return in, nil
	}
	if in.Flags, err = parseFlags(words[0]); err != nil {
		return in, err
	}
	for _, word := range words[1:] {
		seq, ack, stamp := slices.Index(seqWords, word), slices.Index(ackWords, word), slices.Index(stampWords, word)
		switch {
		case word == "text":
			in.Text = true
		case seq > 0:
			in.Seq = SeqPlace(seq)
		case ack > 0:
			in.Ack = AckPlace(ack)
		case stamp > 0:
			in.Stamp = StampPlace(stamp)
		default:
			return in, fmt.Errorf("%q says nothing about a segment", word)
		}
	}
	return in, nil
}

var flagWords = map[string]tcp.Flags{"SYN": tcp.SYN, "ACK": tcp.ACK, "FIN": tcp.FIN, "RST": tcp.RST, "PSH": tcp.PSH, "URG": tcp.URG}

func parseFlags(text string) (flags tcp.Flags, err error) {
	if text == "none" {
		return 0, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		flag, ok := flagWords[word]
		if !ok {
			return 0, fmt.Errorf("%q is neither a call nor a control bit", word)
		}
		flags |= flag
	}
	return flags, nil
}
