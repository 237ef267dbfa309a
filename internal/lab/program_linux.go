package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/lab/actor"
)

// Program is a process of the lab: our own binary again, inside a namespace,
// doing what it is told. It dies with the thread that holds the namespace, and
// when its standard input ends, so that it cannot outlive the lab.
type Program struct {
	Name string
	PID  int

	world   *World
	command *exec.Cmd
	orders  io.WriteCloser
	answers *json.Decoder
	heard   heard
	mu      sync.Mutex // one order at a time
}

// patience is how long a program may take to carry out an order.
const patience = 20 * time.Second

// Program starts a process with the given name (15 letters at most, as the
// kernel keeps them) on the host.
func (h *Host) Program(name string) *Program {
	p := &Program{Name: name, world: h.world}
	h.world.step("start program "+name+" on "+h.Name, func() error {
		if err := h.world.announce(); err != nil {
			return err
		}
		if err := p.start(h.Namespace); err != nil {
			return err
		}
		h.world.atEnd(p.end)
		h.world.programs = append(h.world.programs, p)
		return nil
	})
	return p
}

func (p *Program) start(n *Namespace) error {
	p.command = exec.Command("/proc/self/exe")
	p.command.Args[0] = "synoptic lab: " + p.Name
	p.command.Env = append(os.Environ(), actor.Variable+"="+p.Name, actor.NetNSVariable+"="+n.id)
	p.command.Stderr = &p.heard
	// The thread that starts a child is the one whose end kills it.
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	input, err := p.command.StdinPipe()
	if err != nil {
		return err
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := n.Do(p.command.Start); err != nil {
		return err
	}
	p.orders, p.answers, p.PID = input, json.NewDecoder(output), p.command.Process.Pid
	return nil
}

// end stops the process by its id and waits for it.
func (p *Program) end() error {
	p.orders.Close()
	_ = p.command.Process.Kill() // it may have ended with its input
	_ = p.command.Wait()         // the signal, always
	return nil
}

// Signal sends a signal to the process. SIGSTOP is waited for: until all of its
// threads heed it they go on.
func (p *Program) Signal(signal syscall.Signal) {
	p.world.step("signal "+p.Name, func() error {
		err := p.command.Process.Signal(signal)
		if err == nil && signal == syscall.SIGSTOP {
			err = unix.Waitid(unix.P_PID, p.PID, nil, unix.WSTOPPED, nil)
		}
		return err
	})
}

// Do gives an order and waits until it is carried out.
func (p *Program) Do(o actor.Order) actor.Answer {
	var answer actor.Answer
	p.world.step(fmt.Sprintf("%s: %s %s%s", p.Name, o.Do, o.At, o.To), func() (err error) {
		answer, err = p.order(o)
		return err
	})
	return answer
}

func (p *Program) order(o actor.Order) (actor.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	watchdog := time.AfterFunc(patience, func() { _ = p.command.Process.Kill() })
	defer watchdog.Stop()
	line, err := json.Marshal(o)
	if err != nil {
		return actor.Answer{}, err
	}
	if _, err := p.orders.Write(append(line, '\n')); err != nil {
		return actor.Answer{}, p.gone(err)
	}
	var answer actor.Answer
	if err := p.answers.Decode(&answer); err != nil {
		return actor.Answer{}, p.gone(err)
	}
	if answer.Error != "" {
		return answer, errors.New(answer.Error)
	}
	return answer, nil
}

func (p *Program) gone(err error) error {
	return fmt.Errorf("the process ended or hung: %w %s", err, strings.TrimSpace(p.heard.String()))
}

// heard keeps the beginning of what a program says on standard error.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

const mostHeard = 4 << 10

func (h *heard) Write(data []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if room := mostHeard - h.text.Len(); room > 0 {
		h.text.Write(data[:min(room, len(data))])
	}
	return len(data), nil
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}
