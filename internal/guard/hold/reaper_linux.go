package hold

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// variable, in the environment, makes Main a reaper.
const variable = "SYNOPTIC_GUARD_REAPER"

// The descriptors that a reaper is born with.
const (
	guardsEnd = 3
	namesEnd  = 4 // if it is named
)

// Main is the reaper and never returns, if this process was started as one. Every
// program that begins a Session calls it first.
func Main() {
	given := os.Getenv(variable)
	if given == "" {
		return
	}
	os.Unsetenv(variable)
	// A terminal's Ctrl-C and the stop of a service are for the guard, whose end is
	// what the reaper waits for.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE)
	// Beyond the name in ps, nothing depends on this.
	_ = os.WriteFile(fmt.Sprintf("/proc/self/task/%d/comm", os.Getpid()), []byte("synoptic-reaper"), 0)
	if err := reap(given); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// reaper is the process that outlives the guard.
type reaper struct {
	guard    channel
	listener *net.UnixListener // nil where it has no name

	keeper   keeper
	charged  bool          // the guard has something to lose
	work     sync.Mutex    // over keeper.guard, once all is put back
	mu       sync.Mutex    // over keeper.Holder, which callers ask for while it works
	restored chan struct{} // closed when all is put back
	gone     chan struct{} // closed when nothing is left to wait for
	once     sync.Once
}

func reap(given string) error {
	r := &reaper{restored: make(chan struct{}), gone: make(chan struct{})}
	if err := json.Unmarshal([]byte(given), &r.keeper.charge); err != nil {
		return err
	}
	r.keeper.Holder.Reaper = os.Getpid()
	var err error
	if r.guard, err = channelOf(os.NewFile(guardsEnd, "guard")); err != nil {
		return err
	}
	if err := r.guard.send(message{Do: "ready"}); err != nil {
		return err
	}
	for {
		m, descriptors, err := r.guard.receive()
		if errors.Is(err, errDamaged) {
			_ = r.guard.send(message{Error: err.Error()}) // its end is seen next
			continue
		}
		if err != nil {
			return r.orphaned()
		}
		if done, err := r.obey(m, descriptors); done {
			return err
		}
	}
}

// obey does what the guard says.
func (r *reaper) obey(m message, descriptors []int) (done bool, err error) {
	answer := message{}
	switch m.Do {
	case "hold":
		closeHandles(r.keeper.handles)
		r.keeper.handles, err = handlesOf(m.Names, descriptors)
		r.charged = err == nil
		answer.Error = text(err)
	case "hand":
		r.keeper.Handing = true
	case "resume":
		r.keeper.Handing = false
	case "leave":
		return true, r.guard.send(answer)
	case "end":
		return true, r.last(func(err error) { _ = r.guard.send(message{Error: text(err), Holder: r.holder()}) })
	}
	return false, r.guard.send(answer)
}

// orphaned is called when the guard is no more, or gave this reaper up before it
// was charged. While everything was being handed over, another one may have it.
func (r *reaper) orphaned() error {
	if !r.charged || (r.keeper.Handing && r.succeeded()) {
		return nil
	}
	return r.last(func(error) {})
}

// succeeded asks the name whether another guard runs.
func (r *reaper) succeeded() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c, who, err := call(ctx)
	if err != nil {
		return false
	}
	defer c.Close()
	h, err := c.who(int(who.Pid), time.Second)
	return err == nil && h.runs() && h.PID != r.keeper.Holder.PID
}

// last puts everything back, and stays for as long as ACKs are to be taken.
func (r *reaper) last(told func(error)) error {
	if r.keeper.Named { // only now does nobody else wait there
		r.listener, _ = listenerOf(namesEnd) // without it nobody can ask, and all is put back the same
	}
	if r.listener != nil {
		s := &server{listener: r.listener, who: func() Holder { return *r.holder() }, take: r.take, leave: r.leave}
		go s.serve()
		defer r.listener.Close()
	}
	r.mu.Lock()
	r.keeper.Holder.State, r.keeper.Holder.Armed = Restoring, nil
	r.mu.Unlock()
	err := r.keeper.restore()
	r.mu.Lock()
	left := r.keeper.left()
	if left > 0 {
		r.keeper.Holder.State, r.keeper.Holder.Until = Grace, time.Now().Add(left)
	}
	r.mu.Unlock()
	close(r.restored)
	told(err)
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.gone:
	}
	r.work.Lock()
	defer r.work.Unlock()
	return errors.Join(err, r.keeper.remove())
}

func (r *reaper) holder() *Holder {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.keeper.Holder
	h.Interfaces = slices.Clone(h.Interfaces)
	return &h
}

// leave ends the grace.
func (r *reaper) leave() error {
	<-r.restored
	r.work.Lock()
	defer r.work.Unlock()
	r.once.Do(func() { close(r.gone) })
	return r.keeper.remove()
}

// take gives a new guard what is left, with the keys of the old one, so that the
// clients whose cookie is under way are served by it.
func (r *reaper) take(c channel) {
	<-r.restored
	r.work.Lock()
	defer r.work.Unlock()
	if r.keeper.guard == nil || r.listener == nil {
		return // the caller finds the name free
	}
	name, err := duplicate(r.listener)
	if err != nil {
		return
	}
	defer unix.Close(name)
	if offer(c, r.keeper.guard, name, message{Holder: r.holder()}) != nil {
		return // nothing became of it
	}
	r.keeper.guard.Close() // the links live on in the other process
	r.keeper.guard = nil
	r.once.Do(func() { close(r.gone) })
	_ = c.send(message{})
}

func closeHandles(handles []bpf.Handle) {
	for _, h := range handles {
		unix.Close(h.FD)
	}
}
