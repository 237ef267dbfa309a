package text

import (
	"fmt"
	"io"

	"github.com/synoptic-net/synoptic/internal/lines"
)

// Paragraph writes a text in lines of at most width columns, and an empty line
// after it.
func Paragraph(w io.Writer, text string, width int) {
	for _, line := range lines.Wrap(text, width) {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
}
