package text

import (
	"fmt"
	"io"
	"time"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// Change prints what became of a finding, on a line or two.
func Change(w io.Writer, when time.Time, c explain.Change, style Style) error {
	p := &page{out: nil, style: style, width: style.columns()}
	look := severityLooks[c.Finding.Severity]
	if c.Kind == "gone" {
		look = severityLooks["info"]
	}
	head := fmt.Sprintf("%s  %s %s %s", when.Format("15:04:05"), lines.Pad(style.say("change-"+c.Kind), 6), look.sign, c.Finding.Cause)
	if c.Before > 0 && c.Kind != "gone" {
		head = style.say("change-before", head, c.Before)
	}
	if _, err := fmt.Fprintln(w, p.style.paint(strong(look.tone), head)); err != nil || c.Kind == "gone" {
		return err
	}
	for _, line := range lines.Wrap(c.Finding.Summary, max(p.width-18, 20)) {
		if _, err := fmt.Fprintln(w, "                  "+line); err != nil {
			return err
		}
	}
	return nil
}
