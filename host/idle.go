package host

import "time"

// Unanswered tells whether the socket asked again and again and got nothing. A
// closed window is an answer: its probes are acknowledged.
func (s *Socket) Unanswered() bool {
	switch s.Timer {
	case TimerRetransmit:
		return s.Retransmits >= 3 || s.HasInfo && s.Info.Backoff >= 3
	case TimerKeepalive:
		return s.Retransmits >= 1
	default:
		return false
	}
}

// Untended tells whether a program holds the connection in one state since before,
// a window ago, while nothing moved or waits on it and no timer runs. before may
// be nil: the socket was not there.
func (s *Socket) Untended(before *Socket, window time.Duration) bool {
	return before != nil && before.State == s.State && !s.MovedSince(before) &&
		s.Inode != 0 && s.Timer == TimerOff && s.SendQueue == 0 && s.RecvQueue == 0 &&
		s.HasInfo && s.IdleFor() >= window*9/10
}

// MovedSince tells whether the peer acknowledged or sent bytes, or the program
// read or wrote some. Bytes sent are not asked: retransmissions count among them.
func (s *Socket) MovedSince(before *Socket) bool {
	return before.RecvQueue != s.RecvQueue || before.SendQueue != s.SendQueue ||
		before.Info.BytesAcked != s.Info.BytesAcked || before.Info.BytesReceived != s.Info.BytesReceived
}

// IdleFor is the time since the last segment that came or the last text that left,
// whichever was later.
func (s *Socket) IdleFor() time.Duration { return min(s.Info.LastAckRecv, s.Info.LastDataSent) }
