package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// Ladder prints a connection as two columns of states with the packets between
// them, and under each packet why an end did what it did; wide adds what each
// row of the table says.
func Ladder(w io.Writer, l explain.Ladder, wide bool, style Style) error {
	p := ladderPrinter{style: style, wide: wide, stateLines: l.StateLines}
	p.measure(l)
	p.head(l)
	for i := range l.Rungs {
		p.rung(&l.Rungs[i])
	}
	if l.Close != "" {
		p.line("")
		p.paragraph(l.Close, plain)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// The columns of a ladder: time, left states, arrows, right states.
const (
	ladderTime   = 10 // with the gap behind it
	ladderStates = 12 // the longest state word
	ladderIndent = 2  // of a reason
	ladderMost   = 100
)

type ladderPrinter struct {
	b      strings.Builder
	style  Style
	wide   bool
	width  int
	margin int       // columns of the states on either side
	shown  [2]string // states of the rung before

	stateLines func(states string, width int) []string
}

// measure finds the widths. Sets of states make the margins as wide as they can
// be with room for an arrow between them, and at least as wide as one state.
func (p *ladderPrinter) measure(l explain.Ladder) {
	const arrow = 42
	p.width, p.margin = min(p.style.columns(), ladderMost), ladderStates
	least := ladderStates
	for i := range l.Rungs {
		for _, states := range l.Rungs[i].States {
			p.margin = max(p.margin, ansi.StringWidth(states))
			for _, one := range l.StateLines(states, 0) {
				least = max(least, ansi.StringWidth(one))
			}
		}
	}
	p.margin = min(p.margin, max(least, (p.width-ladderTime-2-arrow)/2))
}

// arrow is how many columns an arrow has.
func (p *ladderPrinter) arrow() int { return max(p.width-ladderTime-2*p.margin-2, 8) }

func (p *ladderPrinter) line(text string) { p.b.WriteString(strings.TrimRight(text, " ") + "\n") }

func (p *ladderPrinter) paragraph(text string, tone ansi.Style) {
	for _, line := range lines.Wrap(text, p.width) {
		p.line(p.style.paint(tone, line))
	}
}

func (p *ladderPrinter) head(l explain.Ladder) {
	if l.Title != "" {
		p.paragraph(l.Title, strong(plain))
	}
	if l.About != "" {
		p.paragraph(l.About, plain)
	}
	if l.Title != "" || l.About != "" {
		p.line("")
	}
	p.line(p.sides(lines.PadLeft(p.style.say("ladder-seconds"), ladderTime-2), l.Ends[0].Name, l.Ends[1].Name, strong(plain)))
	if l.Ends[0].Socket != "" || l.Ends[1].Socket != "" {
		p.line(p.sides("", l.Ends[0].Socket, l.Ends[1].Socket, dim))
	}
	p.line("")
}

// sides writes one text at the left margin and one at the right edge.
func (p *ladderPrinter) sides(time, left, right string, tone ansi.Style) string {
	gap := p.width - ladderTime - ansi.StringWidth(left) - ansi.StringWidth(right)
	return lines.Pad(p.style.paint(dim, time), ladderTime) + p.style.paint(tone, left) + strings.Repeat(" ", max(gap, 1)) + p.style.paint(tone, right)
}

func (p *ladderPrinter) rung(r *explain.Rung) {
	if r.Label == "" {
		p.bare(r)
	} else {
		p.packet(r)
	}
	for i := range r.Reasons {
		p.reason(&r.Reasons[i])
	}
	if r.Lost && r.Why != "" {
		p.lostLine(r)
	}
	p.shown = r.States
}

// bare prints a rung without a packet. Its states show only if one is new.
func (p *ladderPrinter) bare(r *explain.Rung) {
	p.states(r, strings.Repeat(" ", p.arrow()))
}

func (p *ladderPrinter) packet(r *explain.Rung) {
	width := p.arrow()
	label := lines.Clean(r.Label)
	if ansi.StringWidth(label)+4 > width { // it has a line of its own
		p.line(lines.Pad("", ladderTime+p.margin+1) + label)
		label = ""
	}
	p.states(r, p.style.paint(p.arrowTone(r), drawArrow(r, label, width)))
}

func (p *ladderPrinter) arrowTone(r *explain.Rung) ansi.Style {
	switch {
	case r.Lost:
		return red
	case r.From == 0:
		return blue
	default:
		return yellow
	}
}

// drawArrow draws the way of a packet: from one end to the other, or only where
// it departs (dots where it is still under way), arrives or is lost.
func drawArrow(r *explain.Rung, label string, width int) string {
	tail, shaft, head := "─", "─", "▶"
	if r.From == 1 {
		head = "◀"
	}
	if !r.Departs {
		tail = "·"
	}
	switch {
	case r.Lost:
		head = "✗"
	case !r.Arrives:
		shaft, head = "·", "·"
	}
	if label != "" {
		label = " " + label + " "
	}
	fill := max(width-ansi.StringWidth(label), 2)
	near := strings.Repeat(tail, fill/2)
	far := strings.Repeat(shaft, fill-fill/2-1)
	if r.From == 0 {
		return near + label + far + head
	}
	return head + far + label + near
}

// states prints the states with something between them; those that are new
// stand out, and sets of states take further lines.
func (p *ladderPrinter) states(r *explain.Rung, between string) {
	left, right := p.stateLines(lines.Clean(r.States[0]), p.margin), p.stateLines(lines.Clean(r.States[1]), p.margin)
	time := fmt.Sprintf("%*.3f", ladderTime-2, r.At.Seconds())
	for i := range max(len(left), len(right)) {
		line := lines.Pad(p.style.paint(dim, time), ladderTime) +
			lines.Pad(p.style.paint(p.stateTone(r, 0), at(left, i)), p.margin) + " " +
			lines.Pad(between, p.arrow()) + " " + lines.PadLeft(p.style.paint(p.stateTone(r, 1), at(right, i)), p.margin)
		p.line(line)
		time, between = "", ""
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

func (p *ladderPrinter) stateTone(r *explain.Rung, side int) ansi.Style {
	if r.States[side] == p.shown[side] {
		return dim
	}
	return strong(green)
}

// reason prints why an end does something, below its own margin.
func (p *ladderPrinter) reason(r *explain.Reason) {
	tone := dim
	if r.Note {
		tone = yellow
	}
	if p.wide && r.Detail != "" {
		p.beside(r.Side, r.Line()+". "+r.Detail, tone)
		return
	}
	for _, part := range r.Parts(p.room()) {
		p.beside(r.Side, part, tone)
	}
}

func (p *ladderPrinter) lostLine(r *explain.Rung) { p.beside(1-r.From, r.Why, red) }

// room is how wide a reason may be.
func (p *ladderPrinter) room() int { return p.width - ladderTime - ladderIndent }

// beside prints a text of some lines below a margin.
func (p *ladderPrinter) beside(side int, text string, tone ansi.Style) {
	for _, line := range lines.Wrap(text, p.room()) {
		if side == 0 {
			p.line(lines.Pad("", ladderTime+ladderIndent) + p.style.paint(tone, line))
		} else {
			p.line(lines.PadLeft(p.style.paint(tone, line), p.width))
		}
	}
}
