package actor

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// listen opens a listener and serves it in the way that the order says.
func (p *player) listen(o Order) (Answer, error) {
	serve, ok := p.services()[o.Serve]
	if !ok {
		return Answer{}, fmt.Errorf("unknown service %q", o.Serve)
	}
	s, err := listen(o)
	if err != nil {
		return Answer{}, fmt.Errorf("listen on %s: %w", o.At, err)
	}
	p.keep(listeners, s)
	if serve != nil {
		go p.alone(func() error { return p.accept(s, o, serve) })
	}
	return Answer{Count: 1, Ports: []uint16{s.Port()}}, nil
}

// relisten tries each Every to listen, as a supervisor starts a server again and
// again, until it works.
func (p *player) relisten(o Order) (Answer, error) {
	if o.Every <= 0 {
		return Answer{}, errors.New("relisten needs a pace")
	}
	works := false
	go p.every(o.Every, func() {
		if works {
			return
		}
		_, err := p.listen(o)
		works = err == nil
	})
	return Answer{}, nil
}

// listeners is the group of listening sockets; accepted connections are in the
// group that the order names.
const listeners = "listeners"

func (p *player) services() map[Service]func(*Socket, Order) {
	return map[Service]func(*Socket, Order){
		ServeNothing: nil, ServeHold: p.hold, ServeAnswers: p.answers, ServeOnce: p.once, ServeLeak: p.leak,
		ServeSlowly: p.slowly, ServeStream: p.stream, ServeDeadlock: p.deadlock, ServeProxy: p.proxy, ServeReset: p.reset,
	}
}

// accept takes connections until the listener closes. A service that keeps the
// connection puts it into the order's group.
func (p *player) accept(listener *Socket, o Order, serve func(*Socket, Order)) error {
	for {
		s, err := listener.Accept()
		switch {
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.EBADF):
			return nil // closed by an order
		case err != nil:
			return fmt.Errorf("accept on %s: %w", o.At, err)
		case o.Serve == ServeSlowly:
			serve(s, o) // one at a time, which is the point
		default:
			go serve(s, o)
		}
	}
}

func (p *player) hold(s *Socket, o Order) { p.keep(o.Group, s) }

func (p *player) answers(s *Socket, _ Order) {
	defer s.Close()
	buffer := make([]byte, 64<<10)
	for {
		if n, err := s.Read(buffer); n == 0 || err != nil {
			return
		}
		if s.Write([]byte("answer\n")) != nil {
			return
		}
	}
}

func (p *player) once(s *Socket, _ Order) {
	defer s.Close()
	if n, err := s.Read(make([]byte, 64<<10)); n > 0 && err == nil {
		_ = s.Write([]byte("answer\n"))
	}
}

func (p *player) reset(s *Socket, _ Order) {
	if n, err := s.Read(make([]byte, 64<<10)); n > 0 && err == nil {
		_ = s.Write([]byte("answer\n"))
	}
	s.Abort()
}

// leak reads to the end of the stream and forgets to close.
func (p *player) leak(s *Socket, o Order) {
	p.keep(o.Group, s)
	buffer := make([]byte, 64<<10)
	for n, err := 1, error(nil); n > 0 && err == nil; {
		n, err = s.Read(buffer)
	}
}

func (p *player) slowly(s *Socket, o Order) {
	p.pause(o.Every)
	s.Close()
}

func (p *player) stream(s *Socket, o Order) {
	p.keep(o.Group, s)
	more := make([]byte, max(1, o.Size))
	for p.ctx.Err() == nil {
		if s.Write(more) != nil {
			return
		}
		p.pause(o.Every)
	}
}

// deadlock is a thread that wants a lock before it reads its request. Nobody
// frees the lock.
func (p *player) deadlock(s *Socket, o Order) {
	p.keep(o.Group, s)
	p.lock.Lock()
	defer p.lock.Unlock()
	p.answers(s, o)
}

// proxy passes both directions on, each with its end, and closes when both have
// ended: a program behind it that never closes shows here as a pair of
// CLOSE-WAIT and FIN-WAIT-2.
func (p *player) proxy(client *Socket, o Order) {
	server, err := Dial(o.Target)
	if err != nil {
		client.Abort()
		return
	}
	done := make(chan struct{})
	go func() { pass(server, client); close(done) }()
	pass(client, server)
	<-done
	client.Close()
	server.Close()
}

func pass(from, to *Socket) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n <= 0 || err != nil || to.Write(buffer[:n]) != nil {
			_ = to.FinishSending()
			return
		}
	}
}
