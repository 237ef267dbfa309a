// Package collect looks at a host for a window of time and puts what it saw
// into a bundle of evidence. It says of every source whether it could be read
// and, if not, why; only sockets that cannot be read are an error.
//
// Every system call is made on the calling goroutine, so a thread that entered
// another network namespace collects from there.
package collect

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/internal/live"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// Options say how to look.
type Options struct {
	Window   time.Duration               // how long; 0 is one look
	Root     kernel.Root                 // where the kernel's files are; "" is the host's own
	Progress func(elapsed time.Duration) // called now and then during the window; may be nil
	Way      Way                         // how sockets are read; "" is by the iterator where it is allowed, which tells more
	Together int                         // how many network namespaces are looked at during this time, 0 is one: they share memory
	// Probe, if not nil, allows to ask peers whether they live, once the window is
	// over, and is called with what will be sent before anything is.
	Probe func(plan []evidence.Probe)
}

// Run looks for a window and returns what it saw. A context that ends closes
// the window early; what was seen until then is a valid bundle.
func Run(ctx context.Context, o Options) (*evidence.Bundle, error) {
	if o.Root == "" {
		o.Root = kernel.Host
	}
	r := &run{Options: o, bundle: &evidence.Bundle{Schema: evidence.Schema}, reader: NewReader(o.way())}
	defer r.reader.Close()
	if o.Root == kernel.Host && o.Root.ManyFiles() {
		if holders, err := live.OpenHolders(); err == nil {
			r.holders = holders
			defer holders.Close()
		}
	}
	var t *tap
	deaf := errors.New("one look takes no time in which packets could be seen")
	unaware := errors.New("one look takes no time in which something could happen")
	if o.Window > 0 { // before the window: listening to an interface begins a tenth of a second late
		attending := attend(o.Root, o.Together)
		t, deaf = listen(context.WithoutCancel(ctx), o.Together)
		begun := <-attending
		r.tally, unaware = begun.tally, begun.err
	}
	r.bundle.Start = time.Now()
	err := r.through(ctx, t, deaf)
	if r.tally != nil { // whatever failed, it must end
		unaware = r.recount(r.tally)
	}
	r.source(evidence.SourceEvents, unaware)
	if err != nil {
		return nil, err
	}
	r.once()
	r.bundle.End = time.Now()
	r.probe(ctx)
	return r.bundle, nil
}

// through looks and listens until the window is over. What cannot be listened to
// is said; sockets alone are judged then.
func (r *run) through(ctx context.Context, t *tap, deaf error) error {
	err := r.open()
	if deaf != nil {
		r.source(evidence.SourcePackets, deaf)
	}
	if t != nil { // a SYN that came before the first look is not one sent again
		t.since.Store(time.Now().UnixNano())
	}
	if err == nil && r.Window > 0 {
		err = errors.Join(r.watch(ctx), r.close())
	}
	if t != nil { // whatever failed, it must end
		r.source(evidence.SourcePackets, r.hear(t))
	}
	return err
}

// Count returns how many sockets are in each state, now.
func Count() (tcp.Counts, error) {
	counts, _, err := sockdiag.Count(context.Background(), sockdiag.Options{})
	return counts, err
}

// way is the iterator unless it was said otherwise, or the kernel's files are not
// the host's own.
func (o *Options) way() Way {
	switch {
	case o.Way != "":
		return o.Way
	case o.Root != kernel.Host:
		return ByNetlink
	}
	return ByIterator
}

type run struct {
	Options
	reader      *Reader
	bundle      *evidence.Bundle
	interrupted bool              // some dump met a table that changed under it
	tally       *live.MishapTally // nil where BPF is not allowed
	blind       []error           // what the kernel does not tell of what happens
	filter      []host.FilterRule // what refused packets when the window opened
	holders     *live.Holders     // nil where BPF is not allowed, or the kernel has no such iterator
}

// open takes the readings that begin the window. Counters come before sockets,
// and after them at the end, so that the counters cover all that the snapshots
// show.
func (r *run) open() error {
	var err error
	r.bundle.CountersBefore, err = r.Root.Counters()
	r.source(evidence.SourceCounters, err)
	if err := r.snapshot(tcp.AllStates); err != nil {
		return err
	}
	r.source(evidence.SourceSockets, nil)
	r.source(evidence.SourceRequests, r.reader.untold())
	r.bundle.ProcessesBefore, _ = r.holding()
	r.filter, _ = r.Root.Filter() // the reading at the end says why not
	return nil
}

