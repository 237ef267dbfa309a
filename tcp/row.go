package tcp

// Row is one line of the transition table: in state From, when Event happens
// and Guard holds, do Actions and go to To (which equals From when nothing
// changes). Rows of one state are tried in order and the first that matches is
// taken, so their order is the RFC's order of checks.
type Row struct {
	ID        string  // stable name, "established-fin"
	From      State   // never Unknown
	Event     Event   // what happens
	Guard     Guard   // what must hold besides; the zero Guard always holds
	To        State   // never Unknown
	Actions   Actions // what the end does
	RFC       string  // where it is written: "RFC 9293 3.10.7.4", "RFC 5961 4"
	Linux     string  // kernel function that does it, "" when Linux never does
	Deviation string  // how Linux differs, "" when it does not
}

// Edge is a change of state: two different states that some row joins.
type Edge struct{ From, To State }

// String returns "FROM->TO".
func (e Edge) String() string { return e.From.String() + "->" + e.To.String() }
