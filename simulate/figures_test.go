package simulate

import (
	"slices"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// figures are figures 6 to 13 of RFC 9293 as their two columns say: the states of
// each end in turn, and the segments in the order in which they are sent. Where a
// figure leaves out who closes in the end, so do the columns.
var figures = []struct {
	figure, story string
	states        [2]string
	segments      string
}{
	{"6", "handshake", [2]string{"CLOSED SYN-SENT ESTABLISHED", "CLOSED LISTEN SYN-RECEIVED ESTABLISHED"},
		"<SEQ=100><CTL=SYN> <SEQ=300><ACK=101><CTL=SYN,ACK> <SEQ=101><ACK=301><CTL=ACK>"},
	{"7", "simultaneous-open", [2]string{"CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED", "CLOSED SYN-SENT SYN-RECEIVED ESTABLISHED"},
		"<SEQ=100><CTL=SYN> <SEQ=300><CTL=SYN> <SEQ=300><ACK=101><CTL=SYN,ACK> <SEQ=100><ACK=301><CTL=SYN,ACK>"},
	{"8", "old-duplicate-syn", [2]string{"CLOSED SYN-SENT ESTABLISHED", "CLOSED LISTEN SYN-RECEIVED LISTEN SYN-RECEIVED ESTABLISHED"},
		"<SEQ=100><CTL=SYN> <SEQ=300><ACK=91><CTL=SYN,ACK> <SEQ=91><CTL=RST> <SEQ=500><ACK=101><CTL=SYN,ACK> <SEQ=101><ACK=501><CTL=ACK>"},
	{"9", "half-open-recovery", [2]string{"CLOSED SYN-SENT ESTABLISHED CLOSED SYN-SENT", "CLOSED LISTEN SYN-RECEIVED ESTABLISHED CLOSED"},
		""},
	{"10", "half-open-discovered", [2]string{"CLOSED SYN-SENT ESTABLISHED CLOSED", "CLOSED LISTEN SYN-RECEIVED ESTABLISHED CLOSED"}, ""},
	{"11", "old-duplicate-listeners", [2]string{"CLOSED LISTEN", "CLOSED LISTEN SYN-RECEIVED LISTEN"},
		"<SEQ=300><ACK=701><CTL=SYN,ACK> <SEQ=701><CTL=RST>"},
	{"12", "close", [2]string{"CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED", "CLOSED LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"},
		""},
	{"13", "simultaneous-close", [2]string{"CLOSED SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED", "CLOSED LISTEN SYN-RECEIVED ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"},
		""},
}

func TestFigures(t *testing.T) {
	for _, f := range figures {
		story, _ := FindStory(f.story)
		trace := Run(story.Config).Trace
		for side := range Side(2) {
			got := strings.Join(column(trace, side), " ")
			if !strings.HasPrefix(got, f.states[side]) {
				t.Errorf("figure %s, %s: the %v is in %s, want %s", f.figure, f.story, side, got, f.states[side])
			}
		}
		var segments []string
		for _, h := range trace {
			if h.Kind == Sent {
				h.Packet.Segment.Flags &^= tcp.PSH
				segments = append(segments, h.Packet.Segment.String())
			}
		}
		if got := strings.Join(segments, " "); !strings.HasPrefix(got, f.segments) {
			t.Errorf("figure %s, %s sends\n%s, want\n%s", f.figure, f.story, got, f.segments)
		}
	}
}

// column returns the states that an end goes through.
func column(trace Trace, side Side) (states []string) {
	states = []string{"CLOSED"}
	for _, h := range trace {
		states = append(states, h.States[side].String())
	}
	return slices.Compact(states)
}

// TestTimesOfRetransmissions: 1, 3, 7, 15, 31, 63 and 123 s after the first, and
// given up after 183 s (RFC 6298 sections 2.1, 2.5 and 5.5, R2 after seven).
func TestTimesOfRetransmissions(t *testing.T) {
	want := []float64{0, 1, 3, 7, 15, 31, 63, 123, 183}
	for name, count := range map[string]struct {
		side  Side
		sort  Sorts
		first int // of those of its sort
	}{
		"silent-target":  {Originator, SYNs, 0},
		"last-ack-never": {Responder, FINs, 0},
		"vanished-peer":  {Originator, Texts, 0},
		"fin-never":      {Originator, FINs, 0},
	} {
		story, _ := FindStory(name)
		var times []float64
		var gaveUp float64
		for _, h := range Run(story.Config).Trace {
			if h.Kind == Sent && h.Side == count.side && SortOf(h.Packet.Segment) == count.sort {
				times = append(times, h.At.Seconds())
			}
			if h.Kind == Took && h.Side == count.side && h.Row.Event == tcp.RetransmissionExhausted {
				gaveUp = h.At.Seconds()
			}
		}
		times = append(times, gaveUp)
		first := times[0]
		for i := range times {
			times[i] -= first
		}
		if !slices.EqualFunc(times, want, func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 }) {
			t.Errorf("%s: sends after %v s, want %v", name, times, want)
		}
	}
}