// close takes the readings that end the window.
func (r *run) close() error {
	if err := r.snapshot(tcp.AllStates); err != nil {
		return err
	}
	after, err := r.Root.Counters()
	r.bundle.CountersAfter = after
	if err != nil {
		r.source(evidence.SourceCounters, err)
	}
	return nil
}

// once reads what changes slowly.
func (r *run) once() {
	var err error
	b := r.bundle
	b.Host, _ = r.Root.Identity() // what cannot be read stays empty
	r.source(evidence.SourceSockets, nil)
	b.ProcessesAfter, err = r.holding()
	r.source(evidence.SourceProcesses, err)
	r.threads()
	b.Settings, err = r.Root.Settings()
	r.source(evidence.SourceSettings, err)
	b.Routes, err = kernel.Routes()
	r.source(evidence.SourceRoutes, err)
	b.Neighbours, err = kernel.Neighbours()
	r.source(evidence.SourceNeighbours, err)
	r.conntrack()
	r.firewall()
	for _, name := range unread {
		b.Sources = append(b.Sources, evidence.Source{Name: name, Why: "this version does not read it"})
	}
}

// conntrack reads what connection tracking knows of attempts without an answer.
func (r *run) conntrack() {
	wanted := host.OfTrouble(r.bundle.Last().Sockets)
	on, err := readable(r.bundle.Settings)
	if on && wanted != nil && err == nil {
		r.bundle.Conntrack, err = kernel.Conntrack(wanted)
	}
	r.source(evidence.SourceConntrack, err)
}

// firewall reads which rules refuse packets, and how many they refused in the
// window.
func (r *run) firewall() {
	rules, err := r.Root.Filter()
	kernel.FilterMoved(r.filter, rules)
	r.bundle.Firewall = rules
	unread, failed := r.published()
	if err == nil {
		err = failed
	}
	r.source(evidence.SourceFirewall, err)
	if why := publishedSource(unread, r.Root.OldNATRules()); err == nil && why != "" {
		r.remark(evidence.SourceFirewall, why)
	}
}

// trackedMost is how many entries of connection tracking are read: the kernel
// hands over all of them, at about 1 KB each, for the few that are wanted.
const trackedMost = 1 << 16

// readable tells whether connection tracking is on; the error, that it holds too
// much.
func readable(settings host.Settings) (on bool, err error) {
	count, on := settings["net.netfilter.nf_conntrack_count"]
	if n, _ := strconv.Atoi(count); n > trackedMost { // what is no number is small
		err = fmt.Errorf("it holds %d connections: more than %d are not read, to spare the host", n, trackedMost)
	}
	return on, err
}

// unread are sources that the contract names and this version does not have.
var unread = []string{
	evidence.SourceHistory,
}

// source notes how reading went. A later note on the same source replaces the
// earlier one.
func (r *run) source(name string, err error) {
	note := evidence.Source{Name: name, OK: err == nil}
	if err != nil {
		note.Why = strings.ReplaceAll(err.Error(), "\n", "; ") // joined errors stand on lines of their own
	}
	switch {
	case err != nil:
	case name == evidence.SourcePackets:
		note.Why = packetsSource(r.bundle.Packets)
	case name == evidence.SourceEvents:
		note.Why = eventsSource(r.bundle.Events, r.blind)
	case name == evidence.SourceProbe:
		note.Why = probeSource(r.bundle.Probes)
	case name == evidence.SourceProcesses:
		note.Why = hidden(r.bundle.ProcessesAfter.Hidden)
	case name == evidence.SourceSockets && r.interrupted:
		note.Why = "the kernel's table changed during a dump: some sockets may be missing or counted twice"
	}
	if name == evidence.SourceSockets {
		note.By = string(r.reader.used)
	}
	for i := range r.bundle.Sources {
		if r.bundle.Sources[i].Name == name {
			r.bundle.Sources[i] = note
			return
		}
	}
	r.bundle.Sources = append(r.bundle.Sources, note)
}

