package live

import (
	"net/netip"
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

var (
	midnight = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	ends     = tuple{1, netip.MustParseAddrPort("192.0.2.2:80"), netip.MustParseAddrPort("192.0.2.1:40000")}
)

// after is a moment on the clock of a test.
func after(ms int) time.Time { return midnight.Add(time.Duration(ms) * time.Millisecond) }

func halfOpen(since int) *sighting {
	return &sighting{at: ends, state: tcp.SynReceived, kind: host.Request, since: after(since)}
}

func minisocket(s tcp.State) *sighting {
	return &sighting{at: ends, state: s, kind: host.TimeWaitKind}
}

// script plays looks and events to a pool, and collects what it tells.
type script struct {
	t    *testing.T
	pool *pool
	told []string
}

func newScript(t *testing.T) *script {
	s := &script{t: t, pool: newPool()}
	s.look(0)
	return s
}

func (s *script) note(t *Transition) {
	if t.From == tcp.Unknown {
		return
	}
	line := t.From.String() + " " + t.To.String() + " " + t.Time.Sub(midnight).String()
	if t.HasInFrom {
		line += " after " + t.InFrom.String()
	}
	s.told = append(s.told, line)
}

func (s *script) look(at int, shown ...*sighting) {
	s.pool.begin()
	for _, one := range shown {
		t := s.pool.sight(one, after(at))
		s.note(&t)
	}
	s.pool.end(after(at), func(t Transition) { s.note(&t) })
}

func (s *script) event(at int, from, to tcp.State, kind host.Kind) {
	t := Transition{Time: after(at), From: from, To: to, Kind: kind, NetNS: ends.netns, Local: ends.local, Remote: ends.remote}
	if s.pool.event(&t) {
		s.note(&t)
	}
}

func (s *script) expect(want ...string) {
	s.t.Helper()
	if len(s.told) != len(want) {
		s.t.Fatalf("told %q, not %q", s.told, want)
	}
	for i := range want {
		if s.told[i] != want[i] {
			s.t.Errorf("told %q, not %q", s.told[i], want[i])
		}
	}
}

func TestHalfOpenThatOpens(t *testing.T) {
	s := newScript(t)
	s.look(200, halfOpen(150))
	s.look(400, halfOpen(150))
	s.event(450, tcp.Listen, tcp.SynReceived, host.Full)
	s.event(450, tcp.SynReceived, tcp.Established, host.Full)
	s.look(600)
	s.look(800)
	s.expect("LISTEN SYN-RECEIVED 150ms", "SYN-RECEIVED ESTABLISHED 450ms")
}

// TestHalfOpenTooShort: it opens between two looks, and only events tell.
func TestHalfOpenTooShort(t *testing.T) {
	s := newScript(t)
	s.event(250, tcp.Listen, tcp.SynReceived, host.Full)
	s.event(250, tcp.SynReceived, tcp.Established, host.Full)
	s.look(400)
	s.look(600)
	s.expect("LISTEN SYN-RECEIVED 250ms", "SYN-RECEIVED ESTABLISHED 250ms")
}

// TestHalfOpenSeenTooLate: a look still shows the request of a connection whose
// opening was told already.
func TestHalfOpenSeenTooLate(t *testing.T) {
	s := newScript(t)
	s.event(250, tcp.Listen, tcp.SynReceived, host.Full)
	s.look(251, halfOpen(240))
	s.look(451)
	s.look(651)
	s.expect("LISTEN SYN-RECEIVED 250ms")
	s.look(851, halfOpen(840)) // the next one between the same ends
	s.expect("LISTEN SYN-RECEIVED 250ms", "LISTEN SYN-RECEIVED 840ms")
}

// TestHalfOpenMissedBeforeItsEvent: the look no longer shows it, and the event
// is read only afterwards.
func TestHalfOpenMissedBeforeItsEvent(t *testing.T) {
	s := newScript(t)
	s.look(200, halfOpen(150))
	s.look(400)
	s.event(390, tcp.Listen, tcp.SynReceived, host.Full)
	s.look(600)
	s.look(800)
	s.expect("LISTEN SYN-RECEIVED 150ms")
}

func TestHalfOpenThatDies(t *testing.T) {
	s := newScript(t)
	s.look(200, halfOpen(150))
	s.look(400)
	s.look(600)
	s.look(800)
	s.expect("LISTEN SYN-RECEIVED 150ms", "SYN-RECEIVED CLOSED 400ms after 250ms")
}

// TestHalfOpenBeforeUs: what was there when the watch began is no news until it
// changes.
func TestHalfOpenBeforeUs(t *testing.T) {
	s := &script{t: t, pool: newPool()}
	s.look(0, halfOpen(-500))
	s.expect()
	s.event(100, tcp.Listen, tcp.SynReceived, host.Full)
	s.expect("LISTEN SYN-RECEIVED 100ms")
}

func TestTimeWait(t *testing.T) {
	s := newScript(t)
	s.event(100, tcp.FinWait2, tcp.TimeWait, host.TimeWaitKind)
	s.look(200, minisocket(tcp.TimeWait))
	s.look(60200)
	s.look(60400)
	s.expect("FIN-WAIT-2 TIME-WAIT 100ms", "TIME-WAIT CLOSED 1m0.2s after 1m0.1s")
}

// TestTimeWaitShorterThanALook is reused at once.
func TestTimeWaitShorterThanALook(t *testing.T) {
	s := newScript(t)
	s.event(100, tcp.Closing, tcp.TimeWait, host.TimeWaitKind)
	for at := 200; at <= 800; at += 200 {
		s.look(at)
	}
	s.expect("CLOSING TIME-WAIT 100ms", "TIME-WAIT CLOSED 200ms after 100ms")
}

// TestTimeWaitPassedOver: the kernel's iterator passes it over twice, and it is
// still there.
func TestTimeWaitPassedOver(t *testing.T) {
	s := newScript(t)
	s.event(100, tcp.FinWait2, tcp.TimeWait, host.TimeWaitKind)
	for range 2 {
		s.look(200, minisocket(tcp.TimeWait))
		s.look(400)
		s.look(600)
		s.look(800)
	}
	s.look(1000, minisocket(tcp.TimeWait))
	s.expect("FIN-WAIT-2 TIME-WAIT 100ms")
}

// TestOrphan: FIN-WAIT-2 goes on in a minisocket, which is no transition, and
// becomes TIME-WAIT when the FIN comes, of which no event tells.
func TestOrphan(t *testing.T) {
	s := newScript(t)
	s.event(100, tcp.FinWait2, tcp.FinWait2, host.TimeWaitKind)
	s.expect()
	s.look(200, minisocket(tcp.FinWait2))
	s.look(400, minisocket(tcp.TimeWait))
	s.expect("FIN-WAIT-2 TIME-WAIT 400ms after 300ms")
	for at := 600; at <= 1200; at += 200 {
		s.look(at)
	}
	s.expect("FIN-WAIT-2 TIME-WAIT 400ms after 300ms", "TIME-WAIT CLOSED 600ms after 200ms")
}

func TestPause(t *testing.T) {
	p := pause{least: 100 * time.Millisecond}
	if !p.over(midnight) {
		t.Error("the first turn must wait")
	}
	p.took(midnight, time.Millisecond)
	if p.over(after(99)) || !p.over(after(100)) {
		t.Error("a short turn does not wait for the least time")
	}
	p.took(midnight, 50*time.Millisecond)
	if p.over(after(999)) || !p.over(after(1000)) {
		t.Error("a long turn takes more than a twentieth of the time")
	}
}
