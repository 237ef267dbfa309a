package text

import (
	"fmt"
	"io"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// guardTones is how the lines of a guard that runs show what was done.
var guardTones = map[string]ansi.Style{"arm": strong(red), "disarm": green, "shadow": yellow, "tell": plain}

// GuardEvent prints one line: when, for which listener, what and why. The time is
// local.
func GuardEvent(w io.Writer, e explain.GuardEvent, style Style) error {
	where := ""
	if e.Listener != "" {
		where = style.paint(bold, e.Listener) + "  "
	}
	_, err := fmt.Fprintf(w, "%s  %s%s\n", style.paint(dim, e.Time.Local().Format("15:04:05.000")), where, style.paint(guardTones[e.Action], lines.Clean(e.Text)))
	return err
}

// GuardSummary prints what a run came to.
func GuardSummary(w io.Writer, s explain.GuardSummary, style Style) error {
	if _, err := fmt.Fprintln(w, style.paint(bold, s.Text)); err != nil {
		return err
	}
	for _, d := range s.Listeners {
		if _, err := fmt.Fprintf(w, "  %s  %s\n", d.Listener, d.Text); err != nil {
			return err
		}
	}
	return nil
}
