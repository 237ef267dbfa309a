package explore

import "github.com/synoptic-net/synoptic/tcp"

// Bounds in which one end can be gone, or begin anew, while the other is still in
// the old connection (RFC 9293 section 3.5.1).

// aborts: each user calls ABORT after CLOSE, whatever has come of it.
func aborts() Bound {
	return Bound{
		Name: "abort",
		Users: [2][]Call{
			{open.after(1), send("a"), closeCall, abort},
			{listen, send("x"), closeCall, abort},
		},
		ISS: oneISS, Losses: 1, Invariants: AllInvariants &^ NoReset,
	}
}

// abortEarly: ABORT in place of CLOSE.
func abortEarly() Bound {
	return Bound{
		Name: "abort-early",
		Users: [2][]Call{
			{open, receive, send("a"), closeCall, abort},
			{listen, receive, open, abort},
		},
		ISS: oneISS, Losses: 1, Duplicates: 1, Invariants: AllInvariants &^ NoReset,
	}
}

// cut: at some moment the network stops to carry anything. Ends give up by
// themselves: R2, keep-alives, the user's patience.
func cut() Bound {
	return Bound{
		Name: "cut",
		Users: [2][]Call{
			{open.after(1), send("a"), closeCall},
			{listen, send("x").joined(), closeCall.joined()},
		},
		ISS: oneISS, Cut: true, Keepalive: true, UserTimeout: true,
	}
}

// crashes: the responder loses its memory and listens again (RFC 9293 figures 9
// and 10 the other way round). Keep-alives find out.
func crashes() Bound {
	return Bound{
		Name: "crash",
		Users: [2][]Call{
			{open.after(1), send("a"), closeCall},
			{listen, crash, listen, closeCall.met()},
		},
		ISS: oneISS, Losses: 1, Duplicates: 1, Keepalive: true, Invariants: AllInvariants &^ NoReset,
	}
}

// crashAfterClose is the same, after its user has called CLOSE.
func crashAfterClose() Bound {
	b := crashes()
	b.Name = "crash-after-close"
	b.Users[1] = []Call{listen, closeCall.met(), crash, listen, closeCall.met()}
	return b
}

// crashAndOpen: the responder opens the connection from its side after a crash.
func crashAndOpen() Bound {
	b := crashAfterClose()
	b.Name = "crash-and-open"
	b.Users[1] = []Call{listen, closeCall.met(), crash, open, closeCall.met()}
	b.Users[0] = []Call{open.after(1), closeCall.met(), closeCall.in(tcp.CloseWait)}
	b.Losses = 0
	return b
}

// crashAndListen: the originator crashes and waits for others.
func crashAndListen() Bound {
	b := crashes()
	b.Name = "crash-and-listen"
	b.Users = [2][]Call{
		{open.after(1), crash, listen, send("a"), closeCall},
		{listen, closeCall.met()},
	}
	return b
}

// reuse: two connections between the same sockets, one after the other. The ISS
// of the second are as bad as they can be: old text lies in the new window. RFC
// 1337 is followed.
func reuse() Bound {
	return Bound{
		Name: "reuse",
		Users: [2][]Call{
			{open.after(1), closeCall.met(), open.in(tcp.Closed).after(4), closeCall.met()},
			{listen, send("op").joined(), closeCall.in(tcp.CloseWait), listen.in(tcp.Closed), send("n").joined(), closeCall.in(tcp.CloseWait)},
		},
		ISS: [2][]tcp.Seq{{100, 1000}, {300, 301}}, Duplicates: 1,
	}
}

// youngerSYN: the responder opens the second connection while the originator is
// in TIME-WAIT, with an ISS beyond the old numbers (RFC 9293 section 3.6.1, RFC
// 6191). It ends by ABORT.
func youngerSYN() Bound {
	b := reuse()
	b.Name = "younger-syn"
	b.Users = [2][]Call{
		{open.after(1), closeCall.in(tcp.Established)},
		{listen, send("op").in(tcp.CloseWait), closeCall.in(tcp.CloseWait), open.in(tcp.Closed), send("n"), abort.in(tcp.Established)},
	}
	b.ISS = [2][]tcp.Seq{{100, 50}, {300, 400}}
	b.Invariants = AllInvariants &^ NoReset
	return b
}
