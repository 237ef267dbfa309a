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
	p := &page{out: bufio.NewWriter(w), style: style, width: style.columns(), several: len(doc.Namespaces) > 1}
	v := judge(&doc)
	p.hanging(v.sign+" ", "  ", v.text, strong(v.tone))
	p.hanging("  ", "  ", circumstances(&doc), dim)
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
	out   *bufio.Writer
	style Style
	width int

	several bool // network namespaces: findings say of which one they are
}

func (p *page) line(text string) { fmt.Fprintln(p.out, text) }

// circumstances is the line below the verdict: where, when, how long.
func circumstances(doc *explain.Diagnosis) string {
	var parts []string
	switch total := tcp.Counts(doc.States).Total(); {
	case sawCaptures(doc):
		parts = append(parts, counted(total, "connection", "connections")+" in packets")
	case saw(doc, "sockets"):
		parts = append(parts, counted(total, "socket", "sockets"))
	}
	when := doc.Time.UTC().Format("2006-01-02 15:04:05 UTC")
	if doc.WindowSeconds > 0 {
		when = fmt.Sprintf("%.1f s from %s", doc.WindowSeconds, when)
	}
	parts = append(parts, when)
	if n := len(doc.Namespaces); n > 0 {
		parts = append(parts, counted(uint64(n), "network namespace", "network namespaces"))
	}
	if doc.Host.Kernel != "" {
		parts = append(parts, "kernel "+doc.Host.Kernel)
	}
	return strings.Join(parts, "; ")
}

func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// marks name the gravest finding beside the state that it is about.
func marks(findings []explain.Finding) map[tcp.State]mark {
	at := make(map[tcp.State]mark)
	for _, severity := range severities {
		for i := range findings {
			f := &findings[i]
			state, err := tcp.ParseState(f.State)
			if err != nil || state == tcp.Unknown || f.Severity != severity.word || at[state].text != "" {
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
	unseen, partly := sourcesByReason(doc.Sources)
	if len(unseen)+len(partly)+len(doc.NotAssessed) > 0 {
		p.line("")
	}
	p.hanging("not seen: ", "  ", strings.Join(unseen, "; "), dim)
	p.hanging("seen in part: ", "  ", strings.Join(partly, "; "), dim)
	if n := len(doc.NotAssessed); n > 0 {
		p.hanging("not judged: ", "  ", counted(uint64(n), "cause", "causes")+needs(doc)+"; --output=json lists them", dim)
	}
}

// sourcesByReason names the sources that were not read, and those that were
// read in part; those with the same reason stand together.
func sourcesByReason(sources []explain.Source) (unseen, partly []string) {
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
		text := strings.Join(names[key], ", ")
		if key.Why != "" {
			text += " (" + key.Why + ")"
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
func needs(doc *explain.Diagnosis) string {
	var names []string
	for _, cause := range doc.NotAssessed {
		for name := range strings.SplitSeq(cause.Needs, ",") {
			name = strings.TrimSpace(name)
			if name == "rule" {
				name = "a rule in this version"
			}
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", for lack of " + strings.Join(names, ", ")
}
