package sockdiag

import (
	"context"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Dump calls each for every TCP socket, IPv4 and IPv6, of a network namespace.
// The Socket is reused: copy what you keep. An error of each ends the dump and
// is returned as it is. Other errors are a *KernelError, a *ParseError,
// ErrUnsupported, or the error of the context.
func Dump(ctx context.Context, o Options, each func(*host.Socket) error) (Result, error) {
	var s host.Socket
	return walk(ctx, o, func(message []byte) error {
		if err := ParseMessage(message, &s); err != nil {
			return err
		}
		return each(&s)
	})
}

// Count counts the sockets by state. It reads only the state of each, and is
// the quickest way to the numbers.
func Count(ctx context.Context, o Options) (tcp.Counts, Result, error) {
	var counts tcp.Counts
	result, err := walk(ctx, o, func(message []byte) error {
		if len(message) < messageSize {
			return &ParseError{Offset: len(message), What: "inet_diag_msg is cut short"}
		}
		counts[stateOf(message[offState])]++
		return nil
	})
	return counts, result, err
}

// Snapshot collects a dump.
func Snapshot(ctx context.Context, o Options) (host.Snapshot, error) {
	shot := host.Snapshot{Time: time.Now(), States: o.States}
	if shot.States == 0 {
		shot.States = tcp.AllStates
	}
	shot.Sockets = make([]host.Socket, 0, max(0, o.Expected))
	result, err := Dump(ctx, o, func(s *host.Socket) error {
		shot.Sockets = append(shot.Sockets, *s)
		return nil
	})
	shot.Interrupted = result.Interrupted
	return shot, err
}
