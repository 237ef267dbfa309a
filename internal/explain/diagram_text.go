package explain

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// DiagramDOT describes the state machine in the language of Graphviz, which
// places the states itself.
func DiagramDOT(options ...DiagramOption) string {
	o := newDiagramOptions(options)
	var b strings.Builder
	fmt.Fprintf(&b, dotHead, o.language.Say("diagram-title"))
	for _, s := range tcp.States() {
		fmt.Fprintf(&b, "  %s [label=\"%s\"%s];\n", stateID(s), o.nodeText(s, "\\n"), o.dotNode(s))
	}
	for i := range diagramEdges {
		e := &diagramEdges[i]
		fmt.Fprintf(&b, "  %s -> %s [label=\"%s\", %s];\n",
			stateID(e.edge.From), stateID(e.edge.To), e.label.dot(), o.dotEdge(e))
	}
	b.WriteString("}\n")
	return b.String()
}

const dotHead = `digraph tcp {
  label="%s (RFC 9293)";
  labelloc=t;
  node [shape=box, style=rounded, fontname="Helvetica"];
  edge [fontname="Helvetica", fontsize=10];
`

// dotStyles gives every kind of edge a colour and a line of its own.
var dotStyles = map[edgeKind]string{
	clientEdge: `color="#0969da", penwidth=2.5`,
	serverEdge: `color="#bc4c00", penwidth=2.5, style=dashed`,
	otherEdge:  `color="#59636e"`,
	abortEdge:  `color="#818b98", style=dotted, arrowhead=vee`,
}

// Colour of what a highlight leaves out.
const dotDim = `color="#d1d9e0", fontcolor="#d1d9e0"`

func (o *diagramOptions) dotNode(s tcp.State) string {
	switch {
	case o.hasState(s):
		return ", penwidth=3"
	case o.focused() && !o.touches(s):
		return ", " + dotDim
	default:
		return ""
	}
}

func (o *diagramOptions) dotEdge(e *diagramEdge) string {
	if o.focused() && !o.hasEdge(e.edge) {
		return dotDim
	}
	return dotStyles[e.kind]
}

// dot joins event and action with the line break of DOT.
func (l *edgeLabel) dot() string {
	if l.action == "" {
		return l.event
	}
	return l.event + "\\n" + l.action
}

// full is the whole label on one line.
func (l *edgeLabel) full() string {
	if l.note == "" {
		return l.line()
	}
	return l.line() + " (" + l.note + ")"
}

// nodeText is the word of a state, and its count when counts were given.
func (o *diagramOptions) nodeText(s tcp.State, lineBreak string) string {
	if o.counts == nil {
		return s.String()
	}
	return fmt.Sprintf("%s%s%d", s, lineBreak, o.counts[s])
}

// stateID is the word of a state without hyphens, for languages in which a
// hyphen is no letter.
func stateID(s tcp.State) string { return strings.ReplaceAll(s.String(), "-", "_") }

// DiagramMermaid describes the state machine as a stateDiagram-v2 of Mermaid,
// which GitHub and GitLab draw inside Markdown.
func DiagramMermaid(options ...DiagramOption) string {
	o := newDiagramOptions(options)
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, s := range tcp.States() {
		fmt.Fprintf(&b, "    state \"%s\" as %s\n", o.nodeText(s, " "), stateID(s))
	}
	for i := range diagramEdges {
		e := &diagramEdges[i]
		fmt.Fprintf(&b, "    %s --> %s : %s\n", stateID(e.edge.From), stateID(e.edge.To), e.label.full())
	}
	o.writeMermaidClasses(&b)
	return b.String()
}

// writeMermaidClasses colours the states by whose usual path meets them.
func (o *diagramOptions) writeMermaidClasses(b *strings.Builder) {
	b.WriteString("    classDef client stroke:#0969da,stroke-width:2px\n")
	b.WriteString("    classDef server stroke:#bc4c00,stroke-width:2px,stroke-dasharray:6 3\n")
	if o.focused() {
		b.WriteString("    classDef lit stroke-width:5px\n")
	}
	for i := range diagramNodes {
		n := &diagramNodes[i]
		if n.kind == clientEdge || n.kind == serverEdge {
			fmt.Fprintf(b, "    class %s %s\n", stateID(n.state), n.kind)
		}
		if o.hasState(n.state) && !n.echo {
			fmt.Fprintf(b, "    class %s lit\n", stateID(n.state))
		}
	}
}
