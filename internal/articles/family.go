package articles

import (
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Family is the causes that belong to one state, or to those of closing.
type Family struct {
	States string // "" for the whole host
	Causes []diagnose.Cause
}

// families begin with these causes; each goes on, in the order of the catalogue,
// to the first cause of the next.
var families = []struct {
	states string
	first  diagnose.Cause
}{
	{"SYN-RECEIVED", "syn-flood"},
	{"LISTEN", "accept-stalled"},
	{"SYN-SENT", "target-dead"},
	{"ESTABLISHED", "peer-vanished"},
	{"CLOSE-WAIT", "app-not-closing"},
	{"FIN-WAIT-1, FIN-WAIT-2, CLOSING, LAST-ACK", "fin-unacknowledged"},
	{"TIME-WAIT", "active-close-churn"},
	{"", "conntrack-full"},
}

// Families returns the causes of the catalogue by state.
func Families() []Family {
	var list []Family
	for _, row := range diagnose.Catalogue() {
		for _, f := range families {
			if f.first == row.Cause {
				list = append(list, Family{States: f.states})
			}
		}
		if len(list) == 0 {
			list = append(list, Family{})
		}
		last := &list[len(list)-1]
		last.Causes = append(last.Causes, row.Cause)
	}
	return slices.Clip(list)
}
