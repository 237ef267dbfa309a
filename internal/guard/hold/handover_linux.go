package hold

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// nameHandle is what the listener is called among the handles.
const nameHandle = "name"

// offer hands a guard and the name over to a caller, and waits until he has all of
// it. After an error he has nothing, or is gone.
func offer(c channel, g *bpf.Guard, name int, m message) error {
	handles, err := g.Handles()
	if err != nil {
		return err
	}
	var descriptors []int
	m.Names, descriptors = namesOf(append(handles, bpf.Handle{Name: nameHandle, FD: name}))
	answer, received, err := c.ask(m, descriptors...)
	closeAll(received)
	if err == nil && answer.Do != "taken" {
		err = fmt.Errorf("guard: %q instead of \"taken\"", answer.Do)
	}
	return err
}

// legacy is what a guard gets from the one before.
type legacy struct {
	from     channel
	folder   string // of the journals of what stands; "" where nothing does
	holder   Holder
	listener *net.UnixListener
	guard    *bpf.Guard
}

// inherit asks the holder for everything. The error is errFree where he left
// instead.
func inherit(c channel) (*legacy, error) {
	m, descriptors, err := c.ask(message{Do: "take"})
	if err != nil {
		c.Close()
		if refused := m.Error != ""; !refused {
			err = errors.Join(errFree, err)
		}
		return nil, err
	}
	l := &legacy{from: c, folder: m.Folder}
	if m.Holder != nil {
		l.holder = *m.Holder
	}
	handles, err := handlesOf(m.Names, descriptors)
	if err == nil {
		err = l.own(handles)
	}
	if err != nil {
		l.refuse()
		return nil, err
	}
	return l, nil
}

// own makes values of the handles.
func (l *legacy) own(handles []bpf.Handle) (err error) {
	var rest []bpf.Handle
	for _, h := range handles {
		if h.Name != nameHandle {
			rest = append(rest, h)
		} else if l.listener, err = listenerOf(h.FD); err != nil {
			closeHandles(rest)
			return err
		}
	}
	if l.guard, err = bpf.TakeGuard(rest); err == nil && l.listener == nil {
		err = errors.New("guard: the guard before handed over no lock")
	}
	return err
}

// refuse leaves everything to the one before, who goes on.
func (l *legacy) refuse() {
	l.from.Close()
	if l.guard != nil {
		l.guard.Close()
	}
	if l.listener != nil {
		l.listener.Close()
	}
}

// taken tells the one before that he may go. That he died meanwhile is no matter.
func (l *legacy) taken() {
	if l.from.SetDeadline(time.Now().Add(patience)) == nil {
		_, received, _ := l.from.ask(message{Do: "taken"})
		closeAll(received)
	}
	l.from.Close()
}
