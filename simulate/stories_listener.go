package simulate

import "github.com/synoptic-net/synoptic/tcp"

// listenerStories: what a listener's two queues do to those who come late, and
// what SYN cookies change (RFC 4987).
func listenerStories() []Story {
	open := [2]tcp.State{tcp.Established, tcp.Established}
	return []Story{
		{"syn-flood", flooded(tcp.CookiesOff), [2]tcp.State{tcp.Closed, tcp.Listen}, []tcp.Edge{edge(tcp.SynSent, tcp.Closed)}},
		{"syn-flood-cookies", flooded(tcp.CookiesOnOverflow), open, []tcp.Edge{edge(tcp.SynSent, tcp.Established)}},
		{"backlog-full", crowded(at(10 * sec)), open, []tcp.Edge{edge(tcp.SynReceived, tcp.Established)}},
		{"fake-established", fakeEstablished(), [2]tcp.State{tcp.Established, tcp.Listen}, []tcp.Edge{edge(tcp.SynReceived, tcp.Closed)}},
		{"deferred-accept", deferred(), open, []tcp.Edge{edge(tcp.SynReceived, tcp.Established)}},
	}
}

// flooded: forged SYNs keep a SYN queue of 128 full for as long as the
// originator tries. They come ever anew, or the queue would empty.
func flooded(cookies tcp.CookieMode) Config {
	c := play(does(Originator, tcp.CallActiveOpen, at(5*sec)), sends(Originator, 40, at(8*sec))).
		serving(Service{ListenerConfig: tcp.ListenerConfig{Cookies: cookies}})
	c.Flood = Flood{SYNs: 20_000, Every: 10 * ms}
	return c
}

// crowded: others fill an accept queue of two before the originator comes, and
// nobody accepts until then.
func crowded(accept When) Config {
	c := play(does(Originator, tcp.CallActiveOpen, at(sec)), meets(Responder, Accept, accept)).
		serving(Service{ListenerConfig: tcp.ListenerConfig{AcceptQueue: 2}, Idle: true})
	c.Crowd = Crowd{Size: 2, From: 100 * ms, Every: 100 * ms}
	return c
}

// fakeEstablished: the accept queue fills between the originator's SYN and its
// ACK.
func fakeEstablished() Config {
	c := play(opens).serving(Service{ListenerConfig: tcp.ListenerConfig{AcceptQueue: 1}, Idle: true})
	c.Crowd = Crowd{Size: 1, From: 0}
	c.Network = []Rule{{On: Match{From: OfOriginator, Sorts: ACKs}.Only(1), Do: Delay, By: 50 * ms}}
	return c
}

// deferred: the listener waits for text before it tells its user.
func deferred() Config {
	return play(opens, sends(Originator, 40, at(2*sec))).
		serving(Service{ListenerConfig: tcp.ListenerConfig{DeferAccept: 5}})
}
