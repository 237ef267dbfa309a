// Package synoptic is where a program begins that wants to know what the TCP
// connections of its host suffer from: Look collects the evidence of a window,
// package diagnose judges it, and package report says it in words.
//
//	seen, err := synoptic.Look(ctx, 5*time.Second)
//	...
//	err = report.Write(os.Stdout, diagnose.Diagnose(seen), "en")
//
// What Look returns can be kept (evidence.Write), read again elsewhere
// (evidence.Read), stripped of names (evidence.Anonymize) and diagnosed on any
// system. The folder examples/diagnose holds a whole program.
package synoptic

import (
	"context"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/collect"
)

// Look looks at the network namespace of the calling goroutine's thread for a
// window, and returns what it saw; a window of 0 is one look, in which nothing can
// be seen to move. A context that ends closes the window early.
//
// It changes nothing and sends nothing. It takes no rights; with more of them it
// sees more: CAP_NET_ADMIN, CAP_NET_RAW (packets), CAP_SYS_PTRACE and
// CAP_DAC_READ_SEARCH (programs of other users). Bundle.Sources says what was not
// seen, and why. Sockets that cannot be read are an error; on systems other than
// Linux it is an errors.ErrUnsupported.
func Look(ctx context.Context, window time.Duration) (*evidence.Bundle, error) {
	return collect.Run(ctx, collect.Options{Window: window})
}
