package tcp

import "testing"

// TestClassify takes one segment after the other apart. The numbers are those
// of arrivals_test.go: window 5101 to 6100, sent 1501 to 1600.
func TestClassify(t *testing.T) {
	const exact = SeqExact | SeqInWindow | InWindow
	for _, c := range []struct {
		what string
		seg  Segment
		vars Variables
		want Facts
	}{
		{"bare ACK of all text", Segment{Seq: 5101, Ack: 1601, Flags: ACK}, open, HasACK | exact | AckOfSyn | AckNew},
		{"the same once FIN is out", Segment{Seq: 5101, Ack: 1601, Flags: ACK}, finOut, HasACK | exact | AckOfSyn | AckNew | AckOfFin},
		{"duplicate ACK", Segment{Seq: 5101, Ack: 1501, Flags: ACK}, open, HasACK | exact | AckOfSyn | AckAtUNA},
		{"oldest ACK allowed", Segment{Seq: 5101, Ack: 1301, Flags: ACK}, open, HasACK | exact | AckOfSyn},
		{"one older", Segment{Seq: 5101, Ack: 1300, Flags: ACK}, open, HasACK | exact | AckOfSyn | AckTooOld},
		{"ACK of what was never sent", Segment{Seq: 5101, Ack: 1602, Flags: ACK}, open, HasACK | exact | AckBeyond},
		{"SEG.ACK without the bit", Segment{Seq: 5101, Ack: 1601}, finOut, exact},

		{"RST at RCV.NXT", Segment{Seq: 5101, Flags: RST}, open, HasRST | exact},
		{"RST at the last octet of the window", Segment{Seq: 6100, Flags: RST}, open, HasRST | SeqInWindow | InWindow},
		{"RST just behind the window", Segment{Seq: 6101, Flags: RST}, open, HasRST},
		{"RST with text that reaches in", Segment{Seq: 5100, Flags: RST, Data: 2}, open, HasRST | InWindow | NewText},

		{"text in order", Segment{Seq: 5101, Flags: PSH, Data: 9}, open, exact | NewText},
		{"text half known", Segment{Seq: 5096, Data: 9}, open, InWindow | NewText},
		{"text all known", Segment{Seq: 5092, Data: 9}, open, 0},
		{"text behind a gap", Segment{Seq: 5102, Data: 9}, open, SeqInWindow | InWindow | NewText | BehindGap},
		{"FIN in order", Segment{Seq: 5101, Flags: FIN}, open, HasFIN | exact | NewText | FinInOrder},
		{"FIN behind text half known", Segment{Seq: 5096, Flags: FIN, Data: 9}, open, HasFIN | InWindow | NewText | FinInOrder},
		{"FIN behind a gap", Segment{Seq: 5102, Flags: FIN}, open, HasFIN | SeqInWindow | InWindow | NewText | BehindGap},
		{"FIN once more", Segment{Seq: 5100, Flags: FIN}, open, HasFIN | FinAgain},
		{"FIN once more with its text", Segment{Seq: 5092, Flags: FIN, Data: 8}, open, HasFIN | FinAgain},
		{"an older FIN is no FIN of this connection", Segment{Seq: 5099, Flags: FIN}, open, HasFIN},
		{"FIN that the window has no room for", Segment{Seq: 5101, Flags: FIN, Data: 1000}, open, HasFIN | exact | NewText},

		{"window probe", Segment{Seq: 5101, Ack: 1501, Flags: ACK, Data: 1}, full, HasACK | exact | AckOfSyn | AckAtUNA | NewText},
		{"window probe without ACK", Segment{Seq: 5101, Data: 1}, full, SeqExact | SeqInWindow | NewText},
		{"RST while the window is closed", Segment{Seq: 5101, Flags: RST}, full, HasRST | exact},
		{"one octet on while the window is closed", Segment{Seq: 5102, Flags: ACK, Ack: 1501}, full, HasACK | AckOfSyn | AckAtUNA},

		{"the peer's SYN again", Segment{Seq: 5000, Flags: SYN}, passive, HasSYN | SeqIRS | FromPassive},
		{"SYN,ACK of a simultaneous open", Segment{Seq: 5000, Ack: 1001, Flags: SYN | ACK}, active, HasSYN | HasACK | SeqIRS | AckOfSyn | AckNew},
		{"SYN with text: both in the window", Segment{Seq: 5001, Flags: SYN, Data: 5}, passive,
			HasSYN | exact | NewText | BehindGap | SynNewer | FromPassive},
		{"an end that follows RFC 1337", Segment{Seq: 5101, Flags: RST}, rfc1337, HasRST | exact | IgnoresRST},
	} {
		if got := Classify(c.seg, c.vars); got != c.want {
			t.Errorf("%s, %v:\n got %v\nwant %v", c.what, c.seg, got, c.want)
		}
	}
}

