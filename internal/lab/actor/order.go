package actor

import "time"

// Order is one thing to do. Which fields matter depends on Do; the lab's
// Program has a method for each.
type Order struct {
	Do    string
	Group string // the sockets to act on, or the name that new ones get

	At, To, From string // "192.0.2.2:80"; From is an address without a port, or with one
	Backlog      int
	Defer        time.Duration // TCP_DEFER_ACCEPT
	Serve        Service
	Target       string // where a proxy dials

	Count  int
	Size   int // bytes
	Every  time.Duration
	Life   time.Duration
	NoWait bool // do not wait until connections are established

	Prefix   string // of forged sources, or of the addresses to scan
	Ports    int    // how many ports to scan, from the port of To
	Rate     int    // a second
	Seed     uint64
	Exactly  bool // bind without SO_REUSEADDR
	Interval time.Duration
}

// Service is what a server does with connections.
type Service string

// The services.
const (
	ServeNothing  Service = ""         // nobody accepts
	ServeHold     Service = "hold"     // accepts and then forgets the connection
	ServeAnswers  Service = "answers"  // a line for a line until the client closes, then closes
	ServeOnce     Service = "once"     // one answer, then closes first
	ServeLeak     Service = "leak"     // reads to the end and never closes
	ServeSlowly   Service = "slowly"   // accepts one connection each Every and closes it
	ServeStream   Service = "stream"   // sends Size bytes each Every until the client resets
	ServeDeadlock Service = "deadlock" // every thread waits for a lock that nobody frees
	ServeProxy    Service = "proxy"    // passes everything on to Target, ends of stream too
	ServeReset    Service = "reset"    // answers once, then aborts
)

// Answer is what became of an order.
type Answer struct {
	Error string   `json:",omitempty"`
	Count int      `json:",omitempty"` // sockets, attempts or segments
	Ports []uint16 `json:",omitempty"` // local ports of the sockets

	FirstTry, Answered int           `json:",omitempty"` // of Count clients that tried
	Median             time.Duration `json:",omitempty"` // until the first octet of an answer
}
