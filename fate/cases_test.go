package fate

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// The kernel's defaults, and settings of an impatient host. A negative time is
// for ever.
func TestCases(t *testing.T) {
	const never = -1
	impatient := host.Settings{
		"net.ipv4.tcp_retries2": "5", "net.ipv4.tcp_orphan_retries": "1", "net.ipv4.tcp_fin_timeout": "15", "net.ipv4.tcp_synack_retries": "1",
		"net.ipv4.tcp_keepalive_time": "60", "net.ipv4.tcp_keepalive_intvl": "5", "net.ipv4.tcp_keepalive_probes": "3",
	}
	for _, want := range []struct {
		state               tcp.State
		c                   Case
		byDefault, withThem time.Duration
	}{
		{tcp.Listen, HeldWaits, never, never},
		{tcp.SynSent, Unanswered, 131 * second, 131 * second},
		{tcp.SynReceived, Unanswered, 63 * second, 3 * second},
		{tcp.SynReceived, Crowded, 7 * second, 3 * second},
		{tcp.Established, Idle, never, never},
		{tcp.Established, KeptAlive, 7875 * second, 75 * second},
		{tcp.Established, Unanswered, 924600 * time.Millisecond, 12600 * time.Millisecond},
		{tcp.Established, WindowClosed, never, never},
		{tcp.FinWait1, Orphan, 102200 * time.Millisecond, 600 * time.Millisecond},
		{tcp.FinWait1, Held, 924600 * time.Millisecond, 12600 * time.Millisecond},
		{tcp.FinWait2, OrphanWaits, 60 * second, 15 * second},
		{tcp.FinWait2, HeldWaits, never, never},
		{tcp.CloseWait, HeldWaits, never, never},
		{tcp.Closing, Orphan, 102200 * time.Millisecond, 600 * time.Millisecond},
		{tcp.LastAck, Orphan, 102200 * time.Millisecond, 600 * time.Millisecond},
		{tcp.LastAck, Held, 924600 * time.Millisecond, 12600 * time.Millisecond},
		{tcp.TimeWait, Waits, 60 * second, 60 * second},
	} {
		for settings, within := range map[*host.Settings]time.Duration{{}: want.byDefault, &impatient: want.withThem} {
			found := false
			for _, p := range NewForecast(*settings).Cases(want.state) {
				if p.Case != want.c {
					continue
				}
				found = true
				if got := p.Outlook; got.Forever != (within == never) || !got.Forever && got.Within != within || got.Reason == "" {
					t.Errorf("%v %s with %v: %+v, want %v", want.state, want.c, *settings, got, within)
				}
			}
			if !found {
				t.Errorf("%v has no case %s", want.state, want.c)
			}
		}
	}
	if none := NewForecast(nil).Cases(tcp.Closed); none != nil {
		t.Errorf("CLOSED: %+v", none)
	}
}
