package explain

import (
	"strings"

	"github.com/synoptic-net/synoptic/internal/lines"
)

// minWidth is the narrowest page: below it wrapping would help nobody.
const minWidth = 40

// page is a text of wrapped paragraphs in the making.
type page struct {
	b     strings.Builder
	width int
	words *machineWords

	language Language
}

func (p *page) String() string { return p.b.String() }

// line writes one line as it is.
func (p *page) line(text string) {
	p.b.WriteString(text)
	p.b.WriteByte('\n')
}

// heading writes a line with an empty one before it.
func (p *page) heading(text string) {
	p.line("")
	p.line(text)
}

// paragraph writes wrapped text that is indented as a whole, nothing for "".
func (p *page) paragraph(indent int, text string) {
	if text == "" {
		return
	}
	p.hang(strings.Repeat(" ", indent), indent, text)
}

// item writes a label and, from the given column after the indent on, wrapped
// text. A label that is too long gets a line of its own, and so does every
// label when the column would leave too little room for the text.
func (p *page) item(indent, column int, label, text string) {
	margin := strings.Repeat(" ", indent)
	room := column - lines.Width(label)
	switch {
	case column > 0 && p.width-indent-column < minWidth/2:
		p.paragraph(indent, label)
		p.paragraph(indent+2, text)
	case column > 0 && room < 1:
		p.line(margin + label)
		p.paragraph(indent+column, text)
	default:
		p.hang(margin+label+strings.Repeat(" ", max(room, 0)), indent+column, text)
	}
}

// hang writes wrapped text after a beginning, further lines under the column.
func (p *page) hang(begin string, column int, text string) {
	for _, line := range lines.WrapWhole(text, p.width-column) {
		p.line(strings.TrimRight(begin+line, " "))
		begin = strings.Repeat(" ", column)
	}
}
