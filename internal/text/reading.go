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
)

// morePairs is how many pairs of states a summary lists.
const morePairs = 12

// Reading prints the summary of captures.
func Reading(w io.Writer, r *explain.Reading, style Style) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, style.paint(bold, readingHead(r)))
	if r.Connections > 0 {
		statePairs(out, r, style)
		outcomes(out, r, style)
		handshakes(out, r)
	}
	countList(out, "Anomalies", r.Anomalies, anomalyMeanings, style)
	sources(out, r)
	countList(out, "Not read", r.NotRead, notReadMeanings, style)
	return out.Flush()
}

func readingHead(r *explain.Reading) string {
	head := fmt.Sprintf("%s packets, %s of them TCP segments, %s connections", group(r.Packets), group(r.Segments), group(r.Connections))
	if r.FirstSeen != nil {
		head += fmt.Sprintf("; %s from %s", short(r.LastSeen.Sub(*r.FirstSeen)), r.FirstSeen.Format("2006-01-02 15:04:05 MST"))
	}
	return head
}

// statePairs is the heart of it: both ends' states, as they are likely by now.
func statePairs(out *bufio.Writer, r *explain.Reading, style Style) {
	fmt.Fprintf(out, "\n  %-14s%s\n", "ORIGINATOR", "RESPONDER")
	width := len(group(r.States[0].Connections))
	room := min(widestBar, style.columns()-32-width)
	var rest uint64
	for i, p := range r.States {
		if i >= morePairs {
			rest += p.Connections
			continue
		}
		fmt.Fprintf(out, "  %-14s%-14s%*s  %s\n", orNotHeard(p.Originator), orNotHeard(p.Responder), width, group(p.Connections), bar(p.Connections, r.States[0].Connections, max(room, 1)))
	}
	if rest > 0 {
		fmt.Fprintf(out, "  %-28s%*s\n", fmt.Sprintf("%d other pairs", len(r.States)-morePairs), width, group(rest))
	}
}

func orNotHeard(state string) string {
	if state == "" {
		return "not heard"
	}
	return state
}

// connStateMeanings say Zeek's words.
var connStateMeanings = map[string]string{
	"OTH": "no SYN captured", "S0": "a SYN that nobody answered", "S1": "answered, not ended", "SF": "established, ended by both",
	"REJ": "refused with a RST", "S2": "ended by the originator alone", "S3": "ended by the responder alone",
	"RSTO": "reset by the originator", "RSTR": "reset by the responder", "RSTOS0": "a SYN, then a RST of the same end",
	"RSTRH": "a SYN,ACK and a RST, no SYN captured", "SH": "a SYN and a FIN, no answer captured", "SHR": "a SYN,ACK and a FIN, no SYN captured",
}

func outcomes(out *bufio.Writer, r *explain.Reading, style Style) {
	countList(out, "How they went", r.ConnStates, connStateMeanings, style)
}

// countList lists named counts, most first.
func countList(out *bufio.Writer, title string, counts map[string]uint64, meanings map[string]string, style Style) {
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
		if meaning := meanings[name]; meaning != "" {
			line += "  " + style.paint(dim, meaning)
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
	}
}

func handshakes(out *bufio.Writer, r *explain.Reading) {
	h := &r.Handshakes
	total := h.Attempts + h.Unanswered + h.Beyond
	if total == 0 {
		return
	}
	fmt.Fprintf(out, "\nHandshakes\n  %s SYNs: %s answered (%s), %s completed (%s)\n", group(total),
		group(h.Answered), percent(h.Answered, total), group(h.Completed), percent(h.Completed, total))
	if h.Beyond > 0 {
		fmt.Fprintf(out, "  about %s of the unanswered ones are counted by a sketch: there was no room to follow them\n", group(h.Beyond))
	}
	if h.Answered > 0 {
		fmt.Fprintf(out, "  answered within %s (half of them) and %s (99 %%), completed within %s and %s\n",
			roughly(h.Answer.Median), roughly(h.Answer.P99), roughly(h.Finish.Median), roughly(h.Finish.P99))
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

func sources(out *bufio.Writer, r *explain.Reading) {
	if len(r.Sources) == 0 {
		return
	}
	fmt.Fprintln(out, "\nMost SYNs come from")
	for _, s := range r.Sources {
		fmt.Fprintf(out, "  %-24s at least %s\n", s.Network, group(s.SYNs))
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
		{title: "NO", right: true, spare: 1}, {title: "ORIGINATOR"}, {title: "STATE"}, {title: "RESPONDER"}, {title: "STATE"},
		{title: "CONN_STATE", spare: 2}, {title: "HISTORY", spare: 3}, {title: "SEGMENTS", right: true, spare: 5}, {title: "BYTES", right: true, spare: 4},
		{title: "LASTED", right: true, spare: 4}, {title: "ANOMALIES", spare: 6, gone: !wide},
	}}
	if wide {
		t.style.Width = 0
	}
	out := bufio.NewWriter(w)
	if len(list) == 0 {
		fmt.Fprintln(out, "no connections")
		return out.Flush()
	}
	for i := range list {
		t.measure(connectionCells(&list[i]))
	}
	t.measure(t.titles())
	t.fit()
	if err := t.write(out, "", t.titles(), func(int) ansi.Style { return bold }); err != nil {
		return err
	}
	for i := range list {
		if err := t.write(out, "", connectionCells(&list[i]), func(int) ansi.Style { return plain }); err != nil {
			return err
		}
	}
	return out.Flush()
}

func connectionCells(c *explain.Connection) []string {
	return []string{
		strconv.FormatUint(c.Number, 10), c.Originator, stateOrSet(c.OriginatorState, len(c.Possible.Originator)),
		c.Responder, stateOrSet(c.ResponderState, len(c.Possible.Responder)), c.ConnState, c.History,
		fmt.Sprintf("%d/%d", c.Segments.Originator, c.Segments.Responder), fmt.Sprintf("%d/%d", c.Bytes.Originator, c.Bytes.Responder),
		short(c.LastSeen.Sub(c.FirstSeen)), strings.Join(c.Anomalies, ","),
	}
}

// stateOrSet marks a state that is likely and not certain.
func stateOrSet(state string, possible int) string {
	switch {
	case state == "":
		return "not heard"
	case possible > 1:
		return state + "?"
	default:
		return state
	}
}
