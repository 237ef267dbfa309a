package text

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/tcp"
)

// Diagnosis prints a diagnosis: the verdict in one line, the states, one card
// a finding, and what could not be seen.
func Diagnosis(w io.Writer, doc explain.Diagnosis, style Style) error {
	p := &page{out: bufio.NewWriter(w), style: style, width: style.columns(), labels: labelWidth(style), several: len(doc.Namespaces) > 1}
	v := judge(&doc, style)
	p.hanging(v.sign+" ", "  ", v.text, strong(v.tone))
	p.hanging("  ", "  ", circumstances(&doc, style), dim)
	if counts := tcp.Counts(doc.States); counts.Total() > 0 {
		p.line("")
		stateTable(p.out, counts, marks(doc.Findings), "  ", style)
	}
	for i := range doc.Findings {
		p.line("")
		p.card(&doc.Findings[i])
	}
	p.ignorance(&doc)
	return p.out.Flush()
}

// page is the place where text is laid out.
type page struct {
	out    *bufio.Writer
	style  Style
	width  int
	labels int // columns for the labels of a card

	several bool // network namespaces: findings say of which one they are
}

func (p *page) line(text string) { fmt.Fprintln(p.out, text) }

// circumstances is the line below the verdict: where, when, how long.
func circumstances(doc *explain.Diagnosis, style Style) string {
	var parts []string
	switch total := tcp.Counts(doc.States).Total(); {
	case sawCaptures(doc):
		parts = append(parts, style.say("seen-connections", total))
	case saw(doc, "sockets"):
		parts = append(parts, style.say("seen-sockets", total))
	}
	when := doc.Time.UTC().Format("2006-01-02 15:04:05 UTC")
	if doc.WindowSeconds > 0 {
		when = style.say("seen-window", fmt.Sprintf("%.1f", doc.WindowSeconds), when)
	}
	parts = append(parts, when)
	if n := len(doc.Namespaces); n > 0 {
		parts = append(parts, style.say("seen-namespaces", n))
	}
	if doc.Host.Kernel != "" {
		parts = append(parts, style.say("seen-kernel", doc.Host.Kernel))
	}
	return strings.Join(parts, style.say("semicolon"))
}

// marks name the gravest finding beside the state that it is about.
func marks(findings []explain.Finding) map[tcp.State]mark {
	at := make(map[tcp.State]mark)
	for _, severity := range severities {
		for i := range findings {
			f := &findings[i]
			state, err := tcp.ParseState(f.State)
			if err != nil || state == tcp.Unknown || f.Severity != severity || at[state].text != "" {
				continue
			}
			look := severityLooks[f.Severity]
			at[state] = mark{look.sign + " " + f.Cause, look.sign, look.tone}
		}
	}
	return at
}

// ignorance says what the answer does not rest on.
func (p *page) ignorance(doc *explain.Diagnosis) {
	say, semicolon := p.style.say, p.style.say("semicolon")
	unseen, partly := sourcesByReason(doc.Sources, p.style)
	if len(unseen)+len(partly)+len(doc.NotAssessed) > 0 {
		p.line("")
	}
	p.hanging(say("seen-not"), "  ", strings.Join(unseen, semicolon), dim)
	p.hanging(say("seen-partly"), "  ", strings.Join(partly, semicolon), dim)
	switch n, lack := len(doc.NotAssessed), needs(doc, p.style); {
	case n > 0 && lack == "":
		p.hanging(say("judged-not"), "  ", say("judged-not-all", n), dim)
	case n > 0:
		p.hanging(say("judged-not"), "  ", say("judged-not-lack", n, lack), dim)
	}
}

// sourcesByReason names the sources that were not read, and those that were
// read in part; those with the same reason stand together.
func sourcesByReason(sources []explain.Source, style Style) (unseen, partly []string) {
	names := make(map[explain.Source][]string)
	var order []explain.Source
	for _, s := range sources {
		key := explain.Source{OK: s.OK, Why: s.Why}
		if names[key] == nil {
			order = append(order, key)
		}
		names[key] = append(names[key], s.Name)
	}
	for _, key := range order {
		text := strings.Join(names[key], style.say("and-list"))
		if key.Why != "" {
			text = style.say("seen-why", text, key.Why)
		}
		switch {
		case !key.OK:
			unseen = append(unseen, text)
		case key.Why != "":
			partly = append(partly, text)
		}
	}
	return unseen, partly
}

// needs names the sources whose absence leaves causes open.
func needs(doc *explain.Diagnosis, style Style) string {
	var names []string
	for _, cause := range doc.NotAssessed {
		for name := range strings.SplitSeq(cause.Needs, ",") {
			name = strings.TrimSpace(name)
			if name == "rule" {
				name = style.say("judged-no-rule")
			}
			if name = style.Language.Phrase(name); name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, style.say("and-list"))
}
