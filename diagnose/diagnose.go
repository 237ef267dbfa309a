package diagnose

import (
	"cmp"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
)

// Diagnose runs every rule of the catalogue on a bundle. Where it holds several
// network namespaces, what was found in each is joined.
func Diagnose(b *evidence.Bundle) Report {
	if b == nil || len(b.Namespaces) == 0 {
		return diagnoseOne(b)
	}
	reports := []Report{diagnoseOne(b)}
	for _, other := range b.Namespaces {
		if other != nil { // a file may say null
			reports = append(reports, diagnoseOne(other))
		}
	}
	return Merge(reports)
}

func diagnoseOne(b *evidence.Bundle) Report {
	report := Report{Bundle: b}
	if b == nil {
		b = &evidence.Bundle{}
	}
	x := newIndex(b)
	report.index = x
	for state, sockets := range x.byState {
		report.States[state] = uint64(len(sockets))
	}
	if b.Text != nil {
		report.States = b.Text.Counts
	}
	if capturesAlone(b) {
		report.States = b.Packets.States
	}
	x.joinPackets()
	for _, row := range Catalogue() {
		if capturesAlone(b) {
			report.assessPackets(x, row)
			continue
		}
		if needs := x.missing(row); len(needs) > 0 {
			report.NotAssessed = append(report.NotAssessed, NotAssessed{Cause: row.Cause, Needs: needs})
			continue
		}
		report.add(x, row.Cause, row.rule(x))
	}
	if b.Text != nil {
		report.add(x, "unexplained", textPiles(x))
	}
	x.grow(report.Findings)
	link(report.Findings)
	tell(report.told())
	report.Findings = ordered(together(report.Findings))
	return report
}

func (r *Report) add(x *index, cause Cause, findings []Finding) {
	for _, f := range findings {
		f.Cause = cause
		f.Confidence = confidence(&f)
		f.Subject.NetNS = x.bundle.Host.NetNS
		r.Findings = append(r.Findings, f)
	}
}

// needsRule stands under not_assessed for a cause that this version knows by
// name only.
const needsRule = "rule"

// needsWindow stands there when the bundle looked too briefly to see anything
// move.
const needsWindow = "a window of at least 1 s"

// leastWindow is that, less what a look takes: the window of a second ends with
// the last look.
const leastWindow = time.Second

// missing lists what a row needs and the bundle does not have.
func (x *index) missing(row Row) []string {
	if row.rule == nil {
		return []string{needsRule}
	}
	if x.bundle.Text != nil && !row.text {
		return []string{needsKernel}
	}
	var needs []string
	for _, source := range row.Needs {
		if source == needsBaseline && x.bundle.Baseline != nil || source == packets && row.events && x.bundle.Has(events) {
			continue
		}
		if !x.bundle.Has(source) {
			needs = append(needs, source)
		}
	}
	if _, known := x.setting(row.Limit); row.Limit != "" && !known {
		needs = append(needs, "setting "+row.Limit)
	}
	if row.Window && (x.looks < 2 || x.window < leastWindow) {
		needs = append(needs, needsWindow)
	}
	return needs
}

// confidence follows from what a finding shows and leaves open (see
// docs/adr/0005): a rival left open allows Possible at most, two independent
// sources make it Certain.
func confidence(f *Finding) Confidence {
	kinds := map[string]bool{}
	for _, e := range f.Evidence {
		kinds[independent(e.Source)] = true
	}
	switch {
	case len(f.Open) > 0 || len(kinds) == 0 || f.Cause == "unexplained": // which names no cause
		return Possible
	case len(kinds) == 1:
		return Probable
	default:
		return Certain
	}
}

// independent folds the finer source names of the contract into the reading
// that they come from: two facts of one dump are not two witnesses.
func independent(source string) string {
	switch source {
	case sourceListeners, sourceRequests:
		return evidence.SourceSockets
	default:
		return source
	}
}

// consequences says which cause may follow from which at the same ends.
var consequences = map[Cause][]Cause{
	"closed-before-accept":      {"accept-stalled", "accept-backlog-too-small"},
	"target-overloaded":         {"accept-stalled", "accept-backlog-too-small"},
	"tuple-clash":               {"app-not-closing", "app-blocked"},
	"ephemeral-ports-exhausted": {"time-wait-port-exhaustion", "app-not-closing", "target-filtered"},
}

// place is what a finding is about, without the process.
type place struct{ local, peer, netns string }

func (f *Finding) place() place {
	return place{f.Subject.Local, f.Subject.Peer, f.Subject.NetNS}
}

func link(findings []Finding) {
	for i := range findings {
		for _, root := range consequences[findings[i].Cause] {
			for j := range findings {
				if findings[j].Cause == root && findings[j].place() == findings[i].place() && findings[i].BecauseOf == "" {
					findings[i].BecauseOf, findings[i].root = root, findings[j].place()
				}
			}
		}
	}
}

// ordered puts roots first, the urgent and the many before the others, and
// each consequence behind its root.
func ordered(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Count, a.Count))
	})
	following := map[Cause][]int{}
	for i := range findings {
		if root := findings[i].BecauseOf; root != "" {
			following[root] = append(following[root], i)
		}
	}
	out := make([]Finding, 0, len(findings))
	said := make([]bool, len(findings))
	var say func(i int)
	say = func(i int) {
		if said[i] {
			return
		}
		said[i] = true
		out = append(out, findings[i])
		for _, next := range following[findings[i].Cause] {
			if findings[next].root == findings[i].place() {
				say(next)
			}
		}
	}
	for i := range findings {
		if findings[i].BecauseOf == "" {
			say(i)
		}
	}
	for i := range findings {
		say(i) // whose root is not among them
	}
	return out
}
