package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/capture"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/internal/lab/witness"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// watchers are the events and the packets of one host of the lab, followed from
// before its first program.
type watchers struct {
	at      *lab.Host
	events  *live.Watcher
	capture *capture.Capture
	tracker *track.Tracker
	until   atomic.Int64 // ns since 1970: later packets are not followed
	stop    context.CancelFunc
	running sync.WaitGroup
	failed  []error

	told    map[witness.Ends][]toldChange
	mishaps map[witness.Ends]map[host.Mishap]bool
}

// startWitnesses follows the host that is diagnosed from the moment in which it
// is linked, if it is asked for. compare ends that and says what was seen.
func startWitnesses(ctx context.Context, world *lab.World, s scenario.Scenario, o labOptions) (compare func() (*witness.Report, error)) {
	var w *watchers
	if o.witnesses {
		world.OnReady(func(h *lab.Host) (err error) {
			if h.Name == s.At {
				w, err = watchHost(ctx, h)
			}
			return err
		})
	}
	return func() (*witness.Report, error) {
		if w == nil {
			return nil, nil
		}
		return w.compare()
	}
}

// toldChange is a transition that was told of.
type toldChange struct {
	at     time.Time
	from   tcp.State
	to     tcp.State
	looked bool // for, and so found late
	end    string
}

// Looks at half-open connections and minisockets are a fifth of a second apart,
// and nothing counts as gone before two have missed it.
const (
	betweenLooks = 600 * time.Millisecond
	besideLook   = 20 * time.Millisecond // by which packets and sockets may be out of step
)

// watchHost begins to follow a host.
func watchHost(ctx context.Context, h *lab.Host) (*watchers, error) {
	var inode unix.Stat_t
	if err := h.Do(func() error { return unix.Stat("/proc/thread-self/ns/net", &inode) }); err != nil {
		return nil, err
	}
	w := &watchers{
		at: h, told: map[witness.Ends][]toldChange{}, mishaps: map[witness.Ends]map[host.Mishap]bool{},
		tracker: track.New(track.Config{Efforts: true, Memory: 64 << 20, Seed: uint64(time.Now().UnixNano())}),
	}
	w.until.Store(1<<63 - 1)
	ready := make(chan struct{}) // the first look is over
	var once sync.Once
	var err error
	w.events, err = live.Open(live.Options{
		NetNS: uint32(inode.Ino), Mishaps: live.MishapKinds("all"), Tell: w.mishap,
		Idle:  func() error { once.Do(func() { close(ready) }); return nil },
		Visit: func(look func() error) error { _, err := inNamespace(h.Path(), look); return err },
	})
	if err != nil {
		return nil, explainTrace(err)
	}
	if err := h.Do(func() (err error) {
		w.capture, err = capture.Open(capture.Config{Snap: 192, Memory: 16 << 20, Outlast: true})
		return err
	}); err != nil {
		return nil, errors.Join(err, w.events.Close())
	}
	ctx, w.stop = context.WithCancel(context.WithoutCancel(ctx))
	w.failed = make([]error, 2)
	w.running.Go(func() { w.failed[0] = w.events.Run(ctx, w.transition) })
	w.running.Go(func() { w.failed[1] = w.capture.Segments(ctx, w.segment) })
	<-ready
	return w, nil
}

func (w *watchers) transition(t *live.Transition) error {
	at := endsOf(t.Local, t.Remote)
	change := toldChange{at: t.Time, from: t.From, to: t.To, looked: t.Source == live.Iterator}
	if t.To == tcp.Closed {
		change.end = strings.TrimSpace(string(t.Cause) + " " + t.Reason)
		if change.end == "" {
			change.end = "unknown"
		}
	}
	w.told[at] = append(w.told[at], change)
	return nil
}

// endsOf names a connection; who listens has no remote end, however it is written.
func endsOf(local, remote netip.AddrPort) witness.Ends {
	if remote.Addr().IsUnspecified() {
		remote = netip.AddrPort{}
	}
	return witness.Ends{Local: local, Remote: remote}
}

func (w *watchers) mishap(m *live.Mishap) error {
	at := witness.Ends{Local: m.Local, Remote: m.Remote}
	if w.mishaps[at] == nil {
		w.mishaps[at] = map[host.Mishap]bool{}
	}
	w.mishaps[at][m.Mishap] = true
	return nil
}

func (w *watchers) segment(_ *packet.Frame, s *packet.Segment) error {
	if s.Time <= w.until.Load() {
		s.VLANs, s.VLANCount = [4]uint16{}, 0
		w.tracker.Add(s)
	}
	return nil
}

// compare reads the sockets and holds them against what was followed.
func (w *watchers) compare() (*witness.Report, error) {
	begin := time.Now()
	var shot host.Snapshot
	var end time.Time
	var translated []host.Tracked
	entered, err := inNamespace(w.at.Path(), func() (err error) {
		shot, err = sockdiag.Snapshot(context.Background(), sockdiag.Options{Info: true})
		end = time.Now()
		translated = translations()
		return err
	})
	w.until.Store(end.UnixNano())
	if err = errors.Join(err, w.drain()); err != nil || !entered {
		return nil, fmt.Errorf("witnesses: %w", err)
	}
	g := gathered{watchers: w, begin: begin, end: end, all: map[witness.Ends]*witness.Connection{}, listening: host.NewListening(shot.Sockets)}
	g.sockets(&shot)
	g.events()
	g.packets()
	g.translate(translated)
	for ends, c := range g.all {
		for m := range w.mishaps[ends] {
			c.Mishaps = append(c.Mishaps, m)
		}
	}
	list := make([]witness.Connection, 0, len(g.all))
	for _, c := range g.all {
		list = append(list, *c)
	}
	report := witness.Compare(list)
	return &report, nil
}

