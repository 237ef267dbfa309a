package explain

import (
	"fmt"
	"html"
	"strings"
)

// SVG draws the ladder: time runs downwards, a packet is a line from one end to
// the other that falls the further the more happens meanwhile. The picture has
// its own colours for light and dark screens, and no scripts or outside fonts.
func (l *Ladder) SVG() string {
	d := layoutLadder(l)
	var b strings.Builder
	fmt.Fprintf(&b, ladderHead, ladderWidth, d.height, ladderWidth, d.height, html.EscapeString(l.Title), html.EscapeString(l.About))
	b.WriteString(ladderStyle)
	fmt.Fprintf(&b, ladderGround, ladderWidth-2, d.height-2)
	for _, x := range [2]int{ladderLeftX, ladderRightX} {
		fmt.Fprintf(&b, "<path class=\"life\" d=\"M%d,%d L%d,%d\"/>\n", x, d.from, x, d.to)
	}
	d.writeWays(&b)
	d.writeMarks(&b)
	b.WriteString("</svg>\n")
	return b.String()
}

func (d *ladderDrawing) writeWays(b *strings.Builder) {
	for _, w := range d.ways {
		side := strings.Fields(w.class)[0]
		head := "url(#tip-" + side + ")"
		if w.lost {
			head = "url(#tip-lost)"
		}
		head = " marker-end=\"" + head + "\""
		if w.open {
			head = ""
		}
		fmt.Fprintf(b, "<path class=\"way %s\" d=\"M%d,%d L%d,%d\"%s><title>%s</title></path>\n",
			w.class, w.x1, w.y1, w.x2, w.y2, head, html.EscapeString(w.title))
	}
}

func (d *ladderDrawing) writeMarks(b *strings.Builder) {
	for i := range d.marks {
		m := &d.marks[i]
		if m.text != "" {
			fmt.Fprintf(b, "<text class=\"%s\" text-anchor=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n", m.class, m.anchor, m.x, m.y, html.EscapeString(m.text))
		}
	}
}

const (
	ladderHead = `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" width="%d" height="%d" viewBox="0 0 %d %d">
<title id="title">%s</title>
<desc id="desc">%s</desc>
`

	ladderStyle = `<style>
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-size:12px;fill:#1f2328}
.ground{fill:#fff;stroke:#d1d9e0}
text.head{font-size:18px;font-weight:600}
text.sub{fill:#59636e}
text.end{font-size:14px;font-weight:600}
text.time{fill:#59636e;font-variant-numeric:tabular-nums}
text.state{font-weight:700;fill:#1a7f37}
text.why{fill:#59636e}
text.note{fill:#9a6700}
text.gone{fill:#cf222e}
text.label{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;stroke:#fff;stroke-width:4px;stroke-linejoin:round;paint-order:stroke}
.life{stroke:#818b98;stroke-width:1.5}
.way{fill:none;stroke-width:2}
.from-left{stroke:#0969da}
.from-right{stroke:#bc4c00}
.stray{stroke-dasharray:6 4}
.lost{stroke-dasharray:3 4}
.tip-from-left{fill:#0969da}
.tip-from-right{fill:#bc4c00}
.tip-lost{fill:none;stroke:#cf222e;stroke-width:2}
@media (prefers-color-scheme:dark){
text{fill:#f0f6fc}
.ground{fill:#0d1117;stroke:#3d444d}
text.sub,text.time,text.why{fill:#9198a1}
text.state{fill:#3fb950}
text.note{fill:#d29922}
text.gone{fill:#f85149}
text.label{stroke:#0d1117}
.from-left{stroke:#4493f8}
.from-right{stroke:#f0883e}
.tip-from-left{fill:#4493f8}
.tip-from-right{fill:#f0883e}
.tip-lost{stroke:#f85149}
}
</style>
<defs>
<marker id="tip-from-left" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-from-left" d="M0,0 L10,5 L0,10 z"/></marker>
<marker id="tip-from-right" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-from-right" d="M0,0 L10,5 L0,10 z"/></marker>
<marker id="tip-lost" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse"><path class="tip-lost" d="M1,1 L9,9 M9,1 L1,9"/></marker>
</defs>
`

	ladderGround = `<rect class="ground" x="1" y="1" width="%d" height="%d" rx="14"/>
`
)
