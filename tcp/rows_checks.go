package tcp

// The checks that RFC 9293 section 3.10.7.4 makes of every segment in the
// synchronized states before it looks at what the segment brings.

const (
	sackReset = "also an RST at the right edge of a SACK block"
	neverSent = "not with an ACK that lies before all that was ever acknowledged: challenge ACK alone"
	acrossFIN = "RST where it begins before the first FIN and text reaches beyond it (TCPAbortOnData)"
	finReset  = sackReset + ", and at RCV.NXT-1 after the FIN (tcp_reset_check)"
)

// checks holds the first to fourth check and the refusals of the fifth: RST,
// SYN, SEQ, ACK. RST comes before SEQ because a segment may reach into the
// window while its SEQ, which alone counts for RST, lies outside; SYN because
// RFC 5961 section 4 answers it wherever it lies.
func checks(s State, onReset Actions, resetDeviation string) []Row {
	return []Row{
		{id(s, "rst-outside"), s, SegmentArrives, when(HasRST).butNot(SeqInWindow), s, DropSegment,
			arrives + ", RFC 5961 3.2", "tcp_validate_incoming", "one that reaches into the window, with text, SYN or FIN, gets a challenge ACK"},
		{id(s, "rst"), s, SegmentArrives, when(HasRST | SeqExact), Closed, onReset,
			arrives + ", RFC 5961 3.2", "tcp_reset", resetDeviation},
		{id(s, "rst-inexact"), s, SegmentArrives, when(HasRST | SeqInWindow).butNot(SeqExact), s, SendChallenge | DropSegment,
			arrives + ", RFC 5961 3.2", "tcp_send_challenge_ack", "at most one each 500 ms a socket"},
		{id(s, "syn"), s, SegmentArrives, when(HasSYN), s, SendChallenge | DropSegment,
			arrives + ", RFC 5961 4", "tcp_send_challenge_ack", "at most one each 500 ms a socket"},
		{id(s, "outside"), s, SegmentArrives, unless(InWindow), s, SendACK | DropSegment,
			arrives, "tcp_validate_incoming", "at most one each tcp_invalid_ratelimit for segments without text, and none without the ACK bit; a segment that ends at RCV.NXT is not outside"},
		{id(s, "no-ack"), s, SegmentArrives, unless(HasACK), s, DropSegment,
			arrives, "tcp_rcv_state_process", ""},
		{id(s, "ack-beyond"), s, SegmentArrives, when(AckBeyond), s, SendACK | DropSegment,
			arrives, "tcp_ack", ""},
		{id(s, "ack-too-old"), s, SegmentArrives, when(AckTooOld), s, SendChallenge | DropSegment,
			"RFC 5961 5.2", "tcp_ack", "where header prediction holds the text is taken nevertheless"},
	}
}

// text: where the peer may still send, its text is taken or, behind a gap, held
// (seventh check). A FIN behind a gap is held with it and moves nothing yet.
func text(s State, deviation string) []Row {
	return []Row{
		{id(s, "gap"), s, SegmentArrives, when(BehindGap), s, TakeACK | HoldText | SendACK,
			arrives, "tcp_data_queue_ofo", deviation},
		{id(s, "text"), s, SegmentArrives, when(NewText), s, TakeACK | TakeText | SendACK,
			arrives, "tcp_data_queue", deviation},
	}
}

// noText: the peer has sent its FIN, what looks like more is not taken (seventh
// and eighth check).
func noText(s State) []Row {
	return []Row{
		{id(s, "fin"), s, SegmentArrives, when(HasFIN), s, TakeACK | SendACK,
			arrives, "tcp_rcv_state_process", acrossFIN + "; a FIN behind the first is not acknowledged"},
		{id(s, "text"), s, SegmentArrives, when(NewText), s, TakeACK,
			arrives, "tcp_rcv_state_process", acrossFIN},
	}
}

// acks: what a bare acknowledgment does (fifth check, ESTABLISHED).
func acks(s State) []Row {
	return append([]Row{
		{id(s, "ack"), s, SegmentArrives, when(AckNew), s, TakeACK, arrives, "tcp_ack", ""},
	}, oldACKs(s, UpdateWindow)...)
}

// oldACKs: an acknowledgment that says nothing new may still carry a new window.
func oldACKs(s State, atUNA Actions) []Row {
	return []Row{
		{id(s, "ack-duplicate"), s, SegmentArrives, when(AckAtUNA), s, atUNA, arrives, "tcp_ack", ""},
		{id(s, "ack-old"), s, SegmentArrives, Guard{}, s, 0, arrives, "tcp_ack",
			"too old if it lies before all that was ever acknowledged: challenge ACK, and the rest is dropped"},
	}
}
