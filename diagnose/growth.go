package diagnose

import (
	"math"
	"net/netip"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// soon is how near a limit must be for a leak to be a matter of minutes.
const soon = 5 * time.Minute

// Growth is how fast a pile grew in the window, and the limit that it meets.
type Growth struct {
	PerSecond float64 // sockets that came more than went; more than 0
	Limit     string  // what bounds it: a setting's name, "accept queue", "descriptors"; "" when nothing known does
	Used, Of  int     // how much of the limit is taken, and how much there is
	Reached   time.Duration
	Text      Message
}

// Age is how long at least the oldest socket of a pile has been there.
type Age struct {
	AtLeast time.Duration
	Text    Message
}

// grow adds to the findings about piles how they grew. Those that the kernel
// bounds by itself, half-open connections, are left out, and so is ESTABLISHED,
// whose number is no fault.
func (x *index) grow(findings []Finding) {
	if x.looks < 2 || x.window < leastWindow {
		return
	}
	balances := map[pileKey]*balance{}
	for i := range findings {
		if key, ok := keyOf(&findings[i]); ok {
			balances[key] = &balance{}
		}
	}
	if len(balances) == 0 {
		return
	}
	x.countChanges(balances)
	for i := range findings {
		f := &findings[i]
		if f.State == tcp.Listen {
			x.growQueue(f)
		} else if key, ok := keyOf(f); ok {
			x.growPile(f, balances[key])
			f.age(balances[key].oldest, x.span)
		}
	}
}

const timeWaitLimit = "net.ipv4.tcp_max_tw_buckets"

var growing = tcp.SetOf(tcp.SynSent, tcp.CloseWait, tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.LastAck, tcp.TimeWait)

// balance counts the sockets that came into a pile and those that left it.
type balance struct {
	came, went int
	held, mini int           // of those that came: in the hands of a program, seen or not; minisockets
	oldest     time.Duration // how long at least the longest has been there
}

func (b *balance) add(s *host.Socket) {
	b.came++
	if s.Inode != 0 {
		b.held++
	}
	if s.Kind == host.TimeWaitKind {
		b.mini++
	}
}

// grew tells whether more came than chance explains: those who come and go at
// random differ by the root of their number.
func (b *balance) grew() bool {
	net := b.came - b.went
	return net >= few && float64(net) > 2*math.Sqrt(float64(b.came+b.went)) || b.went == 0 && net >= 3
}

func (x *index) countChanges(balances map[pileKey]*balance) {
	each := func(s *host.Socket, state tcp.State, pid int, count func(*balance)) {
		if !growing.Has(state) {
			return
		}
		for _, key := range x.keysOf(s, state, pid) {
			if b := balances[key]; b != nil {
				count(b)
			}
		}
	}
	for state, list := range x.byState {
		for _, s := range list {
			if s.outlived() {
				if age := unheard(s.now); age > 0 {
					each(s.now, state, x.owner(s.now), func(b *balance) { b.oldest = max(b.oldest, age) })
				}
				continue
			}
			each(s.now, state, x.owner(s.now), func(b *balance) { b.add(s.now) })
			if s.before != nil {
				each(s.before, s.before.State, x.holder(s.before), func(b *balance) { b.went++ })
			}
		}
	}
	for state, list := range x.gone {
		for _, s := range list {
			each(s, state, x.holder(s), func(b *balance) { b.went++ })
		}
	}
}

func (x *index) growPile(f *Finding, b *balance) {
	if !b.grew() {
		return
	}
	f.Growth = &Growth{PerSecond: float64(b.came-b.went) / x.span.Seconds()}
	f.Growth.Limit, f.Growth.Used, f.Growth.Of = x.limitOf(f, b)
	f.meet()
}

// growQueue compares the accept queue at the last look with the first one.
func (x *index) growQueue(f *Finding) {
	at, err := netip.ParseAddrPort(f.Subject.Local)
	l := x.listeners[at]
	if err != nil || l == nil || !l.neverFell() {
		return
	}
	first := 0
	for _, s := range l.sockets {
		if lengths := l.queues[s.now.Cookie]; len(lengths) > 0 {
			first += int(lengths[0])
		}
	}
	if more := l.length() - first; more > 0 {
		f.Growth = &Growth{PerSecond: float64(more) / x.span.Seconds(), Limit: "accept queue", Used: l.length(), Of: l.limit() + 1} // Linux takes one more
		f.meet()
	}
}

// limitOf returns what bounds a pile.
func (x *index) limitOf(f *Finding, b *balance) (name string, used, of int) {
	p := x.processes[f.Subject.PID]
	switch {
	case f.Cause == "closed-before-accept": // the accept queue bounds it, of which the finding about that speaks
		return "", 0, 0
	case f.State == tcp.TimeWait || b.mini > 0:
		of, _ = x.setting(timeWaitLimit)
		return timeWaitLimit, x.minisockets(), of
	case f.Subject.PID == 0 && afterClose.Has(f.State) && b.held == 0:
		of, _ = x.setting(orphanLimitSetting)
		return orphanLimitSetting, int(x.bundle.CountersAfter.Values[orphanGauge]), of
	case p != nil && p.OpenFiles > 0 && p.OpenFiles < math.MaxInt32 && p.Descriptors > 0:
		return "descriptors", p.Descriptors, int(p.OpenFiles)
	default:
		return "", 0, 0
	}
}

// minisockets counts what tcp_max_tw_buckets bounds: TIME-WAIT, and orphans in
// FIN-WAIT-2 that wait for the peer.
func (x *index) minisockets() int {
	if x.minis == 0 {
		x.minis = len(x.byState[tcp.TimeWait])
		for _, s := range x.byState[tcp.FinWait2] {
			if s.now.Kind == host.TimeWaitKind {
				x.minis++
			}
		}
	}
	return x.minis
}

var afterClose = tcp.SetOf(tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.LastAck)

// meet foretells when the limit is reached if it goes on like this.
func (f *Finding) meet() {
	g := f.Growth
	rate := g.rate()
	seconds := float64(max(0, g.Of-g.Used)) / g.PerSecond
	if g.Of <= 0 || f.levelsOff(seconds) {
		g.Limit, g.Used, g.Of = "", 0, 0
		g.Text = Say("growth", rate)
		return
	}
	g.Reached = time.Duration(min(seconds, float64(math.MaxInt64/int64(time.Second)/2)) * float64(time.Second))
	if g.Text = Say("growth-limit", rate, g.Used, g.Of, g.Limit, about(g.Reached)); g.Reached == 0 {
		g.Text = Say("growth-reached", rate, g.Limit, g.Of)
	}
	if f.Severity == Warning && g.Reached <= soon && g.Limit != timeWaitLimit {
		f.Severity = Critical // beyond the limit of TIME-WAIT nothing is refused
	}
}

// levelsOff tells whether those that came first have gone after so many seconds:
// from then on as many go as come.
func (f *Finding) levelsOff(seconds float64) bool {
	stay := f.Fate.Within
	if f.Growth.Limit == timeWaitLimit {
		stay = timeWaitLength
	}
	return stay > 0 && !f.Fate.Forever && seconds > stay.Seconds()
}

// rate says how fast in whole numbers.
func (g *Growth) rate() Message {
	if minute := int(math.Round(g.PerSecond * 60)); minute > 1 {
		return Say("per-minute", minute)
	}
	return Say("per-hour", int(math.Ceil(g.PerSecond*3600)))
}

// about says a time in one unit.
func about(d time.Duration) Message {
	const day = 24 * time.Hour
	in := func(unit time.Duration) int { return int(d.Round(unit) / unit) }
	switch {
	case d >= 2*day:
		return Say("about-days", in(day))
	case d >= 2*time.Hour:
		return Say("about-hours", in(time.Hour))
	case d >= 2*time.Minute:
		return Say("about-minutes", in(time.Minute))
	default:
		return Say("about-seconds", wholeSeconds(d))
	}
}

// age says how old a pile is, where it is older than the window.
func (f *Finding) age(oldest, window time.Duration) {
	if oldest > window {
		f.Age = &Age{oldest, Say("age", about(oldest))}
	}
}

// unheard is how long at least a socket has been in its state, 0 when nothing
// tells: a peer that has finished, or answered our FIN, is not heard again unless
// it is asked.
func unheard(s *host.Socket) time.Duration {
	if s.State != tcp.CloseWait && s.State != tcp.FinWait2 || !s.HasInfo {
		return 0
	}
	return s.Info.LastAckRecv
}
