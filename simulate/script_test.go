package simulate

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/tcp"
)

// first returns when something first happens, negative if it never does.
func first(trace Trace, is func(*Happening) bool) time.Duration {
	for i := range trace {
		if is(&trace[i]) {
			return trace[i].At
		}
	}
	return -1
}

func calledAt(trace Trace, side Side, call tcp.Event) time.Duration {
	return first(trace, func(h *Happening) bool { return h.Kind == Called && h.Side == side && h.Event == call })
}

// TestWhen: the originator is ESTABLISHED at 20 ms and the responder at 30 ms.
func TestWhen(t *testing.T) {
	for _, test := range []struct {
		when When
		want time.Duration
	}{
		{When{}, 0},
		{When{At: sec}, sec},
		{When{At: sec, After: ms}, sec + ms},
		{When{At: -sec}, 0},
		{When{State: tcp.Established}, 20 * ms},
		{When{State: tcp.Established, After: 5 * ms}, 25 * ms},
		{When{Of: Responder, State: tcp.Established}, 30 * ms},
		{When{At: sec, State: tcp.Established}, sec},
		{When{At: sec, State: tcp.Established, After: 5 * ms}, sec + 5*ms},
		{When{State: tcp.CloseWait}, -1},
	} {
		r := Run(play(listens, opens, does(Originator, tcp.CallStatus, test.when)))
		if got := calledAt(r.Trace, Originator, tcp.CallStatus); got != test.want {
			t.Errorf("%+v happens at %v, want %v", test.when, got, test.want)
		}
	}
}

// TestTurns: what fate does to an end shows in its state at once, and an end
// that is gone hears no call. The text of the originator, sent again at 3 s, is
// answered with RST.
func TestTurns(t *testing.T) {
	c := play(listens, opens, meets(Responder, Vanish, at(sec)), does(Responder, tcp.CallStatus, at(2*sec)), sends(Originator, 1, at(2*sec)),
		meets(Responder, Return, at(3*sec)), does(Responder, tcp.CallPassiveOpen, at(3*sec)), meets(Originator, Crash, at(3500*ms)))
	r := Run(c)
	if got := calledAt(r.Trace, Responder, tcp.CallStatus); got >= 0 {
		t.Errorf("an end that is off is called at %v", got)
	}
	for _, want := range []struct {
		why    string
		at     time.Duration
		states [2]tcp.State
	}{
		{WhyVanish, sec, [2]tcp.State{tcp.Established, tcp.Unknown}},
		{WhyReturn, 3 * sec, [2]tcp.State{tcp.Established, tcp.Closed}},
		{WhyCrash, 3500 * ms, [2]tcp.State{tcp.Closed, tcp.Listen}},
	} {
		got := first(r.Trace, func(h *Happening) bool { return h.Kind == Noted && h.Why == want.why && h.States == want.states })
		if got != want.at {
			t.Errorf("%s with %v is noted at %v, want %v", want.why, want.states, got, want.at)
		}
	}
}

// TestMisbehave: an end that never acknowledges makes its peer give up.
func TestMisbehave(t *testing.T) {
	c := play(listens, opens, Act{When: at(sec), Side: Responder, Turn: Misbehave, Wrong: tcp.Misbehaviour{NeverACK: true}}, sends(Originator, 1, at(2*sec)))
	if r := Run(c); r.States != [2]tcp.State{tcp.Closed, tcp.Established} || r.End != 185*sec {
		t.Errorf("%v at %v", r.States, r.End)
	}
}

// TestServiceCloses: from then on the port is refused.
func TestServiceCloses(t *testing.T) {
	r := Run(play(does(Responder, tcp.CallClose, at(sec)), does(Originator, tcp.CallActiveOpen, at(2*sec))).serving(Service{}))
	if r.States != [2]tcp.State{tcp.Closed, tcp.Closed} || r.End != 2*sec+20*ms {
		t.Errorf("%v at %v", r.States, r.End)
	}
	if got := first(r.Trace, func(h *Happening) bool { return h.Kind == Took && h.Row.ID == "listen-close" }); got != sec {
		t.Errorf("the listener closes at %v", got)
	}
}

// TestServiceCounts: a SYN queue of 10 takes 10 of 30 forged SYNs; with cookies
// none is dropped. None of them is part of the trace.
func TestServiceCounts(t *testing.T) {
	for mode, want := range map[tcp.CookieMode]tcp.ListenerCounters{
		tcp.CookiesOff:        {SynDropped: 20},
		tcp.CookiesOnOverflow: {CookiesSent: 20},
		tcp.CookiesAlways:     {CookiesSent: 30},
	} {
		c := play().serving(Service{ListenerConfig: tcp.ListenerConfig{SynQueue: 10, Cookies: mode}})
		c.Flood = Flood{SYNs: 30, Every: ms}
		r := Run(c)
		if r.Listener != want {
			t.Errorf("cookies %d: %+v, want %+v", mode, r.Listener, want)
		}
		for _, h := range r.Trace {
			if h.Kind != Noted {
				t.Errorf("cookies %d: %v is in the trace", mode, h.Kind)
			}
		}
	}
}

// TestCrowd: others connect without a line in the trace of their own.
func TestCrowd(t *testing.T) {
	c := play().serving(Service{})
	c.Crowd = Crowd{Size: 5, Every: ms}
	if r := Run(c); r.Segments != 15 || len(r.Trace) != 1 || r.Trace[0].Why != WhyCrowd {
		t.Errorf("%d segments, %d happenings", r.Segments, len(r.Trace))
	}
}
