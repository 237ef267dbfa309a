package diagnose

import (
	"slices"

	"github.com/synoptic-net/synoptic/tcp"
)

// NamespaceStates is the part of a merged report that one network namespace is.
type NamespaceStates struct {
	NetNS  string
	States tcp.Counts
}

// Merge joins the reports of several network namespaces of one host. The first
// one stands for the host: its bundle is that of the whole.
func Merge(reports []Report) Report {
	var all Report
	listed := map[Cause]bool{}
	for i, r := range reports {
		if i == 0 {
			all.Bundle = r.Bundle
		}
		for state, n := range r.States {
			all.States[state] += n
		}
		all.Findings = append(all.Findings, r.Findings...)
		all.Namespaces = append(all.Namespaces, NamespaceStates{NetNS: r.netns(), States: r.States})
		for _, n := range r.NotAssessed {
			if !listed[n.Cause] {
				listed[n.Cause] = true
				all.NotAssessed = append(all.NotAssessed, n)
			}
		}
	}
	findings := joined(reports, all.Findings)
	placePublished(findings, reports)
	tell(findings)
	all.Findings = ordered(all.Findings)
	slices.SortStableFunc(all.NotAssessed, func(a, b NotAssessed) int { return rank(a.Cause) - rank(b.Cause) })
	return all
}

// told returns the findings with where they come from.
func (r *Report) told() []told {
	list := make([]told, len(r.Findings))
	for i := range r.Findings {
		list[i] = told{&r.Findings[i], r.index}
	}
	return list
}

// joined does the same for the findings of several reports, in their order.
func joined(reports []Report, findings []Finding) []told {
	list := make([]told, 0, len(findings))
	for _, r := range reports {
		for range r.Findings {
			list = append(list, told{&findings[len(list)], r.index})
		}
	}
	return list
}

func (r *Report) netns() string {
	if r.Bundle == nil {
		return ""
	}
	return r.Bundle.Host.NetNS
}

// rank is the place of a cause in the catalogue.
func rank(cause Cause) int {
	return slices.IndexFunc(Catalogue(), func(row Row) bool { return row.Cause == cause })
}
