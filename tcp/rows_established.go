package tcp

import "slices"

const retries2 = "after tcp_retries2 (15: 924.6 s by default)"

// establishedRows: text flows both ways. CLOSE begins our half of the closing,
// the peer's FIN the other.
func establishedRows() []Row {
	return slices.Concat(openErrors(Established), receive(Established), establishedCalls(), establishedTimers(),
		checks(Established, reset, sackReset), establishedArrives(), text(Established, neverSent), acks(Established))
}

func establishedCalls() []Row {
	return []Row{
		{"established-send", Established, CallSend, Guard{}, Established, QueueSend | SendText,
			"RFC 9293 3.10.2", "tcp_sendmsg", ""},
		{"established-close-queued", Established, CallClose, when(SendsQueued), FinWait1, QueueClose,
			"RFC 9293 3.10.4", "tcp_close_state", "close with unread text sends RST instead (TCPAbortOnClose)"},
		{"established-close", Established, CallClose, unless(SendsQueued), FinWait1, SendFIN,
			"RFC 9293 3.10.4", "tcp_close_state", "close with unread text sends RST instead (TCPAbortOnClose)"},
		{"established-close-due-queued", Established, CloseDue, when(SendsQueued), FinWait1, QueueClose,
			"RFC 9293 3.10.4", "tcp_rcv_state_process", ""},
		{"established-close-due", Established, CloseDue, unless(SendsQueued), FinWait1, SendFIN,
			"RFC 9293 3.10.4", "tcp_rcv_state_process", ""},
		abort(Established),
		status(Established),
		userTimeout(Established),
		zeroWindow(Established),
	}
}

func establishedTimers() []Row {
	return slices.Concat(retransmission(Established, retries2), keepalive(Established), quiet(Established, TimeWaitTimeout))
}

func establishedArrives() []Row {
	return []Row{
		{"established-fin", Established, SegmentArrives, when(FinInOrder), CloseWait, peerFIN,
			arrives, "tcp_fin", neverSent},
		{"established-fin-due", Established, FinDue, Guard{}, CloseWait, TakeFIN | SendACK | SignalClosing,
			arrives, "tcp_ofo_queue", ""},
	}
}