// hidden says what the reading of processes did not see.
func hidden(processes int) string {
	if processes == 0 {
		return ""
	}
	const form = "the descriptors of %d process%s could not be read (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would allow it)"
	if processes == 1 {
		return fmt.Sprintf(form, 1, "")
	}
	return fmt.Sprintf(form, processes, "es")
}

func (r *run) snapshot(states tcp.StateSet) error {
	all := states == tcp.AllStates
	o := sockdiag.Options{States: states, Info: all, Memory: true, Expected: r.expected(all)}
	shot, err := r.reader.Snapshot(context.Background(), o)
	if err != nil {
		return fmt.Errorf("sockets cannot be read: %w", err)
	}
	r.bundle.Snapshots = append(r.bundle.Snapshots, shot)
	if shot.Interrupted {
		r.interrupted = true
	}
	return nil
}

// expected guesses how many sockets a snapshot will have: as many as the one of
// every state before it, or as the kernel counts, and some more.
func (r *run) expected(all bool) int {
	const some = 16 // one in so many
	n := 0
	switch {
	case !all:
	case len(r.bundle.Snapshots) > 0:
		n = len(r.bundle.Snapshots[0].Sockets)
	default:
		n = min(expected(r.bundle.CountersBefore), 1<<20)
	}
	return n + n/some
}

// holding reads who holds the sockets seen last: from the kernel's iterator, which
// tells of all processes at once, else from the links in /proc, and the second
// time only of those that changed.
func (r *run) holding() (host.Processes, error) {
	wanted := r.wanted()
	if r.holders != nil {
		if owners, err := r.holders.Owners(wanted); err == nil {
			return r.Root.Held(owners)
		}
	}
	return r.Root.ProcessesAgain(wanted, r.bundle.ProcessesBefore)
}

// wanted tells which inodes are those of the sockets seen last.
func (r *run) wanted() func(inode uint32) bool {
	sockets := r.bundle.Last().Sockets
	wanted := make(map[uint32]bool, len(sockets))
	for i := range sockets {
		if inode := sockets[i].Inode; inode != 0 {
			wanted[inode] = true
		}
	}
	return func(inode uint32) bool { return wanted[inode] }
}

// threads asks what the threads of those programs wait for that leave what came
// unread after the peer has finished: that tells a blocked program from one that
// forgot.
func (r *run) threads() {
	unread := map[uint32]bool{}
	for _, s := range r.bundle.Last().Sockets {
		if s.State == tcp.CloseWait && s.RecvQueue > 1 && s.Inode != 0 {
			unread[s.Inode] = true
		}
	}
	holders := map[int]bool{}
	for _, o := range r.bundle.ProcessesAfter.Owners {
		holders[o.PID] = holders[o.PID] || unread[o.Inode]
	}
	for i := range r.bundle.ProcessesAfter.List {
		if p := &r.bundle.ProcessesAfter.List[i]; holders[p.PID] {
			p.Waits = r.Root.Waits(p.PID)
		}
	}
}

// watch looks at the listeners, which are few, until the window is over: a
// queue that drains between two samples looks full at both.
func (r *run) watch(ctx context.Context) error {
	end := time.NewTimer(r.rest(time.Now()))
	defer end.Stop()
	tick := time.NewTicker(r.interval())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-end.C:
			return nil
		case <-tick.C:
			if err := r.snapshot(tcp.SetOf(tcp.Listen)); err != nil {
				return err
			}
			if r.Progress != nil {
				r.Progress(time.Since(r.bundle.Start))
			}
		}
	}
}

// rest is how long the window still lasts. What was read before the first look is
// in it, but leaves a second between the looks where so much was asked for: with
// less nothing is judged that must be seen to stand still.
func (r *run) rest(now time.Time) time.Duration {
	between := min(r.Window, time.Second)
	return max(r.Window-now.Sub(r.bundle.Start), between-now.Sub(r.bundle.Snapshots[0].Time))
}

// interval gives some twenty samples a window, and bounds what a long window
// keeps.
func (r *run) interval() time.Duration {
	return min(max(r.Window/20, 50*time.Millisecond), max(500*time.Millisecond, r.Window/240))
}
