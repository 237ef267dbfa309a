package diagnose

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// soon is how near a limit must be for a leak to be a matter of minutes.
const soon = 5 * time.Minute

// Growth is how fast a pile grew in the window, and the limit that it meets.
type Growth struct {
	PerSecond float64 // sockets that came more than went; more than 0
	Limit     string  // what bounds it: a setting's name, "accept queue", "descriptors", "local ports"; "" when nothing known does
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
	if x.looks < 2 || x.window < time.Second {
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
		}
		if oldest := x.oldest(f); oldest > x.window {
			f.Age = &Age{oldest, Say("age", about(oldest))}
		}
	}
}

var growing = tcp.SetOf(tcp.SynSent, tcp.CloseWait, tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.LastAck, tcp.TimeWait)

// pileKey is what sockets of one pile share; zero fields say nothing.
type pileKey struct {
	state tcp.State
	pid   int
	local netip.AddrPort // listener
	peer  netip.AddrPort // port 0: every port of the address
}

func keyOf(f *Finding) (key pileKey, ok bool) {
	key, ok = pileOf(f)
	return key, ok && (growing.Has(f.State) || f.State == tcp.Listen)
}

// pileOf returns what the sockets of a finding share; ok is false when its
// subject does not say.
func pileOf(f *Finding) (key pileKey, ok bool) {
	key = pileKey{state: f.State, pid: f.Subject.PID}
	var err error
	if f.Subject.Local != "" {
		key.local, err = netip.ParseAddrPort(f.Subject.Local)
	}
	if f.Subject.Peer != "" && err == nil {
		if key.peer, err = netip.ParseAddrPort(f.Subject.Peer); err != nil {
			var addr netip.Addr
			addr, err = netip.ParseAddr(f.Subject.Peer)
			key.peer = netip.AddrPortFrom(addr, 0)
		}
	}
	return key, err == nil && f.State != tcp.Unknown
}

// balance counts the sockets that came into a pile and those that left it.
type balance struct{ came, went int }

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
				continue
			}
			each(s.now, state, x.owner(s.now), func(b *balance) { b.came++ })
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

// keysOf returns the piles that a socket may belong to, each once.
func (x *index) keysOf(s *host.Socket, state tcp.State, pid int) []pileKey {
	var local netip.AddrPort
	if l := x.listenerOf(s.Local); l != nil {
		local = l.at
	}
	keys := make([]pileKey, 0, 12)
	for _, pid := range distinctOf(pid, 0) {
		for _, local := range distinctOf(local, netip.AddrPort{}) {
			for _, peer := range []netip.AddrPort{s.Remote, netip.AddrPortFrom(s.Remote.Addr(), 0), {}} {
				keys = append(keys, pileKey{state, pid, local, peer})
			}
		}
	}
	return keys
}

func distinctOf[T comparable](a, b T) []T {
	if a == b {
		return []T{a}
	}
	return []T{a, b}
}

func (x *index) growPile(f *Finding, b *balance) {
	if !b.grew() {
		return
	}
	f.Growth = &Growth{PerSecond: float64(b.came-b.went) / x.window.Seconds()}
	f.Growth.Limit, f.Growth.Used, f.Growth.Of = x.limitOf(f)
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
		f.Growth = &Growth{PerSecond: float64(more) / x.window.Seconds(), Limit: "accept queue", Used: l.length(), Of: l.limit() + 1} // Linux takes one more
		f.meet()
	}
}

// limitOf returns what bounds a pile.
func (x *index) limitOf(f *Finding) (name string, used, of int) {
	p := x.processes[f.Subject.PID]
	switch {
	case f.State == tcp.TimeWait:
		of, _ = x.setting("net.ipv4.tcp_max_tw_buckets")
		return "net.ipv4.tcp_max_tw_buckets", len(x.byState[tcp.TimeWait]), of
	case f.Subject.PID == 0 && afterClose.Has(f.State):
		of, _ = x.setting(orphanLimitSetting)
		return orphanLimitSetting, int(x.bundle.CountersAfter.Values["sockstat.TCP.orphan"]), of
	case p != nil && p.OpenFiles > 0 && p.OpenFiles < math.MaxInt32 && p.Descriptors > 0:
		return "descriptors", p.Descriptors, int(p.OpenFiles)
	default:
		return "", 0, 0
	}
}

var afterClose = tcp.SetOf(tcp.FinWait1, tcp.FinWait2, tcp.Closing, tcp.LastAck)

// meet foretells when the limit is reached if it goes on like this.
func (f *Finding) meet() {
	g := f.Growth
	rate := g.rate()
	if g.Of <= 0 {
		g.Limit = ""
		g.Text = Say("growth", rate)
		return
	}
	seconds := float64(max(0, g.Of-g.Used)) / g.PerSecond
	g.Reached = time.Duration(min(seconds, float64(math.MaxInt64/int64(time.Second)/2)) * float64(time.Second))
	if g.Reached == 0 {
		g.Text = Say("growth-reached", rate, g.Limit, g.Of)
		return
	}
	g.Text = Say("growth-limit", rate, g.Used, g.Of, g.Limit, about(g.Reached))
	if f.Severity == Warning && g.Reached <= soon && f.State != tcp.TimeWait {
		f.Severity = Critical // beyond the limit of TIME-WAIT nothing is refused
	}
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

// oldest is how long at least the longest of a pile has been there: a peer that
// has finished, or answered our FIN, is not heard again unless it is asked.
func (x *index) oldest(f *Finding) (longest time.Duration) {
	key, ok := keyOf(f)
	if !ok || f.State != tcp.CloseWait && f.State != tcp.FinWait2 {
		return 0
	}
	for _, s := range x.byState[f.State] {
		if s.outlived() && s.now.HasInfo && slices.Contains(x.keysOf(s.now, f.State, x.owner(s.now)), key) {
			longest = max(longest, s.now.Info.LastAckRecv)
		}
	}
	return longest
}