// drain waits until what had happened was told, and ends the watch.
func (w *watchers) drain() error {
	<-time.After(betweenLooks)
	w.stop()
	w.running.Wait()
	losses, untold, err := w.events.Losses()
	w.capture.Close()
	failed := errors.Join(err, w.events.Close(), w.failed[0])
	if !errors.Is(w.failed[1], context.Canceled) {
		failed = errors.Join(failed, w.failed[1])
	}
	if lost := losses.Lost + losses.Sampled + untold.Lost; failed == nil && lost > 0 {
		return errors.New(strconv.FormatUint(lost, 10) + " events were lost: the witnesses cannot be compared")
	}
	return failed
}

// gathered is what the witnesses say, by connection.
type gathered struct {
	*watchers
	begin, end time.Time // of reading the sockets
	all        map[witness.Ends]*witness.Connection
	listening  *host.Listening
	listeners  map[netip.AddrPort]witness.Listener
}

func (g *gathered) of(at witness.Ends) *witness.Connection {
	if g.all[at] == nil {
		c := &witness.Connection{Ends: at, Socket: tcp.Closed}
		if l, ok := g.listening.Of(at.Local); ok {
			c.Listener = g.listeners[l]
		}
		g.all[at] = c
	}
	return g.all[at]
}

func (g *gathered) sockets(shot *host.Snapshot) {
	g.listeners = map[netip.AddrPort]witness.Listener{}
	for i := range shot.Sockets {
		if s := &shot.Sockets[i]; s.State == tcp.Listen {
			l := g.listeners[s.Local]
			l.There, l.Full = true, l.Full || s.RecvQueue > s.SendQueue
			g.listeners[s.Local] = l
		}
	}
	for i := range shot.Sockets {
		s := &shot.Sockets[i]
		c := g.of(endsOf(s.Local, s.Remote))
		c.Socket, c.Kind, c.Unsent = s.State, s.Kind, s.SendQueue > 0
	}
}

// events puts in which states a connection was told to be while the sockets were
// read.
func (g *gathered) events() {
	for at, changes := range g.told {
		if changes[0].at.After(g.end) && !connected(changes[0].from) {
			continue // it began later
		}
		c, state, looked := g.of(at), tcp.Unknown, false
		for _, change := range changes {
			if change.at.After(g.end) {
				if state == tcp.Unknown {
					state = change.from
				}
				looked = looked || change.looked
				break
			}
			if change.at.After(g.begin) {
				c.Moved = true
				c.Tell(state)
			}
			state, c.Ended = change.to, change.end
			looked = change.looked && g.begin.Sub(change.at) < betweenLooks
		}
		c.Tell(state)
		c.Looked = looked || c.Kind != host.Full || minisocket(state)
	}
}

// connected tells whether a state is that of a connection.
func connected(s tcp.State) bool { return s != tcp.Closed && s != tcp.Listen }

// minisocket tells whether the kernel may keep a state as one, of whose end no
// event tells.
func minisocket(s tcp.State) bool { return s == tcp.TimeWait || s == tcp.SynReceived }

// packets puts what was captured.
func (g *gathered) packets() {
	last := map[witness.Ends]time.Time{}
	g.tracker.Each(func(t *track.Conn) bool {
		from, to := t.Tuple.SourceAddrPort(), t.Tuple.DestinationAddrPort()
		for _, x := range []struct {
			at        witness.Ends
			own, peer *track.End
		}{{witness.Ends{Local: from, Remote: to}, &t.Originator, &t.Responder}, {witness.Ends{Local: to, Remote: from}, &t.Responder, &t.Originator}} {
			if g.ours(x.at) && !t.Last.Before(last[x.at]) {
				last[x.at] = t.Last
				g.seen(g.of(x.at), x.own, x.peer, t.Last)
			}
		}
		return true
	})
}

func (g *gathered) seen(c *witness.Connection, own, peer *track.End, at time.Time) {
	c.Packets = own.Possible
	c.Moved = c.Moved || at.After(g.begin.Add(-besideLook))
	c.FINSent, c.SYNCame, c.ACKCame = !own.Effort.FIN.IsZero(), peer.Effort.SYNs > 0, peer.Effort.ACKs > 0
}

// translations are the connections that the host of the calling thread gives other
// addresses. A table that cannot be read has none.
func translations() []host.Tracked {
	const tracking = "/proc/sys/net/netfilter/nf_conntrack_count"
	if count, err := os.ReadFile(tracking); err != nil || strings.TrimSpace(string(count)) == "0" {
		return nil
	}
	list, _ := kernel.Conntrack(func(t *host.Tracked) bool { return t.From != t.ReplyTo || t.To != t.ReplyFrom })
	return list
}

func (g *gathered) translate(list []host.Tracked) {
	for _, t := range list {
		for _, at := range []witness.Ends{{Local: t.From, Remote: t.To}, {Local: t.ReplyFrom, Remote: t.ReplyTo}} {
			if c := g.all[at]; c != nil {
				c.Translated = true
			}
		}
	}
}

// ours tells whether the local end is this host's: a router sees others' too.
func (g *gathered) ours(at witness.Ends) bool {
	if g.all[at] != nil || g.told[at] != nil {
		return true
	}
	_, ok := g.listening.Of(at.Local)
	return ok
}
