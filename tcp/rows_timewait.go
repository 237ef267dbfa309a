package tcp

import "slices"

// timeWaitRows: all is said and acknowledged; the pair of sockets rests for 2
// MSL so that no old segment meets a new connection.
func timeWaitRows() []Row {
	return slices.Concat(timeWaitCalls(), timeWaitTimers(), timeWaitResets(), timeWaitSYNs(), timeWaitArrives())
}

func timeWaitCalls() []Row {
	return []Row{
		{"time-wait-passive-open", TimeWait, CallPassiveOpen, Guard{}, TimeWait, ErrExists,
			"RFC 9293 3.10.1", "inet_csk_listen_start", "the owner is gone: another socket may listen on the port with SO_REUSEADDR"},
		{"time-wait-active-open", TimeWait, CallActiveOpen, Guard{}, TimeWait, ErrExists,
			"RFC 9293 3.10.1", "tcp_twsk_unique", "another socket may take the pair over under tcp_tw_reuse, with timestamps and after tcp_tw_reuse_delay"},
		sendClosing(TimeWait),
		receiveClosing(TimeWait),
		closeAgain(TimeWait),
		{"time-wait-abort", TimeWait, CallAbort, Guard{}, Closed, FlushQueues | DeleteTCB,
			"RFC 9293 3.10.5", "tcp_abort", "no owner is left to call it; ss -K does"},
		status(TimeWait),
	}
}

func timeWaitTimers() []Row {
	return append([]Row{
		{"time-wait-timeout", TimeWait, TimeWaitTimeout, Guard{}, Closed, DeleteTCB,
			"RFC 9293 3.10.8", "tw_timer_handler", "always 60 s; no TIME-WAIT at all beyond tcp_max_tw_buckets (TCPTimeWaitOverflow)"},
	}, quiet(TimeWait, UserTimeout, RetransmissionTimeout, RetransmissionExhausted,
		ZeroWindowTimeout, KeepaliveTimeout, KeepaliveExhausted, CloseDue, FinDue)...)
}

// timeWaitResets: whether RST may end TIME-WAIT is disputed. RFC 9293 says yes,
// in section 3.10.7.4 and in note 3 of figure 5 (whose other half, that sending
// RST leads to TIME-WAIT, no row follows: section 3.10.5 says CLOSED). RFC 1337
// advises an end to ignore RST here. Linux asks tcp_rfc1337.
func timeWaitResets() []Row {
	const linux = "tcp_timewait_state_process"
	return []Row{
		{"time-wait-rst-outside", TimeWait, SegmentArrives, when(HasRST).butNot(SeqInWindow), TimeWait, DropSegment,
			arrives + ", RFC 5961 3.2", linux, ""},
		{"time-wait-rst-ignored", TimeWait, SegmentArrives, when(HasRST | IgnoresRST), TimeWait, DropSegment,
			"RFC 1337 3", linux, "only with tcp_rfc1337=1; by default (0) an RST at RCV.NXT ends TIME-WAIT"},
		{"time-wait-rst", TimeWait, SegmentArrives, when(HasRST | SeqExact).butNot(IgnoresRST), Closed, DeleteTCB,
			arrives + ", figure 5 note 3", linux, "only with tcp_rfc1337=0, the default; with 1 the RST is ignored"},
		{"time-wait-rst-inexact", TimeWait, SegmentArrives, when(HasRST | SeqInWindow).butNot(SeqExact | IgnoresRST), TimeWait, SendChallenge | DropSegment,
			arrives + ", RFC 5961 3.2", linux, "drops it in silence: RST never gets an answer from the minisocket"},
	}
}

// timeWaitSYNs: a SYN that cannot be old opens the pair of sockets again, in one
// step for the two over CLOSED and LISTEN. For any other SYN RFC 6191 advises
// silence where RFC 9293 asks for an ACK.
func timeWaitSYNs() []Row {
	return []Row{
		{"time-wait-syn-newer", TimeWait, SegmentArrives, when(HasSYN | SynNewer).butNot(HasACK), SynReceived,
			TakeSYN | ChooseISS | MarkPassive | HoldText | SendSYNACK | StopTimers,
			arrives + " and 3.6.1, RFC 6191 2", "tcp_timewait_state_process",
			"a new request with ISS = old SND.NXT+65537, if something listens; a SYN at RCV.NXT itself is not new enough without timestamps"},
		{"time-wait-syn", TimeWait, SegmentArrives, when(HasSYN), TimeWait, SendChallenge | DropSegment,
			arrives + ", RFC 5961 4", "tcp_timewait_check_oow_rate_limit", "at most one each tcp_invalid_ratelimit (500 ms)"},
	}
}

// timeWaitArrives begins with the FIN that the peer repeats because our last ACK
// was lost: it fails the check of SEQ and yet restarts 2 MSL.
func timeWaitArrives() []Row {
	const linux = "tcp_timewait_state_process"
	return []Row{
		{"time-wait-fin-again", TimeWait, SegmentArrives, when(FinAgain), TimeWait, SendACK | wait2MSL,
			arrives, linux, ""},
		{"time-wait-outside", TimeWait, SegmentArrives, unless(InWindow), TimeWait, SendACK | DropSegment,
			arrives, linux, "restarts the 60 s if it has the ACK bit"},
		{"time-wait-no-ack", TimeWait, SegmentArrives, unless(HasACK), TimeWait, DropSegment,
			arrives, linux, "answered with an ACK"},
		{"time-wait-ack-beyond", TimeWait, SegmentArrives, when(AckBeyond), TimeWait, SendACK | DropSegment,
			arrives, linux, "SEG.ACK is not looked at"},
		{"time-wait-fin", TimeWait, SegmentArrives, when(HasFIN), TimeWait, SendACK | wait2MSL,
			arrives, linux, ""},
		{"time-wait-text", TimeWait, SegmentArrives, when(NewText), TimeWait, DropSegment,
			arrives, linux, "answered with an ACK"},
		{"time-wait-ack", TimeWait, SegmentArrives, Guard{}, TimeWait, 0,
			arrives, linux, "any ACK, bare or old, restarts the 60 s; one that is not at RCV.NXT is answered with an ACK"},
	}
}
