package tcp

import "slices"

// synSentRows: our SYN is out (RFC 9293 section 3.10.7.3; its order of checks is
// ACK, RST, SYN).
func synSentRows() []Row {
	return slices.Concat(openErrors(SynSent), synSentCalls(), synSentTimers(), synSentArrives())
}

func synSentCalls() []Row {
	return []Row{
		{"syn-sent-send", SynSent, CallSend, Guard{}, SynSent, QueueSend,
			"RFC 9293 3.10.2", "sk_stream_wait_connect", ""},
		{"syn-sent-receive", SynSent, CallReceive, Guard{}, SynSent, QueueReceive,
			"RFC 9293 3.10.3", "tcp_recvmsg", ""},
		{"syn-sent-close", SynSent, CallClose, Guard{}, Closed, FailClosing | DeleteTCB,
			"RFC 9293 3.10.4", "tcp_close", "any shutdown does it too, as a disconnect"},
		{"syn-sent-abort", SynSent, CallAbort, Guard{}, Closed, FailReset | DeleteTCB,
			"RFC 9293 3.10.5", "tcp_disconnect", ""},
		status(SynSent),
		userTimeout(SynSent),
	}
}

func synSentTimers() []Row {
	return slices.Concat(
		retransmission(SynSent, "after tcp_syn_retries and tcp_syn_linear_timeouts: about 131 s by default, "+
			"where RFC 9293 asks for 3 min; an ICMP unreachable ends it at once (tcp_v4_err)"),
		quiet(SynSent, ZeroWindowTimeout, KeepaliveTimeout, KeepaliveExhausted, TimeWaitTimeout, CloseDue, FinDue))
}

func synSentArrives() []Row {
	const section, linux = "RFC 9293 3.10.7.3", "tcp_rcv_synsent_state_process"
	const hurried = "the SYN is sent again two clock ticks later, not after a second"
	return []Row{
		{"syn-sent-bad-ack-rst", SynSent, SegmentArrives, when(HasACK | HasRST).butNot(AckOfSyn), SynSent, DropSegment,
			section, linux, hurried},
		{"syn-sent-bad-ack", SynSent, SegmentArrives, when(HasACK).butNot(AckOfSyn), SynSent, DropSegment | SendRST,
			section, linux, hurried},
		{"syn-sent-rst", SynSent, SegmentArrives, when(HasRST | HasACK | AckOfSyn), Closed, SignalReset | FailReset | DeleteTCB,
			section, "tcp_reset", "the user reads ECONNREFUSED"},
		{"syn-sent-rst-no-ack", SynSent, SegmentArrives, when(HasRST).butNot(HasACK), SynSent, DropSegment,
			section, linux, ""},
		{"syn-sent-syn-ack", SynSent, SegmentArrives, when(HasSYN | HasACK | AckOfSyn), Established,
			TakeSYN | TakeACK | SetWindow | ContinueSegment | SendACK,
			section, linux, "text and FIN on it are not taken, without TCP Fast Open"},
		{"syn-sent-syn", SynSent, SegmentArrives, when(HasSYN).butNot(HasACK), SynReceived,
			TakeSYN | MarkActive | HoldText | SendSYNACK,
			section + " and figure 7", linux, "text and FIN on it are not kept"},
		{"syn-sent-other", SynSent, SegmentArrives, Guard{}, SynSent, DropSegment,
			section, linux, ""},
	}
}
