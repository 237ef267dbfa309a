package explain

import (
	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/simulate/explore"
	"github.com/synoptic-net/synoptic/tcp"
)

// Exploration is what "synoptic simulate explore" found out within one bound.
type Exploration struct {
	Bound     string              `json:"bound"`
	About     string              `json:"about"`
	States    int                 `json:"joint_states"`
	Moves     int                 `json:"moves"`
	Depth     int                 `json:"depth"`
	Ends      int                 `json:"ends"`
	Exhausted bool                `json:"exhausted"`
	Unmet     string              `json:"stopped_because,omitempty"`
	Checked   []string            `json:"checked"`  // names of invariants
	Expected  []string            `json:"expected"` // those that the bound is there to break
	AsMeant   bool                `json:"as_meant"`
	Broken    []BrokenInvariant   `json:"broken"`
	Pairs     map[tcp.State]Peers `json:"pairs"` // joint states by state of originator, then responder

	language Language
}

// Peers counts joint states by the state of one end.
type Peers map[tcp.State]int

// BrokenInvariant is one that does not hold, with a shortest run.
type BrokenInvariant struct {
	Invariant string         `json:"invariant"`
	Text      string         `json:"text"`
	RFC       string         `json:"rfc"`
	Moves     int            `json:"moves"`
	Steps     []Step         `json:"steps"`
	trace     simulate.Trace // the same
}

// ExplorationsDocument is what several bounds found out together.
type ExplorationsDocument struct {
	Explorations []Exploration `json:"explorations"`
	Rows         int           `json:"rows"`  // of the table
	Never        []NeverTaken  `json:"never"` // taken by none of them

	language Language
}

// NeverTaken is a row that no run took.
type NeverTaken struct {
	Row string `json:"row"`
	Why string `json:"why"`
}

// NewExploration puts the report of a bound into words.
func NewExploration(b *explore.Bound, r *explore.Report, l Language) Exploration {
	all := explorationTexts.in(l)
	checked := b.Invariants
	if checked == 0 {
		checked = explore.AllInvariants
	}
	e := Exploration{
		Bound: b.Name, About: all.Bounds[b.Name], States: r.States, Moves: r.Moves, Depth: r.Depth, Ends: r.Ends,
		Exhausted: r.Exhausted, Unmet: sourceWhy(r.Unmet, l), Checked: invariantNames(checked), Expected: invariantNames(b.Breaks),
		AsMeant: b.Unexpected(r) == 0 && (r.Exhausted || b.Breaks != 0), Broken: []BrokenInvariant{}, Pairs: pairCounts(r), language: l,
	}
	for _, v := range r.Violations {
		words := all.Invariants[v.Invariant]
		e.Broken = append(e.Broken, BrokenInvariant{
			Invariant: v.Invariant.String(), Text: words.Text, RFC: words.RFC, Moves: v.Moves, Steps: steps(v.Trace, l), trace: v.Trace,
		})
	}
	return e
}

// NewExplorations joins the reports of several bounds, in their order.
func NewExplorations(bounds []explore.Bound, reports []explore.Report, l Language) ExplorationsDocument {
	d := ExplorationsDocument{Explorations: []Exploration{}, Rows: len(tcp.Rows()), Never: []NeverTaken{}, language: l}
	for i := range bounds {
		d.Explorations = append(d.Explorations, NewExploration(&bounds[i], &reports[i], l))
	}
	for _, u := range explore.Never(reports...) {
		d.Never = append(d.Never, NeverTaken{Row: u.Row.ID, Why: explorationTexts.in(l).Reasons[u.Why]})
	}
	return d
}

func invariantNames(set explore.Invariants) []string {
	names := []string{}
	for _, one := range set.List() {
		names = append(names, one.String())
	}
	return names
}

// pairCounts leaves out the pairs that were not met.
func pairCounts(r *explore.Report) map[tcp.State]Peers {
	counts := map[tcp.State]Peers{}
	for _, from := range tcp.States() {
		for _, to := range tcp.States() {
			if n := r.Pairs[from][to]; n > 0 {
				if counts[from] == nil {
					counts[from] = Peers{}
				}
				counts[from][to] = n
			}
		}
	}
	return counts
}
