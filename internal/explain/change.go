package explain

import "slices"

// Change is what became of a finding between two diagnoses.
type Change struct {
	Kind    string  `json:"change"` // "new", "gone", "worse", "better", "more" or "fewer"
	Before  int     `json:"count_before"`
	Finding Finding `json:"finding"` // as it is now; as it was, when gone
}

// Changes compares two diagnoses. Findings are the same when they name the same
// cause for the same subject; their number counts as changed from a quarter on,
// and from five.
func Changes(before, after []Finding) (changes []Change) {
	for i := range after {
		now := &after[i]
		at := slices.IndexFunc(before, func(f Finding) bool { return sameFinding(&f, now) })
		if at < 0 {
			changes = append(changes, Change{Kind: "new", Finding: *now})
			continue
		}
		if kind := compared(&before[at], now); kind != "" {
			changes = append(changes, Change{Kind: kind, Before: before[at].Count, Finding: *now})
		}
	}
	for i := range before {
		was := &before[i]
		if !slices.ContainsFunc(after, func(f Finding) bool { return sameFinding(was, &f) }) {
			changes = append(changes, Change{Kind: "gone", Before: was.Count, Finding: *was})
		}
	}
	return changes
}

func sameFinding(a, b *Finding) bool {
	return a.Cause == b.Cause && a.State == b.State && a.Subject.Local == b.Subject.Local && a.Subject.Peer == b.Subject.Peer &&
		a.Subject.Process.PID == b.Subject.Process.PID && a.Subject.NetNS == b.Subject.NetNS
}

// severityOrder is from the harmless to the urgent.
var severityOrder = []string{"info", "notice", "warning", "critical"}

func compared(was, now *Finding) string {
	before, after := slices.Index(severityOrder, was.Severity), slices.Index(severityOrder, now.Severity)
	difference := now.Count - was.Count
	enough := max(difference, -difference) >= 5 && max(difference, -difference)*4 >= was.Count
	switch {
	case after > before:
		return "worse"
	case after < before:
		return "better"
	case enough && difference > 0:
		return "more"
	case enough:
		return "fewer"
	default:
		return ""
	}
}
