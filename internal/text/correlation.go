package text

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// mostTroubled is how many connections with trouble a summary lists.
const mostTroubled = 20

// Correlation prints what two captures tell of the same connections: the clocks,
// what became of the segments, what happens in between, and the connections with
// trouble; all lists every connection.
func Correlation(w io.Writer, c *explain.Correlation, all bool, style Style) error {
	out := bufio.NewWriter(w)
	for i := range c.Points {
		fmt.Fprintln(out, pointLine(&c.Points[i], style))
	}
	fmt.Fprintln(out)
	for _, line := range lines.Wrap(clockLine(&c.Clock, style), style.columns()) {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintln(out, joinedLine(c, style))
	if len(c.Segments) > 0 {
		if err := passedTable(out, c, style); err != nil {
			return err
		}
	}
	correlationFindings(out, c, style)
	if err := troubled(out, c, all, style); err != nil {
		return err
	}
	return out.Flush()
}

func pointLine(p *explain.CorrelatedPoint, style Style) string {
	line := style.say("both-point", style.paint(bold, p.Point)+"  "+lines.Clean(p.File), p.Packets, p.Connections)
	if p.FirstSeen != nil {
		line = style.say("both-from", line, short(p.LastSeen.Sub(*p.FirstSeen)), p.FirstSeen.Format("2006-01-02 15:04:05 MST"))
	}
	if p.Dropped > 0 {
		line += style.say("semicolon") + style.paint(yellow, style.say("both-dropped", p.Dropped))
	}
	if p.NotKept > 0 {
		line += style.say("semicolon") + style.paint(yellow, style.say("both-not-kept", p.NotKept))
	}
	return line
}

// clockLine says how the clocks differ.
func clockLine(c *explain.CorrelatedClock, style Style) string {
	if !c.Known {
		return style.say("clock-unknown")
	}
	line := ahead(c.Offset, c.Uncertainty, style)
	if c.OneWay {
		line = style.say("clock-one-way", line)
	} else {
		line = style.say("clock-round", line, precisely(c.Uncertainty), precisely(c.RoundTrip))
	}
	if c.Drift != 0 {
		line = style.say("clock-drift", line, fmt.Sprintf("%.1f", c.Drift))
	}
	if c.Jumped {
		line = style.say("clock-jumped", line)
	}
	return style.say("sentence", line)
}

func ahead(offset, uncertainty float64, style Style) string {
	switch {
	case math.Abs(offset) <= uncertainty:
		return style.say("clock-same")
	case offset > 0:
		return style.say("clock-ahead", precisely(offset))
	default:
		return style.say("clock-behind", precisely(-offset))
	}
}

// precisely writes a time with three digits behind its unit's point at most.
func precisely(seconds float64) string {
	d := time.Duration(math.Round(seconds * 1e9))
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "us"}} {
		if d >= unit.size {
			return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", float64(d)/float64(unit.size)), "0"), ".") + " " + unit.name
		}
	}
	return fmt.Sprintf("%d ns", d)
}

func joinedLine(c *explain.Correlation, style Style) string {
	line := style.say("both-joined", c.Joined)
	if c.Alone[0]+c.Alone[1] > 0 {
		line = style.say("both-alone", line, c.Alone[0], c.Alone[1])
	}
	return style.say("sentence", line)
}

func passedTable(out *bufio.Writer, c *explain.Correlation, style Style) error {
	t := &table{style: style, columns: []column{
		{title: style.say("head-way")}, {title: style.say("head-segments")}, {title: style.say("both-arrived"), right: true}, {title: style.say("both-changed"), right: true},
		{title: style.say("both-vanished"), right: true}, {title: style.say("both-made"), right: true}, {title: style.say("both-unknown"), right: true},
	}}
	var rows [][]string
	last := "-"
	for i := range c.Segments {
		s := &c.Segments[i]
		way := ""
		if s.From != last {
			last, way = s.From, wayOf(s.From, style)
		}
		rows = append(rows, []string{way, s.Kind, orDot(s.Arrived), orDot(s.Changed), orDot(s.Vanished), orDot(s.Made), orDot(s.Unknown)})
	}
	return writeTable(out, t, rows, func(row []string, i int) ansi.Style {
		if (i == 4 || i == 5) && row[i] != "·" {
			return strong(red)
		}
		return plain
	})
}