// TestSynNewer goes through RFC 6191 section 2 case by case: the old connection
// ended with the FIN at 5100 and, where it had timestamps, with 70.
func TestSynNewer(t *testing.T) {
	absent := Timestamp{}
	for _, c := range []struct {
		old, now Timestamp
		seq      Seq
		want     bool
	}{
		{absent, absent, 5100, false},
		{absent, absent, 5101, true},
		{absent, Timestamp{true, 1}, 40, true},
		{Timestamp{true, 70}, Timestamp{true, 71}, 40, true},
		{Timestamp{true, 70}, Timestamp{true, 70}, 5100, false},
		{Timestamp{true, 70}, Timestamp{true, 70}, 5101, true},
		{Timestamp{true, 70}, Timestamp{true, 69}, 9000, false},
		{Timestamp{true, 1<<32 - 5}, Timestamp{true, 3}, 40, true},
		{Timestamp{true, 70}, absent, 5100, false},
		{Timestamp{true, 70}, absent, 5101, true},
	} {
		vars := Variables{RCV: later, Timestamp: c.old}
		seg := Segment{Seq: c.seq, Flags: SYN, Timestamp: c.now}
		if got := Classify(seg, vars).Has(SynNewer); got != c.want {
			t.Errorf("old %+v, now %+v, SEQ %v: got %v", c.old, c.now, c.seq, got)
		}
		seg.Flags = ACK
		if Classify(seg, vars).Has(SynNewer) {
			t.Errorf("SEQ %v: not a SYN at all", c.seq)
		}
	}
}

// TestAckPlacesExclude: at most one of the four holds, wherever the ACK lies.
func TestAckPlacesExclude(t *testing.T) {
	holds(t, "one place", func(ack, una Seq, flight, window Size) bool {
		snd := SendSpace{UNA: una, NXT: una.Add(flight % (1 << 30)), MaxWND: window % (1 << 30)}
		switch ackPlace(ack, snd) {
		case AckBeyond:
			return snd.NXT.Less(ack)
		case AckNew:
			return snd.UNA.Less(ack) && ack.LessEqual(snd.NXT)
		case AckAtUNA:
			return ack == snd.UNA
		case AckTooOld:
			return ack.Less(snd.UNA.Sub(snd.MaxWND))
		default:
			return ack.Less(snd.UNA) && snd.UNA.Sub(snd.MaxWND).LessEqual(ack)
		}
	})
}

func TestArrivalIsASegmentEvent(t *testing.T) {
	seg := Segment{Seq: 5101, Flags: FIN}
	if got, want := Arrival(seg, open), (Input{SegmentArrives, Classify(seg, open)}); got != want {
		t.Errorf("got %v", got)
	}
}

func TestReceiveSpaceAccepts(t *testing.T) {
	if !later.Accepts(Segment{Seq: 5100, Flags: SYN | FIN}) {
		t.Error("SYN and FIN count: the FIN is at 5101, in the window")
	}
	if later.Accepts(Segment{Seq: 5100, Flags: FIN}) {
		t.Error("the FIN at 5100 is known")
	}
}
