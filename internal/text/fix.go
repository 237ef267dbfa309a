package text

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// fixStatus is how the state of a change shows beside its words: sign and colour.
var fixStatus = map[string]struct {
	sign string
	tone ansi.Style
}{
	"would-change": {"○", blue},
	"changed":      {"●", green},
	"already":      {"●", dim},
	"refused":      {"✕", red},
	"taken-back":   {"○", yellow},
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
	p.hanging("", "  ", p.against(plan), bold)
	p.hanging("  ", "  ", plan.Effect, plain)
	p.labelled("card-risk", plan.Cost, plain)
	for i := range plan.Changes {
		p.fixChange(&plan.Changes[i])
	}
	p.labelled("fix-helps-if", plan.Check, dim)
	if look, seen := outcomeLook[doc.Outcome]; seen {
		p.line("")
		p.hanging(look.sign+" ", "  ", doc.Text, strong(look.tone))
	}
	if doc.Undo != "" {
		p.line("  " + p.style.paint(dim, p.style.say("card-undo")+lines.Clean(doc.Undo)))
	}
	if doc.DryRun {
		p.line("")
		p.line(p.style.say("fix-dry"))
	}
	return p.out.Flush()
}

// labelled prints a text behind a label, and its further lines under the text.
func (p *page) labelled(label, text string, tone ansi.Style) {
	first := "  " + p.style.say(label)
	p.hanging(first, strings.Repeat(" ", ansi.StringWidth(first)), text, tone)
}

// against names a remedy, its cause and what both are about.
func (p *page) against(plan *explain.Plan) string {
	if subject := about(&plan.Subject); subject != "" {
		return p.style.say("fix-against-subject", plan.Remedy, plan.Cause, subject)
	}
	return p.style.say("fix-against", plan.Remedy, plan.Cause)
}

// about names what a plan is about, as short as it is plain.
func about(s *explain.Subject) string {
	for _, word := range []string{s.Local, s.Peer, s.Path, s.Process.Name} {
		if word != "" {
			return lines.Clean(word)
		}
	}
	return ""
}

func (p *page) fixChange(c *explain.PlanChange) {
	look := fixStatus[c.Status]
	p.hanging("  "+look.sign+" ", "    ", p.style.say("fix-"+c.Status, c.ScopeText), look.tone)
	for _, command := range c.Commands {
		for line := range strings.SplitSeq(command, "\n") {
			p.line("      " + p.style.paint(cyan, lines.Clean(strings.ReplaceAll(line, "\t", "    "))))
		}
	}
	if c.From != "" && c.Kind == "sysctl" {
		p.line("      " + p.style.paint(dim, p.style.say("fix-was", lines.Clean(c.From))))
	}
	switch {
	case c.Why != "":
		p.hanging("      ", "      ", c.Why, plain)
	case c.Undo == "" && c.Status != "already":
		p.line("      " + p.style.paint(yellow, p.style.say("fix-no-way-back")))
	}
}
