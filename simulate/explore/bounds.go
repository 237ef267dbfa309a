package explore

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// Bounds returns the bounds that are kept with the package: first those in which
// every checked invariant is expected to hold, then those that break some on
// purpose.
func Bounds() []Bound {
	return []Bound{
		connection(), earlyRetransmission(), anyOrder(), simultaneousOpen(), simultaneousClose(), zeroWindow(), fullWindow(),
		oldSYN(), strays(), strayText(), strayFIN(),
		aborts(), abortEarly(), cut(), crashes(), crashAfterClose(), crashAndOpen(), crashAndListen(),
		reuse(), youngerSYN(),
		timeWaitZero(), timeWaitHalf(), lastACKLost(), assassination(), halfOpen(), closeInHandshake(),
	}
}

// Find returns the bound of that name.
func Find(name string) (Bound, error) {
	var names []string
	for _, b := range Bounds() {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Bound{}, fmt.Errorf("there is no bound %q; choose one of %s", name, strings.Join(names, ", "))
}

// Words for the scripts of users.
var (
	listen    = Call{Event: tcp.CallPassiveOpen}
	open      = Call{Event: tcp.CallActiveOpen}
	closeCall = Call{Event: tcp.CallClose}
	abort     = Call{Event: tcp.CallAbort}
	receive   = Call{Event: tcp.CallReceive}
	crash     = Call{Crash: true}
)

func send(text string) Call { return Call{Event: tcp.CallSend, Text: text} }

// in returns the call made only in these states.
func (c Call) in(states ...tcp.State) Call {
	c.When = tcp.SetOf(states...)
	return c
}

// after returns the call made only after so many calls of the other user.
func (c Call) after(calls int) Call {
	c.After = calls
	return c
}

// joined returns the call made only by a user that has waited in LISTEN and now
// has a peer.
func (c Call) joined() Call { return c.in(tcp.SynReceived, tcp.Established, tcp.CloseWait) }

// met returns the call made only once the handshake is over.
func (c Call) met() Call { return c.in(tcp.Established, tcp.CloseWait) }

// oneISS is enough where each end lives once.
var oneISS = [2][]tcp.Seq{{100}, {300}}
