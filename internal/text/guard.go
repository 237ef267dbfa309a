package text

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// GuardPlan prints what the guard would do, or did.
func GuardPlan(w io.Writer, doc explain.GuardPlan, style Style) error {
	p := &page{out: bufio.NewWriter(w), style: style, width: style.columns()}
	tone := bold
	if doc.Refused != "" {
		tone = strong(yellow)
	}
	p.hanging("", "", doc.Text, tone)
	for i := range doc.Changes {
		p.guardChange(&doc.Changes[i])
	}
	for _, hint := range doc.Hints {
		p.line("")
		p.labelled("guard-hint", hint, plain)
	}
	for i, end := range doc.End(style.Language) {
		if i == 0 {
			p.line("")
		}
		p.hanging("", "", end, plain)
	}
	return p.out.Flush()
}

func (p *page) guardChange(c *explain.PlanChange) {
	p.line("")
	p.fixChange(c)
	effect := c.Effect
	if c.Preventive {
		effect = p.style.say("guard-with", effect, p.style.say("guard-preventive"))
	}
	p.hanging("      ", "      ", effect, plain)
	first := "      " + p.style.say("card-risk")
	p.hanging(first, "            ", c.Cost, plain)
}

// guardLook is how the standing of a change shows beside its words.
var guardLook = map[string]struct {
	sign string
	tone ansi.Style
}{
	"in-force": {"●", green}, "undone": {"●", green}, "altered": {"✕", red}, "taken-back": {"○", yellow},
	"unread": {"?", yellow}, "gone": {"○", yellow}, "ended": {"○", dim},
}

// guardTone is how the life of a guard shows, and whether it is what a person wants
// to know first.
func guardTone(state string) (tone ansi.Style, first bool) {
	switch state {
	case "running":
		return green, true
	case "silent", "died":
		return strong(red), true
	}
	return plain, false
}

// GuardStatus prints what stands of the guard's changes, or what was put back.
func GuardStatus(w io.Writer, doc explain.GuardStatus, style Style) error {
	p := &page{out: bufio.NewWriter(w), style: style, width: style.columns()}
	tone, first := guardTone(doc.Guard.State)
	if first {
		p.hanging("", "", doc.Guard.Text, tone)
	}
	p.hanging("", "", doc.Text, bold)
	for _, c := range doc.Changes {
		look := guardLook[c.Status]
		value := c.To
		if c.Status == "undone" {
			value = c.From
		}
		p.line("  " + p.style.paint(look.tone, look.sign) + " " + p.style.say("guard-value", lines.Clean(guardPlace(c.Kind, c.Target)), p.guardValue(c.Kind, value)))
		p.hanging("    ", "    ", style.say("guard-"+c.Status, p.guardValue(c.Kind, c.Held)), dim)
	}
	if !first {
		p.hanging("", "", doc.Guard.Text, tone)
	}
	return p.out.Flush()
}

// guardPlace is what people call the place of a change: journals number interfaces.
func guardPlace(kind, target string) string {
	if i := strings.LastIndexByte(target, '@'); kind == "xdp" && i > 0 {
		return target[:i]
	}
	return target
}

// guardValue is a value on one line.
func (p *page) guardValue(kind, value string) string {
	switch {
	case value == "" && kind == "xdp":
		return p.style.say("guard-none")
	case value == "" && (kind == "file" || kind == "link" || kind == "nft" || kind == "mount"):
		return p.style.say("guard-nothing-there")
	case strings.Contains(value, "\n"):
		return p.style.say("guard-text-of", strings.Count(value, "\n"))
	}
	return lines.Clean(value)
}
