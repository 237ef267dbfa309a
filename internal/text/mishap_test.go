package text

import (
	"strings"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestMishapRows: what was struck, why and where stand behind the two ends, also
// on a narrow terminal, in the columns of transitions.
func TestMishapRows(t *testing.T) {
	at := time.Date(2026, 11, 21, 2, 0, 0, 123456000, time.UTC)
	for want, row := range map[string]MishapRow{
		"SYN-RECEIVED  ✗  drop ":              {State: "SYN-RECEIVED", Kind: host.Dropped, Segment: "SYN,ACK", Reason: "NETFILTER_DROP", Hook: "output"},
		"  SYN,ACK: NETFILTER_DROP at output": {State: "SYN-RECEIVED", Kind: host.Dropped, Segment: "SYN,ACK", Reason: "NETFILTER_DROP", Hook: "output"},
		"  SYN: NO_SOCKET in tcp_v4_rcv":      {Kind: host.Dropped, Segment: "SYN", Reason: "NO_SOCKET", Function: "tcp_v4_rcv"},
		"-             ✗  drop ":              {Kind: host.Dropped, Segment: "SYN", Reason: "NO_SOCKET"},
		"ESTABLISHED   ✗  sent again ":        {State: "ESTABLISHED", Kind: host.SegmentResent},
		"  ETIMEDOUT  nginx[812]":             {State: "ESTABLISHED", Kind: host.SocketError, Reason: "ETIMEDOUT", Owner: "nginx[812]"},
	} {
		row.Time, row.Local, row.Peer = at, "192.0.2.2:443", "198.51.100.10:50123"
		for _, style := range []Style{{}, {Width: 80}} {
			var out strings.Builder
			if err := NewTrace(&out, false, style).WriteMishap(row); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); !strings.Contains(got, want) || !strings.Contains(got, row.Peer) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
	}
}

func TestMishapTable(t *testing.T) {
	var out strings.Builder
	rows := []host.MishapCount{
		{Mishap: host.Mishap{Kind: host.Dropped, Reason: "NETFILTER_DROP", State: tcp.SynReceived, Segment: "SYN,ACK", Hook: host.Output}, Count: 6},
		{Mishap: host.Mishap{Kind: host.ResetReceived, State: tcp.Established}, Count: 4},
	}
	if err := Mishaps(&out, rows, 2*time.Second, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"drop          SYN-RECEIVED  SYN,ACK  NETFILTER_DROP at output      6         3.0",
		"RST received  ESTABLISHED   -        -                             4         2.0", "10 mishaps in 2.0 s",
	} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("no %q in\n%s", line, out.String())
		}
	}
}
