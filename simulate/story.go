package simulate

import (
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// Story is a Config with a name, which shows one thing about TCP. What there is
// to see in it is said by whoever prints it.
type Story struct {
	Name   string
	Config Config
	States [2]tcp.State // in which the ends are when the run is over
	Edges  []tcp.Edge   // changes of state that it is there to show
}

// Stories returns the stories in the order in which a reader may want them:
// opening, text, closing, losses, hazards, vanished peers, listeners.
func Stories() []Story {
	return slices.Concat(openingStories(), textStories(), closingStories(), lossStories(),
		hazardStories(), vanishedStories(), listenerStories(), pathStories())
}

// FindStory returns the story of a name.
func FindStory(name string) (Story, bool) {
	all := Stories()
	i := slices.IndexFunc(all, func(s Story) bool { return s.Name == name })
	if i < 0 {
		return Story{}, false
	}
	return all[i], true
}

const (
	ms  = time.Millisecond
	sec = time.Second
)

// play returns a Config as most stories have it: the packets of both ends take
// 10 ms, text is read as it comes, the initial sequence numbers are those of the
// figures of RFC 9293.
func play(script ...Act) Config {
	return Config{
		Ends: [2]End{
			{EndpointConfig: tcp.EndpointConfig{AutoReceive: true}, Numbers: []tcp.Seq{100, 400}},
			{EndpointConfig: tcp.EndpointConfig{AutoReceive: true}, Numbers: []tcp.Seq{300, 500}},
		},
		Delay:  [2]time.Duration{10 * ms, 10 * ms},
		Script: script,
	}
}

// with returns the Config with rules for its network.
func (c Config) with(rules ...Rule) Config {
	c.Network = rules
	return c
}

// both changes the configuration of both ends.
func (c Config) both(change func(*tcp.EndpointConfig)) Config {
	for side := range c.Ends {
		change(&c.Ends[side].EndpointConfig)
	}
	return c
}

// serving makes the responder a Service.
func (c Config) serving(s Service) Config {
	c.Service = &s
	return c
}

func at(t time.Duration) When { return When{At: t} }

// once is the moment at which an end is in a state, or a time after it.
func once(of Side, state tcp.State, after time.Duration) When {
	return When{Of: of, State: state, After: after}
}

// from puts a moment off until a time.
func (w When) from(t time.Duration) When {
	w.At = t
	return w
}

func does(side Side, call tcp.Event, when When) Act { return Act{Side: side, Call: call, When: when} }

func sends(side Side, octets tcp.Size, when When) Act {
	return Act{Side: side, Call: tcp.CallSend, Octets: octets, When: when}
}

func meets(side Side, turn Turn, when When) Act { return Act{Side: side, Turn: turn, When: when} }

// The first lines of most scripts. The originator, ESTABLISHED after 20 ms, closes
// at one second; where flags put that off, it closes so much later.
var (
	listens   = does(Responder, tcp.CallPassiveOpen, at(0))
	opens     = does(Originator, tcp.CallActiveOpen, at(0))
	closes    = does(Originator, tcp.CallClose, once(Originator, tcp.Established, sec-20*ms))
	closesToo = does(Responder, tcp.CallClose, once(Responder, tcp.Established, sec-30*ms)) // at the same time
	follows   = does(Responder, tcp.CallClose, once(Responder, tcp.CloseWait, 50*ms))       // closes as the peer has closed
)

func edge(from, to tcp.State) tcp.Edge { return tcp.Edge{From: from, To: to} }
