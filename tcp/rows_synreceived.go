package tcp

import "slices"

// synReceivedRows: both SYNs are there, ours is not acknowledged (RFC 9293
// section 3.10.7.4).
func synReceivedRows() []Row {
	return slices.Concat(openErrors(SynReceived), synReceivedCalls(), synReceivedTimers(),
		synReceivedResets(), synReceivedSYNs(), synReceivedACKs())
}

func synReceivedCalls() []Row {
	return []Row{
		{"syn-received-send", SynReceived, CallSend, Guard{}, SynReceived, QueueSend,
			"RFC 9293 3.10.2", "sk_stream_wait_connect", "a child made by TCP Fast Open may send at once"},
		{"syn-received-receive", SynReceived, CallReceive, Guard{}, SynReceived, QueueReceive,
			"RFC 9293 3.10.3", "tcp_recvmsg", ""},
		{"syn-received-close", SynReceived, CallClose, unless(SendsQueued), FinWait1, SendFIN,
			"RFC 9293 3.10.4", "tcp_close_state", "shutdown(SHUT_WR) is put off until ESTABLISHED; a request socket has no owner who could close it"},
		{"syn-received-close-queued", SynReceived, CallClose, when(SendsQueued), SynReceived, QueueClose,
			"RFC 9293 3.10.4", "", "close goes to FIN-WAIT-1 at once and the FIN follows the text"},
		abort(SynReceived),
		status(SynReceived),
		userTimeout(SynReceived),
	}
}

func synReceivedTimers() []Row {
	return slices.Concat(
		retransmission(SynReceived, "a request socket dies alone after tcp_synack_retries (reqsk_timer_handler)"),
		quiet(SynReceived, ZeroWindowTimeout, KeepaliveTimeout, KeepaliveExhausted, TimeWaitTimeout, CloseDue, FinDue))
}

func synReceivedResets() []Row {
	const section = arrives + ", RFC 5961 3.2"
	return []Row{
		{"syn-received-rst-outside", SynReceived, SegmentArrives, when(HasRST).butNot(SeqInWindow), SynReceived, DropSegment,
			section, "tcp_check_req", "one that reaches into the window, with text, SYN or FIN, gets a challenge ACK"},
		{"syn-received-rst-passive", SynReceived, SegmentArrives, when(HasRST | SeqExact | FromPassive), Listen, FlushQueues,
			section + ", figure 5 note 1", "inet_csk_reqsk_queue_drop", "the request alone dies; the listener never left LISTEN"},
		{"syn-received-rst-active", SynReceived, SegmentArrives, when(HasRST | SeqExact).butNot(FromPassive), Closed,
			SignalRefused | FlushQueues | DeleteTCB,
			section, "tcp_reset", "the user reads ECONNRESET"},
		{"syn-received-rst-inexact", SynReceived, SegmentArrives, when(HasRST | SeqInWindow).butNot(SeqExact), SynReceived, SendChallenge | DropSegment,
			section, "tcp_send_challenge_ack", ""},
	}
}

// synReceivedSYNs begins with the SYN that the peer repeats. Where both ends
// opened, the SYN,ACK is such a repetition, and RFC 9293 figure 7 takes its
// acknowledgment although its SEQ fails the first check.
func synReceivedSYNs() []Row {
	return []Row{
		{"syn-received-syn-ack", SynReceived, SegmentArrives, when(HasSYN | SeqIRS | AckNew).butNot(FromPassive), Established,
			TakeACK | SetWindow | ContinueSegment | SendACK,
			"RFC 9293 3.5 figure 7", "tcp_validate_incoming", "with text or FIN it gets a challenge ACK instead"},
		{"syn-received-syn-again", SynReceived, SegmentArrives, when(HasSYN | SeqIRS), SynReceived, SendACK | DropSegment,
			arrives, "tcp_check_req", "answers with the SYN,ACK once more"},
		{"syn-received-syn-passive", SynReceived, SegmentArrives, when(HasSYN | InWindow | FromPassive), Listen, FlushQueues | DropSegment,
			arrives, "inet_csk_reqsk_queue_drop", "sends RST,ACK and the request dies; the listener never left LISTEN"},
		{"syn-received-syn", SynReceived, SegmentArrives, when(HasSYN), SynReceived, SendChallenge | DropSegment,
			arrives + ", RFC 5961 4", "tcp_send_challenge_ack", "a request looks at SEG.ACK first, and answers a wrong one with RST"},
	}
}

func synReceivedACKs() []Row {
	return []Row{
		{"syn-received-outside", SynReceived, SegmentArrives, unless(InWindow), SynReceived, SendACK | DropSegment,
			arrives, "tcp_check_req", "a request looks at SEG.ACK first, and answers a wrong one with RST"},
		{"syn-received-no-ack", SynReceived, SegmentArrives, unless(HasACK), SynReceived, DropSegment,
			arrives, "tcp_check_req", ""},
		{"syn-received-bad-ack", SynReceived, SegmentArrives, unless(AckNew), SynReceived, DropSegment | SendRST,
			arrives, "tcp_v4_send_reset", "after a simultaneous open an ACK of ISS, which acknowledges nothing, leads to ESTABLISHED"},
		{"syn-received-fin", SynReceived, SegmentArrives, when(AckNew | FinInOrder), CloseWait, SetWindow | peerFIN,
			arrives, "tcp_fin", "two steps within one segment: ESTABLISHED, then CLOSE-WAIT"},
		{"syn-received-gap", SynReceived, SegmentArrives, when(AckNew | BehindGap), Established,
			TakeACK | SetWindow | HoldText | SendACK,
			arrives, "tcp_check_req", ""},
		{"syn-received-text", SynReceived, SegmentArrives, when(AckNew | NewText), Established,
			TakeACK | SetWindow | TakeText | SendACK,
			arrives, "tcp_check_req", "not while the accept queue is full: the ACK is dropped and the peer alone is ESTABLISHED"},
		{"syn-received-ack", SynReceived, SegmentArrives, when(AckNew), Established, TakeACK | SetWindow,
			arrives, "tcp_check_req",
			"not while the accept queue is full, nor for a bare ACK under TCP_DEFER_ACCEPT: the ACK is dropped and the peer alone is ESTABLISHED"},
	}
}
