package track

import "github.com/synoptic-net/synoptic/tcp"

// calls are what a user may have done for an end to send such a segment.
var calls = []struct {
	flags tcp.Flags
	event tcp.Event
}{
	{tcp.RST, tcp.CallAbort},
	{tcp.FIN, tcp.CallClose},
	{tcp.SYN, tcp.CallActiveOpen},
}

const controls = tcp.SYN | tcp.FIN | tcp.RST | tcp.ACK

// rowOf returns the row of the table that joins two states when an end sends, or
// gets, a segment with these control bits; the zero Row where several were taken
// at once. What an end sends also shows what it got before.
func rowOf(from, to tcp.State, sends bool, flags tcp.Flags) tcp.Row {
	var inputs []tcp.Input
	for _, c := range calls {
		if sends && flags.Has(c.flags) {
			inputs = append(inputs, tcp.Input{Event: c.event, Facts: tcp.ForeignGiven})
		}
	}
	for _, exact := range []bool{true, false} {
		for _, h := range happenings {
			for _, in := range h.input {
				if (bitsOf(in.Facts) == flags&controls) == exact {
					inputs = append(inputs, in)
				}
			}
		}
	}
	for _, in := range inputs {
		if row, ok := tcp.Next(from, in); ok && row.To == to {
			return row
		}
	}
	return tcp.Row{}
}

func bitsOf(f tcp.Facts) (flags tcp.Flags) {
	for fact, flag := range map[tcp.Facts]tcp.Flags{tcp.HasSYN: tcp.SYN, tcp.HasFIN: tcp.FIN, tcp.HasRST: tcp.RST, tcp.HasACK: tcp.ACK} {
		if f.Has(fact) {
			flags |= flag
		}
	}
	return flags
}
