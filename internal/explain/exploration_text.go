package explain

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/internal/lines"
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
func ExplorationHead(l Language) string {
	c := explorationTexts.in(l).Columns
	return lines.Pad(c[0], boundColumn) + lines.PadLeft(c[1], numberColumn) + lines.PadLeft(c[2], numberColumn) +
		lines.PadLeft(c[3], depthColumn) + "  " + c[4] + "\n"
}

// Line is the bound in the list: how large it is and what has come of it.
func (e *Exploration) Line() string {
	return fmt.Sprintf("%-*s%*s%*s%*d  %s\n", boundColumn, e.Bound, numberColumn, thousands(e.States),
		numberColumn, thousands(e.Moves), depthColumn, e.Depth, e.result())
}

// result says what has come of a bound, in a few words.
func (e *Exploration) result() string {
	words := explorationTexts.in(e.language)
	var broken []string
	for _, b := range e.Broken {
		broken = append(broken, fmt.Sprintf(words.Breaks, b.Invariant, b.Moves))
	}
	result := words.Holds
	if len(broken) > 0 {
		result = words.Broke + strings.Join(broken, words.Comma)
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

// Text is the page of one bound: what happens within it, its size, and the pairs
// of states. The runs that break something are Ladders.
func (e *Exploration) Text(width int) string {
	p := &page{width: max(width, minWidth)}
	words := explorationTexts.in(e.language)
	p.line(e.language.Say("card-rival", e.Bound, e.result()))
	p.paragraph(2, e.About)
	p.paragraph(2, fmt.Sprintf(words.Moves, thousands(e.States), thousands(e.Moves), e.Depth, thousands(e.Ends)))
	if !e.Exhausted {
		p.paragraph(2, fmt.Sprintf(words.Stopped, e.Unmet))
	}
	p.pairs(words, words.Pairs, e.Pairs)
	return p.String()
}

// Ladders are the shortest runs that break something, each under all that it
// breaks.
func (e *Exploration) Ladders() []Ladder {
	words := explorationTexts.in(e.language)
	var ladders []Ladder
	for i := range e.Broken {
		same := func(b BrokenInvariant) bool { return reflect.DeepEqual(b.trace, e.Broken[i].trace) }
		if slices.IndexFunc(e.Broken, same) < i {
			continue
		}
		ladder := TraceLadder(e.Broken[i].trace, e.language)
		var titles, texts []string
		for _, b := range e.Broken[i:] {
			if same(b) {
				titles = append(titles, b.Invariant)
				texts = append(texts, fmt.Sprintf(words.Rule, b.Text, b.RFC))
			}
		}
		ladder.Title = fmt.Sprintf(words.Counterexample, strings.Join(titles, words.Comma), e.Broken[i].Moves)
		ladder.About = strings.Join(texts, words.Gap)
		ladders = append(ladders, ladder)
	}
	return ladders
}

// SummaryText is what all bounds found out together: their sum, the pairs of
// states, leaving out bounds that break something, and the rows that were never
// taken.
func (d *ExplorationsDocument) SummaryText(took time.Duration, width int) string {
	p, words := &page{width: max(width, minWidth)}, explorationTexts.in(d.language)
	states, moves, pairs := 0, 0, map[tcp.State]Peers{}
	for i := range d.Explorations {
		e := &d.Explorations[i]
		states, moves = states+e.States, moves+e.Moves
		if len(e.Expected) == 0 {
			addPairs(pairs, e.Pairs)
		}
	}
	p.heading(fmt.Sprintf(words.Total, strconv.Itoa(len(d.Explorations)), thousands(states), thousands(moves), took.Seconds()))
	p.pairs(words, words.PairsWhole, pairs)
	p.never(words, d)
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
func (p *page) pairs(words *explorationWords, heading string, pairs map[tcp.State]Peers) {
	p.heading(heading)
	p.paragraph(2, words.PairsHint)
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
func (p *page) never(words *explorationWords, d *ExplorationsDocument) {
	if len(d.Never) == 0 {
		p.heading(fmt.Sprintf(words.Taken, d.Rows))
		return
	}
	p.heading(fmt.Sprintf(words.Never, d.Rows-len(d.Never), d.Rows))
	for why := explore.Unheeded; why <= explore.NotArrived; why++ {
		var rows []string
		for _, n := range d.Never {
			if n.Why == words.Reasons[why] {
				rows = append(rows, n.Row)
			}
		}
		if len(rows) > 0 {
			p.paragraph(2, fmt.Sprintf(words.NeverFor, len(rows), words.Reasons[why], strings.Join(rows, words.Comma)))
		}
	}
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
