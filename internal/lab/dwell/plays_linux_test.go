package dwell

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/tcp"
)

// play is what the two programs of a connection do.
type play struct {
	name   string
	weight int // how many of all
	slow   bool
	port   uint16 // of the server; 0: served, or lossy
	hidden []hidden
	do     func(*dialogue) error
}

// hidden is what no packet that comes to the capture shows.
type hidden struct {
	server bool // at which end
	states tcp.StateSet
	why    string
}

// Why the wire does not show a stay, or not until when it lasted.
const (
	gaveUp       = "a program that gives up in SYN-SENT sends nothing"
	abortedLate  = "an abort behind the own FIN sends nothing"
	stillUnsent  = "the FIN waits behind text that the peer's closed window holds back"
	orphanEnded  = "Linux gives up FIN-WAIT-2 of a program that closed, and sends nothing"
	droppedAhead = "dropped by the host's firewall before the capture"
	droppedAfter = "dropped by the host's firewall behind the capture"
	congested    = "the FIN waits behind text that was lost: the congestion window is full"
	betweenLooks = "no witness: a half-open connection or a minisocket that was gone before the next look"
)

var plays = []play{
	{name: "client closes first", weight: 12, do: func(d *dialogue) error { return d.closing(&d.client, &d.server) }},
	{name: "server closes first", weight: 12, do: func(d *dialogue) error { return d.closing(&d.server, &d.client) }},
	{name: "both close at once", weight: 8, slow: true, do: bothClose},
	{name: "half-closed by the client", weight: 6, do: func(d *dialogue) error { return d.halfClosing(&d.client, &d.server) }},
	{name: "half-closed by the server", weight: 6, do: func(d *dialogue) error { return d.halfClosing(&d.server, &d.client) }},
	{name: "client resets", weight: 3, do: func(d *dialogue) error { return d.reset(&d.client) }},
	{name: "server resets", weight: 3, do: func(d *dialogue) error { return d.reset(&d.server) }},
	{name: "reset in CLOSE-WAIT", weight: 3, do: func(d *dialogue) error { return d.resetHalfClosed(&d.client, &d.server, &d.server) }},
	{name: "reset in FIN-WAIT-2", weight: 3, do: func(d *dialogue) error { return d.resetHalfClosed(&d.server, &d.client, &d.server) }},
	{name: "closed with text unread", weight: 3, do: unread},
	{name: "refused", weight: 3, port: nobody, do: refused, hidden: []hidden{{false, tcp.SetOf(tcp.SynSent), gaveUp}}},
	{name: "both open at once", weight: 5, slow: true, port: served, do: bothOpen},
	{
		name: "both open at once, reset", weight: 2, slow: true, port: served, do: bothOpenReset,
		hidden: []hidden{{false, tcp.SetOf(tcp.SynSent), gaveUp}},
	},
	{name: "port used again, client closed first", weight: 1, port: served, do: func(d *dialogue) error { return d.again(&d.client, &d.server) }},
	{name: "port used again, server closed first", weight: 2, port: served, do: func(d *dialogue) error { return d.again(&d.server, &d.client) }},
	{name: "text for a program that closed", weight: 2, do: textForOrphan},
	{
		name: "given up", weight: 2, port: swallowed, do: giveUp,
		hidden: []hidden{{false, tcp.SetOf(tcp.SynSent), gaveUp}},
	},
	{
		name: "aborted in LAST-ACK", weight: 2, slow: true, do: abortLastACK,
		hidden: []hidden{{false, tcp.SetOf(tcp.LastAck, tcp.Closing, tcp.TimeWait), abortedLate}},
	},
	{
		name: "closed window", weight: 2, port: served, do: closedWindow,
		hidden: []hidden{{false, tcp.SetOf(tcp.Established, tcp.FinWait1), stillUnsent}},
	},
	{
		name: "FIN-WAIT-2 given up", weight: 1, port: served, do: orphan,
		hidden: []hidden{{false, tcp.SetOf(tcp.FinWait2), orphanEnded}},
	},
	{
		name: "FIN dropped before the capture", weight: 1, port: unsent, do: stuck,
		hidden: []hidden{{false, tcp.SetOf(tcp.Established, tcp.FinWait1), droppedAhead}},
	},
	{
		name: "FIN dropped behind the capture", weight: 1, port: undelivered, do: stuck,
		hidden: []hidden{{true, tcp.SetOf(tcp.Established, tcp.CloseWait, tcp.FinWait1), droppedAfter}},
	},
}

