package detect

import (
	"net/netip"
	"testing"
	"time"
)

// model is a listener, its queues and its clients, as Linux treats them, in steps
// of some milliseconds.
type model struct {
	limit     int                            // backlog of either queue
	clients   func(at time.Duration) float64 // genuine ones a second
	flood     func(at time.Duration) float64 // SYNs a second that nobody stands behind
	rtt       time.Duration                  // of the clients
	cookies   int                            // net.ipv4.tcp_syncookies
	stalled   bool                           // the program does not accept
	deaf      bool                           // cookies of the guard do not reach the clients
	refusing  bool                           // the kernel takes no cookies of the guard
	elsewhere bool                           // SYNs do not come by way of the guard
	unsummed  bool                           // a link leaves checksums open, and the guard takes them for wrong
	others    int                            // clients of another listener, in a step: its queue is always full
	bound     bool                           // the kernel makes the guard's cookies

	kernel  Counts
	tally   Tally
	half    []opening // in the order in which they came
	due     []opening // cookies that come back
	waiting int
	mode    mode

	partC, partF float64
	metFirst     time.Duration // when a queue was met full first
	lost         int           // clients whose SYN was not answered
	served       int
}

// opening is a handshake under way.
type opening struct {
	begun   time.Duration
	genuine bool
	guard   bool // its cookie is the guard's
}

const step = 5 * time.Millisecond

var listenerOf = netip.MustParseAddrPort("192.0.2.1:80")

// constant is a rate that does not change.
func constant(n float64) func(time.Duration) float64 { return func(time.Duration) float64 { return n } }

// between is a rate that is there for a while.
func between(from, to time.Duration, n float64) func(time.Duration) float64 {
	return func(at time.Duration) float64 {
		if at < from || at >= to {
			return 0
		}
		return n
	}
}

// advance lets one step pass.
func (m *model) advance(at time.Duration) {
	kept := m.half[:0]
	for _, o := range m.half {
		switch {
		case o.genuine && at-o.begun >= m.rtt && m.open():
		case at-o.begun >= crowdedStay:
		default:
			kept = append(kept, o)
		}
	}
	m.half = kept
	for len(m.due) > 0 && at-m.due[0].begun >= m.rtt {
		m.back(m.due[0])
		m.due = m.due[1:]
	}
	m.kernel.FullCookies += uint64(m.others)
	m.kernel.CookiesSent += uint64(m.others)
	m.kernel.CookiesBack += uint64(m.others)
	m.partC += m.clients(at) * step.Seconds()
	m.partF += m.flood(at) * step.Seconds()
	for m.partC >= 1 || m.partF >= 1 { // in turns, as far as there are any
		if m.partF >= 1 {
			m.syn(at, false)
			m.partF--
		}
		if m.partC >= 1 {
			m.syn(at, true)
			m.partC--
		}
	}
}

// open makes a connection, unless the accept queue is full.
func (m *model) open() bool {
	if m.stalled {
		if m.waiting > m.limit {
			m.kernel.Overflows++
			return false
		}
		m.waiting++
	}
	m.kernel.Opened++
	m.served++
	return true
}

// back is a cookie that comes back.
func (m *model) back(o opening) {
	switch {
	case !o.guard:
		m.kernel.CookiesBack++
		m.open()
	case m.refusing:
		m.tally.Refused++
	case m.open():
		m.tally.Accepted++
	}
}

func (m *model) syn(at time.Duration, genuine bool) {
	passes := m.bound && m.mode == armed && len(m.half) < m.limit // the kernel makes no cookie while there is room
	switch {
	case m.mode == idle || m.elsewhere:
	case m.unsummed:
		m.tally.BadChecksum++
	case passes:
		m.tally.Passed++
	default:
		m.tally.SYNs++
	}
	o := opening{at, genuine, m.mode == armed && !m.elsewhere}
	switch {
	case o.guard && !passes:
		if m.bound {
			m.kernel.FullCookies++
			o.guard = false // of the kernel's own, when it comes back
		}
		if genuine && !m.deaf {
			m.due = append(m.due, o)
		}
		return
	case m.cookies == 2 || len(m.half) >= m.limit:
		if m.metFirst == 0 {
			m.metFirst = at
		}
		if m.cookies == 0 {
			m.kernel.FullDrops++
			if genuine {
				m.lost++
			}
			return
		}
		m.kernel.FullCookies++
		if m.waiting > m.limit {
			m.kernel.Overflows++
			return
		}
		m.kernel.CookiesSent++
		if genuine {
			m.due = append(m.due, o)
		}
		return
	case m.waiting > m.limit:
		m.kernel.Overflows++
		return
	}
	m.half = append(m.half, o)
}

func (m *model) lookAt() *Look {
	q := Queue{Half: len(m.half), Here: len(m.half), Limit: m.limit, Waiting: m.waiting, Sources: len(m.half), Networks: len(m.half)}
	return &Look{Queues: map[netip.AddrPort]Queue{listenerOf: q}, Always: m.cookies == 2}
}

// play lets the detector watch the model, and returns what it said.
func (m *model) play(t testing.TB, o Options, long time.Duration) (said []Verdict) {
	t.Helper()
	d := New(o)
	next, look := time.Duration(0), false
	for at := step; at < long; at += step {
		m.advance(at)
		for at >= next {
			s := Sample{At: at, Kernel: m.kernel, Tallies: map[netip.AddrPort]Tally{listenerOf: m.tally}}
			if look {
				s.Look = m.lookAt()
			}
			out := d.Step(s)
			said = append(said, out.Verdicts...)
			for _, v := range out.Verdicts {
				m.do(v, o.DryRun)
			}
			look, next = out.Look, at+out.Next
			if out.Next == 0 && !out.Look {
				t.Fatal("the next sample is wanted at once, and with nothing new")
			}
		}
	}
	return said
}

func (m *model) do(v Verdict, dry bool) {
	if v.Listener != listenerOf {
		return
	}
	switch v.Do {
	case Shadow:
		m.mode = watched
	case Arm:
		if m.mode = armed; dry {
			m.mode = watched
		}
	case Disarm:
		m.mode = idle
	}
}

// only returns what was said with an action.
func only(said []Verdict, do Action) (list []Verdict) {
	for _, v := range said {
		if v.Do == do {
			list = append(list, v)
		}
	}
	return list
}

// reasons are what was told.
func reasons(said []Verdict) (list []Reason) {
	for _, v := range said {
		list = append(list, v.Why)
	}
	return list
}
