package text

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// morePairs is how many pairs of states a summary lists.
const morePairs = 12

// Reading prints the summary of captures.
func Reading(w io.Writer, r *explain.Reading, style Style) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, style.paint(bold, readingHead(r, style)))
	if r.Connections > 0 {
		statePairs(out, r, style)
		outcomes(out, r, style)
		handshakes(out, r, style)
	}
	countList(out, style.say("read-anomalies"), r.Anomalies, "anomaly-", style)
	sources(out, r, style)
	countList(out, style.say("read-unread"), r.NotRead, "unread-", style)
	return out.Flush()
}

func readingHead(r *explain.Reading, style Style) string {
	head := style.say("read-head", r.Packets, r.Segments, r.Connections)
	if r.FirstSeen != nil {
		head = style.say("read-from", head, short(r.LastSeen.Sub(*r.FirstSeen)), r.FirstSeen.Format("2006-01-02 15:04:05 MST"))
	}
	return head
}

// statePairs is the heart of it: both ends' states, as they are likely by now.
func statePairs(out *bufio.Writer, r *explain.Reading, style Style) {
	fmt.Fprintf(out, "\n  %s%s\n", lines.Pad(style.say("read-originator"), 14), style.say("read-responder"))
	width := len(group(r.States[0].Connections))
	room := min(widestBar, style.columns()-32-width)
	var rest uint64
	for i, p := range r.States {
		if i >= morePairs {
			rest += p.Connections
			continue
		}
		fmt.Fprintf(out, "  %s%s%*s  %s\n", lines.Pad(orNotHeard(p.Originator, style), 14), lines.Pad(orNotHeard(p.Responder, style), 14), width, group(p.Connections), bar(p.Connections, r.States[0].Connections, max(room, 1)))
	}
	if rest > 0 {
		fmt.Fprintf(out, "  %s%*s\n", lines.Pad(style.say("read-other-pairs", len(r.States)-morePairs), 28), width, group(rest))
	}
}

func orNotHeard(state string, style Style) string {
	if state == "" {
		return style.say("read-not-heard")
	}
	return state
}

func outcomes(out *bufio.Writer, r *explain.Reading, style Style) {
	countList(out, style.say("read-outcomes"), r.ConnStates, "conn-", style)
}

// countList lists named counts, most first, with what a name means: the label
// of that name behind the prefix.
func countList(out *bufio.Writer, title string, counts map[string]uint64, prefix string, style Style) {
	if len(counts) == 0 {
		return
	}
	names := slices.Sorted(maps.Keys(counts))
	slices.SortStableFunc(names, func(a, b string) int {
		switch {
		case counts[a] > counts[b]:
			return -1
		case counts[a] < counts[b]:
			return 1
		}
		return 0
	})
	width, words := len(group(counts[names[0]])), 0
	for _, name := range names {
		words = max(words, len(name))
	}
	fmt.Fprintf(out, "\n%s\n", title)
	for _, name := range names {
		line := fmt.Sprintf("  %*s  %-*s", width, group(counts[name]), words, name)
		if explain.HasLabel(prefix + name) {
			line += "  " + style.paint(dim, style.say(prefix+name))
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
}

func handshakes(out *bufio.Writer, r *explain.Reading, style Style) {
	h := &r.Handshakes
	total := h.Attempts + h.Unanswered + h.Beyond
	if total == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n  %s\n", style.say("read-handshakes"),
		style.say("read-opened", total, h.Answered, percent(h.Answered, total), h.Completed, percent(h.Completed, total)))
	if h.Beyond > 0 {
		fmt.Fprintf(out, "  %s\n", style.say("read-beyond", h.Beyond))
	}
	if h.Answered > 0 {
		fmt.Fprintf(out, "  %s\n",
			style.say("read-times", roughly(h.Answer.Median), roughly(h.Answer.P99), roughly(h.Finish.Median), roughly(h.Finish.P99)))
	}
}

// roughly shows a time with the digits that a histogram of powers of two has.
func roughly(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	if d < time.Millisecond {
		return strconv.FormatFloat(d.Seconds()*1000, 'f', 1, 64) + " ms"
	}
	return short(d)
}

func percent(part, whole uint64) string {
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64) + " %"
}

func sources(out *bufio.Writer, r *explain.Reading, style Style) {
	if len(r.Sources) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", style.say("read-sources"))
	for _, s := range r.Sources {
		fmt.Fprintf(out, "  %s\n", style.say("read-source", lines.Pad(s.Network, 24), s.SYNs))
	}
}

// group writes a number with its thousands apart.
func group(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Connections prints a table of tracked connections.
func Connections(w io.Writer, list []explain.Connection, wide bool, style Style) error {
	t := &table{style: style, columns: []column{
		{title: style.say("head-no"), right: true, spare: 1}, {title: style.say("read-originator")}, {title: style.say("head-state")}, {title: style.say("read-responder")}, {title: style.say("head-state")},
		{title: style.say("head-conn-state"), spare: 2}, {title: style.say("head-history"), spare: 3}, {title: style.say("head-segments"), right: true, spare: 5}, {title: style.say("head-bytes"), right: true, spare: 4},
		{title: style.say("head-lasted"), right: true, spare: 4}, {title: style.say("head-anomalies"), spare: 6, gone: !wide},
	}}
	if wide {
		t.style.Width = 0
	}
	out := bufio.NewWriter(w)
	if len(list) == 0 {
		fmt.Fprintln(out, style.say("read-none"))
		return out.Flush()
	}
	for i := range list {
		t.measure(connectionCells(&list[i], style))
	}
	t.measure(t.titles())
	t.fit()
	if err := t.write(out, "", t.titles(), func(int) ansi.Style { return bold }); err != nil {
		return err
	}
	for i := range list {
		if err := t.write(out, "", connectionCells(&list[i], style), func(int) ansi.Style { return plain }); err != nil {
			return err
		}
	}
	return out.Flush()
}

func connectionCells(c *explain.Connection, style Style) []string {
	return []string{
		strconv.FormatUint(c.Number, 10), c.Originator, stateOrSet(c.OriginatorState, len(c.Possible.Originator), style),
		c.Responder, stateOrSet(c.ResponderState, len(c.Possible.Responder), style), c.ConnState, c.History,
		fmt.Sprintf("%d/%d", c.Segments.Originator, c.Segments.Responder), fmt.Sprintf("%d/%d", c.Bytes.Originator, c.Bytes.Responder),
		short(c.LastSeen.Sub(c.FirstSeen)), strings.Join(c.Anomalies, ","),
	}
}

// stateOrSet marks a state that is likely and not certain.
func stateOrSet(state string, possible int, style Style) string {
	switch {
	case state == "":
		return style.say("read-not-heard")
	case possible > 1:
		return state + "?"
	default:
		return state
	}
}
