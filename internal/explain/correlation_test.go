package explain

import (
	"encoding/xml"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/track/correlate"
)

// findings returns one of each sort that two captures can show.
func findings() (list []correlate.Finding) {
	add := func(f correlate.Finding) {
		f.To = f.From.Other()
		for _, n := range []uint64{1, 1200} {
			f.Count, f.Connections = n, n
			if f.Topic == correlate.VanishBetween {
				f.Of = n
			}
			if f.Removed > 0 {
				f.Removed = n
			}
			if f.Added > 0 {
				f.Added = n
			}
			list = append(list, f)
		}
	}
	a, b := netip.MustParseAddrPort("192.0.2.1:80"), netip.MustParseAddrPort("198.51.100.1:8080")
	for _, topic := range []correlate.Topic{correlate.Proxied, correlate.UnseenArrival, correlate.SeenAtOne, correlate.StrangeAnswer} {
		add(correlate.Finding{Topic: topic})
	}
	add(correlate.Finding{Topic: correlate.StrangeAnswer, Sockets: [2]correlate.Socket{a, b}})
	for place := range 2 {
		add(correlate.Finding{Topic: correlate.Translated, Old: place})
		add(correlate.Finding{Topic: correlate.Translated, Old: place, Sockets: [2]correlate.Socket{a, b}})
	}
	for kind := range correlate.Kind(correlate.Kinds) {
		add(correlate.Finding{Topic: correlate.VanishBetween, From: correlate.B, Segments: kind})
		for _, why := range []correlate.Why{correlate.Repeated, correlate.Foreign, correlate.AnswersVanished, correlate.OtherInstead, correlate.InItsPlace} {
			add(correlate.Finding{Topic: correlate.MadeBetween, Segments: kind, Why: why, TTL: [2]int{250, 61}})
		}
	}
	list = append(list, correlate.Finding{Topic: correlate.VanishBetween, To: correlate.B, Segments: correlate.KindText, Count: 3, Of: 9, Connections: 1, Gone: 1448, Came: 1400})
	for _, change := range correlate.ChangeList() {
		if change == correlate.Addresses || change == correlate.Ports {
			continue
		}
		add(correlate.Finding{Topic: correlate.Altered, Change: change, Old: -1, New: -1})
		add(correlate.Finding{Topic: correlate.Altered, Change: change, Old: 1460, New: 1360})
		add(correlate.Finding{Topic: correlate.Altered, Change: change, Removed: 1})
		add(correlate.Finding{Topic: correlate.Altered, Change: change, Added: 1})
	}
	for why := range correlate.Why(correlate.Whys) {
		if why == correlate.Acknowledged || why >= correlate.NotBegun {
			add(correlate.Finding{Topic: correlate.NotTold, Why: why})
		}
	}
	return list
}

// TestCorrelationSentences: everything that can be found has a whole sentence that
// names the points, and no argument is left over or missing.
func TestCorrelationSentences(t *testing.T) {
	for _, f := range findings() {
		text := correlationText(&f, English)
		if strings.Contains(text, "%!") || strings.Contains(text, "  ") || !strings.HasSuffix(text, ".") || strings.Contains(text, "because .") {
			t.Errorf("%v %v: %q", f.Topic, f.Why, text)
		}
		if !strings.Contains(text, "A") || !strings.Contains(text, "B") && f.Topic != correlate.StrangeAnswer {
			t.Errorf("%v: %q does not name the points", f.Topic, text)
		}
	}
	for why := range correlate.Why(correlate.Whys) {
		if why != correlate.Seen && why != correlate.Absent && correlationEnglish.Notes[why] == "" {
			t.Errorf("%v has no note for a ladder", why)
		}
	}
}

func TestCorrelationText(t *testing.T) {
	for want, f := range map[string]correlate.Finding{
		"7 SYN-ACKs left B and none reached A: all vanish in between (2 connections).": {
			Topic: correlate.VanishBetween, From: correlate.B, To: correlate.A, Segments: correlate.KindSYNACK, Count: 7, Of: 7, Connections: 2},
		"The MSS was changed from 1460 to 1360 between A and B, in 4 segments (4 connections).": {
			Topic: correlate.Altered, To: correlate.B, Change: correlate.MSS, Old: 1460, New: 1360, Count: 4, Connections: 4},
		"The SACK option was removed between A and B, in 1 segment (1 connection).": {
			Topic: correlate.Altered, To: correlate.B, Change: correlate.SACKPermitted, Removed: 1, Count: 1, Connections: 1},
		"1 RST came to A that never passed B, though it lies on the way: made in between (1 connection). The time to live is 250, that of the sender's own segments 61.": {
			Topic: correlate.MadeBetween, From: correlate.B, To: correlate.A, Segments: correlate.KindRST, Why: correlate.Foreign, TTL: [2]int{250, 61}, Count: 1, Connections: 1},
	} {
		if got := correlationText(&f, English); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// doubles are ladders with every sort of rung, and with sockets as long as they get.
func doubles() []DoubleLadder {
	long := "[2001:db8:1111:2222:3333:4444:5555:6666]:40112"
	var l DoubleLadder
	l.Title, l.Heads = "<Connection>", [4]string{"originator", "A", "B", "responder"}
	l.About = []string{strings.Repeat("word ", 60), "<&>"}
	l.Socket = [4]string{long, "[2001:db8::1]:80", long, "[2001:db8:1111:2222:3333:4444:5555:7777]:8080"}
	reaches := []Reach{Passed, Believed, Nowhere, Doubtful}
	for from := range 2 {
		for _, a := range reaches {
			for _, b := range reaches {
				l.Rungs = append(l.Rungs, DoubleRung{
					At: time.Duration(len(l.Rungs)) * time.Second, From: from, Label: "<SEQ=4294967295><ACK=4294967295><CTL=FIN,ACK><DATA=65535>",
					Points: [2]Reach{a, b}, Notes: []string{"changed: addresses, ports, numbers, timestamps, window 65535 to 65534, identification"}, Bad: b == Nowhere,
				})
			}
		}
	}
	l.Close = "7 more segments are not drawn."
	return []DoubleLadder{l, {Rungs: []DoubleRung{{Label: "<SEQ=0><CTL=SYN>"}}}}
}

// TestDoubleLadderSVG: each picture is XML, and no text meets another one or leaves
// the picture.
func TestDoubleLadderSVG(t *testing.T) {
	for _, l := range doubles() {
		if err := xml.Unmarshal([]byte(l.SVG()), new(struct{})); err != nil {
			t.Error(err)
		}
		d := layoutDouble(&l)
		for i := range d.marks {
			a := markBox(&d.marks[i])
			if d.marks[i].text != "" && (a.left < 4 || a.right > ladderWidth-4 || a.bottom > float64(d.height)) {
				t.Errorf("%q leaves the picture", d.marks[i].text)
			}
			for j := i + 1; j < len(d.marks); j++ {
				if b := markBox(&d.marks[j]); d.marks[i].text != "" && d.marks[j].text != "" && a.meets(b) {
					t.Errorf("%q meets %q", d.marks[i].text, d.marks[j].text)
				}
			}
		}
	}
}
