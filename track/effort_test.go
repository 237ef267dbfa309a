package track

import (
	"reflect"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// doing follows a dialogue with efforts and returns those of both ends.
func doing(t *testing.T, dialogue string) (o, r Effort) {
	t.Helper()
	c := speak(t, New(Config{Efforts: true}), dialogue)
	return c.Originator.Effort, c.Responder.Effort
}

const opened = `
> SYN 100
< SYN,ACK 300 101
> ACK 101 301
`

func TestEffortFitsItsSize(t *testing.T) {
	if got := int(reflect.TypeOf(efforts{}).Size()); got > effortSize {
		t.Errorf("efforts take %d octets, more than effortSize", got)
	}
}

func TestUnansweredHandshake(t *testing.T) {
	o, r := doing(t, `
> SYN 100
< SYN,ACK 300 101
> SYN 100 +1
< SYN,ACK 300 101
< SYN,ACK 300 101 +1
`)
	if o.SYNs != 2 || r.SYNs != 3 || o.ACKs != 0 || r.ACKs != 0 {
		t.Errorf("%+v %+v", o, r)
	}
	if lasted := r.Last.Sub(o.First); lasted < 2*time.Second || lasted > 3*time.Second {
		t.Errorf("it lasted %v", lasted)
	}
}

// A flood that comes back to a port sends no SYN again: its ISN is another one.
func TestAnotherISNIsNotSentAgain(t *testing.T) {
	o, _ := doing(t, `
> SYN 100
< SYN,ACK 300 101
> SYN 5000 +1
> SYN 9000 +1
`)
	if o.SYNs != 1 {
		t.Errorf("%d SYNs", o.SYNs)
	}
}

// Text at the front is sent again and again, smaller text before it got through.
func TestFrontStandsStill(t *testing.T) {
	o, _ := doing(t, opened+`
> ACK 101 301 60
< ACK 301 161
> ACK 161 301 1400
> ACK 1561 301 20
< ACK 301 161
> ACK 161 301 1400 +1
> ACK 161 301 1400 +2
`)
	if o.Front != 1400 || o.FrontTimes != 2 || o.Passed != 60 || o.Asked != 2 {
		t.Errorf("%+v", o)
	}
	o, _ = doing(t, opened+`
> ACK 101 301 1400
> ACK 101 301 1400 +1
< ACK 301 1501
`)
	if o.Front != 0 || o.FrontTimes != 0 || o.Passed != 1400 || o.Asked != 0 {
		t.Errorf("what was acknowledged still stands: %+v", o)
	}
}

func TestShutWindow(t *testing.T) {
	_, r := doing(t, opened+`
> ACK 101 301 500
< ACK 301 601 w0
> ACK 600 301 +1
< ACK 301 601 w0
`)
	if r.ShutTimes != 2 || r.ShutSince.IsZero() || r.Last.Sub(r.ShutSince) < time.Second {
		t.Errorf("%+v", r)
	}
	_, r = doing(t, opened+"< ACK 301 101 w0\n< ACK 301 101 w9\n")
	if r.ShutTimes != 0 || !r.ShutSince.IsZero() {
		t.Errorf("an open window is shut: %+v", r)
	}
}

func TestResetsAndStrays(t *testing.T) {
	_, r := doing(t, opened+"< RST 9301\n< RST 301\n")
	if r.Resets != 2 || r.Strays != 1 {
		t.Errorf("%+v", r)
	}
}

// A capture on two interfaces of a router holds each segment twice.
func TestCopiesCountOnce(t *testing.T) {
	tr := New(Config{Efforts: true})
	for i := range int64(3) {
		for copied := range int64(2) {
			tr.Add(&packet.Segment{
				Tuple: packet.Tuple{Source: packet.Address4(1), Destination: packet.Address4(2), SourcePort: 4, DestinationPort: 5},
				Time:  1e18 + i*1e9 + copied*20_000, TTL: uint8(64 - copied), TCP: tcp.Segment{Flags: tcp.SYN, Seq: 7},
				SourceHardware: 11, DestinationHardware: 12,
			})
		}
	}
	tr.Each(func(c *Conn) bool {
		if e := c.Originator.Effort; e.SYNs != 3 || e.TTL != 64 || e.From != 11 || e.To != 12 {
			t.Errorf("%+v", e)
		}
		return true
	})
}
