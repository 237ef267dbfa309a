package dwell

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"time"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

// dialogue is one connection while its two programs act.
type dialogue struct {
	stage          *stage
	play           *play
	way            way
	random         *rand.Rand
	port           uint16 // of the client; 0: whichever is free
	at             meeting
	client, server *lab.Socket
	spare          []*lab.Socket
}

// Pauses between the steps of programs.
const (
	leastPause = 6 * time.Millisecond
	mostPause  = 50 * time.Millisecond
)

func wait(d time.Duration) { <-time.After(d) }

// pause lets a program wait after what it did has arrived everywhere.
func (d *dialogue) pause() {
	wait(d.way.roundTrip + leastPause + time.Duration(d.random.Int64N(int64(mostPause-leastPause))))
}

// talk sends a little text, or none.
func (d *dialogue) talk(from *lab.Socket) {
	for range d.random.IntN(3) {
		_ = from.Write([]byte("line\n")) // a connection that is gone is part of the play
		d.pause()
	}
}

// dial sends the SYN. The meeting is known from then on.
func (d *dialogue) dial(port uint16) error {
	to := netip.AddrPortFrom(netip.MustParseAddr(d.way.server), port)
	var socket *lab.Socket
	for began := time.Now(); ; wait(leastPause) {
		var err error
		socket, err = d.start(d.stage.client, netip.AddrPortFrom(netip.MustParseAddr(d.way.client), d.port), to)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EADDRNOTAVAIL) || time.Since(began) > 3*time.Second {
			return fmt.Errorf("%s: connect: %w", d.play.name, err)
		}
	}
	d.client = socket
	d.meet(netip.AddrPortFrom(netip.MustParseAddr(d.way.client), socket.Port()), to)
	return nil
}

func (d *dialogue) start(h *lab.Host, from, to netip.AddrPort) (socket *lab.Socket, err error) {
	source := from.Addr().String()
	if from.Port() != 0 {
		source = from.String()
	}
	err = h.Do(func() (err error) { socket, err = actor.Start(source, to.String()); return err })
	return socket, err
}

// meet says whose the connection is.
func (d *dialogue) meet(client, server netip.AddrPort) {
	d.at = meeting{client, server}
	d.stage.mu.Lock()
	defer d.stage.mu.Unlock()
	d.stage.plays[d.at] = append(d.stage.plays[d.at], d.play)
}

// open opens a connection and waits until the server's program has it.
func (d *dialogue) open(port uint16) (err error) {
	if err := d.dial(port); err != nil {
		return err
	}
	if d.server, err = d.stage.await(d.at); err == nil {
		d.pause()
	}
	return err
}

// finish sends the FIN of an end, so that the program keeps the socket or not.
func (d *dialogue) finish(s *lab.Socket) {
	if d.random.IntN(3) == 0 {
		drain(s)
		s.Close()
	} else {
		_ = s.FinishSending() // a connection that is gone is part of the play
	}
	d.pause()
}

// drain reads what is there: close() with text unread would reset.
func drain(s *lab.Socket) {
	buffer := make([]byte, 1<<16)
	for n, err := 1, error(nil); n > 0 && err == nil; {
		n, err = s.Read(buffer)
	}
}

// end closes whatever is left.
func (d *dialogue) end() {
	for _, s := range append(d.spare, d.client, d.server) {
		if s != nil {
			drain(s)
			s.Close()
		}
	}
	d.spare, d.client, d.server = nil, nil, nil
}
