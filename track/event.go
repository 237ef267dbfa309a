package track

import (
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Event is what one segment did to its connection.
type Event struct {
	Connection   uint64       // number in the order of Each, from 1
	Number       uint64       // of the frame
	Time         int64        // of capture, nanoseconds since 1970
	Tuple        packet.Tuple // from the Originator to the Responder
	ByOriginator bool         // who sent the segment
	From, To     [2]tcp.State // likely states of Originator and Responder; Unknown where nothing was known
	Anomalies    Anomalies
}

// Changed tells whether the likely state of an end changed.
func (e *Event) Changed() bool { return e.From != e.To }

// tell calls the watcher if there is something to tell.
func (t *Tracker) tell(c *core, s *slot, odd Anomalies, saw [2]tcp.State) {
	now := c.states()
	if odd == 0 && now == saw {
		return
	}
	o := c.originator()
	tuple := t.records[c.cold-1].key
	if o == 1 {
		tuple = tuple.Reverse()
	}
	t.config.Watch(&Event{
		Connection: uint64(c.cold), Number: s.number, Time: s.time, Tuple: tuple, ByOriginator: int(s.side&1) == o,
		From: [2]tcp.State{saw[o], saw[1-o]}, To: [2]tcp.State{now[o], now[1-o]}, Anomalies: odd,
	})
}
