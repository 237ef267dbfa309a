package track

import (
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// TestSetsOfTheTable: what follows from the rows, stated by hand.
func TestSetsOfTheTable(t *testing.T) {
	synchronized := tcp.Synchronized
	for _, c := range []struct {
		name      string
		got, want tcp.StateSet
	}{
		{"SYN taken", tookSYN, synchronized | tcp.SetOf(tcp.SynReceived)},
		{"text taken", tookText, synchronized},
		{"FIN taken", tookFIN, tcp.SetOf(tcp.CloseWait, tcp.Closing, tcp.LastAck, tcp.TimeWait)},
		{"FIN sent", finSent, tcp.SetOf(tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.LastAck, tcp.TimeWait)},
		{"FIN acknowledged", finAcked, tcp.SetOf(tcp.FinWait2, tcp.TimeWait)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestReach: where an end may be once the other has sent something, stated by
// hand from RFC 9293 section 3.10.7.
func TestReach(t *testing.T) {
	for _, c := range []struct {
		what   sent
		from   tcp.State
		may    []tcp.State
		likely tcp.State
	}{
		{sentSYN, tcp.Listen, []tcp.State{tcp.Listen, tcp.SynReceived}, tcp.SynReceived},
		{sentSYN, tcp.SynSent, []tcp.State{tcp.SynSent, tcp.SynReceived}, tcp.SynReceived},
		{sentSYN, tcp.Closed, []tcp.State{tcp.Closed}, tcp.Closed},
		{sentSYNACK, tcp.SynSent, []tcp.State{tcp.SynSent, tcp.Established}, tcp.Established},
		{sentACK, tcp.SynReceived, []tcp.State{tcp.SynReceived, tcp.Established}, tcp.Established},
		{sentFIN, tcp.Established, []tcp.State{tcp.Established, tcp.CloseWait}, tcp.CloseWait},
		{sentFIN, tcp.FinWait1, []tcp.State{tcp.FinWait1, tcp.Closing}, tcp.Closing},
		{sentFIN, tcp.FinWait2, []tcp.State{tcp.FinWait2, tcp.TimeWait}, tcp.TimeWait},
		{ackedFIN, tcp.FinWait1, []tcp.State{tcp.FinWait1, tcp.FinWait2}, tcp.FinWait2},
		{ackedFIN, tcp.Closing, []tcp.State{tcp.Closing, tcp.TimeWait}, tcp.TimeWait},
		{ackedFIN, tcp.LastAck, []tcp.State{tcp.LastAck, tcp.Closed}, tcp.Closed},
		{ackedFIN | sentFIN, tcp.FinWait1, []tcp.State{tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.TimeWait}, tcp.TimeWait},
		// A FIN that acknowledges ours leads past CLOSING.
		{sentFINACK, tcp.FinWait1, []tcp.State{tcp.FinWait1, tcp.FinWait2, tcp.TimeWait}, tcp.TimeWait},
		{sentRST, tcp.Established, []tcp.State{tcp.Established, tcp.Closed}, tcp.Closed},
		{sentRST, tcp.SynReceived, []tcp.State{tcp.Listen, tcp.SynReceived, tcp.Closed}, tcp.Closed},
	} {
		if got := reach[c.what][c.from]; got != tcp.SetOf(c.may...) {
			t.Errorf("%b in %v: %v, want %v", c.what, c.from, got, tcp.SetOf(c.may...))
		}
		if got := expect[c.what][c.from]; got != c.likely {
			t.Errorf("%b in %v: %v is expected, want %v", c.what, c.from, got, c.likely)
		}
	}
}

// TestReachIsClosed: more sent never rules a state out, what is expected is
// possible, and asking again adds nothing.
func TestReachIsClosed(t *testing.T) {
	for what := range sent(sents) {
		for s := tcp.Listen; s < states; s++ {
			set := reach[what][s]
			if !set.Has(s) || !set.Has(expect[what][s]) {
				t.Errorf("%b in %v: %v, expected %v", what, s, set, expect[what][s])
			}
			if again := spreadSet(what, set); again != set {
				t.Errorf("%b in %v: %v, then %v", what, s, set, again)
			}
			for more := sent(1); more < sents; more <<= 1 {
				if missing := set &^ reach[what|more][s]; missing != 0 {
					t.Errorf("%b in %v: %v rules out %v", what, s, more, missing)
				}
			}
		}
	}
}

// TestSends: in which states what is sent, stated by hand.
func TestSends(t *testing.T) {
	for _, c := range []struct {
		what kind
		from tcp.State
		may  []tcp.State
	}{
		{kindSYN, tcp.Closed, []tcp.State{tcp.SynSent}},
		{kindSYN, tcp.SynSent, []tcp.State{tcp.SynSent}},
		{kindSYNACK, tcp.SynReceived, []tcp.State{tcp.SynReceived}},
		{kindACK, tcp.SynSent, nil},
		{kindACK, tcp.Closed, nil},
		{kindACK, tcp.TimeWait, []tcp.State{tcp.TimeWait}},
		{kindText, tcp.Established, []tcp.State{tcp.Established}},
		{kindText, tcp.FinWait1, nil},
		{kindText, tcp.SynReceived, nil},
		{kindTextAgain, tcp.FinWait1, []tcp.State{tcp.FinWait1}},
		{kindTextAgain, tcp.FinWait2, nil},
		{kindFIN, tcp.Established, []tcp.State{tcp.FinWait1}},
		{kindFIN, tcp.CloseWait, []tcp.State{tcp.LastAck}},
		{kindFINLate, tcp.CloseWait, []tcp.State{tcp.Closing, tcp.LastAck}},
		{kindFINAgain, tcp.LastAck, []tcp.State{tcp.LastAck}},
		{kindFINAgain, tcp.TimeWait, nil},
		{kindRST, tcp.Established, []tcp.State{tcp.Closed}},
		{kindRSTACK, tcp.Listen, []tcp.State{tcp.Closed}},
	} {
		if got := sends[c.what][c.from]; got != tcp.SetOf(c.may...) {
			t.Errorf("kind %d from %v: %v, want %v", c.what, c.from, got, tcp.SetOf(c.may...))
		}
	}
}
