package main

import (
	"bufio"
	"fmt"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/internal/text"
)

// labGuardDocument is the guard's part of a run in JSON.
type labGuardDocument struct {
	Changes  []explain.PlanChange `json:"changes"`
	Mode     string               `json:"xdp_mode,omitempty"`
	LeftOut  []string             `json:"left_out,omitempty"` // why a rung was not climbed
	Before   labServedDocument    `json:"before"`
	After    labServedDocument    `json:"after"`
	Restored bool                 `json:"restored"` // every setting, link and program is as it was
}

type labServedDocument struct {
	Clients  int        `json:"clients"`
	FirstTry int        `json:"first_try"`
	Answered int        `json:"answered"`
	Median   float64    `json:"first_byte_p50_ms"`
	HalfOpen uint64     `json:"half_open"`
	Arriving int        `json:"segments_per_second"`
	Named    []labNamed `json:"named"` // what the diagnosis names, without what is only information
}

type labNamed struct {
	Cause    string `json:"cause"`
	Severity string `json:"severity"`
}

func newLabGuardDocument(g *labGuarded, lang explain.Language) *labGuardDocument {
	if g == nil {
		return nil
	}
	return &labGuardDocument{
		Changes: g.changes(lang), Mode: g.mode, LeftOut: g.leftOut(lang),
		Before: g.before.document(), After: g.after.document(), Restored: len(g.remains) == 0,
	}
}

func (l *labServed) document() labServedDocument {
	d := labServedDocument{
		Clients: l.clients.Count, FirstTry: l.clients.FirstTry, Answered: l.clients.Answered, Median: milliseconds(l.clients.Median),
		HalfOpen: l.halfOpen, Arriving: int(l.arriving), Named: []labNamed{},
	}
	for _, f := range l.report.Findings {
		if f.Severity > diagnose.Info {
			d.Named = append(d.Named, labNamed{string(f.Cause), f.Severity.String()})
		}
	}
	return d
}

// changes are those of the plan, which was carried out.
func (g *labGuarded) changes(lang explain.Language) []explain.PlanChange {
	list := explain.PlanOf(g.ladder.Plan, lang).Changes
	for i := range list {
		list[i].Status = "changed"
		if g.mode != "" && list[i].Kind == string(diagnose.ChangeXDP) {
			list[i].Why = lang.Say("guard-" + g.mode)
		}
	}
	return list
}

// leftOut says why less was done than the scenario would show.
func (g *labGuarded) leftOut(lang explain.Language) (why []string) {
	if g.rootless {
		why = append(why, lang.Say("lab-guard-rootless"))
	}
	outlook := explain.GuardOutlook(g.ladder)
	return append(why, explain.GuardPlanOf(outlook, g.before.report, lang).Hints...)
}

// writeLabGuard shows what the guard did, and the same clients before and after.
func writeLabGuard(w *bufio.Writer, g *labGuarded, style text.Style) error {
	lang := style.Language
	doc := explain.GuardPlan{Changes: g.changes(lang), Hints: g.leftOut(lang), Text: lang.Say("lab-guard-did"), Applied: true}
	fmt.Fprintln(w)
	if err := text.GuardPlan(w, doc, style); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, row := range g.rows(lang) {
		fmt.Fprintf(w, "  %s  %s  %s\n", lines.Pad(row[0], 34), lines.PadLeft(row[1], 19), lines.PadLeft(row[2], 19))
	}
	back := "lab-guard-back"
	if len(g.remains) > 0 {
		back = "lab-guard-remains"
	}
	fmt.Fprintln(w)
	for _, line := range lines.Wrap(lang.Say(back), style.Width) {
		fmt.Fprintln(w, line)
	}
	return nil
}

// rows are the lines of the table, each with its two figures.
func (g *labGuarded) rows(lang explain.Language) [][3]string {
	before, after := g.before.document(), g.after.document()
	row := func(label string, figure func(*labServedDocument) string) [3]string {
		return [3]string{lang.Say(label), figure(&before), figure(&after)}
	}
	return [][3]string{
		{"", lang.Say("lab-guard-before"), lang.Say("lab-guard-after")},
		row("lab-guard-first", func(d *labServedDocument) string { return lang.Say("lab-guard-of", d.FirstTry, d.Clients) }),
		row("lab-guard-ever", func(d *labServedDocument) string { return lang.Say("lab-guard-of", d.Answered, d.Clients) }),
		row("lab-guard-octet", func(d *labServedDocument) string {
			if d.Answered == 0 {
				return "–"
			}
			return fmt.Sprintf("%.1f ms", d.Median)
		}),
		row("lab-guard-arriving", func(d *labServedDocument) string { return grouped(d.Arriving) }),
		row("lab-guard-half-open", func(d *labServedDocument) string { return grouped(int(d.HalfOpen)) }),
		row("lab-guard-named", func(d *labServedDocument) string {
			if len(d.Named) == 0 {
				return lang.Say("lab-nothing")
			}
			return lang.Say("lab-guard-cause", d.Named[0].Cause, lang.Say("severity-"+d.Named[0].Severity))
		}),
	}
}
