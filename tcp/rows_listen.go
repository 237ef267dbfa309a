package tcp

import "slices"

// listenRows: a passive OPEN waits for a SYN (RFC 9293 section 3.10.7.2).
func listenRows() []Row { return slices.Concat(listenCalls(), listenTimers(), listenArrives()) }

func listenCalls() []Row {
	return []Row{
		{"listen-passive-open", Listen, CallPassiveOpen, Guard{}, Listen, ErrExists,
			"RFC 9293 3.10.1", "inet_listen", "no error: changes the backlog"},
		{"listen-active-open", Listen, CallActiveOpen, when(ForeignGiven), SynSent,
			ChooseISS | MarkActive | SendSYN,
			"RFC 9293 3.10.1", "", "connect on a listener fails with EISCONN; it must be closed or shut down first"},
		{"listen-active-open-unspecified", Listen, CallActiveOpen, unless(ForeignGiven), Listen, ErrForeign,
			"RFC 9293 3.10.1", "__inet_stream_connect", ""},
		{"listen-send", Listen, CallSend, when(ForeignGiven), SynSent,
			ChooseISS | MarkActive | QueueSend | SendSYN,
			"RFC 9293 3.10.2", "", "send on a listener fails with EPIPE"},
		{"listen-send-unspecified", Listen, CallSend, unless(ForeignGiven), Listen, ErrForeign,
			"RFC 9293 3.10.2", "tcp_sendmsg", ""},
		{"listen-receive", Listen, CallReceive, Guard{}, Listen, QueueReceive,
			"RFC 9293 3.10.3", "", "recv on a listener fails with ENOTCONN"},
		{"listen-close", Listen, CallClose, Guard{}, Closed, FailClosing | DeleteTCB,
			"RFC 9293 3.10.4", "inet_csk_listen_stop", "shutdown(SHUT_RD) does it without close"},
		{"listen-abort", Listen, CallAbort, Guard{}, Closed, FailReset | DeleteTCB,
			"RFC 9293 3.10.5", "tcp_disconnect", ""},
		{"listen-close-due", Listen, CloseDue, Guard{}, Closed, AnswerClose | FailClosing | DeleteTCB,
			"RFC 9293 3.10.4", "", "nobody can close a request; what its child would have closed dies with it"},
		status(Listen),
	}
}

func listenTimers() []Row {
	return quiet(Listen, UserTimeout, RetransmissionTimeout, RetransmissionExhausted,
		ZeroWindowTimeout, KeepaliveTimeout, KeepaliveExhausted, TimeWaitTimeout, FinDue)
}

func listenArrives() []Row {
	return []Row{
		{"listen-rst", Listen, SegmentArrives, when(HasRST), Listen, DropSegment,
			"RFC 9293 3.10.7.2", "tcp_rcv_state_process", ""},
		{"listen-ack", Listen, SegmentArrives, when(HasACK), Listen, DropSegment | SendRST,
			"RFC 9293 3.10.7.2", "tcp_v4_send_reset",
			"with SYN cookies the ACK may be the third of a handshake that left no state: its child is ESTABLISHED at once (cookie_v4_check)"},
		{"listen-syn", Listen, SegmentArrives, when(HasSYN).butNot(HasACK), SynReceived,
			TakeSYN | ChooseISS | MarkPassive | HoldText | SendSYNACK,
			"RFC 9293 3.10.7.2", "tcp_conn_request",
			"a request socket becomes SYN-RECEIVED and the listener stays; with SYN cookies there is no state at all; " +
				"text on the SYN is not kept without TCP Fast Open; SYN,FIN and a SYN to a full accept queue are dropped"},
		{"listen-other", Listen, SegmentArrives, Guard{}, Listen, DropSegment,
			"RFC 9293 3.10.7.2", "tcp_rcv_state_process", ""},
	}
}
