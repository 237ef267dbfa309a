package hold

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// child is the reaper as its parent sees it.
type child struct {
	channel
	pid    int
	exited chan struct{}
}

// start makes a reaper, in the network namespace of the calling thread. It shares
// the name, unless l is nil.
func start(c charge, l *net.UnixListener) (*child, error) {
	given, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	near, far, err := pair()
	if err != nil {
		return nil, err
	}
	defer far.Close()
	cmd := exec.Command("/proc/self/exe") // also where the file was replaced by a newer one
	cmd.Args = []string{"synoptic", "guard", "reaper"}
	cmd.Env = append(os.Environ(), variable+"="+string(given))
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{far}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no signal of a terminal reaches it
	if l != nil {
		file, err := l.File()
		if err != nil {
			near.Close()
			return nil, fmt.Errorf("guard: lock of this network namespace: %w", err)
		}
		defer file.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, file)
	}
	if err := cmd.Start(); err != nil {
		near.Close()
		return nil, fmt.Errorf("guard: start of the reaper: %w", err)
	}
	r := &child{near, cmd.Process.Pid, make(chan struct{})}
	go func() {
		defer close(r.exited)
		_ = cmd.Wait() // what became of it, its answers tell
	}()
	far.Close() // so that its end is seen
	if m, _, err := r.first(); err != nil || m.Do != "ready" {
		return nil, errors.Join(fmt.Errorf("guard: the reaper does not begin: %w", err), near.Close(), cmd.Process.Kill())
	}
	return r, nil
}

// first waits for its first word.
func (r *child) first() (message, []int, error) {
	if err := r.SetReadDeadline(deadline()); err != nil {
		return message{}, nil, err
	}
	return r.receive()
}

// tell gives an order and waits until it is obeyed.
func (r *child) tell(order string) (message, error) {
	m, received, err := r.ask(message{Do: order})
	closeAll(received)
	if err != nil {
		err = fmt.Errorf("guard: reaper (pid %d): %w", r.pid, err)
	}
	return m, err
}

// hold gives it the kernel's objects of a guard.
func (r *child) hold(g *bpf.Guard) error {
	handles, err := g.Handles()
	if err != nil {
		return err
	}
	names, descriptors := namesOf(handles)
	_, received, err := r.ask(message{Do: "hold", Names: names}, descriptors...)
	closeAll(received)
	return err
}

func (r *child) alive() bool {
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}
