package explain

import (
	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/simulate/explore"
)

// simulationWords are the words of a simulated run. What is said about a single
// story is in stories_en.go.
type simulationWords struct {
	NoEnd        string // in the margin of an end whose host is off
	Send         string // octets
	Delivered    string // octets
	DeliveredOne string
	Ignored      string // why
	Timer        string // before a row that a timer causes
	NoConnection string // before a row that answers a packet of no connection
	Rewritten    string // destination before and after
	Stranger     string // source, dialled
	Lost         map[string]string
	Notes        map[string]string
	Stopped      map[simulate.Stopped]string
	Ends         string // states, time
	Segments     string // sent, lost
	Sent         string // segment
	Arrived      string // segment
	Listener     string // SYNs dropped, overflows, cookies sent, cookies right
	ListHint     string
	Before       string // a remark before what it is about
	Gap          string // between sentences
	Changed      string // title of a story that flags have changed: name, title
}

var simulationEnglish = simulationWords{
	NoEnd:        "(off)",
	Send:         "SEND of %d octets",
	Delivered:    "%d octets to the user",
	DeliveredOne: "one octet to the user",
	Ignored:      "not looked at: %s",
	Timer:        "timer",
	NoConnection: "no such connection here",
	Rewritten:    "a gateway rewrote the destination %s to %s",
	Stranger:     "it comes from %s; this end dialled %s",
	Lost: map[string]string{
		simulate.WhyRule:     "lost",
		explore.WhyLost:      "lost",
		simulate.WhyFirewall: "dropped: the firewall knows no such connection",
		simulate.WhyNobody:   "lost: nobody has that address",
		simulate.WhyVanished: "lost: the host is off",
	},
	Notes: map[string]string{
		simulate.WhyCrash:       "crashes and is up again, with nothing in mind",
		explore.WhyDuplicated:   "a copy of the next segment stays under way",
		explore.WhyMSL:          "an MSL has passed",
		explore.WhyCut:          "from now on the network carries nothing",
		simulate.WhyVanish:      "is switched off",
		simulate.WhyReturn:      "is switched on again, with nothing in mind",
		simulate.WhyAccept:      "the program accepts the connection",
		simulate.WhyAccepting:   "the program begins to accept",
		simulate.WhyListens:     "the connection is gone, the listener is not",
		simulate.WhyForged:      "the next segment is forged: its source is not who sent it",
		simulate.WhyStray:       "the next segment is an old duplicate",
		simulate.WhyMisbehave:   "begins to misbehave",
		simulate.WhyCrowd:       "other clients open connections: %d",
		simulate.WhyFlood:       "a flood begins: %d SYNs with forged sources in %d s",
		simulate.WhyFloodEnded:  "the flood ends: of %d SYNs %d were dropped and %d answered with a cookie",
		simulate.WhySYNQueue:    "the SYN queue is full, half-open connections: %d",
		simulate.WhyAcceptQueue: "the accept queue is full, connections that wait for the program: %d",
		simulate.WhySYNAgain:    "the ACK brings the cookie back, and with it the SYN",
	},
	Stopped: map[simulate.Stopped]string{
		simulate.Quiet:    "Nothing more happens: no segment is under way and no timer runs.",
		simulate.TimeIsUp: "Stopped because the time is up; more would have happened.",
		simulate.TooMuch:  "Stopped because too much happens; more would have happened.",
	},
	Ends:     "In the end, after %[3]s: originator %[1]s, responder %[2]s.",
	Segments: "%d segments were sent, %d of them lost.",
	Sent:     "sends %s",
	Arrived:  "%s arrives",
	Before:   "%s: %s",
	Gap:      " ",
	Changed:  "%s, changed by flags: %s",
	ListHint: "See one with \"synoptic simulate NAME\", as a picture with -o svg; change it with flags such as --lose SYN-ACK:2 --delay 80ms. Without a name, flags change the story \"exchange\".",
	Listener: "The listener dropped %d SYNs for want of room, overflowed %d times, sent %d cookies and got %d back.",
}
