package text

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

const (
	stacked = 64 // on a narrower page labels stand on lines of their own
	nested  = 4  // a consequence stands so far inside its root
)

// sectionLabels are the labels of a card, in their order.
var sectionLabels = []string{"card-why", "card-excluded", "card-open", "card-in-time", "card-fate", "card-fix", "card-refuted", "card-more"}

// labelWidth is how many columns the label of a section takes with its gap.
func labelWidth(style Style) (columns int) {
	for _, id := range sectionLabels {
		columns = max(columns, lines.Width(style.say(id))+len(columnGap))
	}
	return columns
}

// row is a line of a section, laid out already.
type row struct {
	text string
	tone ansi.Style
}

// section is a part of a card with its label.
type section struct {
	label string
	rows  []row
}

// card prints one finding; a consequence stands inside the card of its root.
func (p *page) card(f *explain.Finding) {
	indent := 0
	if f.BecauseOf != "" {
		indent = nested
	}
	p.head(f, indent)
	body := strings.Repeat(" ", indent+2)
	p.hanging(body, body, f.Summary, plain)
	p.hanging(body, body, p.subject(f), dim)
	room := p.bodyWidth(indent)
	for i, rows := range [][]row{
		p.evidence(f.Evidence, room), p.exclusions(f.Excluded, room), p.exclusions(f.Open, room), inTime(f, room),
		rows(p.outlook(&f.Fate), room), p.remedies(f.Remedies, room), rows(f.RefutedBy, room), rows("synoptic explain "+f.Cause, room),
	} {
		p.section(section{p.style.say(sectionLabels[i]), rows}, indent+2)
	}
}

// head names severity, cause and confidence, on one line if it is wide enough.
func (p *page) head(f *explain.Finding, indent int) {
	look := severityLooks[f.Severity]
	parts := []row{{look.sign + " " + p.style.say("severity-"+f.Severity), strong(look.tone)}, {f.Cause, bold}, {p.style.say("card-sure", p.style.say("confidence-"+f.Confidence)), dim}}
	if f.BecauseOf != "" {
		parts = append(parts, row{p.style.say("card-because", f.BecauseOf), dim})
	}
	line, used := strings.Repeat(" ", indent), indent
	for i, part := range parts {
		size := ansi.StringWidth(part.text)
		switch {
		case i == 0:
		case strings.HasPrefix(part.text, "（") && used+size <= p.width: // it brings its own space
		case used+1+size > p.width:
			p.line(line)
			line, used = strings.Repeat(" ", indent+2), indent+2
		default:
			line, used = line+" ", used+1
		}
		line, used = line+p.style.paint(part.tone, part.text), used+size
	}
	p.line(line)
}

// subject names whom the finding is about and how many sockets it counts.
func (p *page) subject(f *explain.Finding) string {
	var parts []string
	add := func(id string, values ...any) { parts = append(parts, p.style.say(id, values...)) }
	s := &f.Subject
	if s.Process.PID != 0 {
		add("card-process", s.Process.Name, strconv.Itoa(s.Process.PID))
	}
	netns := ""
	if p.several {
		netns = s.NetNS
	}
	for _, place := range []struct{ id, name string }{
		{"card-local", s.Local}, {"card-peer", s.Peer}, {"card-path", s.Path}, {"card-container", s.Container}, {"card-netns", netns},
	} {
		if place.name != "" {
			add(place.id, place.name)
		}
	}
	switch f.State {
	case "LISTEN": // counts what waits or was refused, as the summary says, not listeners
		parts = append(parts, f.State)
	case "":
		add("card-events", f.Count)
	default:
		add("card-count", f.Count, f.State)
	}
	return strings.Join(parts, p.style.say("comma"))
}

func (p *page) bodyWidth(indent int) int {
	if p.width < stacked {
		return p.width - indent - 4
	}
	return p.width - indent - 2 - p.labels
}

// section prints the label beside the rows, or above them on a narrow page.
func (p *page) section(s section, indent int) {
	if len(s.rows) == 0 {
		return
	}
	margin := strings.Repeat(" ", indent)
	inner := margin + strings.Repeat(" ", p.labels)
	first := margin + lines.Pad(p.style.paint(bold, s.label), p.labels)
	if p.width < stacked {
		p.line(margin + p.style.paint(bold, p.style.say("card-stacked", s.label)))
		inner = margin + "  "
		first = inner
	}
	for _, r := range s.rows {
		p.line(first + p.style.paint(r.tone, r.text))
		first = inner
	}
}

// hanging prints text after a first margin, its further lines after another.
func (p *page) hanging(first, next, text string, tone ansi.Style) {
	if text == "" {
		return
	}
	// The first margin may be the longer one, so it is wrapped with the text.
	lead := strings.TrimLeft(first, " ")
	margin := first[:len(first)-len(lead)]
	for i, line := range lines.Wrap(lead+text, p.width-ansi.StringWidth(next)) {
		if i > 0 {
			margin = next
		}
		p.line(margin + p.style.paint(tone, line))
	}
}
