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
	for _, line := range wrap(clockLine(&c.Clock), style.columns()) {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintln(out, joinedLine(c))
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
	line := style.paint(bold, p.Point) + "  " + clean(p.File) + ": "
	line += fmt.Sprintf("%s packets, %s connections", group(p.Packets), group(uint64(p.Connections)))
	if p.FirstSeen != nil {
		line += fmt.Sprintf("; %s from %s", short(p.LastSeen.Sub(*p.FirstSeen)), p.FirstSeen.Format("2006-01-02 15:04:05 MST"))
	}
	if p.Dropped > 0 {
		line += "; " + style.paint(yellow, group(p.Dropped)+" packets dropped by the capture")
	}
	if p.NotKept > 0 {
		line += "; " + style.paint(yellow, group(p.NotKept)+" segments not kept for want of memory (--memory)")
	}
	return line
}

// clockLine says how the clocks differ.
func clockLine(c *explain.CorrelatedClock) string {
	if !c.Known {
		return "The clocks could not be compared: no segment was found in both captures."
	}
	line := "The clock of B is " + ahead(c.Offset, c.Uncertainty)
	if c.OneWay {
		line += ", as if segments took no time: they could be compared in one direction only"
	} else {
		line += fmt.Sprintf(", plus or minus %s; from A to B and back it takes %s", precisely(c.Uncertainty), precisely(c.RoundTrip))
	}
	if c.Drift != 0 {
		line += fmt.Sprintf("; it gains %.1f us each second", c.Drift)
	}
	if c.Jumped {
		line += "; no steady clock fits all segments, so one of them jumped"
	}
	return line + "."
}

func ahead(offset, uncertainty float64) string {
	switch {
	case math.Abs(offset) <= uncertainty:
		return "that of A"
	case offset > 0:
		return precisely(offset) + " ahead of that of A"
	default:
		return precisely(-offset) + " behind that of A"
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

func joinedLine(c *explain.Correlation) string {
	line := fmt.Sprintf("%s connections were seen at both", group(uint64(c.Joined)))
	if c.Alone[0]+c.Alone[1] > 0 {
		line += fmt.Sprintf(", %s at A alone, %s at B alone", group(uint64(c.Alone[0])), group(uint64(c.Alone[1])))
	}
	return line + "."
}

func passedTable(out *bufio.Writer, c *explain.Correlation, style Style) error {
	t := &table{style: style, columns: []column{
		{title: "FROM"}, {title: "SEGMENTS"}, {title: "ARRIVED", right: true}, {title: "CHANGED", right: true},
		{title: "VANISHED", right: true}, {title: "MADE BETWEEN", right: true}, {title: "NOT KNOWN", right: true},
	}}
	var rows [][]string
	last := "-"
	for i := range c.Segments {
		s := &c.Segments[i]
		way := ""
		if s.From != last {
			last, way = s.From, wayOf(s.From)
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

func wayOf(from string) string {
	switch from {
	case "A":
		return "A to B"
	case "B":
		return "B to A"
	default:
		return "not known"
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
			fmt.Fprintf(out, "\n%s\n", style.paint(bold, "Between A and B"))
		}
		tone := plain
		switch f.Topic {
		case "proxied", "made", "strange-answer", "vanished":
			tone = red
		case "not-told":
			tone = dim
		}
		for j, line := range wrap(f.Text, max(style.columns()-4, 20)) {
			mark := "  "
			if j == 0 {
				mark = "• "
			}
			fmt.Fprintln(out, "  "+style.paint(tone, mark+line))
		}
	}
	if len(c.Findings) == 0 && c.Joined > 0 {
		fmt.Fprintln(out, "\nEvery segment arrived as it was sent.")
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
		rows = append(rows, []string{strconv.Itoa(one.Number), atPoint(one.A), atPoint(one.B), passedWords(&one.ToB), passedWords(&one.ToA), strings.Join(one.Changes, ",")})
	}
	if len(rows) == 0 {
		return nil
	}
	t := &table{style: style, columns: []column{
		{title: "NO", right: true}, {title: "AT A"}, {title: "AT B"}, {title: "A TO B"}, {title: "B TO A"}, {title: "CHANGES", spare: 1},
	}}
	if err := writeTable(out, t, rows, func([]string, int) ansi.Style { return plain }); err != nil {
		return err
	}
	if left > 0 {
		fmt.Fprintf(out, "and %s more (--connections lists all)\n", group(uint64(left)))
	}
	if !all {
		fmt.Fprintf(out, "--ladder %s draws the first of them.\n", rows[0][0])
	}
	return nil
}

func atPoint(c *explain.ConnectedAt) string {
	if c == nil {
		return "not seen"
	}
	return c.Originator + " > " + c.Responder
}

// passedWords is "3 of 5" arrived, and what was made.
func passedWords(o *explain.Outcomes) string {
	came := o.Arrived + o.Changed
	sent := came + o.Vanished
	text := "-"
	if sent > 0 {
		text = fmt.Sprintf("%d of %d", came, sent)
	}
	if o.Made > 0 {
		text += fmt.Sprintf(" +%d", o.Made)
	}
	if o.Unknown > 0 {
		text += fmt.Sprintf(" ?%d", o.Unknown)
	}
	return text
}
