package text

import (
	"bufio"
	"io"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// fixStatus is how the state of a change shows: sign, word and colour.
var fixStatus = map[string]struct {
	sign, word string
	tone       ansi.Style
}{
	"would-change": {"○", "would change", blue},
	"changed":      {"●", "changed", green},
	"already":      {"●", "is so already", dim},
	"refused":      {"✕", "refused", red},
	"taken-back":   {"○", "taken back", yellow},
}

// outcomeLook is how an outcome shows.
var outcomeLook = map[string]struct {
	sign string
	tone ansi.Style
}{
	"helped": {"✔", green}, "not-yet": {"…", yellow}, "no": {"✕", red}, "unknown": {"?", yellow},
}

// Fix prints what was done against a finding, or would be.
func Fix(w io.Writer, doc explain.Fix, style Style) error {
	p := &page{out: bufio.NewWriter(w), style: style, width: style.columns()}
	plan := &doc.Plan
	p.hanging("", "  ", plan.Remedy+", against "+plan.Cause+about(&plan.Subject), bold)
	p.hanging("  ", "  ", plan.Effect, plain)
	p.hanging("  risk: ", "        ", plan.Cost, plain)
	for i := range plan.Changes {
		p.fixChange(&plan.Changes[i])
	}
	p.hanging("  it helps if ", "              ", plan.Check, dim)
	if look, seen := outcomeLook[doc.Outcome]; seen {
		p.line("")
		p.hanging(look.sign+" ", "  ", doc.Text, strong(look.tone))
	}
	if doc.Undo != "" {
		p.line("  " + p.style.paint(dim, "undo: "+lines.Clean(doc.Undo)))
	}
	if doc.DryRun {
		p.line("")
		p.line("Nothing was changed: this is a dry run.")
	}
	return p.out.Flush()
}

// about names what a plan is about, as short as it is plain.
func about(s *explain.Subject) string {
	for _, word := range []string{s.Local, s.Peer, s.Path, s.Process.Name} {
		if word != "" {
			return " (" + lines.Clean(word) + ")"
		}
	}
	return ""
}

func (p *page) fixChange(c *explain.PlanChange) {
	look := fixStatus[c.Status]
	p.hanging("  "+look.sign+" ", "    ", look.word+", in "+c.ScopeText+":", look.tone)
	for _, command := range c.Commands {
		p.line("      " + p.style.paint(cyan, lines.Clean(command)))
	}
	if c.From != "" && c.Kind == "sysctl" {
		p.line("      " + p.style.paint(dim, "was "+lines.Clean(c.From)))
	}
	switch {
	case c.Why != "":
		p.hanging("      ", "      ", c.Why, plain)
	case c.Undo == "" && c.Status != "already":
		p.line("      " + p.style.paint(yellow, "no way back"))
	}
}
