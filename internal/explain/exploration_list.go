package explain

import "github.com/synoptic-net/synoptic/simulate/explore"

// BoundsDocument lists the bounds of the explorer.
type BoundsDocument struct {
	Bounds []BoundLine `json:"bounds"`

	language Language
}

// BoundLine is a bound in the list.
type BoundLine struct {
	Bound  string   `json:"bound"`
	About  string   `json:"about"`
	Breaks []string `json:"breaks"` // invariants that it is there to break
}

// Bounds puts bounds into words.
func Bounds(bounds []explore.Bound, l Language) BoundsDocument {
	d := BoundsDocument{Bounds: []BoundLine{}, language: l}
	for _, b := range bounds {
		d.Bounds = append(d.Bounds, BoundLine{b.Name, explorationTexts.in(l).Bounds[b.Name], invariantNames(b.Breaks)})
	}
	return d
}

// Text lists the bounds, those that break something behind the others.
func (d *BoundsDocument) Text(width int) string {
	p, words := &page{width: max(width, minWidth)}, explorationTexts.in(d.language)
	p.line(words.Whole)
	broken := false
	for _, b := range d.Bounds {
		if len(b.Breaks) > 0 && !broken {
			broken = true
			p.heading(words.Broken)
		}
		p.item(2, boundColumn, b.Bound, b.About)
	}
	p.line("")
	p.paragraph(0, words.ListHint)
	return p.String()
}