// target returns the port that the play goes to: one in three on the slow way
// loses segments.
func (d *dialogue) target() uint16 {
	switch {
	case d.play.port != 0:
		return d.play.port
	case d.way.roundTrip > 0 && d.random.IntN(3) == 0:
		return lossy
	}
	return served
}

// closing is RFC 9293 figure 12.
func (d *dialogue) closing(first, second **lab.Socket) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	d.finish(*first)
	d.finish(*second)
	return nil
}

// bothClose is RFC 9293 figure 13: the FINs cross on the slow way.
func bothClose(d *dialogue) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	_ = d.client.FinishSending() // gone is part of the play, here and below
	wait(time.Duration(d.random.Int64N(int64(delay / 2))))
	_ = d.server.FinishSending()
	d.pause()
	return nil
}

func (d *dialogue) halfClosing(first, second **lab.Socket) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	_ = (*first).FinishSending()
	d.pause()
	d.talk(*second)
	drain(*first)
	d.finish(*second)
	return nil
}

func (d *dialogue) reset(who **lab.Socket) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	d.talk(d.client)
	(*who).Abort()
	d.pause()
	return nil
}

func (d *dialogue) resetHalfClosed(first, second, who **lab.Socket) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	_ = (*first).FinishSending()
	d.pause()
	d.talk(*second)
	(*who).Abort()
	d.pause()
	return nil
}

func unread(d *dialogue) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	_ = d.client.Write([]byte("unread\n"))
	d.pause()
	d.server.Close()
	d.pause()
	return nil
}

func refused(d *dialogue) error {
	err := d.dial(d.target())
	d.pause()
	return err
}

// crossing is RFC 9293 figure 8. The server's end is the one that dials second.
func (d *dialogue) crossing() (err error) {
	d.at = meeting{}
	client := netip.AddrPortFrom(netip.MustParseAddr(d.way.client), d.port)
	server := netip.AddrPortFrom(netip.MustParseAddr(d.way.server), d.port)
	d.meet(client, server)
	if d.client, err = d.start(d.stage.client, client, server); err != nil {
		return err
	}
	d.server, err = d.start(d.stage.server, server, client)
	return err
}

func bothOpen(d *dialogue) error {
	if err := d.crossing(); err != nil {
		return err
	}
	d.pause()
	d.finish(d.client)
	d.finish(d.server)
	return nil
}

// bothOpenReset: half a round trip after the SYNs crossed, both ends are in
// SYN-RECEIVED.
func bothOpenReset(d *dialogue) error {
	if err := d.crossing(); err != nil {
		return err
	}
	wait(delay * 7 / 4)
	d.client.Abort()
	d.pause()
	return nil
}

// again opens a second connection from the same port.
func (d *dialogue) again(first, second **lab.Socket) error {
	for range 2 {
		if err := d.open(d.target()); err != nil {
			return err
		}
		_ = (*first).FinishSending()
		d.pause()
		_ = (*second).FinishSending()
		d.pause()
		d.end()
	}
	return nil
}

func textForOrphan(d *dialogue) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	drain(d.client)
	d.client.Close()
	d.pause()
	_ = d.server.Write([]byte("too late\n"))
	d.pause()
	return nil
}

func giveUp(d *dialogue) error {
	if err := d.dial(d.target()); err != nil {
		return err
	}
	d.pause()
	d.client.Close()
	d.pause()
	return nil
}

func abortLastACK(d *dialogue) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	_ = d.server.FinishSending()
	d.pause()
	_ = d.client.FinishSending()
	wait(delay * 3 / 4)
	d.client.Abort()
	d.pause()
	return nil
}

// closedWindow: the server reads nothing until its buffer is full.
func closedWindow(d *dialogue) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	for text := make([]byte, 1<<16); d.client.Write(text) == nil; {
	}
	d.pause()
	for text := make([]byte, 1<<16); d.client.Write(text) == nil; {
	}
	_ = d.client.FinishSending()
	d.pause()
	for range 6 {
		drain(d.server)
		d.pause()
	}
	return nil
}

func orphan(d *dialogue) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	if err := d.client.Linger(1); err != nil {
		return err
	}
	drain(d.client)
	d.client.Close()
	wait(1500 * time.Millisecond)
	return nil
}

// stuck: the FIN does not come through, and the client ends it with a RST.
func stuck(d *dialogue) error {
	if err := d.open(d.target()); err != nil {
		return err
	}
	_ = d.client.FinishSending()
	d.pause()
	d.client.Abort()
	d.pause()
	return nil
}
