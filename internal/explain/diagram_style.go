package explain

// The fixed parts of the SVG. Colours are written out rather than kept in CSS
// variables, because not every viewer of SVG files knows variables.
const (
	svgHead = `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" width="%d" height="%d" viewBox="0 0 %d %d">
<title id="title">%s</title>
<desc id="desc">%s</desc>
`

	svgStyle = `<style>
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.ground{fill:#fff;stroke:#d1d9e0}
.head{font-size:18px;font-weight:600;fill:#1f2328}
.sub{font-size:12.5px;fill:#59636e}
.client{stroke:#0969da;stroke-width:3}
.server{stroke:#bc4c00;stroke-width:3;stroke-dasharray:9 4}
.other{stroke:#59636e;stroke-width:1.5}
.abort{stroke:#818b98;stroke-width:1.3;stroke-dasharray:2 4}
.abort.lit{stroke-width:2;stroke:#59636e}
.other.lit{stroke-width:2.5}
.tip-client{fill:#0969da}
.tip-server{fill:#bc4c00}
.tip-other{fill:#59636e}
.tip-abort{fill:none;stroke:#818b98;stroke-width:1.2}
.node rect{fill:#fff;stroke:#59636e;stroke-width:1.6}
.node text{fill:#1f2328;font-size:14px;font-weight:600;text-anchor:middle;letter-spacing:.02em}
.node text.count{font-size:15px;font-weight:700;letter-spacing:0}
.client-node rect{stroke:#0969da;fill:#eef6ff}
.server-node rect{stroke:#bc4c00;fill:#fff5ec;stroke-dasharray:9 4}
.open-node rect{stroke:#1a7f37;stroke-width:2.6;fill:#e9f9ee}
.open-node text{font-size:15.5px}
.echo rect{stroke-dasharray:2 4}
.lit rect{stroke-width:4}
.label{font-size:12.5px;fill:#1f2328;stroke:#fff;stroke-width:4px;stroke-linejoin:round;paint-order:stroke}
.label .action{fill:#59636e}
.dim{opacity:.22}
@media (prefers-color-scheme:dark){
.ground{fill:#0d1117;stroke:#3d444d}
.head{fill:#f0f6fc}
.sub{fill:#9198a1}
.client{stroke:#4493f8}
.server{stroke:#f0883e}
.other{stroke:#9198a1}
.abort{stroke:#848d97}
.abort.lit{stroke:#9198a1}
.tip-client{fill:#4493f8}
.tip-server{fill:#f0883e}
.tip-other{fill:#9198a1}
.tip-abort{stroke:#848d97}
.node rect{fill:#0d1117;stroke:#9198a1}
.node text{fill:#f0f6fc}
.client-node rect{stroke:#4493f8;fill:#0f1f38}
.server-node rect{stroke:#f0883e;fill:#2b1a0c}
.open-node rect{stroke:#3fb950;fill:#0f2417}
.label{fill:#f0f6fc;stroke:#0d1117}
.label .action{fill:#9198a1}
}
</style>
`

	svgMarkers = `<defs>
<marker id="to-client" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-client" d="M0,0 L10,5 L0,10 z"/></marker>
<marker id="to-server" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-server" d="M0,0 L10,5 L0,10 z"/></marker>
<marker id="to-other" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-other" d="M0,0 L10,5 L0,10 z"/></marker>
<marker id="to-abort" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-abort" d="M1,1 L9,5 L1,9"/></marker>
</defs>
`

	svgGround = `<rect class="ground" x="1" y="1" width="%d" height="%d" rx="14"/>
<text class="head" x="28" y="44">%s</text>
<text class="sub" x="28" y="65">%s</text>
`
)
