package explain

import "github.com/synoptic-net/synoptic/simulate/explore"

// BoundsDocument lists the bounds of the explorer.
type BoundsDocument struct {
	Bounds []BoundLine `json:"bounds"`
}

// BoundLine is a bound in the list.
type BoundLine struct {
	Bound  string   `json:"bound"`
	About  string   `json:"about"`
	Breaks []string `json:"breaks"` // invariants that it is there to break
}

// Bounds puts bounds into words.
func Bounds(bounds []explore.Bound) BoundsDocument {
	d := BoundsDocument{Bounds: []BoundLine{}}
	for _, b := range bounds {
		d.Bounds = append(d.Bounds, BoundLine{b.Name, explorationEnglish.Bounds[b.Name], invariantNames(b.Breaks)})
	}
	return d
}

// Text lists the bounds, those that break something behind the others.
func (d *BoundsDocument) Text(width int) string {
	p := &page{width: max(width, minWidth)}
	p.line(explorationEnglish.Whole)
	broken := false
	for _, b := range d.Bounds {
		if len(b.Breaks) > 0 && !broken {
			broken = true
			p.heading(explorationEnglish.Broken)
		}
		p.item(2, boundColumn, b.Bound, b.About)
	}
	p.line("")
	p.paragraph(0, explorationEnglish.ListHint)
	return p.String()
}
