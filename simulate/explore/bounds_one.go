package explore

import "github.com/synoptic-net/synoptic/tcp"

// Bounds of one connection: nobody aborts or crashes, and the network always
// carries most of what is sent.

// connection: text both ways, and each user closes when it likes. One loss, one
// duplicate.
func connection() Bound {
	return Bound{
		Name: "connection",
		Users: [2][]Call{
			{open.after(1), send("ab"), closeCall},
			{listen, send("xy").joined(), closeCall.joined()},
		},
		ISS: oneISS, Losses: 1, Duplicates: 1,
	}
}

// earlyRetransmission is the same with a retransmission that was not needed in
// place of the duplicate.
func earlyRetransmission() Bound {
	b := connection()
	b.Name, b.Duplicates, b.Early = "early-retransmission", 0, 1
	return b
}

// anyOrder: the users call at any time, even before there is a peer.
func anyOrder() Bound {
	return Bound{
		Name: "any-order",
		Users: [2][]Call{
			{open, send("ab"), closeCall},
			{listen, send("xy"), closeCall},
		},
		ISS: oneISS, Losses: 1, Duplicates: 1,
	}
}

// simultaneousOpen: both call OPEN, one of them in LISTEN (RFC 9293 figure 7).
func simultaneousOpen() Bound {
	return Bound{
		Name: "simultaneous-open",
		Users: [2][]Call{
			{open, send("a"), closeCall},
			{listen, open, closeCall},
		},
		ISS: oneISS, Losses: 1, Duplicates: 1,
	}
}

// simultaneousClose: no text, so that the network can do more to the FINs (RFC
// 9293 figures 12 and 13).
func simultaneousClose() Bound {
	return Bound{
		Name: "simultaneous-close",
		Users: [2][]Call{
			{open.after(1), closeCall.met()},
			{listen, closeCall.met()},
		},
		ISS: oneISS, Losses: 2, Duplicates: 1, Early: 1,
	}
}

// zeroWindow: more text than the receiver has room for, and a receiver that takes
// its time (RFC 9293 section 3.8.6.1).
func zeroWindow() Bound {
	return Bound{
		Name: "zero-window",
		Users: [2][]Call{
			{open.after(1), send("abc"), closeCall},
			{listen, receive.joined(), receive.joined(), closeCall.joined(), receive},
		},
		ISS: oneISS, Losses: 1, Buffer: 2,
	}
}

// fullWindow: the responder closes while its text still waits for the window.
func fullWindow() Bound {
	return Bound{
		Name: "full-window",
		Users: [2][]Call{
			{open.after(1), closeCall, receive, receive},
			{listen, send("xyz").joined(), closeCall},
		},
		ISS: oneISS, Losses: 1, Buffer: 2,
	}
}

// oldSYN: a SYN of an earlier connection is under way (RFC 9293 figure 8).
func oldSYN() Bound {
	b := connection()
	b.Name, b.Duplicates = "old-syn", 0
	b.Old = []OldPacket{{Segment: tcp.Segment{Seq: 90, Flags: tcp.SYN, Window: 1000}}}
	return b
}

// strays: segments that neither end has sent lie in wait: a RST in the window but
// not at its edge, and an ACK of what was never sent, each way (RFC 9293 section
// 3.10.7.4, RFC 5961). A RST may end TIME-WAIT.
func strays() Bound {
	return Bound{
		Name: "strays",
		Users: [2][]Call{
			{open.after(1), closeCall.met()},
			{listen, closeCall.met()},
		},
		ISS: oneISS, Assassination: true, Invariants: AllInvariants &^ FullTimeWait,
		Old: []OldPacket{
			stray(false, 110, 0, tcp.RST, ""), stray(true, 310, 0, tcp.RST, ""),
			stray(false, 103, 900, tcp.ACK, ""), stray(true, 303, 900, tcp.ACK, ""),
		},
	}
}

// strayText: text that neither end has sent, beyond all that they send, with and
// without ACK.
func strayText() Bound {
	b := strays()
	b.Name, b.Assassination, b.Invariants = "stray-text", false, 0
	b.Old = []OldPacket{
		stray(false, 110, 0, 0, "t"), stray(true, 310, 0, 0, "t"),
		stray(false, 110, 300, tcp.ACK, "t"), stray(true, 310, 100, tcp.ACK, "t"),
	}
	return b
}

// strayFIN: a FIN that neither end has sent.
func strayFIN() Bound {
	b := strayText()
	b.Name = "stray-fin"
	b.Old = []OldPacket{
		stray(false, 111, 300, tcp.ACK|tcp.FIN, ""), stray(true, 311, 100, tcp.ACK|tcp.FIN, ""),
	}
	return b
}

func stray(fromResponder bool, seq, ack tcp.Seq, flags tcp.Flags, text string) OldPacket {
	return OldPacket{fromResponder, tcp.Segment{Seq: seq, Ack: ack, Flags: flags, Window: 1000}, text}
}
