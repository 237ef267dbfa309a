package explain

import (
	"strconv"

	"github.com/synoptic-net/synoptic/tcp"
)

// WithRates prints on every edge how often a second it is walked, instead of
// what is sent there, and sets back those that nobody walks.
func WithRates(rates map[tcp.Edge]float64) DiagramOption {
	return func(o *diagramOptions) {
		o.rates = rates
		o.edges = make(map[tcp.Edge]bool, len(rates))
		for e, r := range rates {
			o.edges[e] = r > 0
		}
	}
}

// rated returns the label with the rate of its edge.
func (o *diagramOptions) rated(e *diagramEdge) edgeLabel {
	l := e.label
	rate := o.rates[e.edge]
	switch {
	case rate <= 0:
	case l.note != "": // a level edge has room under it
		l.note = perSecond(rate)
	default:
		l.action = perSecond(rate)
	}
	return l
}

// perSecond has three digits where there are so many.
func perSecond(rate float64) string {
	digits := 0
	switch {
	case rate < 1:
		digits = 2
	case rate < 100:
		digits = 1
	}
	return strconv.FormatFloat(rate, 'f', digits, 64) + "/s"
}
