package walk

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/tcp"
)

// Role is a whole conversation that our Endpoint holds with Linux.
type Role struct {
	Name   string // "our client, a Linux server"
	About  string // what happens
	Passed bool
	Why    string // what went wrong
	Took   time.Duration
}

type role struct {
	name, about string
	play        func(ctx context.Context, t *stage) error
}

var roles = []role{
	{"our client, a Linux server", "text both ways, and after a half-close", ourClient},
	{"our server, a Linux client", "an HTTP request and its answer", ourServer},
	{"both open at once", "two SYNs cross", bothOpen},
	{"both close at once", "two FINs cross", bothClose},
}

// playRoles holds every conversation, one after the other.
func playRoles(ctx context.Context, t *stage) []Role {
	var played []Role
	for _, r := range roles {
		started := time.Now()
		result := Role{Name: r.name, About: r.about, Passed: true}
		if err := r.play(ctx, t); err != nil {
			result.Passed, result.Why = false, err.Error()
		}
		result.Took = time.Since(started)
		played = append(played, result)
	}
	return played
}

// meeting is a player and a program on the two ends of a connection.
type meeting struct {
	*player
	*play
}

func meet(ctx context.Context, t *stage) *meeting {
	end, local, foreign := newPlayer(t)
	return &meeting{end, &play{ctx: ctx, stage: t, patience: moment, fd: -1, listener: -1, local: foreign, remote: local}}
}

func (m *meeting) close() {
	m.player.stop()
	m.play.end()
}

// ours is our end's user call as a step.
func (m *meeting) ours(in tcp.Incident) step {
	return func(*play) error { m.do(in); return nil }
}

// in waits until our end is in the state.
func (m *meeting) in(s tcp.State) step {
	return func(p *play) error {
		return m.until(p.ctx, "in "+s.String(), func(now tcp.State, _ []byte) bool { return now == s })
	}
}

// got waits until our end has received so many octets.
func (m *meeting) got(octets int) step {
	return func(p *play) error {
		return m.until(p.ctx, fmt.Sprintf("done with %d octets", octets), func(_ tcp.State, text []byte) bool { return len(text) >= octets })
	}
}

// underway waits until so many of the kernel's segments wait to arrive.
func (m *meeting) underway(segments int) step {
	return func(p *play) error {
		tick := time.NewTicker(glance)
		defer tick.Stop()
		deadline := time.NewTimer(p.patience)
		defer deadline.Stop()
		for m.crossing() < segments {
			select {
			case <-tick.C:
			case <-deadline.C:
				return fmt.Errorf("%d of the kernel's segments are under way, not %d", m.crossing(), segments)
			}
		}
		return nil
	}
}

func (m *meeting) holds(*play) error    { m.hold(); return nil }
func (m *meeting) releases(*play) error { m.release(); return nil }

// reply is what the Linux server sends: more than a window without scaling.
var reply = bytes.Repeat([]byte("synoptic "), 15000)

func ourClient(ctx context.Context, t *stage) error {
	m := meet(ctx, t)
	defer m.close()
	return m.run(steps(
		binds(), listens, m.ours(tcp.Incident{Event: tcp.CallActiveOpen, Foreign: m.local}), accepts, m.in(tcp.Established), isAt(established),
		m.ours(tcp.Incident{Event: tcp.CallSend, Text: []byte("hello")}), reads("hello"), sendsText(reply), m.got(len(reply)),
		m.ours(tcp.Incident{Event: tcp.CallClose}), m.in(tcp.FinWait2), isAt(closeWait), reads(""),
		sendsText([]byte("one more")), m.got(len(reply)+len("one more")),
		closes, m.in(tcp.TimeWait), isAt(closed),
		func(*play) error {
			if want := string(reply) + "one more"; string(m.text) != want {
				return fmt.Errorf("our end received other text than the %d octets that were sent", len(want))
			}
			return nil
		},
	))
}

func bothOpen(ctx context.Context, t *stage) error {
	m := meet(ctx, t)
	defer m.close()
	return m.run(steps(
		m.holds, connects(), m.underway(1), m.ours(tcp.Incident{Event: tcp.CallActiveOpen, Foreign: m.local}), isAt(synReceived),
		m.releases, m.in(tcp.Established), isAt(established),
	))
}

func bothClose(ctx context.Context, t *stage) error {
	m := meet(ctx, t)
	defer m.close()
	return m.run(steps(
		m.ours(tcp.Incident{Event: tcp.CallPassiveOpen}), connects(), m.in(tcp.Established), isAt(established),
		m.holds, finishes, m.underway(1), m.ours(tcp.Incident{Event: tcp.CallClose}), isAt(closing),
		m.releases, m.in(tcp.TimeWait), isAt(timeWait),
	))
}

// sendsText writes all of the text, as fast as the peer takes it.
func sendsText(text []byte) step {
	return func(p *play) error {
		for rest := text; len(rest) > 0; {
			if err := poll(p.fd, unix.POLLOUT, p.patience); err != nil {
				return failed("write()", err)
			}
			n, err := unix.Write(p.fd, rest)
			if err != nil {
				return failed("write()", err)
			}
			rest = rest[n:]
		}
		return nil
	}
}

// reads reads once and expects exactly that; "" is the end.
func reads(want string) step {
	return func(p *play) error {
		if err := holdsText(p); err != nil {
			return err
		}
		got := make([]byte, 256)
		n, err := unix.Read(p.fd, got)
		if err != nil || string(got[:n]) != want {
			return fmt.Errorf("the program read %q, not %q (%v)", got[:max(n, 0)], want, err)
		}
		return nil
	}
}

const page = "every state has a story\n"

func ourServer(ctx context.Context, t *stage) error {
	m := meet(ctx, t)
	defer m.close()
	m.do(tcp.Incident{Event: tcp.CallPassiveOpen})
	answered := make(chan error, 1)
	go func() {
		err := m.until(ctx, "asked", func(_ tcp.State, text []byte) bool { return bytes.Contains(text, []byte("\r\n\r\n")) })
		answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(page), page)
		m.do(tcp.Incident{Event: tcp.CallSend, Text: []byte(answer)})
		m.do(tcp.Incident{Event: tcp.CallClose})
		answered <- err
	}()
	body, err := fetch(ctx, t.host.Namespace, m.remote)
	if asked := <-answered; err == nil {
		err = asked
	}
	if err == nil && body != page {
		err = fmt.Errorf("the client received %q, not %q", body, page)
	}
	if err != nil {
		return err
	}
	return m.in(tcp.TimeWait)(m.play)
}
