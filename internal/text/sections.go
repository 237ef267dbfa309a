package text

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// rows lays out a sentence.
func rows(text string, width int) []row {
	return bulleted("", text, width)
}

// bulleted lays out a sentence behind a bullet, its further lines aligned.
func bulleted(bullet, text string, width int) []row {
	if text == "" {
		return nil
	}
	var list []row
	indent := ansi.StringWidth(bullet)
	for _, line := range lines.Wrap(text, width-indent) {
		list = append(list, row{bullet + line, plain})
		bullet = strings.Repeat(" ", indent)
	}
	return list
}

// command lays out a shell command: never wrapped, so that it can be copied.
func command(indent, label, text string, tone ansi.Style) row {
	return row{indent + label + lines.Clean(text), tone}
}

func (p *page) evidence(facts []explain.Evidence, width int) []row {
	var list []row
	for _, fact := range facts {
		list = append(list, bulleted("• ", fact.Text, width)...)
		if fact.Recheck != "" {
			list = append(list, command("  ", p.style.say("card-check"), fact.Recheck, dim))
		}
	}
	return list
}

func (p *page) exclusions(causes []explain.Exclusion, width int) []row {
	var list []row
	for _, cause := range causes {
		list = append(list, bulleted("• ", p.style.say("card-rival", cause.Cause, cause.Because), width)...)
	}
	return list
}

// outlook says what happens if nobody acts, and when it is over.
func (p *page) outlook(f *explain.Fate) string {
	switch {
	case f.Text == "":
		return ""
	case f.Forever:
		return p.style.say("card-forever", f.Text)
	case f.WithinSeconds > 0:
		return p.style.say("card-within", f.Text, p.style.span(f.WithinSeconds))
	default:
		return f.Text
	}
}

// inTime says how a pile grows and how old it is.
func inTime(f *explain.Finding, width int) []row {
	var list []row
	if f.Growth != nil {
		list = append(list, bulleted("• ", f.Growth.Text, width)...)
	}
	return append(list, bulleted("• ", f.Age, width)...)
}

// span shows a length of time roundly: nobody acts on its milliseconds.
func (s Style) span(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < time.Minute:
		return s.say("span-seconds", fmt.Sprintf("%.0f", max(d.Seconds(), 1)))
	case d < 2*time.Hour:
		return s.say("span-minutes", fmt.Sprintf("%.0f", d.Minutes()))
	default:
		return s.say("span-hours", fmt.Sprintf("%.0f", d.Hours()))
	}
}

func (p *page) remedies(ways []explain.Remedy, width int) []row {
	var list []row
	for i, way := range ways {
		bullet := "• "
		if len(ways) > 1 {
			bullet = fmt.Sprintf("%d. ", i+1)
		}
		list = append(list, bulleted(bullet, way.Text, width)...)
		list = append(list, p.details(&way, strings.Repeat(" ", ansi.StringWidth(bullet)), width)...)
	}
	return list
}

// details are the commands of a remedy and what they cost.
func (p *page) details(way *explain.Remedy, indent string, width int) []row {
	var list []row
	for _, line := range way.Apply {
		list = append(list, command(indent+"  ", "", line, cyan))
	}
	if way.Fix != "" {
		where := ""
		if way.Scope == "host" {
			where = "  # the whole host"
		}
		list = append(list, command(indent, "do: ", "synoptic diagnose --fix "+way.Fix+where, dim))
	}
	if way.Risk != "" {
		list = append(list, bulleted(indent+p.style.say("card-risk"), way.Risk, width)...)
	}
	for _, line := range way.Undo {
		list = append(list, command(indent, p.style.say("card-undo"), line, dim))
	}
	for _, line := range way.Persist {
		list = append(list, command(indent, p.style.say("card-keep"), line, dim))
	}
	return list
}
