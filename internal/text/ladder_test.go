package text

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/simulate"
)

func ladderOf(t *testing.T, story string) explain.Ladder {
	t.Helper()
	s, ok := simulate.FindStory(story)
	if !ok {
		t.Fatalf("there is no story %s", story)
	}
	r := simulate.Run(s.Config)
	return explain.StoryLadder(story, false, &r, explain.English)
}

func printLadder(t *testing.T, l explain.Ladder, wide bool, style Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := Ladder(&out, l, wide, style); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestLadder prints figures 6 to 13 of RFC 9293 and a few more.
func TestLadder(t *testing.T) {
	for _, story := range []string{
		"handshake", "simultaneous-open", "old-duplicate-syn", "half-open-recovery", "half-open-discovered",
		"old-duplicate-listeners", "close", "simultaneous-close", "lost-synack", "asymmetric-return", "syn-flood-cookies",
	} {
		compare(t, "ladder-"+story, []byte(printLadder(t, ladderOf(t, story), false, Style{Width: 80})))
	}
	compare(t, "ladder-handshake-wide", []byte(printLadder(t, ladderOf(t, "handshake"), true, Style{Width: 80})))
	compare(t, "ladder-lost-synack-120-color", []byte(printLadder(t, ladderOf(t, "lost-synack"), false, Style{Width: 120, Color: true})))
	compare(t, "ladder-sets", []byte(printLadder(t, setsLadder(), false, Style{Width: 80})))
}

// setsLadder is what a capture that began late may give: margins with sets of
// states, no rows, and large numbers.
func setsLadder() explain.Ladder {
	open, closing := "ESTABLISHED or CLOSE-WAIT", "ESTABLISHED or FIN-WAIT-1 or FIN-WAIT-2"
	return explain.Ladder{
		Title: "10.0.0.1:40000 to 10.0.0.2:443",
		Ends:  [2]explain.LadderEnd{{Name: "originator", Socket: "10.0.0.1:40000"}, {Name: "responder", Socket: "10.0.0.2:443"}},
		Rungs: []explain.Rung{
			{Label: "<SEQ=3141592653><ACK=2718281828><CTL=ACK><DATA=1460>", Packet: 1, Departs: true, Arrives: true, States: [2]string{open, open}},
			{Label: "<SEQ=2718281828><ACK=3141594113><CTL=ACK>", From: 1, Packet: 2, Departs: true, Arrives: true, States: [2]string{closing, "CLOSE-WAIT"},
				Reasons: []explain.Reason{{Side: 0, Text: "assumed", RFC: "RFC 9293 3.10.7.4"}}},
		},
	}
}

// TestLadderWidths: no line is longer than the terminal is wide, and colour
// changes nothing but colour.
func TestLadderWidths(t *testing.T) {
	list := []explain.Ladder{setsLadder()}
	for _, s := range simulate.Stories() {
		list = append(list, ladderOf(t, s.Name))
	}
	for _, l := range list {
		for _, width := range []int{60, 80, 100, 120, 200} {
			for _, wide := range []bool{false, true} {
				bare := printLadder(t, l, wide, Style{Width: width})
				for _, line := range strings.Split(bare, "\n") {
					if ansi.StringWidth(line) > width && !strings.Contains(line, "<SEQ=") {
						t.Errorf("%s in %d columns: %q is longer", l.Title, width, line)
					}
				}
				if coloured := printLadder(t, l, wide, Style{Width: width, Color: true}); ansi.Strip(coloured) != bare {
					t.Errorf("%s in %d columns: colour changes the text", l.Title, width)
				}
			}
		}
	}
}

func TestArrows(t *testing.T) {
	for want, r := range map[string]explain.Rung{
		"──── x ───▶": {Departs: true, Arrives: true},
		"◀─── x ────": {Departs: true, Arrives: true, From: 1},
		"──── x ····": {Departs: true},
		"···· x ────": {Departs: true, From: 1},
		"···· x ───▶": {Arrives: true},
		"◀─── x ····": {Arrives: true, From: 1},
		"──── x ───✗": {Departs: true, Lost: true},
		"✗─── x ────": {Departs: true, Lost: true, From: 1},
	} {
		if got := drawArrow(&r, "x", 11); got != want {
			t.Errorf("%+v is drawn %q, want %q", r, got, want)
		}
	}
}

func ExampleLadder() {
	var out bytes.Buffer
	err := Ladder(&out, explain.Ladder{
		Ends: [2]explain.LadderEnd{{Name: "client"}, {Name: "server"}},
		Rungs: []explain.Rung{{
			Label: "<SEQ=100><CTL=SYN>", Packet: 1, Departs: true, Arrives: true,
			States:  [2]string{"SYN-SENT", "SYN-RECEIVED"},
			Reasons: []explain.Reason{{Side: 1, Row: "listen-syn", RFC: "RFC 9293 3.10.7.2"}},
		}},
	}, false, Style{Width: 70})
	fmt.Println(out.String(), err)
	// Output:
	//  seconds  client                                                server
	//
	//    0.000  SYN-SENT     ─────── <SEQ=100><CTL=SYN> ──────▶ SYN-RECEIVED
	//                                         listen-syn (RFC 9293 3.10.7.2)
	//  <nil>
}
