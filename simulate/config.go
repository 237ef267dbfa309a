package simulate

import (
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// The sockets of the stories. All are from ranges for documentation and tests
// (RFC 5737, RFC 2544).
var (
	OriginatorSocket = netip.MustParseAddrPort("192.0.2.1:1024")
	ResponderSocket  = netip.MustParseAddrPort("198.51.100.2:80")
	PublicSocket     = netip.MustParseAddrPort("203.0.113.10:80") // what an originator dials where a gateway rewrites

	crowdAddress = netip.MustParseAddr("192.0.2.10") // the first of a crowd
	floodAddress = netip.MustParseAddr("198.18.0.0") // forged sources begin here
)

// Config is all that decides a run. Zero values are usable: two ends that do
// nothing, a perfect network.
type Config struct {
	Ends    [2]End           // by Side
	Delay   [2]time.Duration // how long what a Side sends is under way
	Network []Rule           // what else the network does, in order
	Script  []Act

	Service *Service // the responder is a listener with queues; Ends[Responder] is what each of its connections is made with
	Crowd   Crowd
	Flood   Flood

	Seed     uint64        // of everything that is left to chance
	MaxTime  time.Duration // nothing later than this happens; 0: an hour
	MaxCount int           // things that happen at most; 0: 100,000

	Watch func(*Happening) // if set, it is told what happens and Result.Trace stays empty; the value is good until it returns
}

// End is what an end of the connection is made with. The zero AddrPorts of its
// configuration become the sockets of this package.
type End struct {
	tcp.EndpointConfig
	Numbers []tcp.Seq // initial sequence numbers, in turn; after the last each is 1000 more. None: as EndpointConfig has it
}

// Service is a responder that listens for many.
type Service struct {
	tcp.ListenerConfig      // Endpoint and CookieHash are filled in by Run
	Idle               bool // nobody accepts what waits in the accept queue, before an Act says Accept
}

// Crowd is a number of further originators, each on a host of its own behind a
// perfect network, who open a connection to the Service and keep it.
type Crowd struct {
	Size  int
	From  time.Duration // the first opens at this time
	Every time.Duration // and one more after each such interval
}

// Flood is a stream of SYNs whose sources are forged: nobody answers what is
// sent to them. They reach the responder at once.
type Flood struct {
	SYNs  int
	From  time.Duration
	Every time.Duration
}

// When says at which time an Act happens: not before At; if State is given, not
// before the end Of is in it; and After later than that.
type When struct {
	At    time.Duration
	Of    Side
	State tcp.State
	After time.Duration
}

// Act is one line of a script. It happens to the end Side, once.
type Act struct {
	When   When
	Side   Side
	Call   tcp.Event        // the user makes this call
	Octets tcp.Size         // of SEND: how much text
	Turn   Turn             // or fate takes this turn
	Forged tcp.Segment      // Forge, Stray
	Wrong  tcp.Misbehaviour // Misbehave: what the end does wrong from now on
}

// Turn is something that happens to an end without a call of its user.
type Turn uint8

// The turns of fate.
const (
	Crash     Turn = iota + 1 // it loses its memory and is up again at once, in CLOSED
	Vanish                    // its host is switched off
	Return                    // its host is switched on, with nothing in mind
	Accept                    // from now on the user of the Service accepts
	Forge                     // the segment Forged arrives, in the name of the other end
	Stray                     // it arrives, and the other end has sent it long ago
	Misbehave                 // its TCP begins to do something wrong
)

// What the network or the story does, in Happening.Why of a Noted.
const (
	WhyCrash       = "crash" // as the turns of fate have it, and so the next two
	WhyVanish      = "vanish"
	WhyReturn      = "return"
	WhyAccept      = "accept"    // the user of the responder accepts the connection
	WhyAccepting   = "accepting" // the user of the responder begins to accept
	WhyForged      = "forged"    // the next segment to arrive was never sent by the other end
	WhyStray       = "stray"     // the next segment to arrive is of long ago
	WhyListens     = "listens"   // the connection is gone, the listener that made it is not
	WhyMisbehave   = "misbehave"
	WhyCrowd       = "crowd"             // Counts: how many others open connections from now on
	WhyFlood       = "flood"             // Counts: SYNs to come, in how many seconds
	WhySYNQueue    = "syn-queue-full"    // Counts: its length
	WhyAcceptQueue = "accept-queue-full" // Counts: its length
	WhyFloodEnded  = "flood-ended"       // Counts: SYNs, of them dropped, answered with a cookie
	WhySYNAgain    = "cookie-opens"      // the responder remembers the SYN from the cookie that the ACK brings back
)

func (c *Config) fill() {
	const anHour, byDefault = time.Hour, 100_000
	for side, socket := range []netip.AddrPort{OriginatorSocket, ResponderSocket} {
		if end := &c.Ends[side]; !end.Local.IsValid() {
			end.Local = socket
		}
	}
	for side := range c.Ends {
		end := &c.Ends[side]
		end.TimeWait, end.Keepalive = min(end.TimeWait, forever), min(end.Keepalive, forever)
		c.Delay[side] = bounded(c.Delay[side])
	}
	if c.MaxTime <= 0 {
		c.MaxTime = anHour
	}
	c.MaxTime = min(c.MaxTime, forever)
	if c.MaxCount <= 0 {
		c.MaxCount = byDefault
	}
}

// forever bounds every length of time, so that sums of two do not overflow.
const forever = 50 * 365 * 24 * time.Hour

func bounded(d time.Duration) time.Duration { return min(max(d, 0), forever) }
