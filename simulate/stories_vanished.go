package simulate

import (
	"github.com/synoptic-net/synoptic/tcp"
)

// vanishedStories: an end loses its memory or its host, and when the other end
// notices (RFC 9293 sections 3.5.1, 3.8.3 and 3.8.4).
func vanishedStories() []Story {
	open := [2]tcp.State{tcp.Established, tcp.Established}
	closed := [2]tcp.State{tcp.Closed, tcp.Closed}
	vanishes := meets(Responder, Vanish, at(sec))
	return []Story{
		{"vanished-peer", play(listens, opens, vanishes, sends(Originator, 40, at(2*sec))),
			[2]tcp.State{tcp.Closed, tcp.Unknown}, []tcp.Edge{edge(tcp.Established, tcp.Closed)}},
		{"vanished-peer-idle", play(listens, opens, vanishes), [2]tcp.State{tcp.Established, tcp.Unknown}, nil},
		{"vanished-peer-keepalive", play(listens, opens, vanishes).both(func(c *tcp.EndpointConfig) { c.Keepalive = 60 * sec }),
			[2]tcp.State{tcp.Closed, tcp.Unknown}, []tcp.Edge{edge(tcp.Established, tcp.Closed)}},
		{"rebooted-peer", play(listens, opens, vanishes, meets(Responder, Return, at(10*sec)), sends(Originator, 40, at(2*sec))),
			closed, []tcp.Edge{edge(tcp.Established, tcp.Closed)}},
		{"half-open-recovery", play(listens, opens, meets(Originator, Crash, at(sec)), does(Originator, tcp.CallActiveOpen, at(2*sec)),
			does(Responder, tcp.CallPassiveOpen, once(Responder, tcp.Closed, 100*ms).from(2*sec))), open,
			[]tcp.Edge{edge(tcp.Established, tcp.Closed), edge(tcp.SynSent, tcp.Established)}},
		{"half-open-discovered", play(listens, opens, meets(Originator, Crash, at(sec)), sends(Responder, 10, at(2*sec))), closed,
			[]tcp.Edge{edge(tcp.Established, tcp.Closed)}},
	}
}
