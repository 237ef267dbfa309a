package explain

import (
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// deviation says how Linux differs from a row. The table of package tcp is
// English; its clauses are translated one by one, and one that is not known stays
// as it is.
func deviation(r *tcp.Row, l Language) string {
	if l == English || l == "" {
		return r.Deviation
	}
	words := *deviationTexts.in(l)
	clauses := strings.Split(r.Deviation, clauseGap)
	for i, clause := range clauses {
		if text, ok := words[clause]; ok {
			clauses[i] = text
		}
	}
	return strings.Join(clauses, l.Say("semicolon"))
}

// clauseGap stands between the clauses of a deviation.
const clauseGap = "; "
