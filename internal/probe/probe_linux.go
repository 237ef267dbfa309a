package probe

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/evidence"
)

// asker is one way to ask one peer. Its socket never blocks.
type asker interface {
	// ask sends; try counts from 0.
	ask(try int) error
	// hear reads what came; AnswerNone is nothing that counts.
	hear() evidence.ProbeAnswer
	descriptor() (fd int, events int16)
}

// question is a probe while it is open.
type question struct {
	*evidence.Probe
	asker
	sent time.Time
}

func (q *question) waits() bool { return q.asker != nil && q.Answer == evidence.AnswerNone }

// Allowed tells whether this process may ask here; the error is ErrRights or what
// else is in the way.
func Allowed() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	if errors.Is(err, unix.EPERM) {
		return ErrRights
	}
	if err != nil {
		return errors.New(reason(err))
	}
	return unix.Close(fd)
}

// Run asks each probe of the plan, those that stay silent once more, and notes in
// the plan what was sent and what came back. Every system call is made on the
// calling goroutine, in its network namespace. A context that ends stops it, and
// what has no answer then says so in Why. Only a missing right is an error.
func Run(ctx context.Context, plan []evidence.Probe) error {
	questions := make([]*question, len(plan))
	for i := range plan {
		q := &question{Probe: &plan[i]}
		questions[i] = q
		if err := q.open(); errors.Is(err, unix.EPERM) {
			closeAll(questions[:i])
			return ErrRights
		} else if err != nil {
			q.Why = reason(err)
		}
	}
	defer closeAll(questions)
	for try := range Times {
		for _, q := range questions {
			if !q.waits() || ctx.Err() != nil {
				continue
			}
			q.put(try)
			listen(ctx, questions, Interval)
		}
		listen(ctx, questions, Patience)
	}
	for _, q := range questions {
		if ctx.Err() != nil && q.waits() {
			q.Why = "interrupted" // nobody waited long enough to call it silence
		}
	}
	return nil
}

// open makes the socket of a question.
func (q *question) open() (err error) {
	switch q.Kind {
	case evidence.ProbeSegment:
		q.asker, err = newSegment(q.Probe)
	case evidence.ProbeConnect:
		q.asker, err = newConnect(q.Probe)
	default:
		q.asker, err = newEcho(q.Probe)
	}
	if err != nil {
		q.asker = nil // not a nil pointer in it
	}
	return err
}

func closeAll(questions []*question) {
	for _, q := range questions {
		if q.asker != nil {
			fd, _ := q.descriptor()
			unix.Close(fd)
		}
	}
}

// put sends. An ICMP error that came since the last sending is returned by this
// one.
func (q *question) put(try int) {
	now := time.Now()
	switch err := q.ask(try); {
	case err == nil, errors.Is(err, unix.ENOBUFS): // lost behind us, as on a wire
		q.Sent++
		q.sent = now
	case unreachable(err):
		q.Answer = evidence.AnswerUnreachable
	default:
		q.Why = reason(err)
	}
}

// listen hears all that are open for so long, or until each that was asked has
// its answer when that is longer than an interval.
func listen(ctx context.Context, questions []*question, long time.Duration) {
	end := time.Now().Add(long)
	for ctx.Err() == nil {
		var ready []unix.PollFd
		var whose []*question
		for _, q := range questions {
			if q.waits() && q.Sent > 0 {
				fd, events := q.descriptor()
				ready = append(ready, unix.PollFd{Fd: int32(fd), Events: events})
				whose = append(whose, q)
			}
		}
		left := time.Until(end)
		if left <= 0 || len(ready) == 0 && long > Interval {
			return
		}
		const turn = 50 * time.Millisecond                             // an interrupt is seen so soon
		_, _ = unix.Poll(ready, int(min(left, turn).Milliseconds())+1) // an interrupted call is tried again
		for i, r := range ready {
			if r.Revents != 0 {
				whose[i].take()
			}
		}
	}
}

func (q *question) take() {
	if q.Answer = q.hear(); q.Answer != evidence.AnswerNone {
		q.After = time.Since(q.sent).Seconds()
	}
}

// unreachable tells errors that say that there is no way, here or on the path.
func unreachable(err error) bool {
	for _, e := range []error{unix.EHOSTUNREACH, unix.ENETUNREACH, unix.ENONET, unix.EHOSTDOWN} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func reason(err error) string { return os.NewSyscallError("probe", err).Error() }
