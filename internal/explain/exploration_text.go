package explain

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/simulate/explore"
	"github.com/synoptic-net/synoptic/tcp"
)

// The columns of the list of bounds.
const (
	boundColumn  = 22
	numberColumn = 13
	depthColumn  = 6
)

// ExplorationHead heads the list of bounds.
func ExplorationHead() string {
	c := explorationEnglish.Columns
	return fmt.Sprintf("%-*s%*s%*s%*s  %s\n", boundColumn, c[0], numberColumn, c[1], numberColumn, c[2], depthColumn, c[3], c[4])
}

// Line is the bound in the list: how large it is and what has come of it.
func (e *Exploration) Line() string {
	return fmt.Sprintf("%-*s%*s%*s%*d  %s\n", boundColumn, e.Bound, numberColumn, thousands(e.States),
		numberColumn, thousands(e.Moves), depthColumn, e.Depth, e.result())
}

// result says what has come of a bound, in a few words.
func (e *Exploration) result() string {
	words := &explorationEnglish
	var broken []string
	for _, b := range e.Broken {
		broken = append(broken, fmt.Sprintf(words.Breaks, b.Invariant, b.Moves))
	}
	result := words.Holds
	if len(broken) > 0 {
		result = words.Broke + strings.Join(broken, ", ")
	}
	switch {
	case e.AsMeant:
		return result
	case !e.Exhausted:
		return fmt.Sprintf(words.Unfinished, e.Unmet, result)
	default:
		return fmt.Sprintf(words.Unexpected, result)
	}
}

// Text is the page of one bound: what happens within it, its size, the runs that
// break something, and the pairs of states.
func (e *Exploration) Text(width int) string {
	p := &page{width: max(width, minWidth)}
	words := &explorationEnglish
	p.line(e.Bound + ": " + e.result())
	p.paragraph(2, e.About)
	p.paragraph(2, fmt.Sprintf(words.Moves, thousands(e.States), thousands(e.Moves), e.Depth, thousands(e.Ends)))
	if !e.Exhausted {
		p.paragraph(2, fmt.Sprintf(words.Stopped, e.Unmet))
	}
	for i := range e.Broken {
		p.broken(e.Broken, i)
	}
	p.pairs(explorationEnglish.Pairs, e.Pairs)
	return p.String()
}

// broken shows the run that breaks an invariant, with all others that the same
// run breaks.
func (p *page) broken(list []BrokenInvariant, i int) {
	same := func(b BrokenInvariant) bool { return reflect.DeepEqual(b.trace, list[i].trace) }
	if slices.IndexFunc(list, same) < i {
		return
	}
	p.line("")
	for _, b := range list[i:] {
		if same(b) {
			p.line(fmt.Sprintf(explorationEnglish.Counterexample, b.Invariant, b.Moves))
			p.paragraph(2, b.Text+" ("+b.RFC+")")
		}
	}
	p.line("")
	p.run(list[i].trace)
}

// SummaryText is what all bounds found out together: their sum, the pairs of
// states, leaving out bounds that break something, and the rows that were never
// taken.
func (d *ExplorationsDocument) SummaryText(took time.Duration, width int) string {
	p := &page{width: max(width, minWidth)}
	states, moves, pairs := 0, 0, map[tcp.State]Peers{}
	for i := range d.Explorations {
		e := &d.Explorations[i]
		states, moves = states+e.States, moves+e.Moves
		if len(e.Expected) == 0 {
			addPairs(pairs, e.Pairs)
		}
	}
	p.heading(fmt.Sprintf(explorationEnglish.Total, strconv.Itoa(len(d.Explorations)), thousands(states), thousands(moves), took.Seconds()))
	p.pairs(explorationEnglish.PairsWhole, pairs)
	p.never(d)
	return p.String()
}

func addPairs(sum, more map[tcp.State]Peers) {
	for from, peers := range more {
		for to, n := range peers {
			if sum[from] == nil {
				sum[from] = Peers{}
			}
			sum[from][to] += n
		}
	}
}

