package explain

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

type point struct{ x, y float64 }

// box is a rectangle that nothing else should enter.
type box struct{ left, top, right, bottom float64 }

func (b box) has(p point) bool {
	return b.left < p.x && p.x < b.right && b.top < p.y && p.y < b.bottom
}

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

// onBorder tells whether a point lies on the rim, to a unit or two.
func (b box) onBorder(p point) bool {
	const near = 2.5
	outer := box{b.left - near, b.top - near, b.right + near, b.bottom + near}
	inner := box{b.left + near, b.top + near, b.right - near, b.bottom - near}
	return outer.has(p) && !inner.has(p)
}

func (n *diagramNode) box() box {
	w, h := float64(n.width)/2, float64(n.height)/2
	return box{float64(n.x) - w, float64(n.y) - h, float64(n.x) + w, float64(n.y) + h}
}

// boxes returns the room that the lines of a label take in a wide font.
func (l *edgeLabel) boxes() []box {
	first, second, step := l.lines()
	boxes := []box{lineBox(first, l.anchor, l.x, l.y)}
	if second != "" {
		boxes = append(boxes, lineBox(second, l.anchor, l.x, l.y+step))
	}
	return boxes
}

func lineBox(text, anchor string, x, y int) box {
	const advance, ascent, descent = 7.1, 9.5, 2.5 // of DejaVu Sans at 12.5 units
	width := float64(utf8.RuneCountInString(text)) * advance
	left := float64(x)
	switch anchor {
	case "end":
		left -= width
	case "middle":
		left -= width / 2
	}
	return box{left, float64(y) - ascent, left + width, float64(y) + descent}
}

// samplePath returns points along a path of absolute M, L and C commands.
func samplePath(d string) ([]point, error) {
	var points []point
	for _, part := range strings.Fields(strings.NewReplacer("M", " M", "L", " L", "C", " C").Replace(d)) {
		command, rest := part[0], part
		if strings.ContainsRune("MLC", rune(command)) {
			rest = part[1:]
		}
		x, y, ok := strings.Cut(rest, ",")
		px, errX := strconv.ParseFloat(x, 64)
		py, errY := strconv.ParseFloat(y, 64)
		if !ok || errX != nil || errY != nil {
			return nil, fmt.Errorf("%q is no point", part)
		}
		points = append(points, point{px, py})
	}
	return flatten(d, points)
}

// flatten walks the commands and spreads points over their curves.
func flatten(d string, points []point) ([]point, error) {
	var out []point
	at := 0
	for _, c := range d {
		switch c {
		case 'M':
			at = 1
		case 'L':
			out = append(out, spread(points[at-1], points[at-1], points[at], points[at])...)
			at++
		case 'C':
			out = append(out, spread(points[at-1], points[at], points[at+1], points[at+2])...)
			at += 3
		}
	}
	if at != len(points) {
		return nil, fmt.Errorf("%d of %d points used", at, len(points))
	}
	return out, nil
}

func spread(a, b, c, d point) []point {
	const steps = 200
	points := make([]point, 0, steps+1)
	for i := range steps + 1 {
		t := float64(i) / steps
		u := 1 - t
		p, q, r, s := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
		points = append(points, point{p*a.x + q*b.x + r*c.x + s*d.x, p*a.y + q*b.y + r*c.y + s*d.y})
	}
	return points
}

func TestEdgesJoinTheirStates(t *testing.T) {
	for i := range diagramEdges {
		e := &diagramEdges[i]
		points, err := samplePath(e.path)
		if err != nil {
			t.Errorf("%v: %v", e.edge, err)
			continue
		}
		var begins, ends bool
		for j := range diagramNodes {
			n := &diagramNodes[j]
			begins = begins || n.state == e.edge.From && n.box().onBorder(points[0])
			ends = ends || n.state == e.edge.To && n.box().onBorder(points[len(points)-1])
		}
		if !begins || !ends {
			t.Errorf("%v: begins at its state %v, ends at its state %v", e.edge, begins, ends)
		}
	}
}

func TestEdgesGoAroundStates(t *testing.T) {
	for i := range diagramEdges {
		e := &diagramEdges[i]
		points, err := samplePath(e.path)
		if err != nil {
			t.Fatal(err)
		}
		for j := range diagramNodes {
			b := diagramNodes[j].box()
			inner := box{b.left + 3, b.top + 3, b.right - 3, b.bottom - 3}
			for _, p := range points {
				if inner.has(p) {
					t.Errorf("%v runs through %v at %.0f,%.0f", e.edge, diagramNodes[j].state, p.x, p.y)
					break
				}
			}
		}
	}
}

// TestLabelsAreFree holds for the labels of the whole diagram; the label of an
// abort edge shows only while everything around it is dimmed.
func TestLabelsAreFree(t *testing.T) {
	for i := range diagramEdges {
		e := &diagramEdges[i]
		if e.kind == abortEdge {
			continue
		}
		for _, b := range e.label.boxes() {
			if b.left < 20 || b.right > diagramWidth-20 {
				t.Errorf("the label of %v leaves the canvas", e.edge)
			}
			labelMeetsNothing(t, e, b)
		}
	}
}

func labelMeetsNothing(t *testing.T, e *diagramEdge, b box) {
	t.Helper()
	for j := range diagramNodes {
		if b.meets(diagramNodes[j].box()) {
			t.Errorf("the label of %v meets %v", e.edge, diagramNodes[j].state)
		}
	}
	for j := range diagramEdges {
		other := &diagramEdges[j]
		points, err := samplePath(other.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range points {
			if b.has(p) {
				t.Errorf("the label of %v meets the line of %v at %.0f,%.0f", e.edge, other.edge, p.x, p.y)
				break
			}
		}
		if other == e || other.kind == abortEdge {
			continue
		}
		for _, o := range other.label.boxes() {
			if b.meets(o) {
				t.Errorf("the labels of %v and %v meet", e.edge, other.edge)
			}
		}
	}
}

// TestLabelsAreNear holds so that a reader never wonders which line a label
// speaks of.
func TestLabelsAreNear(t *testing.T) {
	const reach = 40
	for i := range diagramEdges {
		e := &diagramEdges[i]
		points, err := samplePath(e.path)
		if err != nil {
			t.Fatal(err)
		}
		nearest := math.Inf(1)
		for _, b := range e.label.boxes() {
			for _, p := range points {
				dx := max(b.left-p.x, 0, p.x-b.right)
				dy := max(b.top-p.y, 0, p.y-b.bottom)
				nearest = min(nearest, math.Hypot(dx, dy))
			}
		}
		if nearest > reach {
			t.Errorf("the label of %v is %.0f units from its line", e.edge, nearest)
		}
	}
}
