package tcp

import (
	"math/bits"
	"testing"
)

func TestEventWords(t *testing.T) {
	want := []string{
		"passive OPEN", "active OPEN", "SEND", "RECEIVE", "CLOSE", "ABORT", "STATUS", "SEGMENT ARRIVES",
		"USER TIMEOUT", "RETRANSMISSION TIMEOUT", "retransmission exhausted (R2)", "zero-window probe timeout",
		"keep-alive timeout", "keep-alive exhausted", "TIME-WAIT TIMEOUT",
		"queued CLOSE becomes due", "held FIN becomes due",
	}
	events := Events()
	if len(events) != len(want) {
		t.Fatalf("%d events, want %d", len(events), len(want))
	}
	for i, e := range events {
		if e.String() != want[i] {
			t.Errorf("event %d is %q, want %q", i, e, want[i])
		}
		if calls := 7; e.Call() != (i < calls) {
			t.Errorf("%v: call is %v", e, e.Call())
		}
	}
	if got := Event(0).String(); got != "none" {
		t.Errorf("the zero event is %q", got)
	}
	if got := Event(200).String(); got != "Event(200)" {
		t.Errorf("got %q", got)
	}
}

// TestWordsAndBitsMatch: a name a bit, all different. A name in the wrong place
// would show below.
func TestWordsAndBitsMatch(t *testing.T) {
	if got, want := len(factNames), bits.TrailingZeros32(uint32(factsEnd)); got != want {
		t.Errorf("%d names for %d conditions", got, want)
	}
	if got, want := len(actionNames), bits.TrailingZeros64(uint64(actionsEnd)); got != want {
		t.Errorf("%d names for %d actions", got, want)
	}
	seen := map[string]bool{}
	for _, pair := range factNames {
		for _, name := range pair {
			if name == "" || seen[name] {
				t.Errorf("condition %q is there twice", name)
			}
			seen[name] = true
		}
	}
}

func TestFactWords(t *testing.T) {
	for _, c := range []struct {
		fact Facts
		want string
	}{
		{HasFIN, "FIN"},
		{SeqExact, "SEQ = RCV.NXT"},
		{SynNewer, "newer than the old connection"},
		{AckOfSyn, "ISS < SEG.ACK =< SND.NXT"},
		{AckOfFin, "ACK of our FIN"},
		{FinAgain, "the FIN already taken"},
		{FromPassive, "came from passive OPEN"},
		{TextQueued, "text queued"},
		{HasRST | InWindow, "RST, segment in the window"},
		{0, ""},
		{1 << 31, ""},
	} {
		if got := c.fact.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestGuardHolds(t *testing.T) {
	g := when(HasRST | SeqExact).butNot(FromPassive)
	for facts, want := range map[Facts]bool{
		HasRST | SeqExact:               true,
		HasRST | SeqExact | HasACK:      true,
		HasRST:                          false,
		HasRST | SeqExact | FromPassive: false,
		0:                               false,
	} {
		if got := g.Holds(facts); got != want {
			t.Errorf("%v with [%v]: got %v", g, facts, got)
		}
	}
	if !(Guard{}).Holds(0) || !(Guard{}).Holds(factsEnd-1) {
		t.Error("the zero guard always holds")
	}
}

func TestGuardString(t *testing.T) {
	for _, c := range []struct {
		guard Guard
		want  string
	}{
		{Guard{}, ""},
		{when(HasRST | SeqExact | FromPassive), "RST, SEQ = RCV.NXT, came from passive OPEN"},
		{when(HasRST | SeqExact).butNot(FromPassive), "RST, SEQ = RCV.NXT, came from active OPEN"},
		{unless(HasACK), "no ACK"},
		{unless(InWindow), "segment outside the window"},
		{unless(SendsQueued), "no SENDs queued"},
	} {
		if got := c.guard.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestActionWords(t *testing.T) {
	for _, c := range []struct {
		actions Actions
		want    string
	}{
		{0, ""},
		{CreateTCB, "create TCB"},
		{TakeACK | SendACK, "take ACK; send ACK"},
		{SendRST | DropSegment, "drop segment; send RST <SEQ=SEG.ACK>"},
		{UpdateWindow, "update window"},
		{ReportState, "report state"},
		{SendSYN, "send SYN <SEQ=ISS>"},
		{StopTimers | StartTimeWait, "stop timers; start 2MSL timer"},
		{SignalClosing, `signal "connection closing"`},
		{SignalReset | DeleteTCB, `signal "connection reset"; delete TCB`},
		{1 << 63, ""},
	} {
		if got := c.actions.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestActionsList(t *testing.T) {
	list := (DeleteTCB | TakeACK | SendFIN).List()
	want := []Actions{TakeACK, SendFIN, DeleteTCB}
	if len(list) != len(want) {
		t.Fatalf("got %v", list)
	}
	for i := range want {
		if list[i] != want[i] {
			t.Errorf("%d: got %v, want %v", i, list[i], want[i])
		}
	}
	if !(TakeACK | SendFIN).Has(SendFIN) || TakeACK.Has(TakeACK|SendFIN) {
		t.Error("Has asks for every action")
	}
}
