package explore

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Call is one thing that the user of an end does.
type Call struct {
	Event tcp.Event    // a call; zero for a crash
	Text  string       // SEND: the octets
	Crash bool         // the end loses its memory and is CLOSED
	When  tcp.StateSet // the states in which the user does it; zero: all
	After int          // how many calls the other user has made by then, at least
}

// OldPacket is a duplicate from before the run began that is still under way.
type OldPacket struct {
	FromResponder bool
	Segment       tcp.Segment // Data is set from Text
	Text          string
}

// Bound is what a run may consist of. Pairs are by simulate.Side.
type Bound struct {
	Name string // lower case with hyphens

	Users [2][]Call    // what each user does, in this order
	ISS   [2][]tcp.Seq // what the end takes for its ISS, one after the other; no number twice
	Old   []OldPacket

	Losses     int  // packets that may be lost, at most 15
	Duplicates int  // times that a packet may arrive and stay under way, at most 15
	Early      int  // retransmissions while a packet is under way, at most 15
	Cut        bool // the network may stop to carry anything, for ever

	TimeWaitLess  int      // MSLs taken off the two of TIME-WAIT, 0 to 2
	Assassination bool     // RST ends TIME-WAIT, as RFC 9293 has it; else RFC 1337 is followed
	Keepalive     bool     // an idle end asks whether its peer exists
	UserTimeout   bool     // users lose patience when the network is cut
	Buffer        tcp.Size // receive buffer, octets, emptied by RECEIVE calls alone; 0: large, and the user always receives

	Invariants Invariants // those that are expected to hold and are checked; zero: all
	Breaks     Invariants // those of them that this bound is there to break
}

// check tells what is wrong with a bound.
func (b *Bound) check() error {
	for _, n := range []int{b.Losses, b.Duplicates, b.Early} {
		if n < 0 || n > 15 {
			return fmt.Errorf("bound %q: %d losses, duplicates or early retransmissions; give 0 to 15", b.Name, n)
		}
	}
	if b.TimeWaitLess < 0 || b.TimeWaitLess > 2 {
		return fmt.Errorf("bound %q: TIME-WAIT is 2 MSL, %d cannot be taken off", b.Name, b.TimeWaitLess)
	}
	for side, list := range b.ISS {
		if len(list) == 0 {
			return fmt.Errorf("bound %q: end %d has no ISS; give at least one", b.Name, side)
		}
		seen := map[tcp.Seq]bool{}
		for _, iss := range list {
			if seen[iss] {
				return fmt.Errorf("bound %q: end %d has the ISS %v twice; incarnations are told apart by it", b.Name, side, iss)
			}
			seen[iss] = true
		}
	}
	return b.checkCalls()
}

func (b *Bound) checkCalls() error {
	for _, calls := range b.Users {
		if len(calls) > 255 {
			return fmt.Errorf("bound %q: %d calls of one user; give at most 255", b.Name, len(calls))
		}
		for _, c := range calls {
			if !c.Crash && !c.Event.Call() {
				return fmt.Errorf("bound %q: a user cannot do %q; give a call or a crash", b.Name, c.Event)
			}
		}
	}
	return nil
}

// timeWait is how many MSLs TIME-WAIT lasts.
func (b *Bound) timeWait() uint8 { return uint8(2 - b.TimeWaitLess) }

// config is what the ends of the bound are made with. All timeouts are the same
// and nothing is limited in rate, so that time says nothing.
func (b *Bound) config() tcp.EndpointConfig {
	c := tcp.EndpointConfig{
		InitialRTO: rto, MinRTO: rto, MaxRTO: rto, TimeWait: time.Duration(b.timeWait()) * msl,
		ChallengeLimit: -1, InvalidInterval: -1,
		AutoReceive: b.Buffer == 0, ReceiveBuffer: b.Buffer,
		IgnoreRSTInTimeWait: !b.Assassination,
		Retries:             retries, SynRetries: retries, KeepaliveProbes: probes,
	}
	if b.Keepalive {
		c.Keepalive, c.KeepaliveInterval = keepalive, keepalive
	}
	if b.UserTimeout {
		c.UserTimeout = patience
	}
	if c.TimeWait == 0 {
		c.TimeWait = -1
	}
	return c
}
