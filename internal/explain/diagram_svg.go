package explain

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// DiagramSVG draws the state machine after RFC 9293 figure 5: a picture of its
// own colours for light and dark screens, without scripts or outside fonts.
func DiagramSVG(options ...DiagramOption) string {
	o := newDiagramOptions(options)
	var b strings.Builder
	say := o.language.Say
	fmt.Fprintf(&b, svgHead, diagramWidth, diagramHeight, diagramWidth, diagramHeight, html.EscapeString(say("diagram-title")), html.EscapeString(say("diagram-about")))
	b.WriteString(svgStyle)
	b.WriteString(svgMarkers)
	fmt.Fprintf(&b, svgGround, diagramWidth-2, diagramHeight-2, html.EscapeString(say("diagram-title")), html.EscapeString(say("diagram-size")))
	writeEdges(&b, o)
	writeNodes(&b, o)
	writeLabels(&b, o)
	writeLegend(&b, o.language)
	b.WriteString("</svg>\n")
	return b.String()
}

// dim returns the class that pushes an unhighlighted thing back.
func (o *diagramOptions) dim(lit bool) string {
	if o.focused() && !lit {
		return " dim"
	}
	return ""
}

func writeEdges(b *strings.Builder, o *diagramOptions) {
	b.WriteString("<g id=\"edges\" fill=\"none\">\n")
	for i := range diagramEdges {
		e := &diagramEdges[i]
		class := string(e.kind) + o.dim(o.hasEdge(e.edge))
		if o.hasEdge(e.edge) {
			class += " lit"
		}
		fmt.Fprintf(b, "<path class=\"%s\" d=\"%s\" marker-end=\"url(#to-%s)\"><title>%s</title></path>\n",
			class, e.path, e.kind, html.EscapeString(edgeTitle(e)))
	}
	b.WriteString("</g>\n")
}

// edgeTitle is the edge in one line, for a pointer and a screen reader.
func edgeTitle(e *diagramEdge) string {
	return fmt.Sprintf("%s → %s: %s", e.edge.From, e.edge.To, e.label.full())
}

func writeNodes(b *strings.Builder, o *diagramOptions) {
	b.WriteString("<g id=\"states\">\n")
	for i := range diagramNodes {
		writeNode(b, o, &diagramNodes[i])
	}
	b.WriteString("</g>\n")
}

func writeNode(b *strings.Builder, o *diagramOptions, n *diagramNode) {
	class := "node " + string(n.kind) + "-node" + o.dim(o.touches(n.state))
	if n.state == tcp.Established {
		class += " open-node"
	}
	if n.echo {
		class += " echo"
	}
	if o.hasState(n.state) {
		class += " lit"
	}
	fmt.Fprintf(b, "<g class=\"%s\"><title>%s</title><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"12\"/>",
		class, html.EscapeString(o.language.Say("card-rival", n.state.String(), StateWords(n.state, o.language).Summary)), n.x-n.width/2, n.y-n.height/2, n.width, n.height)
	if o.counts == nil || n.echo {
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\">%s</text></g>\n", n.x, n.y+5, n.state)
		return
	}
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\">%s</text><text class=\"count\" x=\"%d\" y=\"%d\">%s</text></g>\n",
		n.x, n.y-4, n.state, n.x, n.y+15, strconv.FormatUint(o.counts[n.state], 10))
}

func writeLabels(b *strings.Builder, o *diagramOptions) {
	b.WriteString("<g id=\"labels\">\n")
	for i := range diagramEdges {
		e := &diagramEdges[i]
		if e.kind == abortEdge && e.edge != o.edge && o.rates[e.edge] == 0 {
			continue // the legend speaks for them
		}
		writeLabel(b, o.rated(e), o.dim(o.hasEdge(e.edge)))
	}
	b.WriteString("</g>\n")
}

func writeLabel(b *strings.Builder, l edgeLabel, dim string) {
	first, second, step := l.lines()
	fmt.Fprintf(b, "<text class=\"label%s\" text-anchor=\"%s\" x=\"%d\" y=\"%d\">%s",
		dim, l.anchor, l.x, l.y, html.EscapeString(first))
	if second != "" {
		fmt.Fprintf(b, "<tspan class=\"action\" x=\"%d\" dy=\"%d\">%s</tspan>", l.x, step, html.EscapeString(second))
	}
	b.WriteString("</text>\n")
}

func writeLegend(b *strings.Builder, l Language) {
	entries := []struct {
		kind edgeKind
		x    int
		text string
	}{
		{clientEdge, 60, l.Say("diagram-client")},
		{serverEdge, 290, l.Say("diagram-server")},
		{otherEdge, 524, l.Say("diagram-other")},
		{abortEdge, 722, l.Say("diagram-abort")},
	}
	const y = diagramHeight - 28
	b.WriteString("<g id=\"legend\">\n")
	for _, e := range entries {
		fmt.Fprintf(b, "<path class=\"%s\" fill=\"none\" d=\"M%d,%d L%d,%d\" marker-end=\"url(#to-%s)\"/><text class=\"label\" x=\"%d\" y=\"%d\">%s</text>\n",
			e.kind, e.x, y, e.x+44, y, e.kind, e.x+54, y+4, e.text)
	}
	b.WriteString("</g>\n")
}
