package explain

import (
	"fmt"

	"github.com/synoptic-net/synoptic/internal/lines"
)

// The columns of a drawn ladder, in SVG user units: time, left margin, left end,
// packets, right end, right margin.
const (
	ladderWidth  = 1120
	ladderTimeX  = 74
	ladderLeftX  = 364
	ladderRightX = 830
	ladderGap    = 14 // between an end and its margin

	ladderMargin = 36  // characters in a line of a margin
	ladderLine   = 16  // between the lines of a margin
	ladderSpace  = 22  // between rungs
	ladderSlope  = 12  // how far the packet of one rung falls on its way
	ladderText   = 150 // characters in a line of the head
	ladderTop    = 30
)

// ladderMark is a text of the drawing, ladderWay the line of a packet.
type (
	ladderMark struct {
		x, y   int
		anchor string // SVG text-anchor
		class  string
		text   string
	}
	ladderWay struct {
		x1, y1, x2, y2 int
		class          string
		lost           bool
		open           bool // without a head: it goes on in another line
		title          string
	}
)

// ladderDrawing is a ladder with a place for everything.
type ladderDrawing struct {
	marks   []ladderMark
	ways    []ladderWay
	from    int // where the ends begin, downwards
	to      int
	height  int
	departs map[int]ladderWay // by packet: those that are under way
	shown   [2]string
}

func layoutLadder(l *Ladder) *ladderDrawing {
	d := &ladderDrawing{departs: map[int]ladderWay{}}
	y := d.head(l)
	d.from = y
	for i := range l.Rungs {
		y = d.rung(&l.Rungs[i], y)
	}
	d.underWay(l)
	y += ladderSpace / 2
	d.to = y
	for _, line := range textLines(l.Close, ladderText) {
		y += 22
		d.mark(28, y, "start", "sub", line)
	}
	d.height = y + ladderTop
	return d
}

// textLines is lines.WrapWhole that gives no line for no text.
func textLines(text string, width int) []string {
	if text == "" {
		return nil
	}
	return lines.WrapWhole(text, width)
}

func (d *ladderDrawing) mark(x, y int, anchor, class, text string) {
	d.marks = append(d.marks, ladderMark{x, y, anchor, class, text})
}

// head places title and names; it returns where the rungs begin.
func (d *ladderDrawing) head(l *Ladder) (y int) {
	y = ladderTop
	if l.Title != "" {
		y += 12
		d.mark(28, y, "start", "head", l.Title)
	}
	for _, line := range textLines(l.About, ladderText) {
		y += 20
		d.mark(28, y, "start", "sub", line)
	}
	y += 34
	for side, x := range [2]int{ladderLeftX, ladderRightX} {
		d.mark(x, y, "middle", "end", l.Ends[side].Name)
		d.mark(x, y+17, "middle", "sub", l.Ends[side].Socket)
	}
	d.mark(ladderTimeX, y, "end", "sub", l.Language.Say("ladder-seconds"))
	return y + 34
}

// rung places one rung below y and returns where the next begins.
func (d *ladderDrawing) rung(r *Rung, y int) int {
	top := y + ladderSpace
	d.mark(ladderTimeX, top+4, "end", "time", fmt.Sprintf("%.3f", r.At.Seconds()))
	lines := 1
	for side := range 2 {
		lines = max(lines, d.margin(r, side, d.entry(r, side, top)+4))
	}
	if r.Label != "" {
		stray := d.way(r, top)
		d.label(r, top, stray)
	}
	d.shown = r.States
	return top + ladderSlope + (lines-1)*ladderLine
}

// entry is the height at which the packet of a rung touches an end: an arrival
// lies below the departure of the same rung.
func (d *ladderDrawing) entry(r *Rung, side, top int) int {
	if r.Departs && r.Arrives && side != r.From {
		return top + ladderSlope
	}
	return top
}

// margin writes what an end is in and why, and returns how many lines that took.
func (d *ladderDrawing) margin(r *Rung, side, y int) (lines int) {
	x, anchor := ladderLeftX-ladderGap, "end"
	if side == 1 {
		x, anchor = ladderRightX+ladderGap, "start"
	}
	write := func(class, text string) {
		for _, line := range textLines(text, ladderMargin) {
			d.mark(x, y+lines*ladderLine, anchor, class, line)
			lines++
		}
	}
	if r.States[side] != d.shown[side] {
		write("state", r.States[side])
	}
	for i := range r.Reasons {
		reason := &r.Reasons[i]
		class := "why"
		if reason.Note {
			class = "note"
		}
		if reason.Side == side {
			for _, part := range reason.Parts(ladderMargin) {
				write(class, part)
			}
		}
	}
	if r.Lost && r.Why != "" && side != r.From {
		write("gone", r.Why)
	}
	return lines
}

// way places the line of a packet once both of its ends are known; stray is one
// that nobody saw depart.
func (d *ladderDrawing) way(r *Rung, top int) (stray bool) {
	x1, x2, class := ladderLeftX, ladderRightX, "from-left"
	if r.From == 1 {
		x1, x2, class = x2, x1, "from-right"
	}
	w := ladderWay{x1: x1, y1: top, x2: x2, y2: top + ladderSlope, class: class, title: r.Label}
	if r.Departs && !r.Arrives && !r.Lost {
		d.departs[r.Packet] = w
		return false
	}
	if !r.Departs {
		w.y2 = top
		if began, ok := d.departs[r.Packet]; ok {
			w.y1 = began.y1
			delete(d.departs, r.Packet)
		} else {
			stray = true
			w.x1, w.y1 = x1+(x2-x1)/2, top
			w.class += " stray"
		}
	}
	if r.Lost {
		w.lost = true
		w.class += " lost"
		w.x2 = x2 - (x2-x1)/5
	}
	d.ways = append(d.ways, w)
	return stray
}

// underWay draws the beginning of what had not arrived when the ladder ended.
func (d *ladderDrawing) underWay(l *Ladder) {
	for i := range l.Rungs {
		r := &l.Rungs[i]
		w, ok := d.departs[r.Packet]
		if !ok || !r.Departs {
			continue
		}
		delete(d.departs, r.Packet)
		w.x2 = w.x1 + (w.x2-w.x1)/2
		w.class += " stray"
		d.ways = append(d.ways, w)
	}
}

// label writes the segment above its line, in the middle if the rung has it for
// itself, else near the end that it leaves. One that arrives from another rung
// has its label there.
func (d *ladderDrawing) label(r *Rung, top int, stray bool) {
	const above = 6
	near := [2]int{ladderLeftX + ladderGap, ladderRightX - ladderGap}
	anchors := [2]string{"start", "end"}
	switch {
	case r.Departs && r.Arrives:
		d.mark((ladderLeftX+ladderRightX)/2, top, "middle", "label", r.Label)
	case r.Departs:
		d.mark(near[r.From], top-above+2, anchors[r.From], "label", r.Label)
	case stray:
		d.mark(near[1-r.From], top-above+2, anchors[1-r.From], "label", r.Label)
	}
}

// ladderAdvance is the width of a character of the drawing's texts, at most.
func ladderAdvance(class string) float64 {
	switch class {
	case "head":
		return 11
	case "label":
		return 7.3
	default:
		return 7.1
	}
}

// width is how wide a text is, at most.
func (m *ladderMark) width() int {
	return int(float64(lines.Width(m.text)) * ladderAdvance(m.class))
}
