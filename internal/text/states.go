package text

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/tcp"
)

// widestBar is the most columns that the bar of a state takes.
const widestBar = 40

// States prints how many sockets are in each state, and leaves out the states
// that nobody is in.
func States(w io.Writer, counts tcp.Counts, style Style) error {
	out := bufio.NewWriter(w)
	if counts.Total() == 0 {
		fmt.Fprintln(out, style.say("states-none"))
		return out.Flush()
	}
	stateTable(out, counts, nil, "", style)
	return out.Flush()
}

// mark is what stands beside the bar of a state, and its sign alone.
type mark struct {
	text, sign string
	tone       ansi.Style
}

// shorten leaves only the signs of marks that would leave no room for bars.
func shorten(marks map[tcp.State]mark, columns int) map[tcp.State]mark {
	const leastBar = 6
	short := make(map[tcp.State]mark, len(marks))
	for s, m := range marks {
		if ansi.StringWidth(m.text) > columns-leastBar {
			m.text = m.sign
		}
		short[s] = m
	}
	return short
}

// stateTable prints one line a state: word, count, bar, mark.
func stateTable(w *bufio.Writer, counts tcp.Counts, marks map[tcp.State]mark, indent string, style Style) {
	most, states := uint64(1), present(counts)
	words, numbers := 0, 0
	for _, s := range states {
		most = max(most, counts[s])
		words = max(words, len(s.String()))
		numbers = max(numbers, len(strconv.FormatUint(counts[s], 10)))
	}
	columns := style.columns() - len(indent) - words - numbers - 2*len(columnGap)
	marks = shorten(marks, columns)
	room := longestBar(counts, most, marks, columns)
	for _, s := range states {
		count := strconv.FormatUint(counts[s], 10)
		line := indent + lines.Pad(s.String(), words) + columnGap + strings.Repeat(" ", numbers-len(count)) + style.paint(bold, count) +
			columnGap + style.paint(barTone(marks[s]), bar(counts[s], most, room))
		if marks[s].text != "" {
			line += " " + style.paint(strong(marks[s].tone), marks[s].text)
		}
		fmt.Fprintln(w, line)
	}
}

// longestBar returns how long the bar of the largest count may be, so that
// every bar fits beside its mark.
func longestBar(counts tcp.Counts, most uint64, marks map[tcp.State]mark, columns int) int {
	longest := min(columns, widestBar)
	for s, m := range marks {
		free := columns - ansi.StringWidth(m.text) - len(" ") - 1 // the bar's last column may be begun only
		if counts[s] > 0 {
			longest = min(longest, int(float64(free)*float64(most)/float64(counts[s])))
		}
	}
	return max(longest, 1)
}

// barTone gives the bar of a state the colour of the finding about it.
func barTone(m mark) ansi.Style {
	if m.text == "" {
		return cyan
	}
	return m.tone
}

// present lists the states that a socket is in, in RFC order.
func present(counts tcp.Counts) []tcp.State {
	var states []tcp.State
	for s := tcp.Unknown; s <= tcp.Closed; s++ {
		if counts[s] > 0 {
			states = append(states, s)
		}
	}
	return states
}

var eighths = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// bar draws a count as a part of most, in eighths of a column; whoever is
// there at all shows at least one.
func bar(count, most uint64, room int) string {
	filled := max(int(float64(count)/float64(most)*float64(room)*8+0.5), 1)
	return strings.Repeat("█", filled/8) + eighths[filled%8]
}
