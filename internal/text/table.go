package text

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const columnGap = "  "

// column is one column of a table.
type column struct {
	title string
	right bool // numbers end at the same place
	spare int  // what a narrow terminal gives up, the highest first; 0 is never
	width int
	gone  bool
	cut   bool // what is wider than width is cut
}

// table aligns rows: first measure every row, then write every row. It keeps
// none, so that a million of them need no memory for their text (the table of
// lipgloss takes 17 s for that many).
type table struct {
	columns []column
	style   Style
}

func (t *table) measure(cells []string) {
	for i := range t.columns {
		t.columns[i].width = max(t.columns[i].width, ansi.StringWidth(cells[i]))
	}
}

func (t *table) titles() []string {
	titles := make([]string, len(t.columns))
	for i := range t.columns {
		titles[i] = t.columns[i].title
	}
	return titles
}

// fit gives up spare columns until the table is as wide as the terminal, and
// then cuts the last column.
func (t *table) fit() {
	t.giveUp()
	if last := &t.columns[t.last()]; t.style.Width > 0 && t.total() > t.style.Width {
		last.width = max(last.width-(t.total()-t.style.Width), len("owner…"))
		last.cut = true
	}
}

func (t *table) last() int {
	last := len(t.columns) - 1
	for t.columns[last].gone {
		last--
	}
	return last
}

func (t *table) giveUp() {
	for t.style.Width > 0 && t.total() > t.style.Width {
		spare := 0
		for i, c := range t.columns {
			if !c.gone && c.spare > t.columns[spare].spare {
				spare = i
			}
		}
		if t.columns[spare].spare == 0 {
			return
		}
		t.columns[spare].gone, t.columns[spare].spare = true, 0
	}
}

func (t *table) total() int {
	sum := -len(columnGap)
	for _, c := range t.columns {
		if !c.gone {
			sum += c.width + len(columnGap)
		}
	}
	return sum
}

// write prints one row; tone gives the colour of each cell.
func (t *table) write(w io.Writer, indent string, cells []string, tone func(i int) ansi.Style) error {
	var line strings.Builder
	line.WriteString(indent)
	gap := ""
	for i, c := range t.columns {
		if c.gone {
			continue
		}
		cell := cells[i]
		if c.cut {
			cell = ansi.Truncate(cell, c.width, "…")
		}
		pad := strings.Repeat(" ", max(c.width-ansi.StringWidth(cell), 0))
		line.WriteString(gap)
		if c.right {
			line.WriteString(pad)
			pad = ""
		}
		line.WriteString(t.style.paint(tone(i), cell))
		gap = pad + columnGap
	}
	_, err := io.WriteString(w, strings.TrimRight(line.String(), " ")+"\n")
	return err
}
