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
	all.Findings = ordered(all.Findings)
	slices.SortStableFunc(all.NotAssessed, func(a, b NotAssessed) int { return rank(a.Cause) - rank(b.Cause) })
	return all
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
