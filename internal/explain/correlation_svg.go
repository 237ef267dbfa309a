package explain

import (
	"fmt"
	"html"
	"strings"
)

// The columns of a drawn DoubleLadder, in SVG user units.
var doubleX = [4]int{190, 330, 910, 1050}

const (
	doubleFall = 10 // how far a segment falls between the points
	doubleTail = 3  // and between a point and an end
	doubleRoom = 78 // characters between the points
)

// SVG draws the ladder: time runs downwards, the two inner lines are the points of
// capture. An arrow that ends in a cross vanished between them, one that begins
// there in a ring was made there.
func (l *DoubleLadder) SVG() string {
	d := layoutDouble(l)
	var b strings.Builder
	fmt.Fprintf(&b, ladderHead, ladderWidth, d.height, ladderWidth, d.height, html.EscapeString(l.Title), html.EscapeString(strings.Join(l.About, " ")))
	b.WriteString(ladderStyle)
	fmt.Fprintf(&b, ladderGround, ladderWidth-2, d.height-2)
	for _, x := range doubleX {
		fmt.Fprintf(&b, "<path class=\"life\" d=\"M%d,%d L%d,%d\"/>\n", x, d.from, x, d.to)
	}
	d.writeWays(&b)
	for _, y := range d.rings {
		fmt.Fprintf(&b, "<circle class=\"tip-lost\" cx=\"%d\" cy=\"%d\" r=\"5\"/>\n", (doubleX[1]+doubleX[2])/2, y)
	}
	d.writeMarks(&b)
	b.WriteString("</svg>\n")
	return b.String()
}

// doubleDrawing is a DoubleLadder with a place for everything.
type doubleDrawing struct {
	ladderDrawing
	rings []int // heights at which something was made in between
}

func layoutDouble(l *DoubleLadder) *doubleDrawing {
	d := &doubleDrawing{}
	y := d.titles(l)
	d.from = y
	for i := range l.Rungs {
		y = d.passage(&l.Rungs[i], y)
	}
	y += ladderSpace / 2
	d.to = y
	if l.Close != "" {
		y += 22
		d.mark(28, y, "start", "sub", l.Close)
	}
	d.height = y + ladderTop
	return d
}

func (d *doubleDrawing) titles(l *DoubleLadder) (y int) {
	y = ladderTop + 12
	d.mark(28, y, "start", "head", l.Title)
	for _, about := range l.About {
		for _, line := range textLines(about, ladderText) {
			y += 20
			d.mark(28, y, "start", "sub", line)
		}
	}
	y += 36
	for i, x := range doubleX {
		d.mark(x, y, "middle", "end", l.Heads[i])
	}
	d.mark(ladderTimeX, y, "end", "sub", l.Language.Say("ladder-seconds"))
	d.mark(doubleX[0], y+17, "middle", "sub", l.Socket[0])
	d.mark(ladderWidth-20, y+17, "end", "sub", l.Socket[3])
	// What each point sees of the other side stands a line lower: it may be as long.
	d.mark(doubleX[1], y+34, "middle", "sub", l.other(l.Socket[1], l.Socket[3]))
	d.mark(doubleX[2], y+34, "middle", "sub", l.other(l.Socket[2], l.Socket[0]))
	return y + 50
}

// other names a socket that one side knows under another name.
func (l *DoubleLadder) other(seen, real string) string {
	if seen == real {
		return ""
	}
	return l.Language.Say("ladder-sees", seen)
}

// passage places one segment below y and returns where the next begins.
func (d *doubleDrawing) passage(r *DoubleRung, y int) int {
	top := y + ladderSpace
	d.mark(ladderTimeX, top+4, "end", "time", fmt.Sprintf("%.3f", r.At.Seconds()))
	middle := (doubleX[1] + doubleX[2]) / 2
	d.mark(middle, top-2, "middle", "label", r.Label)
	d.path(r, top)
	class, lines := "note", 0
	if r.Bad {
		class = "gone"
	}
	for _, note := range r.Notes {
		for _, line := range textLines(note, doubleRoom) {
			lines++
			d.mark(middle, top+doubleFall+2+lines*ladderLine, "middle", class, line)
		}
	}
	return top + doubleFall + lines*ladderLine
}

// path draws a segment from its sender to its receiver, as far as it came.
func (d *doubleDrawing) path(r *DoubleRung, top int) {
	x, near, far, class := doubleX, r.Points[0], r.Points[1], "from-left"
	if r.From == 1 {
		x = [4]int{doubleX[3], doubleX[2], doubleX[1], doubleX[0]}
		near, far, class = far, near, "from-right"
	}
	middle := (x[1] + x[2]) / 2
	leave, come := top+doubleTail, top+doubleTail+doubleFall
	if near != Nowhere {
		d.piece(x[0], top, x[1], leave, near, class, r.Label, false)
	}
	switch {
	case near == Nowhere:
		d.rings = append(d.rings, top+doubleTail+doubleFall/2)
		d.piece(middle, top+doubleTail+doubleFall/2, x[2], come, far, class, r.Label, false)
	case far == Nowhere:
		d.ways = append(d.ways, ladderWay{x1: x[1], y1: leave, x2: middle, y2: leave + doubleFall/2, class: class + " lost", lost: true, title: r.Label})
		return
	case far == Doubtful:
		d.piece(x[1], leave, middle, leave+doubleFall/2, far, class, r.Label, false)
		return
	default:
		d.piece(x[1], leave, x[2], come, near, class, r.Label, false)
	}
	d.piece(x[2], come, x[3], come+doubleTail, far, class, r.Label, true)
}

// piece draws a part of a way; what no capture has is dashed.
func (d *doubleDrawing) piece(x1, y1, x2, y2 int, reach Reach, class, title string, tip bool) {
	if reach == Believed || reach == Doubtful {
		class += " stray"
	}
	d.ways = append(d.ways, ladderWay{x1: x1, y1: y1, x2: x2, y2: y2, class: class, open: !tip, title: title})
}
