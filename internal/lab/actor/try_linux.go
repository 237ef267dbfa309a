package actor

import (
	"fmt"
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
		return Answer{}, fmt.Errorf("try needs a pace")
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

func tryOnce(o Order) error {
	s, err := dial(o, 0)
	if err != nil {
		return err
	}
	defer s.Close()
	patience := unix.NsecToTimeval(dialPatience.Nanoseconds())
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		return err
	}
	if err := s.Write([]byte("question\n")); err != nil {
		return err
	}
	_, err = s.Read(make([]byte, 1))
	return err
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
