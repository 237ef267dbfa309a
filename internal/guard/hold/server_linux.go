package hold

import (
	"errors"
	"net"
	"time"
)

// server answers those who call the name.
type server struct {
	listener *net.UnixListener
	who      func() Holder
	take     func(channel)          // hands everything over; nil: nothing can be had
	leave    func() (nothing error) // ends a grace at once; nil: there is none
}

// mostCallers are answered at a time; others wait in the queue of the socket. Of
// those who are not obeyed it is fewer, and no other waits: they must not keep root
// from being heard.
const (
	mostCallers   = 16
	mostStrangers = 4
)

// refusal is what those hear who are not obeyed.
const refusal = "only root may ask that, with CAP_NET_ADMIN and CAP_BPF in the guard's user namespace"

// serve answers until the listener is closed. Other processes may hold the same
// socket: it goes on listening for them.
func (s *server) serve() {
	callers, strangers := make(chan struct{}, mostCallers), make(chan struct{}, mostStrangers)
	for {
		c, err := s.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many descriptors are open: it may pass
			<-time.After(10 * time.Millisecond)
			continue
		}
		_, err = entitled(c)
		mine, room := err == nil, callers
		if !mine {
			room = strangers
		}
		if !mine && len(room) == cap(room) { // nobody else fills it
			c.Close()
			continue
		}
		room <- struct{}{}
		go func() {
			defer func() { <-room }()
			s.answer(channel{c}, mine)
		}()
	}
}

// answer obeys root, and tells everybody else once who holds the name.
func (s *server) answer(c channel, mine bool) {
	defer c.Close()
	wait := time.Second
	if mine {
		wait = patience
	}
	for {
		if c.SetDeadline(time.Now().Add(wait)) != nil {
			return
		}
		m, received, err := c.receive()
		closeAll(received) // nobody has anything for us
		if err != nil {
			return
		}
		switch {
		case m.Do == "who":
			holder := s.who()
			err = c.send(message{Holder: &holder})
		case !mine:
			err = c.send(message{Error: refusal})
		case m.Do == "take" && s.take != nil:
			s.take(c)
			return
		case m.Do == "leave" && s.leave != nil:
			err = c.send(message{Error: text(s.leave())})
		default:
			err = c.send(message{Error: (&HeldError{s.who()}).Error()})
		}
		if err != nil || !mine {
			return
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
