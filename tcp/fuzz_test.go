package tcp

import (
	"slices"
	"testing"
)

// FuzzArrival throws any segment at any variables in every state: there is
// always a row, it makes a legal edge, and the laws of answering hold.
func FuzzArrival(f *testing.F) {
	for _, a := range allArrivals() {
		f.Add(uint32(a.seg.Seq), uint32(a.seg.Ack), uint8(a.seg.Flags), uint32(a.seg.Data), a.seg.Timestamp.Value,
			uint32(a.vars.SND.ISS), uint32(a.vars.SND.UNA), uint32(a.vars.SND.NXT), uint32(a.vars.SND.MaxWND),
			uint32(a.vars.RCV.IRS), uint32(a.vars.RCV.NXT), uint32(a.vars.RCV.WND), uint8(0))
	}
	f.Fuzz(func(t *testing.T, seq, ack uint32, flags uint8, data, stamp, iss, una, nxt, maxWND, irs, next, window uint32, end uint8) {
		seg := Segment{Seq: Seq(seq), Ack: Seq(ack), Flags: Flags(flags), Data: Size(data),
			Timestamp: Timestamp{end&1 != 0, stamp}}
		vars := Variables{
			SND:         SendSpace{ISS: Seq(iss), UNA: Seq(una), NXT: Seq(nxt), MaxWND: Size(maxWND)},
			RCV:         ReceiveSpace{IRS: Seq(irs), NXT: Seq(next), WND: Size(window)},
			FinSent:     end&2 != 0,
			FromPassive: end&4 != 0,
			IgnoresRST:  end&8 != 0,
			Timestamp:   Timestamp{end&16 != 0, 70},
		}
		for _, s := range States() {
			holdLaws(t, s, seg, vars)
		}
	})
}

func holdLaws(t *testing.T, s State, seg Segment, vars Variables) {
	t.Helper()
	row, ok := Next(s, Arrival(seg, vars))
	if !ok || row.From != s || row.Event != SegmentArrives {
		t.Fatalf("%v, %v: no row", s, seg)
	}
	if edge := (Edge{row.From, row.To}); row.From != row.To && !slices.Contains(legalEdges, edge) {
		t.Fatalf("%v, %v: %s makes the edge %v", s, seg, row.ID, edge)
	}
	if seg.Flags.Has(RST) && row.Actions&(SendRST|SendRSTACK|SendAbortRST) != 0 {
		t.Fatalf("%v, %v: %s answers RST with RST", s, seg, row.ID)
	}
	if s.Synchronized() && seg.Flags.Has(SYN) && !seg.Flags.Has(RST) && row.To != s && row.ID != "time-wait-syn-newer" {
		t.Fatalf("%v, %v: %s lets a SYN change the state", s, seg, row.ID)
	}
	if s.Synchronized() && seg.Flags.Has(RST) && seg.Seq != vars.RCV.NXT && row.To != s {
		t.Fatalf("%v, %v: %s obeys an RST that is not at RCV.NXT", s, seg, row.ID)
	}
}
