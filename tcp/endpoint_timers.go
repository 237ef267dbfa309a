package tcp

import "time"

// timers holds the timers of an end, indexed by the distance of their event from
// UserTimeout.
type timers struct {
	at      [TimeWaitTimeout - UserTimeout + 1]time.Duration
	running uint8 // a bit each
	stale   uint8 // to be started anew, if still needed
	probes  int   // keep-alives without an answer
}

func timerBit(event Event) uint8 { return 1 << (event - UserTimeout) }

func isTimer(event Event) bool { return UserTimeout <= event && event <= TimeWaitTimeout }

// fired: the caller says that the timer of the event has run out.
func (t *timers) fired(event Event) {
	if isTimer(event) {
		t.running &^= timerBit(event)
	}
}

func (t *timers) restart(event Event) { t.stale |= timerBit(event) }

func (t *timers) next() (first Event, at time.Duration, running bool) {
	for event := UserTimeout; event <= TimeWaitTimeout; event++ {
		if when := t.at[event-UserTimeout]; t.running&timerBit(event) != 0 && (!running || when < at) {
			first, at, running = event, when, true
		}
	}
	return first, at, running
}

// heeded tells of each state and event whether some row does anything about it.
// So the table itself says which timers a state needs.
var heeded = indexHeeded(table)

func indexHeeded(rows []Row) *[Closed + 1][eventEnd]bool {
	var index [Closed + 1][eventEnd]bool
	for _, row := range rows {
		if row.Actions != 0 || row.To != row.From {
			index[row.From][row.Event] = true
		}
	}
	return &index
}

// orExhausted turns a timeout into the end of all patience when it has come too
// often.
func (e *Endpoint) orExhausted(event Event) Event {
	limit := e.cfg.Retries
	if e.send.synOut {
		limit = e.cfg.SynRetries
	}
	switch {
	case event == RetransmissionTimeout && e.send.retries >= limit,
		event == ZeroWindowTimeout && e.send.retries >= limit && heeded[e.state][ZeroWindowTimeout]:
		return RetransmissionExhausted
	case event == KeepaliveTimeout && e.timers.probes >= e.cfg.KeepaliveProbes:
		return KeepaliveExhausted
	default:
		return event
	}
}

// backOff doubles the interval of the timer for retransmissions and probes.
func (e *Endpoint) backOff() {
	e.send.retries++
	e.rtt.backOff(&e.cfg)
	if e.send.synOut {
		e.rtt.synLost = true
	}
}

// armTimers starts and stops timers as the queues and the state want them.
func (e *Endpoint) armTimers() {
	out, waiting := e.v.SND.UNA != e.v.SND.NXT, e.unsent() > 0
	closed := e.send.wnd == 0 && !e.send.synOut && heeded[e.state][ZeroWindowTimeout]
	e.need(ZeroWindowTimeout, closed && (out || waiting), e.rtt.rto)
	e.need(RetransmissionTimeout, !closed && out, e.rtt.rto)
	e.need(UserTimeout, e.cfg.UserTimeout > 0 && (out || waiting), e.cfg.UserTimeout)

	idle := e.cfg.Keepalive
	if e.timers.probes > 0 {
		idle = e.cfg.KeepaliveInterval
	}
	e.need(KeepaliveTimeout, e.cfg.Keepalive > 0 && !out, idle)
	e.timers.stale = 0
}

// need starts the timer if it is wanted and does not run or has to begin anew,
// and stops it if it runs for nothing.
func (e *Endpoint) need(event Event, wanted bool, after time.Duration) {
	t, bit := &e.timers, timerBit(event)
	wanted = wanted && heeded[e.state][event]
	switch {
	case wanted && (t.running&bit == 0 || t.stale&bit != 0):
		e.start(event, after)
	case !wanted && t.running&bit != 0:
		e.stop(event)
	}
}

func (e *Endpoint) start(event Event, after time.Duration) {
	e.timers.running |= timerBit(event)
	e.timers.at[event-UserTimeout] = e.now + after
	e.note(Effect{Kind: StartTimer, Timer: event, At: e.now + after})
}

func (e *Endpoint) stop(event Event) {
	e.timers.running &^= timerBit(event)
	e.note(Effect{Kind: StopTimer, Timer: event})
}

func (e *Endpoint) stopTimers() {
	for event := UserTimeout; event <= TimeWaitTimeout; event++ {
		if e.timers.running&timerBit(event) != 0 {
			e.stop(event)
		}
	}
}

func (e *Endpoint) startTimeWait() { e.start(TimeWaitTimeout, max(e.cfg.TimeWait, 0)) }
