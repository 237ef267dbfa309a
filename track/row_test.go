package track

import (
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

// TestRowOf: the row that people expect beside a change of state.
func TestRowOf(t *testing.T) {
	for _, c := range []struct {
		from, to tcp.State
		sends    bool
		flags    tcp.Flags
		want     string
	}{
		{tcp.Closed, tcp.SynSent, true, tcp.SYN, "closed-active-open"},
		{tcp.Listen, tcp.SynReceived, true, tcp.SYN | tcp.ACK, "listen-syn"},
		{tcp.SynSent, tcp.Established, false, tcp.SYN | tcp.ACK, "syn-sent-syn-ack"},
		{tcp.SynSent, tcp.Established, true, tcp.ACK, "syn-sent-syn-ack"},
		{tcp.SynSent, tcp.SynReceived, false, tcp.SYN, "syn-sent-syn"},
		{tcp.SynReceived, tcp.Established, false, tcp.ACK, "syn-received-ack"},
		{tcp.Established, tcp.FinWait1, true, tcp.FIN | tcp.ACK, "established-close"},
		{tcp.Established, tcp.CloseWait, false, tcp.FIN | tcp.ACK, "established-fin"},
		{tcp.FinWait1, tcp.FinWait2, false, tcp.ACK, "fin-wait-1-acked"},
		{tcp.FinWait1, tcp.Closing, false, tcp.FIN | tcp.ACK, "fin-wait-1-fin"},
		{tcp.FinWait2, tcp.TimeWait, false, tcp.FIN | tcp.ACK, "fin-wait-2-fin"},
		{tcp.CloseWait, tcp.LastAck, true, tcp.FIN | tcp.ACK, "close-wait-close"},
		{tcp.LastAck, tcp.Closed, false, tcp.ACK, "last-ack-acked"},
		{tcp.Closing, tcp.TimeWait, false, tcp.ACK, "closing-acked"},
		{tcp.Established, tcp.Closed, false, tcp.RST, "established-rst"},
		{tcp.Established, tcp.Closed, true, tcp.RST, "established-abort"},
		{tcp.SynSent, tcp.LastAck, true, tcp.FIN | tcp.ACK, ""},
	} {
		if got := rowOf(c.from, c.to, c.sends, c.flags); got.ID != c.want || got.ID != "" && got.RFC == "" {
			t.Errorf("%v to %v by %v, sent %v: %q, want %q", c.from, c.to, c.flags, c.sends, got.ID, c.want)
		}
	}
}
