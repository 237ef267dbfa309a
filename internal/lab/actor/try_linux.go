package actor

import (
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Within this a client is answered without any SYN having been sent again: that
// comes after a second (RFC 6298, section 2).
const atFirstTry = 900 * time.Millisecond

// try lets Count clients come, one each Every, whatever becomes of those before,
// and says how many got an answer, and when its first octet came. connect() would
// also succeed where nothing ever follows.
func (p *player) try(o Order) (Answer, error) {
	if o.Every <= 0 {
		return Answer{}, errors.New("try needs a pace")
	}
	took := make([]time.Duration, max(1, o.Count)) // 0: no answer
	var trying sync.WaitGroup
	for i := range took {
		trying.Go(func() {
			begun := time.Now()
			if tryOnce(o) == nil {
				took[i] = time.Since(begun)
			}
		})
		p.pause(o.Every)
	}
	trying.Wait()
	return tried(took), nil
}

// tryPatience is how long a client waits, its handshake included.
const tryPatience = 3 * time.Second

func tryOnce(o Order) error {
	until := time.Now().Add(tryPatience)
	s, err := dial(o, unix.SOCK_NONBLOCK)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.connected(tryPatience); err != nil {
		return err
	}
	if err := unix.SetNonblock(s.fd, false); err != nil {
		return err
	}
	patience := unix.NsecToTimeval(max(time.Until(until), time.Millisecond).Nanoseconds())
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		return err
	}
	if err := s.Write([]byte("question\n")); err != nil {
		return err
	}
	for {
		n, err := s.Read(make([]byte, 1))
		if errors.Is(err, unix.EINTR) { // with a timeout the runtime's signals are not passed over
			continue
		}
		if err == nil && n == 0 {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
}

// tried sums up what the clients got.
func tried(took []time.Duration) Answer {
	answer := Answer{Count: len(took)}
	answered := slices.DeleteFunc(slices.Clone(took), func(d time.Duration) bool { return d == 0 })
	slices.Sort(answered)
	for _, d := range answered {
		if d < atFirstTry {
			answer.FirstTry++
		}
	}
	if answer.Answered = len(answered); answer.Answered > 0 {
		answer.Median = answered[len(answered)/2]
	}
	return answer
}
