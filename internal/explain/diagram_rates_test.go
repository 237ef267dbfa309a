package explain

import (
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestRates(t *testing.T) {
	picture := DiagramSVG(WithRates(map[tcp.Edge]float64{
		{From: tcp.Established, To: tcp.CloseWait}: 1234.4,
		{From: tcp.Established, To: tcp.Closed}:    0.25,
		{From: tcp.SynSent, To: tcp.SynReceived}:   12.3,
		{From: tcp.Listen, To: tcp.SynSent}:        0,
	}))
	for _, want := range []string{">1234/s<", ">0.25/s<", ">12.3/s<", abortLabel} {
		if !strings.Contains(picture, want) {
			t.Errorf("%s is not in the picture", want)
		}
	}
	if strings.Contains(picture, ">0.00/s<") || strings.Contains(picture, ">simultaneous open<") {
		t.Error("an edge that nobody walks has a rate, or a note stands where a rate is")
	}
	if got := strings.Count(picture, "/s<"); got != 3 {
		t.Errorf("%d rates, not 3", got)
	}
}
