package explain

import "github.com/synoptic-net/synoptic/tcp"

// DiagramOption changes what a diagram of the state machine shows.
type DiagramOption func(*diagramOptions)

type diagramOptions struct {
	counts map[tcp.State]uint64
	state  tcp.State         // highlighted with all its edges, Unknown for none
	edge   tcp.Edge          // highlighted with its two ends, zero for none
	edges  map[tcp.Edge]bool // highlighted with their labels, nil for none
	rates  map[tcp.Edge]float64

	language Language
}

// WithCounts prints a number of connections in every state. A state that the
// map lacks shows 0.
func WithCounts(counts map[tcp.State]uint64) DiagramOption {
	return func(o *diagramOptions) { o.counts = counts }
}

// WithLanguage puts title and legend into a language; what stands beside the edges
// is the notation of RFC 9293.
func WithLanguage(l Language) DiagramOption {
	return func(o *diagramOptions) { o.language = l }
}

// WithState highlights a state and the edges that enter or leave it.
func WithState(state tcp.State) DiagramOption {
	return func(o *diagramOptions) { o.state = state }
}

// WithEdge highlights one edge and its two states.
func WithEdge(edge tcp.Edge) DiagramOption {
	return func(o *diagramOptions) { o.edge = edge }
}

// WithEdges highlights a set of edges, such as those that a connection took.
func WithEdges(edges ...tcp.Edge) DiagramOption {
	return func(o *diagramOptions) {
		o.edges = make(map[tcp.Edge]bool, len(edges))
		for _, e := range edges {
			o.edges[e] = true
		}
	}
}

func newDiagramOptions(options []DiagramOption) *diagramOptions {
	o := &diagramOptions{}
	for _, option := range options {
		option(o)
	}
	return o
}

// focused tells whether anything is highlighted at all.
func (o *diagramOptions) focused() bool {
	return o.state != tcp.Unknown || o.edge != tcp.Edge{} || o.edges != nil
}

// hasEdge tells whether the edge is highlighted.
func (o *diagramOptions) hasEdge(e tcp.Edge) bool {
	if e == o.edge || o.edges[e] {
		return true
	}
	return o.state != tcp.Unknown && (e.From == o.state || e.To == o.state)
}

// hasState tells whether the state is highlighted itself.
func (o *diagramOptions) hasState(s tcp.State) bool {
	if o.edge != (tcp.Edge{}) && (s == o.edge.From || s == o.edge.To) {
		return true
	}
	return o.state != tcp.Unknown && s == o.state
}

// touches tells whether the state is highlighted or joined to a highlighted one.
func (o *diagramOptions) touches(s tcp.State) bool {
	if o.hasState(s) {
		return true
	}
	for i := range diagramEdges {
		e := diagramEdges[i].edge
		if o.hasEdge(e) && (e.From == s || e.To == s) {
			return true
		}
	}
	return false
}

// edgeKind groups the edges by who walks them; every kind has a colour and a
// line style of its own.
type edgeKind string

const (
	clientEdge edgeKind = "client" // the usual way of the end that dials and closes first
	serverEdge edgeKind = "server" // the usual way of the end that listens and closes second
	otherEdge  edgeKind = "other"  // legal and rarer
	abortEdge  edgeKind = "abort"  // reset, abort or giving up: straight to CLOSED
)

// edgeLabel is what stands beside an edge: the event, the answer under it.
type edgeLabel struct {
	event  string
	action string // "" when nothing is sent
	x, y   int    // of the first baseline
	anchor string // SVG text-anchor: "start", "middle", "end"
	note   string // a remark under a level edge, "" for none; the rest then stands on one line above it
}

// line joins event and action with a slash, as RFC 9293 figure 5 does.
func (l *edgeLabel) line() string {
	if l.action == "" {
		return l.event
	}
	return l.event + " / " + l.action
}

// lines returns the one or two lines of the label in the picture, and how far
// the second is below the first.
func (l *edgeLabel) lines() (first, second string, step int) {
	const next, straddle = 16, 25
	if l.note != "" {
		return l.line(), l.note, straddle
	}
	return l.event, l.action, next
}

// diagramEdge is one edge of the picture.
type diagramEdge struct {
	edge  tcp.Edge
	kind  edgeKind
	path  string // absolute M, L and C commands only; begins and ends on a border
	label edgeLabel
}

// diagramNode is one box of the picture, given by its centre.
type diagramNode struct {
	state         tcp.State
	x, y          int
	width, height int
	kind          edgeKind // whose usual path meets it; otherEdge for both or neither
	echo          bool     // the second drawing of CLOSED, where connections end
}
