package tcp

import "slices"

// closeWaitRows: the peer has closed its half; ours is open until the user
// calls CLOSE.
func closeWaitRows() []Row {
	return slices.Concat(openErrors(CloseWait), closeWaitCalls(), retransmission(CloseWait, retries2),
		keepalive(CloseWait), quiet(CloseWait, TimeWaitTimeout, FinDue),
		checks(CloseWait, reset, finReset), noText(CloseWait), acks(CloseWait))
}

func closeWaitCalls() []Row {
	const linux, deviation = "tcp_close_state", "LAST-ACK at the call, although the FIN follows the queued text"
	return []Row{
		{"close-wait-send", CloseWait, CallSend, Guard{}, CloseWait, QueueSend | SendText,
			"RFC 9293 3.10.2", "tcp_sendmsg", ""},
		{"close-wait-receive", CloseWait, CallReceive, when(TextQueued), CloseWait, DeliverText,
			"RFC 9293 3.10.3", "tcp_recvmsg", ""},
		{"close-wait-receive-closing", CloseWait, CallReceive, unless(TextQueued), CloseWait, ErrClosing,
			"RFC 9293 3.10.3", "tcp_recvmsg", "no error: reads zero octets"},
		{"close-wait-close-queued", CloseWait, CallClose, when(SendsQueued), CloseWait, QueueClose,
			"RFC 9293 3.10.4", "", deviation},
		{"close-wait-close", CloseWait, CallClose, unless(SendsQueued), LastAck, SendFIN,
			"RFC 9293 3.10.4", linux, "close with unread text sends RST instead (TCPAbortOnClose)"},
		{"close-wait-close-due-queued", CloseWait, CloseDue, when(SendsQueued), CloseWait, QueueClose,
			"RFC 9293 3.10.4", "", deviation},
		{"close-wait-close-due", CloseWait, CloseDue, unless(SendsQueued), LastAck, SendFIN,
			"RFC 9293 3.10.4", "", deviation},
		abort(CloseWait),
		status(CloseWait),
		userTimeout(CloseWait),
		zeroWindow(CloseWait),
	}
}

// closingRows: both FINs have crossed; ours is not acknowledged, or not even
// sent while it waits behind text.
func closingRows() []Row {
	return slices.Concat(openErrors(Closing), closingCalls(), retransmission(Closing, orphanRetries),
		quiet(Closing, KeepaliveTimeout, KeepaliveExhausted, TimeWaitTimeout, FinDue),
		checks(Closing, DeleteTCB, finReset), closingArrives(), noText(Closing), acks(Closing))
}

func closingCalls() []Row {
	return []Row{
		sendClosing(Closing),
		receiveClosing(Closing),
		closeAgain(Closing),
		{"closing-close-due", Closing, CloseDue, Guard{}, Closing, SendFIN,
			"RFC 9293 3.10.4", "tcp_write_xmit", ""},
		abortQuietly(Closing),
		status(Closing),
		userTimeout(Closing),
		zeroWindow(Closing),
	}
}

func closingArrives() []Row {
	return []Row{
		{"closing-acked", Closing, SegmentArrives, when(AckOfFin), TimeWait, TakeACK | wait2MSL,
			arrives + ", figure 13", "tcp_time_wait", ""},
	}
}

// lastAckRows: the peer closed first, then we; only the acknowledgment of our
// FIN is missing.
func lastAckRows() []Row {
	return slices.Concat(openErrors(LastAck), lastAckCalls(), retransmission(LastAck, orphanRetries),
		quiet(LastAck, KeepaliveTimeout, KeepaliveExhausted, TimeWaitTimeout, CloseDue, FinDue),
		checks(LastAck, DeleteTCB, finReset), lastAckArrives(), noText(LastAck), acks(LastAck))
}

func lastAckCalls() []Row {
	return []Row{
		sendClosing(LastAck),
		receiveClosing(LastAck),
		closeAgain(LastAck),
		abortQuietly(LastAck),
		status(LastAck),
		userTimeout(LastAck),
		{"last-ack-zero-window-timeout", LastAck, ZeroWindowTimeout, Guard{}, LastAck, 0,
			"RFC 9293 3.8.6.1", "tcp_probe_timer", "probes: LAST-ACK began at the call and the FIN may still wait for the window"},
	}
}

func lastAckArrives() []Row {
	return []Row{
		{"last-ack-acked", LastAck, SegmentArrives, when(AckOfFin), Closed, TakeACK | DeleteTCB,
			arrives + ", figure 12", "tcp_done", ""},
	}
}
