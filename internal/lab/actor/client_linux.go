package actor

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// dial opens Count connections, all established unless NoWait.
func (p *player) dial(o Order) (answer Answer, err error) {
	for i := range max(1, o.Count) {
		one := o
		one.From = fromPort(o.From, i)
		s, err := dialOne(one)
		if err != nil {
			return answer, fmt.Errorf("connection %d to %s: %w", answer.Count+1, o.To, err)
		}
		p.keep(o.Group, s)
		answer.Count++
		answer.Ports = append(answer.Ports, s.Port())
	}
	return answer, nil
}

func dialOne(o Order) (*Socket, error) {
	if o.NoWait {
		return dial(o, unix.SOCK_NONBLOCK)
	}
	return dial(o, 0)
}

// fromPort returns the i-th source: with a port in it, the following ports.
func fromPort(from string, i int) string {
	source, err := netip.ParseAddrPort(from)
	if err != nil {
		return from
	}
	return netip.AddrPortFrom(source.Addr(), source.Port()+uint16(i)).String()
}

// redial starts a new attempt each Every and gives it up after Life, for as
// long as the actor lives, however the attempts end. From a port, Count is how
// many ports take turns.
func (p *player) redial(o Order) (Answer, error) {
	if o.Every <= 0 {
		return Answer{}, errors.New("redial needs a pace")
	}
	turn := -1
	go p.every(o.Every, func() {
		turn = (turn + 1) % max(1, o.Count)
		s, err := Start(fromPort(o.From, turn), o.To)
		if err != nil {
			return // nobody there, no port left: the next attempt may do better
		}
		time.AfterFunc(o.Life, s.Close)
	})
	return Answer{}, nil
}

// ask lets Count clients open a connection, send a line, read the answer and
// close, each Every, for as long as the actor lives.
func (p *player) ask(o Order) (Answer, error) {
	for range max(1, o.Count) {
		go func() {
			p.pause(rand.N(max(o.Every, 1))) // not all at the same moment
			p.every(o.Every, func() { _ = askOnce(o) })
		}()
	}
	return Answer{}, nil
}

func askOnce(o Order) error {
	s, err := dial(o, 0)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Write([]byte("question\n")); err != nil {
		return err
	}
	_, err = s.Read(make([]byte, 256))
	return err
}

// acquaint exchanges a few lines on one connection and closes it.
func (p *player) acquaint(o Order) (Answer, error) {
	s, err := dial(o, 0)
	if err != nil {
		return Answer{}, err
	}
	defer s.Close()
	for range 3 {
		if err := s.Write([]byte("question\n")); err != nil {
			return Answer{}, err
		}
		if _, err := s.Read(make([]byte, 256)); err != nil {
			return Answer{}, err
		}
	}
	return Answer{Count: 1}, nil
}

// talk sends a line each Every on every connection of the group and reads what
// comes back, for as long as the actor lives: connections in use.
func (p *player) talk(o Order) (Answer, error) {
	return p.each(o, func(s *Socket) error {
		go func() {
			buffer := make([]byte, 64<<10)
			for n, err := 1, error(nil); n > 0 && err == nil; {
				n, err = s.Read(buffer)
			}
		}()
		if o.Size < 0 {
			return nil // only listen
		}
		line := make([]byte, max(1, o.Size))
		go p.every(o.Every, func() { _ = s.Write(line) })
		return nil
	})
}

// every runs do again and again until the actor ends. The first run comes at
// once.
func (p *player) every(pause time.Duration, do func()) {
	for p.ctx.Err() == nil {
		do()
		p.pause(pause)
	}
}

func (p *player) pause(d time.Duration) {
	select {
	case <-p.ctx.Done():
	case <-time.After(d):
	}
}

// scan tries Rate ports or hosts a second, Count of them, and gives each a
// short while: what scanners and worms do.
func (p *player) scan(o Order) (Answer, error) {
	targets, err := scanTargets(o)
	if err != nil {
		return Answer{}, err
	}
	if err := errors.Join(checkBounds(o.Count, o.Rate), checkInside()); err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(p.ctx, maxLength)
	go p.alone(func() error {
		defer cancel()
		return paced(ctx, o.Count, o.Rate, func() error {
			if s, err := Start("", targets()); err == nil {
				time.AfterFunc(o.Life, s.Close)
			}
			return nil
		})
	})
	return Answer{}, nil
}

// scanTargets returns the next target at each call: random hosts of a prefix,
// or the ports of one host in order.
func scanTargets(o Order) (func() string, error) {
	to, err := netip.ParseAddrPort(o.To)
	if err != nil {
		return nil, err
	}
	if o.Prefix == "" {
		port := to.Port()
		return func() string {
			port++
			return netip.AddrPortFrom(to.Addr(), port).String()
		}, nil
	}
	prefix, err := netip.ParsePrefix(o.Prefix)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(o.Seed, 2))
	return func() string { return netip.AddrPortFrom(randomIn(prefix.Masked(), random), to.Port()).String() }, nil
}

func (p *player) write(o Order) (Answer, error) {
	return p.each(o, func(s *Socket) error { return s.Write(make([]byte, max(1, o.Size))) })
}

// fill writes until the buffers at both ends are full.
func (p *player) fill(o Order) (Answer, error) {
	return p.each(o, func(s *Socket) error {
		if err := s.NonBlocking(); err != nil {
			return err
		}
		for {
			if err := s.Write(make([]byte, 64<<10)); errors.Is(err, unix.EAGAIN) {
				return nil
			} else if err != nil {
				return err
			}
		}
	})
}

func (p *player) read(o Order) (Answer, error) {
	return p.each(o, func(s *Socket) error { _, err := s.Read(make([]byte, 64<<10)); return err })
}

func (p *player) finish(o Order) (Answer, error) { return p.each(o, (*Socket).FinishSending) }

func (p *player) keepalive(o Order) (Answer, error) {
	return p.each(o, func(s *Socket) error { return s.Keepalive(o.Life, o.Interval, max(1, o.Count)) })
}

// close wakes whoever waits in accept(), who would keep the listener alive.
func (p *player) close(o Order) (Answer, error) {
	return p.end(o, func(s *Socket) {
		if o.Group == listeners {
			s.Stop()
		}
		s.Close()
	})
}

func (p *player) abort(o Order) (Answer, error) { return p.end(o, (*Socket).Abort) }

// end closes the group's sockets; Count bounds how many, 0 is all.
func (p *player) end(o Order, end func(*Socket)) (Answer, error) {
	sockets := p.take(o.Group)
	if len(sockets) == 0 {
		return Answer{}, fmt.Errorf("%s: there is no socket in group %q", o.Do, o.Group)
	}
	last := len(sockets)
	if o.Count > 0 {
		last = min(last, o.Count)
	}
	for _, s := range sockets[:last] {
		if o.Group == listeners {
			s.Stop() // wakes the thread that waits in accept(): until it leaves, the kernel keeps listening
		}
		end(s)
	}
	for _, s := range sockets[last:] {
		p.keep(o.Group, s)
	}
	return Answer{Count: last}, nil
}
