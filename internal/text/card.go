package text

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
)

const (
	labelWidth = 15 // columns for the label of a section
	stacked    = 64 // on a narrower page labels stand on lines of their own
	nested     = 4  // a consequence stands so far inside its root
)

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
	for _, s := range []section{
		{"Why", evidence(f.Evidence, room)},
		{"Ruled out", exclusions(f.Excluded, room)},
		{"Still open", exclusions(f.Open, room)},
		{"In time", inTime(f, room)},
		{"If left alone", rows(outlook(&f.Fate), room)},
		{"Fix", remedies(f.Remedies, room)},
		{"Refuted by", rows(f.RefutedBy, room)},
	} {
		p.section(s, indent+2)
	}
}

// head names severity, cause and confidence, on one line if it is wide enough.
func (p *page) head(f *explain.Finding, indent int) {
	look := severityLooks[f.Severity]
	parts := []row{{look.sign + " " + look.word, strong(look.tone)}, {f.Cause, bold}, {"(" + f.Confidence + ")", dim}}
	if f.BecauseOf != "" {
		parts = append(parts, row{"because of " + f.BecauseOf, dim})
	}
	line, used := strings.Repeat(" ", indent), indent
	for i, part := range parts {
		size := ansi.StringWidth(part.text)
		switch {
		case i == 0:
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
	add := func(format string, values ...any) { parts = append(parts, fmt.Sprintf(format, values...)) }
	s := &f.Subject
	if s.Process.PID != 0 {
		add("%s (pid %d)", s.Process.Name, s.Process.PID)
	}
	netns := ""
	if p.several {
		netns = s.NetNS
	}
	for _, place := range []struct{ word, name string }{
		{"local", s.Local}, {"peer", s.Peer}, {"path", s.Path}, {"container", s.Container}, {"netns", netns},
	} {
		if place.name != "" {
			add("%s %s", place.word, place.name)
		}
	}
	switch f.State {
	case "LISTEN": // counts what waits or was refused, as the summary says, not listeners
		add("%s", f.State)
	case "":
		add("%s in the window", counted(uint64(f.Count), "event", "events"))
	default:
		add("%d in %s", f.Count, f.State)
	}
	return strings.Join(parts, ", ")
}

func (p *page) bodyWidth(indent int) int {
	if p.width < stacked {
		return p.width - indent - 4
	}
	return p.width - indent - 2 - labelWidth
}

// section prints the label beside the rows, or above them on a narrow page.
func (p *page) section(s section, indent int) {
	if len(s.rows) == 0 {
		return
	}
	margin := strings.Repeat(" ", indent)
	inner := margin + strings.Repeat(" ", labelWidth)
	first := margin + p.style.paint(bold, s.label) + strings.Repeat(" ", labelWidth-len(s.label))
	if p.width < stacked {
		p.line(margin + p.style.paint(bold, s.label+":"))
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
	for i, line := range wrap(lead+text, p.width-ansi.StringWidth(next)) {
		if i > 0 {
			margin = next
		}
		p.line(margin + p.style.paint(tone, line))
	}
}