// pairs draws the table of pairs, eleven by eleven.
func (p *page) pairs(heading string, pairs map[tcp.State]Peers) {
	p.heading(heading)
	p.paragraph(2, explorationEnglish.PairsHint)
	p.line("")
	head := strings.Repeat(" ", 17)
	for i := range tcp.States() {
		head += fmt.Sprintf("%5d", i+1)
	}
	p.line(head)
	for i, from := range tcp.States() {
		var cells strings.Builder
		for _, to := range tcp.States() {
			cell := "."
			if n := pairs[from][to]; n > 0 {
				cell = short(n)
			}
			fmt.Fprintf(&cells, "%5s", cell)
		}
		p.line(fmt.Sprintf("  %2d %-12s%s", i+1, from, cells.String()))
	}
}

// never lists the rows that no run took, by reason.
func (p *page) never(d *ExplorationsDocument) {
	if len(d.Never) == 0 {
		p.heading(fmt.Sprintf(explorationEnglish.Taken, d.Rows))
		return
	}
	p.heading(fmt.Sprintf(explorationEnglish.Never, d.Rows-len(d.Never), d.Rows))
	for why := explore.Unheeded; why <= explore.NotArrived; why++ {
		var rows []string
		for _, n := range d.Never {
			if n.Why == explorationEnglish.Reasons[why] {
				rows = append(rows, n.Row)
			}
		}
		if len(rows) > 0 {
			p.paragraph(2, fmt.Sprintf(explorationEnglish.NeverFor, len(rows), explorationEnglish.Reasons[why], strings.Join(rows, ", ")))
		}
	}
}

// run writes a trace as numbered lines: the two states and what led to them.
func (p *page) run(trace simulate.Trace) {
	n, copied := 0, false
	for i := 0; i < len(trace); {
		if trace[i].Kind == simulate.Noted && trace[i].Why == explore.WhyDuplicated {
			copied = true
			i++
			continue
		}
		end := i + 1
		for end < len(trace) && follows(&trace[end]) {
			end++
		}
		n++
		p.move(n, trace[i:end], copied)
		i, copied = end, false
	}
}

// follows tells whether a happening is the answer to the one before it.
func follows(h *simulate.Happening) bool {
	switch h.Kind {
	case simulate.Called, simulate.Fired, simulate.Arrived, simulate.Noted:
		return false
	default:
		return true
	}
}

// move writes what happens and, below it, what comes of it.
func (p *page) move(n int, part simulate.Trace, copied bool) {
	states, text := part[len(part)-1].States, happeningText(&part[0])
	if copied {
		text += explorationEnglish.Copied
	}
	p.line(fmt.Sprintf("  %2d. %-12s %-12s  %s", n, states[0], states[1], text))
	for i := range part[1:] {
		if h := &part[1+i]; h.Kind != simulate.Took {
			p.line(strings.Repeat(" ", 36) + happeningText(h))
		}
	}
}

// happeningText says one happening.
func happeningText(h *simulate.Happening) string {
	words, side := &explorationEnglish, sideWords[h.Side]
	switch h.Kind {
	case simulate.Called:
		return fmt.Sprintf(words.Calls, side, h.Event)
	case simulate.Fired:
		return fmt.Sprintf(words.Fires, side, h.Event)
	case simulate.Noted:
		if h.Why == explore.WhyCut || h.Why == explore.WhyDuplicated {
			return words.Notes[h.Why]
		}
		return fmt.Sprintf(words.Fires, side, words.Notes[h.Why])
	case simulate.Arrived:
		return fmt.Sprintf(words.Arrives, [...]string{"<--", "-->"}[h.Side], h.Number, h.Packet.String())
	case simulate.Sent:
		return fmt.Sprintf(words.Sends, h.Number, h.Packet.String())
	case simulate.Lost:
		return fmt.Sprintf(words.LosesIt, h.Number)
	case simulate.Took:
		return rowSentence(&h.Row)
	case simulate.Delivered:
		if h.Octets == 1 {
			return words.GetsOne
		}
		return fmt.Sprintf(words.Gets, h.Octets)
	case simulate.Told:
		return fmt.Sprintf(words.Told, h.Word)
	case simulate.Ignored:
		return h.Why
	}
	return ""
}

// thousands groups the digits of a number.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// short writes a count in at most four columns.
func short(n int) string {
	switch {
	case n < 1000:
		return strconv.Itoa(n)
	case n < 1_000_000:
		return strconv.Itoa(n/1000) + "k"
	default:
		return strconv.Itoa(n/1_000_000) + "M"
	}
}
