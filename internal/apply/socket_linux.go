package apply

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/ssfilter"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// sockets ends connections, as "ss -K" does. There is no way back.
type sockets struct{}

// Read finds nothing that could be put back.
func (sockets) Read(c diagnose.Change) (string, error) {
	_, err := matched(c)
	return "", err
}

// matched lists the connections that the change's filter selects. A filter that
// names no end is refused: it would end everything.
func matched(c diagnose.Change) ([]host.Socket, error) {
	if c.Target == "" {
		return nil, errors.New("no filter: that would end every connection")
	}
	filter, err := ssfilter.Parse(c.Target, ssfilter.Names{})
	if err != nil {
		return nil, err
	}
	states, given := filter.States()
	if !given {
		states = tcp.AllStates &^ tcp.SetOf(tcp.Listen)
	}
	var list []host.Socket
	_, err = sockdiag.Dump(context.Background(), sockdiag.Options{States: states}, func(s *host.Socket) error {
		if e := ssfilter.OfSocket(s, false); s.State != tcp.Listen && filter.Match(&e) {
			list = append(list, *s)
		}
		return nil
	})
	return list, err
}

// Write ends them. One that ends by itself meanwhile is as good.
func (sockets) Write(c diagnose.Change, _ string) error {
	list, err := matched(c)
	if err != nil {
		return err
	}
	for _, s := range list {
		err := sockdiag.Destroy(&s)
		switch {
		case err == nil, errors.Is(err, unix.ENOENT):
		case errors.Is(err, unix.EOPNOTSUPP):
			return errors.New("this kernel cannot end connections (CONFIG_INET_DIAG_DESTROY)")
		default:
			return fmt.Errorf("%v to %v: %w", s.Local, s.Remote, err)
		}
	}
	return nil
}
