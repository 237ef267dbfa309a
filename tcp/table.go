package tcp

import "slices"

// Input is what the table is asked with, besides the state: an event and the
// conditions that hold.
type Input struct {
	Event Event
	Facts Facts
}

// table is the machine: RFC 9293 section 3.10 with RFC 5961, RFC 6191 and RFC
// 1337, one state after the other. Each part is a file of its own, rows_*.go.
var table = slices.Concat(
	closedRows(),
	listenRows(),
	synSentRows(),
	synReceivedRows(),
	establishedRows(),
	finWait1Rows(),
	finWait2Rows(),
	closeWaitRows(),
	closingRows(),
	lastAckRows(),
	timeWaitRows(),
)

// lookup holds the same rows by state and event, each list in table order.
var lookup = indexRows(table)

type rowIndex [Closed + 1][eventEnd][]Row

func indexRows(rows []Row) *rowIndex {
	var index rowIndex
	for _, row := range rows {
		index[row.From][row.Event] = append(index[row.From][row.Event], row)
	}
	return &index
}

// Rows returns the whole table (RFC 9293 section 3.10), a row for each way an
// event can end in each state, self-loops and errors included. Rows of one state
// and event stand in the order in which they are tried. The caller may change
// the slice.
func Rows() []Row { return slices.Clone(table) }

// Edges returns the changes of state that the table can make, in its order,
// each once: the arrows of RFC 9293 figure 5 and those that the figure leaves
// out.
func Edges() []Edge {
	var edges []Edge
	for _, row := range table {
		edge := Edge{row.From, row.To}
		if row.From != row.To && !slices.Contains(edges, edge) {
			edges = append(edges, edge)
		}
	}
	return edges
}

// Next returns the row that applies: the first of the state and event whose
// guard holds. It is false only for Unknown and for values that are no state or
// no event; for every other input there is a row. A row with ContinueSegment
// asks for a second step with the rest of the segment: a SYN,ACK that carries a
// FIN takes SYN-SENT to ESTABLISHED and then to CLOSE-WAIT. Next allocates
// nothing.
func Next(s State, in Input) (Row, bool) {
	if s > Closed || in.Event >= eventEnd {
		return Row{}, false
	}
	rows := lookup[s][in.Event]
	for i := range rows {
		if rows[i].Guard.Holds(in.Facts) {
			return rows[i], true
		}
	}
	return Row{}, false
}
