package tcp

import "strings"

// What several states have in common. RFC 9293 section 3.10 says each of these
// once for many states; the rows of one state are put together in the file of
// that state.

// id returns the stable name of a row: the state in lower case, a hyphen and
// what happens.
func id(s State, what string) string { return strings.ToLower(s.String()) + "-" + what }

const (
	arrives  = "RFC 9293 3.10.7.4"
	reset    = SignalReset | FailReset | FlushQueues | DeleteTCB
	timedOut = SignalTimeout | FlushQueues | DeleteTCB
	peerFIN  = TakeACK | TakeText | TakeFIN | SendACK | SignalClosing
	wait2MSL = StopTimers | StartTimeWait
)

// openErrors: a connection that exists cannot be opened again (3.10.1).
func openErrors(s State) []Row {
	return []Row{
		{id(s, "passive-open"), s, CallPassiveOpen, Guard{}, s, ErrExists,
			"RFC 9293 3.10.1", "inet_listen", ""},
		{id(s, "active-open"), s, CallActiveOpen, Guard{}, s, ErrExists,
			"RFC 9293 3.10.1", "__inet_stream_connect", ""},
	}
}

// status: every connection that exists reports its state (3.10.6).
func status(s State) Row {
	return Row{id(s, "status"), s, CallStatus, Guard{}, s, ReportState,
		"RFC 9293 3.10.6", "tcp_get_info", ""}
}

// sendClosing: after CLOSE nothing more can be sent (3.10.2).
func sendClosing(s State) Row {
	return Row{id(s, "send"), s, CallSend, Guard{}, s, ErrClosing,
		"RFC 9293 3.10.2", "tcp_sendmsg", ""}
}

// receiveClosing: the peer's FIN is taken and nothing is left to read (3.10.3).
func receiveClosing(s State) Row {
	return Row{id(s, "receive"), s, CallReceive, Guard{}, s, ErrClosing,
		"RFC 9293 3.10.3", "tcp_recvmsg", ""}
}

// receive: what is queued is delivered, else the RECEIVE waits (3.10.3).
func receive(s State) []Row {
	return []Row{
		{id(s, "receive"), s, CallReceive, when(TextQueued), s, DeliverText,
			"RFC 9293 3.10.3", "tcp_recvmsg", ""},
		{id(s, "receive-wait"), s, CallReceive, unless(TextQueued), s, QueueReceive,
			"RFC 9293 3.10.3", "tcp_recvmsg", ""},
	}
}

// closeAgain: the CLOSE was given before, and no second FIN is sent (3.10.4).
func closeAgain(s State) Row {
	return Row{id(s, "close"), s, CallClose, Guard{}, s, ErrClosing,
		"RFC 9293 3.10.4", "tcp_close", "no error: the call succeeds"}
}

// abort with a reset for the peer, which may still wait for text (3.10.5).
func abort(s State) Row {
	return Row{id(s, "abort"), s, CallAbort, Guard{}, Closed,
		SendAbortRST | FailReset | FlushQueues | DeleteTCB,
		"RFC 9293 3.10.5", "tcp_disconnect",
		"asked for by SO_LINGER 0, or by close with unread text (TCPAbortOnClose); ss -K does it too (tcp_abort); the RST has the ACK bit"}
}

// abortQuietly: both ends are closing, no reset is needed (3.10.5).
func abortQuietly(s State) Row {
	return Row{id(s, "abort"), s, CallAbort, Guard{}, Closed, FlushQueues | DeleteTCB,
		"RFC 9293 3.10.5", "tcp_disconnect", "sends RST while text or FIN waits unsent"}
}

// userTimeout: nothing was acknowledged for the user's patience (3.10.8).
func userTimeout(s State) Row {
	return Row{id(s, "user-timeout"), s, UserTimeout, Guard{}, Closed, timedOut,
		"RFC 9293 3.10.8, RFC 5482", "tcp_write_timeout", "off unless TCP_USER_TIMEOUT is set"}
}

// retransmission: the front of the queue goes out again, until the end gives up
// (RFC 6298 section 5, RFC 9293 section 3.8.3).
func retransmission(s State, exhausted string) []Row {
	return []Row{
		{id(s, "retransmission-timeout"), s, RetransmissionTimeout, Guard{}, s, Resend | BackOff,
			"RFC 9293 3.10.8, RFC 6298 5.4", "tcp_retransmit_timer", ""},
		{id(s, "retransmission-exhausted"), s, RetransmissionExhausted, Guard{}, Closed, timedOut,
			"RFC 9293 3.8.3", "tcp_write_err", exhausted},
	}
}

// zeroWindow: the window must be asked for, its opening may have been lost; while
// the peer answers the end never gives up (RFC 9293 section 3.8.6.1).
func zeroWindow(s State) Row {
	return Row{id(s, "zero-window-timeout"), s, ZeroWindowTimeout, Guard{}, s, SendProbe | BackOff,
		"RFC 9293 3.8.6.1", "tcp_probe_timer", "probes with an octet already acknowledged, not with a new one"}
}

// keepalive: an idle connection asks whether the peer still exists (RFC 9293
// section 3.8.4).
func keepalive(s State) []Row {
	return []Row{
		{id(s, "keepalive-timeout"), s, KeepaliveTimeout, Guard{}, s, SendKeepalive,
			"RFC 9293 3.8.4", "tcp_keepalive_timer", "off unless SO_KEEPALIVE is set"},
		{id(s, "keepalive-exhausted"), s, KeepaliveExhausted, Guard{}, Closed, timedOut,
			"RFC 9293 3.8.4", "tcp_keepalive_timer", "sends RST; TCP_USER_TIMEOUT stands in for the count of probes"},
	}
}

var quietEvents = [eventEnd]struct{ name, rfc string }{
	UserTimeout:             {"user-timeout", "RFC 9293 3.10.8"},
	RetransmissionTimeout:   {"retransmission-timeout", "RFC 9293 3.10.8"},
	RetransmissionExhausted: {"retransmission-exhausted", "RFC 9293 3.8.3"},
	ZeroWindowTimeout:       {"zero-window-timeout", "RFC 9293 3.8.6.1"},
	KeepaliveTimeout:        {"keepalive-timeout", "RFC 9293 3.8.4"},
	KeepaliveExhausted:      {"keepalive-exhausted", "RFC 9293 3.8.4"},
	TimeWaitTimeout:         {"time-wait-timeout", "RFC 9293 3.10.8"},
	CloseDue:                {"close-due", "RFC 9293 3.10.4"},
	FinDue:                  {"fin-due", "RFC 9293 3.10.7.4"},
}

// quiet: nothing in this state waits for these events. A timer that was set in
// the state before and fires late changes nothing. The user timeout may act in
// any state by the RFC's letter; in LISTEN and TIME-WAIT nothing is outstanding
// for which a user could lose patience.
func quiet(s State, events ...Event) []Row {
	rows := make([]Row, 0, len(events))
	for _, e := range events {
		rows = append(rows, Row{ID: id(s, quietEvents[e].name), From: s, Event: e, To: s, RFC: quietEvents[e].rfc})
	}
	return rows
}
