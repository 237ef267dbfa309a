package tcp

import "slices"

// closedRows: there is no TCB; calls fail and segments are answered with RST
// (RFC 9293 section 3.10.7.1).
func closedRows() []Row { return slices.Concat(closedCalls(), closedTimers(), closedArrives()) }

func closedCalls() []Row {
	return []Row{
		{"closed-passive-open", Closed, CallPassiveOpen, Guard{}, Listen, CreateTCB,
			"RFC 9293 3.10.1", "inet_csk_listen_start", ""},
		{"closed-active-open", Closed, CallActiveOpen, Guard{}, SynSent,
			CreateTCB | ChooseISS | MarkActive | SendSYN,
			"RFC 9293 3.10.1", "tcp_v4_connect", "TCP_REPAIR enters ESTABLISHED without a segment (tcp_finish_connect)"},
		{"closed-send", Closed, CallSend, Guard{}, Closed, ErrNoConnection,
			"RFC 9293 3.10.2", "tcp_sendmsg", "MSG_FASTOPEN opens and sends in one call (RFC 7413)"},
		{"closed-receive", Closed, CallReceive, Guard{}, Closed, ErrNoConnection,
			"RFC 9293 3.10.3", "tcp_recvmsg", ""},
		{"closed-close", Closed, CallClose, Guard{}, Closed, ErrNoConnection,
			"RFC 9293 3.10.4", "tcp_close", "no error: the socket goes"},
		{"closed-abort", Closed, CallAbort, Guard{}, Closed, ErrNoConnection,
			"RFC 9293 3.10.5", "tcp_disconnect", "no error"},
		{"closed-status", Closed, CallStatus, Guard{}, Closed, ErrNoConnection,
			"RFC 9293 3.10.6", "tcp_get_info", "no error: reports CLOSE; a bound socket is BOUND_INACTIVE to sock_diag"},
	}
}

func closedTimers() []Row {
	return quiet(Closed, UserTimeout, RetransmissionTimeout, RetransmissionExhausted,
		ZeroWindowTimeout, KeepaliveTimeout, KeepaliveExhausted, TimeWaitTimeout, CloseDue, FinDue)
}

func closedArrives() []Row {
	return []Row{
		{"closed-rst", Closed, SegmentArrives, when(HasRST), Closed, DropSegment,
			"RFC 9293 3.10.7.1", "tcp_v4_send_reset", ""},
		{"closed-no-ack", Closed, SegmentArrives, unless(HasACK), Closed, DropSegment | SendRSTACK,
			"RFC 9293 3.10.7.1", "tcp_v4_send_reset", ""},
		{"closed-ack", Closed, SegmentArrives, when(HasACK), Closed, DropSegment | SendRST,
			"RFC 9293 3.10.7.1", "tcp_v4_send_reset", ""},
	}
}
