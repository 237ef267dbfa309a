package tcp

import (
	"math/bits"
	"slices"
	"strings"
	"testing"
)

// legalEdges are the arrows of RFC 9293 figure 5, its notes and section 3.10,
// by hand.
var legalEdges = []Edge{
	{Closed, Listen},
	{Closed, SynSent},
	{Listen, SynSent},
	{Listen, SynReceived},
	{Listen, Closed},
	{SynSent, Established},
	{SynSent, SynReceived},
	{SynSent, Closed},
	{SynReceived, Established},
	{SynReceived, Listen},
	{SynReceived, FinWait1},
	{SynReceived, CloseWait},
	{SynReceived, Closed},
	{Established, FinWait1},
	{Established, CloseWait},
	{Established, Closed},
	{FinWait1, FinWait2},
	{FinWait1, Closing},
	{FinWait1, TimeWait},
	{FinWait1, Closed},
	{FinWait2, TimeWait},
	{FinWait2, Closed},
	{Closing, TimeWait},
	{Closing, Closed},
	{CloseWait, LastAck},
	{CloseWait, Closed},
	{LastAck, Closed},
	{TimeWait, Closed},
	{TimeWait, SynReceived},
}

func TestEdgesAreThe29OfTheRFC(t *testing.T) {
	if len(legalEdges) != 29 {
		t.Fatalf("the list in this test has %d edges", len(legalEdges))
	}
	got := Edges()
	for _, e := range legalEdges {
		if !slices.Contains(got, e) {
			t.Errorf("no row makes %v", e)
		}
	}
	for _, e := range got {
		if !slices.Contains(legalEdges, e) {
			t.Errorf("%v is not an edge of the RFC", e)
		}
	}
	if len(got) != len(legalEdges) {
		t.Errorf("%d edges, some of them twice", len(got))
	}
}

// TestEveryRowHasACase is the ledger: a row that no case of this package reaches
// is a row that nobody has thought about.
func TestEveryRowHasACase(t *testing.T) {
	reached := map[string]bool{}
	for _, c := range calls {
		row, _ := Next(c.from, Input{c.event, c.facts})
		reached[row.ID] = true
	}
	for _, a := range allArrivals() {
		row, _ := a.next()
		reached[row.ID] = true
	}
	for _, row := range Rows() {
		if !reached[row.ID] {
			t.Errorf("no case reaches %s", row.ID)
		}
	}
}

// mentioned returns the conditions that the rows ask for; no other condition can
// make a difference.
func mentioned(rows []Row) Facts {
	var all Facts
	for _, row := range rows {
		all |= row.Guard.Require | row.Guard.Forbid
	}
	return all
}

// subsets calls visit with every combination of the conditions.
func subsets(of Facts, visit func(Facts)) {
	for sub := of; ; sub = (sub - 1) & of {
		visit(sub)
		if sub == 0 {
			return
		}
	}
}

// TestNoHoleAndNoDeadRow tries every combination of conditions, sensible or not,
// in each state and event.
func TestNoHoleAndNoDeadRow(t *testing.T) {
	for _, s := range States() {
		for _, e := range Events() {
			var rows []Row
			for _, row := range Rows() {
				if row.From == s && row.Event == e {
					rows = append(rows, row)
				}
			}
			taken := map[string]bool{}
			subsets(mentioned(rows), func(f Facts) {
				row, ok := Next(s, Input{e, f})
				if !ok || row.From != s || row.Event != e {
					t.Fatalf("%v, %v [%v]: no row", s, e, f)
				}
				taken[row.ID] = true
			})
			for _, row := range rows {
				if !taken[row.ID] {
					t.Errorf("%s stands behind rows that leave nothing to it", row.ID)
				}
			}
		}
	}
}

func TestRowsAreWellFormed(t *testing.T) {
	const reply = SendSYN | SendSYNACK | SendACK | SendChallenge | SendRST | SendRSTACK | SendAbortRST
	seen := map[string]bool{}
	for _, row := range Rows() {
		prefix := strings.ToLower(row.From.String()) + "-"
		if !strings.HasPrefix(row.ID, prefix) || row.ID != strings.ToLower(row.ID) || strings.ContainsAny(row.ID, " _.") {
			t.Errorf("%q is not a name of the form %s...", row.ID, prefix)
		}
		if seen[row.ID] {
			t.Errorf("%s is there twice", row.ID)
		}
		seen[row.ID] = true
		if row.From == Unknown || row.To == Unknown {
			t.Errorf("%s is about the unknown", row.ID)
		}
		if !strings.HasPrefix(row.RFC, "RFC ") {
			t.Errorf("%s: %q is no place in an RFC", row.ID, row.RFC)
		}
		if gone := row.To == Closed && row.From != Closed; gone != row.Actions.Has(DeleteTCB) {
			t.Errorf("%s: the TCB goes with CLOSED, and only then", row.ID)
		}
		if rests := row.To == TimeWait && row.From != TimeWait; rests && !row.Actions.Has(StartTimeWait) {
			t.Errorf("%s enters TIME-WAIT without a timer", row.ID)
		}
		if bits.OnesCount64(uint64(row.Actions&reply)) > 1 {
			t.Errorf("%s answers twice: %v", row.ID, row.Actions)
		}
	}
}

func TestNextRefusesWhatIsNoStateOrEvent(t *testing.T) {
	for _, in := range []struct {
		s State
		e Event
	}{{Unknown, SegmentArrives}, {Closed + 1, SegmentArrives}, {Listen, 0}, {Listen, eventEnd}, {255, 255}} {
		if row, ok := Next(in.s, Input{Event: in.e}); ok {
			t.Errorf("%v, %v: got %s", in.s, in.e, row.ID)
		}
	}
}

func TestRowsIsACopy(t *testing.T) {
	Rows()[0].ID = "broken"
	if Rows()[0].ID == "broken" {
		t.Error("the caller can write to the table")
	}
}

// TestTwoRowsForOneSegment: a SYN,ACK that carries text and FIN.
func TestTwoRowsForOneSegment(t *testing.T) {
	seg := Segment{Seq: 300, Ack: 1001, Flags: SYN | FIN | ACK, Data: 5}
	first, _ := Next(SynSent, Arrival(seg, opening))
	if first.To != Established || !first.Actions.Has(ContinueSegment) {
		t.Fatalf("first row %s", first.ID)
	}
	vars := Variables{
		SND: SendSpace{ISS: 1000, UNA: 1001, NXT: 1001, MaxWND: 1000},
		RCV: ReceiveSpace{IRS: 300, NXT: 301, WND: 1000},
	}
	second, _ := Next(first.To, Arrival(seg.AfterSYN(), vars))
	if second.ID != "established-fin" || second.To != CloseWait {
		t.Errorf("second row %s", second.ID)
	}
}

func TestNextAllocatesNothing(t *testing.T) {
	seg := Segment{Seq: 5101, Ack: 1601, Flags: FIN | ACK}
	allocs := testing.AllocsPerRun(100, func() {
		if row, _ := Next(FinWait1, Arrival(seg, finOut)); row.To != TimeWait {
			t.Fatal(row.ID)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations from segment to row", allocs)
	}
}

func BenchmarkArrival(b *testing.B) {
	seg := Segment{Seq: 5101, Ack: 1601, Flags: ACK, Data: 100}
	for b.Loop() {
		if _, ok := Next(Established, Arrival(seg, open)); !ok {
			b.Fatal("no row")
		}
	}
}
