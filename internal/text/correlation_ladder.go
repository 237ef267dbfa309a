package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// The columns of a ladder with two points, besides the time: a stub on either side,
// the points, and the way between them.
const (
	doubleStub = 12
	doubleMost = 110
)

// DoubleLadder prints a connection seen at two points side by side: originator,
// both points, responder. An arrow that stops between the points is of a segment
// that vanished there, one that begins there of a segment made there.
func DoubleLadder(w io.Writer, l *explain.DoubleLadder, style Style) error {
	p := doublePrinter{style: style, width: min(style.columns(), doubleMost)}
	p.middle = max(p.width-ladderTime-2*doubleStub-2, 24)
	p.head(l)
	for i := range l.Rungs {
		p.rung(&l.Rungs[i])
	}
	if l.Close != "" {
		p.line("")
		p.line(l.Close)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

type doublePrinter struct {
	b      strings.Builder
	style  Style
	width  int
	middle int // columns between the points
}

func (p *doublePrinter) line(text string) { p.b.WriteString(strings.TrimRight(text, " ") + "\n") }

func (p *doublePrinter) head(l *explain.DoubleLadder) {
	p.line(p.style.paint(strong(plain), l.Title))
	for _, about := range l.About {
		for i, line := range lines.Wrap(about, max(p.width-2, 20)) {
			if i == 0 {
				p.line("• " + line)
			} else {
				p.line("  " + line)
			}
		}
	}
	p.line("")
	p.columns(lines.PadLeft(p.style.say("ladder-seconds"), ladderTime-2), l.Heads, strong(plain))
	p.sockets(l)
	p.line("")
}

// columns writes a word over each of the four columns.
func (p *doublePrinter) columns(time string, words [4]string, tone ansi.Style) {
	left := lines.Pad(words[0], doubleStub) + words[1]
	right := words[2] + lines.PadLeft(words[3], doubleStub)
	gap := p.width - ladderTime - ansi.StringWidth(left) - ansi.StringWidth(right)
	p.line(lines.Pad(p.style.paint(dim, time), ladderTime) + p.style.paint(tone, left+strings.Repeat(" ", max(gap, 1))+right))
}

// sockets writes what each side sees: the sockets at the left point and, where they
// are others, at the right one.
func (p *doublePrinter) sockets(l *explain.DoubleLadder) {
	left, right := l.Socket[0]+" > "+l.Socket[1], l.Socket[2]+" > "+l.Socket[3]
	room := p.width - ladderTime
	if ansi.StringWidth(left)+ansi.StringWidth(right)+2 <= room {
		gap := room - ansi.StringWidth(left) - ansi.StringWidth(right)
		p.line(lines.Pad("", ladderTime) + p.style.paint(dim, left+strings.Repeat(" ", gap)+right))
		return
	}
	p.line(lines.Pad("", ladderTime) + p.style.paint(dim, left))
	p.line(lines.Pad("", ladderTime) + p.style.paint(dim, lines.PadLeft(right, room)))
}

func (p *doublePrinter) rung(r *explain.DoubleRung) {
	label := lines.Clean(r.Label)
	if ansi.StringWidth(label)+8 > p.middle { // it has a line of its own
		p.line(lines.Pad("", max(min(ladderTime+doubleStub+2, p.width-ansi.StringWidth(label)), 0)) + label)
		label = ""
	}
	time := lines.Pad(p.style.paint(dim, fmt.Sprintf("%*.3f", ladderTime-2, r.At.Seconds())), ladderTime)
	p.line(time + p.style.paint(p.tone(r), drawDouble(r, label, p.middle)))
	for _, note := range r.Notes {
		tone := yellow
		if r.Bad {
			tone = red
		}
		for _, line := range lines.Wrap(note, max(p.middle-2, 20)) {
			p.line(lines.Pad("", ladderTime+doubleStub+3) + p.style.paint(tone, line))
		}
	}
}

func (p *doublePrinter) tone(r *explain.DoubleRung) ansi.Style {
	switch {
	case r.Bad:
		return red
	case r.From == 0:
		return blue
	default:
		return yellow
	}
}

// drawDouble draws the way of a segment through both points. It is drawn from left
// to right, and turned round for the responder.
func drawDouble(r *explain.DoubleRung, label string, middle int) string {
	near, far := r.Points[0], r.Points[1]
	if r.From == 1 {
		near, far = far, near
	}
	first, begin := stub(near, false)
	last, end := stub(far, true)
	if label != "" {
		label = " " + label + " "
	}
	fill := max(middle-ansi.StringWidth(label), 6)
	a, b := fill/2, fill-fill/2
	var before, after string
	switch {
	case near == explain.Nowhere: // made in between
		before, after = strings.Repeat(" ", a-2)+"✶─", strings.Repeat("─", b)
	case far == explain.Nowhere:
		before, after = strings.Repeat("─", a), "─✗"+strings.Repeat(" ", b-2)
	case near == explain.Doubtful:
		before, after = strings.Repeat("·", a), strings.Repeat("─", b)
	case far == explain.Doubtful:
		before, after = strings.Repeat("─", a), "─?"+strings.Repeat(" ", b-2)
	default:
		before, after = strings.Repeat("─", a), strings.Repeat("─", b)
	}
	if r.From == 1 {
		return mirror(last) + end + mirror(after) + label + mirror(before) + begin + mirror(first)
	}
	return first + begin + before + label + after + end + last
}

// stub is the way between an end and a point, drawn to the right, with the sign of
// the point.
func stub(reach explain.Reach, arrives bool) (way, point string) {
	line, point := "─", "┼"
	switch reach {
	case explain.Believed:
		line, point = "╌", "┊"
	case explain.Nowhere:
		line, point = " ", "│"
	case explain.Doubtful:
		line, point = " ", "│"
		if !arrives {
			line = "·"
		}
	case explain.Passed:
	}
	way = strings.Repeat(line, doubleStub)
	if arrives && line != " " {
		way = strings.Repeat(line, doubleStub-1) + "▶"
	}
	return way, point
}

// mirror turns a drawing round.
func mirror(text string) string {
	runes := []rune(text)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return strings.ReplaceAll(string(runes), "▶", "◀")
}
