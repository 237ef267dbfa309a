package detect

import (
	"net/netip"
	"time"
)

// Action is what shall be done for a listener.
type Action string

// The actions. Tell does nothing: it is only to be said.
const (
	Tell   Action = "tell"
	Shadow Action = "shadow" // count its SYNs, touch nothing
	Arm    Action = "arm"
	Disarm Action = "disarm" // also ends a shadow
)

// Reason is why.
type Reason string

// The reasons, each with the only actions that it leads to.
const (
	QueueFull  Reason = "queue-full"        // shadow: the kernel says so
	Flood      Reason = "flood"             // arm: who asks does not come
	Crowd      Reason = "flash-crowd"       // tell: who asks comes
	AcceptFull Reason = "accept-queue-full" // tell: the program does not accept
	Elsewhere  Reason = "elsewhere"         // tell: no listener here is asked so often
	Verified   Reason = "verified"          // tell: the defence works
	StillFull  Reason = "still-full"        // tell: SYNs fill a queue besides those that are answered
	CrowdNow   Reason = "clients-only"      // tell: those who are answered come, so they were clients
	Continues  Reason = "continues"         // tell: it was armed by another guard before
	Over       Reason = "over"              // disarm: the flood is, and the hold with it
	Calm       Reason = "calm"              // disarm, of a shadow
	Checksums  Reason = "bad-checksums"     // disarm, or tell instead of arming: most SYNs look damaged here and not to the kernel, so clients would be turned away
	Refused    Reason = "cookies-refused"   // disarm: the kernel makes no connections of our cookies
	Nobody     Reason = "nobody-comes-back" // disarm: clients came before, and none since
	NotReached Reason = "no-syn-reached"    // disarm: none was answered, and the queue is still met full
	OthersACKs Reason = "acks-of-others"    // disarm: hardly a SYN comes, and ACKs of connections that are not here
)

// The reasons of who carries verdicts out.
const (
	CannotArm   Reason = "cannot-be-armed"    // tell: the hands failed
	CannotWatch Reason = "cannot-be-shadowed" // tell: the same, of a shadow
	Blind       Reason = "blind"              // tell: the senses fail
	Sees        Reason = "sees"               // tell: they do no longer
	TooBlind    Reason = "too-blind"          // disarm: nobody knows whether it is needed
	NoBeat      Reason = "no-beat"            // tell: the lease could not be renewed, or the key not changed
)

// Facts are what a verdict rests on, over the time that was looked at.
type Facts struct {
	Over      time.Duration // how long was looked at
	Asked     uint64        // SYNs that were answered, or would be
	Came      uint64        // of these, those that became connections
	MetFull   uint64        // SYNs that met a full queue
	Overflows uint64        // what met a full accept queue
	Passed    uint64        // SYNs left to the kernel
	Damaged   uint64        // SYNs with a wrong checksum
	Refused   uint64        // ACKs of our cookies that the kernel refused
	Forged    uint64        // ACKs of no connection here, without a right cookie
	Queue     Queue         // of the listener, when somebody looked last
	Hold      time.Duration // how long it stays armed after the last sign of the flood
}

// Share is how many of those who ask come, 0 to 1. Who asked nothing is taken for
// a client.
func (f *Facts) Share() float64 {
	if f.Asked == 0 {
		return 1
	}
	return min(float64(f.Came)/float64(f.Asked), 1)
}

// Verdict is what the detector says about one listener.
type Verdict struct {
	At       time.Duration
	Do       Action
	Listener netip.AddrPort // the zero value: none in particular
	Why      Reason
	Facts    Facts
}

// Output is what follows from a sample.
type Output struct {
	Verdicts []Verdict     // to be carried out in this order
	Look     bool          // the next sample shall have a Look
	Next     time.Duration // when it is wanted; 0: at once
}
