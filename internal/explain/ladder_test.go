package explain

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// ladders returns the ladder of each story in each language, and of runs in which
// chance has its way with many packets.
func ladders(t *testing.T) map[string]Ladder {
	t.Helper()
	list := map[string]Ladder{}
	for _, s := range simulate.Stories() {
		r := simulate.Run(s.Config)
		for _, l := range Languages() {
			list[s.Name+" in "+string(l)] = StoryLadder(s.Name, false, &r, l)
		}
	}
	story, _ := simulate.FindStory("exchange")
	for seed := range uint64(30) {
		changes := simulate.Changes{Lose: []string{"20%"}, Reorder: []string{"20%"}, Duplicate: []string{"20%=40ms"}, Seed: seed}
		c, err := changes.Apply(story.Config)
		if err != nil {
			t.Fatal(err)
		}
		r := simulate.Run(c)
		list[fmt.Sprint("seed ", seed)] = StoryLadder("exchange", true, &r, English)
	}
	return list
}

// TestLaddersAreWhole: each packet departs once, and arrives or is lost no more
// often than copies of it are under way; the last rung shows how the run ended.
func TestLaddersAreWhole(t *testing.T) {
	for _, s := range simulate.Stories() {
		r := simulate.Run(s.Config)
		l := TraceLadder(r.Trace, English)
		var sent, arrived, lost int
		for _, h := range r.Trace {
			switch h.Kind {
			case simulate.Sent:
				sent++
			case simulate.Arrived:
				arrived++
			case simulate.Lost:
				lost++
			}
		}
		var departs, arrives, gone int
		for i := range l.Rungs {
			departs += one(l.Rungs[i].Departs)
			arrives += one(l.Rungs[i].Arrives)
			gone += one(l.Rungs[i].Lost)
		}
		if departs != sent || arrives != arrived || gone != lost {
			t.Errorf("%s: %d depart, %d arrive, %d are lost; want %d, %d, %d", s.Name, departs, arrives, gone, sent, arrived, lost)
		}
		last := l.Rungs[len(l.Rungs)-1].States
		if want := [2]string{simulationEnglish.state(r.States[0]), simulationEnglish.state(r.States[1])}; last != want {
			t.Errorf("%s: the last rung is in %v, want %v", s.Name, last, want)
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestEveryRowHasASource: whatever an end does in a ladder is said with its row
// and its section.
func TestEveryRowHasASource(t *testing.T) {
	for name, l := range ladders(t) {
		for i := range l.Rungs {
			for _, r := range l.Rungs[i].Reasons {
				if r.Line() == "" || (r.Row == "") != (r.RFC == "") {
					t.Errorf("%s, rung %d: %+v", name, i, r)
				}
			}
		}
	}
}

func TestReasonLine(t *testing.T) {
	for want, r := range map[string]Reason{
		"CLOSE: established-close (RFC 9293 3.10.4)": {Text: "CLOSE", Row: "established-close", RFC: "RFC 9293 3.10.4"},
		"listen-syn (RFC 9293 3.10.7.2)":             {Row: "listen-syn", RFC: "RFC 9293 3.10.7.2"},
		"40 octets to the user":                      {Text: "40 octets to the user"},
	} {
		if got := r.Line(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestStateLines(t *testing.T) {
	for _, test := range []struct {
		states string
		width  int
		want   string
	}{
		{"ESTABLISHED", 12, "ESTABLISHED"},
		{"ESTABLISHED or CLOSE-WAIT", 40, "ESTABLISHED or CLOSE-WAIT"},
		{"ESTABLISHED or CLOSE-WAIT", 13, "ESTABLISHED|or CLOSE-WAIT"},
		{"", 12, ""},
	} {
		if got := strings.Join(new(Ladder).StateLines(test.states, test.width), "|"); got != test.want {
			t.Errorf("%q in %d columns: %q, want %q", test.states, test.width, got, test.want)
		}
	}
}

// TestLadderLayout: no text meets another text or leaves the picture, and no text
// of a margin reaches an end's line.
func TestLadderLayout(t *testing.T) {
	for name, l := range ladders(t) {
		d := layoutLadder(&l)
		for i := range d.marks {
			a := markBox(&d.marks[i])
			if a.left < 4 || a.right > ladderWidth-4 || a.bottom > float64(d.height) {
				t.Errorf("%s: %q leaves the picture", name, d.marks[i].text)
			}
			class := d.marks[i].class
			if inMargin := class == "state" || class == "why" || class == "note" || class == "gone"; inMargin && a.left < ladderRightX && a.right > ladderLeftX {
				t.Errorf("%s: %q lies between the ends", name, d.marks[i].text)
			}
			for j := i + 1; j < len(d.marks); j++ {
				if b := markBox(&d.marks[j]); d.marks[i].text != "" && d.marks[j].text != "" && a.meets(b) {
					t.Errorf("%s: %q meets %q", name, d.marks[i].text, d.marks[j].text)
				}
			}
		}
	}
}

func markBox(m *ladderMark) box {
	const ascent, descent = 9, 2
	width, left := float64(m.width()), float64(m.x)
	switch m.anchor {
	case "end":
		left -= width
	case "middle":
		left -= width / 2
	}
	return box{left, float64(m.y - ascent), left + width, float64(m.y + descent)}
}

// TestLadderSVG: each picture is XML, with a line for each packet that ends its
// way and none that runs upwards.
func TestLadderSVG(t *testing.T) {
	for name, l := range ladders(t) {
		if err := xml.Unmarshal([]byte(l.SVG()), new(struct{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		d, ended := layoutLadder(&l), 0
		for i := range l.Rungs {
			if r := &l.Rungs[i]; r.Label != "" && (r.Arrives || r.Lost) {
				ended++
			}
		}
		for _, w := range d.ways {
			if w.y2 < w.y1 || w.x1 == w.x2 {
				t.Errorf("%s: a packet runs from %d,%d to %d,%d", name, w.x1, w.y1, w.x2, w.y2)
			}
		}
		if len(d.ways) < ended {
			t.Errorf("%s: %d lines for %d packets", name, len(d.ways), ended)
		}
	}
}

// TestPacketUnderWay: a packet that has not arrived when the ladder ends has a
// line all the same.
func TestPacketUnderWay(t *testing.T) {
	l := Ladder{Rungs: []Rung{{Label: "<SEQ=1><CTL=SYN>", Packet: 1, Departs: true}, {At: time.Second, States: [2]string{"LISTEN or CLOSED", "LISTEN"}}}}
	if d := layoutLadder(&l); len(d.ways) != 1 || !strings.Contains(d.ways[0].class, "stray") {
		t.Errorf("%+v", d.ways)
	}
}

// TestTextFromOutside: nothing that a ladder is given breaks its picture.
func TestTextFromOutside(t *testing.T) {
	l := Ladder{Title: "<script>&", About: "\"<", Close: "]]>", Ends: [2]LadderEnd{{Name: "<a>"}, {Socket: "&"}},
		Rungs: []Rung{{Label: "<SEQ=1>&", Packet: 1, Departs: true, Arrives: true, States: [2]string{"<", "&"}, Reasons: []Reason{{Text: "<&>"}}}}}
	if err := xml.Unmarshal([]byte(l.SVG()), new(struct{})); err != nil {
		t.Error(err)
	}
}

// TestNotesHaveWords: each reason that a run can give is said in words.
func TestNotesHaveWords(t *testing.T) {
	for _, why := range []string{simulate.WhyCrash, simulate.WhyVanish, simulate.WhyReturn, simulate.WhyAccept, simulate.WhyAccepting,
		simulate.WhyForged, simulate.WhyStray, simulate.WhyMisbehave, simulate.WhyCrowd, simulate.WhyFlood, simulate.WhySYNQueue,
		simulate.WhyAcceptQueue, simulate.WhyListens, simulate.WhyFloodEnded, simulate.WhySYNAgain} {
		text := simulationEnglish.note(&simulate.Happening{Why: why, Counts: [3]int{7, 8, 9}})
		if text == why || strings.Contains(text, "%") {
			t.Errorf("%s is said %q", why, text)
		}
	}
	for _, why := range []string{simulate.WhyRule, simulate.WhyFirewall, simulate.WhyNobody, simulate.WhyVanished} {
		if simulationEnglish.Lost[why] == "" {
			t.Errorf("%s has no words", why)
		}
	}
	if simulationEnglish.state(tcp.Unknown) == tcp.Unknown.String() {
		t.Error("an end whose host is off has no word")
	}
}