func wayOf(from string, style Style) string {
	switch from {
	case "A":
		return style.say("both-to-b")
	case "B":
		return style.say("both-to-a")
	default:
		return style.say("both-no-way")
	}
}

func orDot(n uint64) string {
	if n == 0 {
		return "·"
	}
	return group(n)
}

// writeTable prints a table under an empty line.
func writeTable(out *bufio.Writer, t *table, rows [][]string, tone func(row []string, i int) ansi.Style) error {
	fmt.Fprintln(out)
	for _, row := range rows {
		t.measure(row)
	}
	t.measure(t.titles())
	t.fit()
	if err := t.write(out, "", t.titles(), func(int) ansi.Style { return bold }); err != nil {
		return err
	}
	for _, row := range rows {
		if err := t.write(out, "", row, func(i int) ansi.Style { return tone(row, i) }); err != nil {
			return err
		}
	}
	return nil
}

// correlationFindings prints the sentences: what happens, and then what is not known.
func correlationFindings(out *bufio.Writer, c *explain.Correlation, style Style) {
	for i, f := range c.Findings {
		if i == 0 {
			fmt.Fprintf(out, "\n%s\n", style.paint(bold, style.say("both-between")))
		}
		tone := plain
		switch f.Topic {
		case "proxied", "made", "strange-answer", "vanished":
			tone = red
		case "not-told":
			tone = dim
		}
		for j, line := range lines.Wrap(f.Text, max(style.columns()-4, 20)) {
			mark := "  "
			if j == 0 {
				mark = "• "
			}
			fmt.Fprintln(out, "  "+style.paint(tone, mark+line))
		}
	}
	if len(c.Findings) == 0 && c.Joined > 0 {
		fmt.Fprintf(out, "\n%s\n", style.say("both-all-arrived"))
	}
}

// troubled lists connections.
func troubled(out *bufio.Writer, c *explain.Correlation, all bool, style Style) error {
	var rows [][]string
	left := 0
	for i := range c.Connections {
		one := &c.Connections[i]
		if !all && !one.Trouble() {
			continue
		}
		if !all && len(rows) >= mostTroubled {
			left++
			continue
		}
		rows = append(rows, []string{strconv.Itoa(one.Number), atPoint(one.A, style), atPoint(one.B, style), passedWords(&one.ToB, style), passedWords(&one.ToA, style), strings.Join(one.Changes, ",")})
	}
	if len(rows) == 0 {
		return nil
	}
	t := &table{style: style, columns: []column{
		{title: style.say("head-no"), right: true}, {title: style.say("both-at-a")}, {title: style.say("both-at-b")}, {title: style.say("both-column-b")}, {title: style.say("both-column-a")}, {title: style.say("both-changes"), spare: 1},
	}}
	if err := writeTable(out, t, rows, func([]string, int) ansi.Style { return plain }); err != nil {
		return err
	}
	if left > 0 {
		fmt.Fprintln(out, style.say("both-more", left))
	}
	if !all {
		fmt.Fprintln(out, style.say("both-ladder", rows[0][0]))
	}
	return nil
}

func atPoint(c *explain.ConnectedAt, style Style) string {
	if c == nil {
		return style.say("both-not-seen")
	}
	return c.Originator + " > " + c.Responder
}

// passedWords is "3 of 5" arrived, and what was made.
func passedWords(o *explain.Outcomes, style Style) string {
	came := o.Arrived + o.Changed
	sent := came + o.Vanished
	text := "-"
	if sent > 0 {
		text = style.say("both-of", came, sent)
	}
	if o.Made > 0 {
		text += fmt.Sprintf(" +%d", o.Made)
	}
	if o.Unknown > 0 {
		text += fmt.Sprintf(" ?%d", o.Unknown)
	}
	return text
}
