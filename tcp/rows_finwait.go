package tcp

import (
	"slices"
	"strings"
)

const (
	orphanRetries = "after tcp_retries2, or tcp_orphan_retries (0 means 8) once the owner has closed"
	orphanText    = "text is answered with RST once the owner has closed (TCPAbortOnData); " + neverSent
)

// finWait1Rows: CLOSE was called and our FIN is out, or waits behind text; it is
// not acknowledged.
func finWait1Rows() []Row {
	return slices.Concat(openErrors(FinWait1), receive(FinWait1), finWait1Calls(),
		retransmission(FinWait1, orphanRetries), quiet(FinWait1, KeepaliveTimeout, KeepaliveExhausted, TimeWaitTimeout),
		checks(FinWait1, reset, sackReset), finWait1Arrives(), text(FinWait1, orphanText), acks(FinWait1))
}

func finWait1Calls() []Row {
	return []Row{
		sendClosing(FinWait1),
		closeAgain(FinWait1),
		{"fin-wait-1-close-due", FinWait1, CloseDue, Guard{}, FinWait1, SendFIN,
			"RFC 9293 3.10.4", "tcp_write_xmit", ""},
		abort(FinWait1),
		status(FinWait1),
		userTimeout(FinWait1),
		zeroWindow(FinWait1),
	}
}

func finWait1Arrives() []Row {
	return []Row{
		{"fin-wait-1-fin-acked", FinWait1, SegmentArrives, when(FinInOrder | AckOfFin), TimeWait,
			AnswerClose | peerFIN | wait2MSL,
			arrives + ", figure 5 note 2", "tcp_fin", "two steps within one segment: FIN-WAIT-2, then TIME-WAIT; " + orphanText},
		{"fin-wait-1-fin", FinWait1, SegmentArrives, when(FinInOrder).butNot(AckOfFin), Closing, peerFIN,
			arrives + ", figure 13", "tcp_fin", orphanText},
		{"fin-wait-1-acked-gap", FinWait1, SegmentArrives, when(AckOfFin | BehindGap), FinWait2,
			TakeACK | AnswerClose | HoldText | SendACK,
			arrives, "tcp_rcv_state_process", orphanText},
		{"fin-wait-1-acked-text", FinWait1, SegmentArrives, when(AckOfFin | NewText), FinWait2,
			TakeACK | AnswerClose | TakeText | SendACK,
			arrives, "tcp_rcv_state_process", orphanText},
		{"fin-wait-1-acked", FinWait1, SegmentArrives, when(AckOfFin), FinWait2, TakeACK | AnswerClose,
			arrives, "tcp_rcv_state_process", "once the owner has closed, a time-wait minisocket with substate FIN-WAIT-2 takes over (tcp_time_wait)"},
		{"fin-wait-1-fin-due", FinWait1, FinDue, Guard{}, Closing, TakeFIN | SendACK | SignalClosing,
			arrives, "tcp_ofo_queue", ""},
	}
}

// finWait2Rows: our half is closed, the peer's is open for as long as the peer
// likes.
func finWait2Rows() []Row {
	return slices.Concat(openErrors(FinWait2), receive(FinWait2), finWait2Calls(), keepalive(FinWait2),
		quiet(FinWait2, RetransmissionTimeout, RetransmissionExhausted, ZeroWindowTimeout, TimeWaitTimeout, CloseDue),
		orphanChecks(checks(FinWait2, reset, sackReset)), finWait2Arrives(), text(FinWait2, orphanText), oldACKs(FinWait2, UpdateWindow|AnswerClose))
}

// orphanChecks adds what the minisocket does that stands for an orphan.
func orphanChecks(rows []Row) []Row {
	const orphan = "; the minisocket of an orphan "
	more := map[string]string{
		"rst-outside": orphan + "answers with an ACK",
		"rst-inexact": orphan + "ends",
		"syn":         orphan + "answers with RST and ends",
		"ack-beyond":  orphan + "does not look at SEG.ACK",
		"ack-too-old": orphan + "does not look at SEG.ACK",
	}
	for i := range rows {
		_, name, _ := strings.Cut(rows[i].ID, "fin-wait-2-")
		rows[i].Deviation = strings.TrimPrefix(rows[i].Deviation+more[name], "; ")
	}
	return rows
}

func finWait2Calls() []Row {
	return []Row{
		sendClosing(FinWait2),
		closeAgain(FinWait2),
		abort(FinWait2),
		status(FinWait2),
		{"fin-wait-2-user-timeout", FinWait2, UserTimeout, Guard{}, Closed, timedOut,
			"RFC 9293 3.10.8, RFC 5482", "tcp_keepalive_timer",
			"no timer while the owner is there; once it has closed tcp_fin_timeout (60 s, TCP_LINGER2 a socket) ends the wait in silence"},
	}
}

func finWait2Arrives() []Row {
	return []Row{
		{"fin-wait-2-fin", FinWait2, SegmentArrives, when(FinInOrder), TimeWait, peerFIN | wait2MSL,
			arrives + ", figure 12", "tcp_fin", "the minisocket does it once the owner has closed (tcp_timewait_state_process)"},
		{"fin-wait-2-fin-due", FinWait2, FinDue, Guard{}, TimeWait, TakeFIN | SendACK | SignalClosing | wait2MSL,
			arrives, "tcp_ofo_queue", ""},
	}
}
