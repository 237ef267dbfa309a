package actor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Variable, set in the environment, makes Main play the actor of that name.
const Variable = "SYNOPTIC_LAB_ACTOR"

// NetNSVariable names the network namespace (its inode, as in the link of
// /proc/self/ns/net) that the actor belongs to.
const NetNSVariable = "SYNOPTIC_LAB_NETNS"

// home is the namespace that the lab put the actor in.
var home = os.Getenv(NetNSVariable)

// Main plays an actor and never returns, if this process was started as one.
// Every program that runs the lab calls it first.
func Main() {
	name := os.Getenv(Variable)
	if name == "" {
		return
	}
	os.Unsetenv(Variable)
	// Beyond the name in ps, nothing depends on this.
	_ = os.WriteFile(fmt.Sprintf("/proc/self/task/%d/comm", os.Getpid()), []byte(name), 0)
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, mostDescriptors())
	if err := play(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "lab: actor %s: %v\n", name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func mostDescriptors() *unix.Rlimit {
	var limit unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	limit.Cur = limit.Max
	return &limit
}

// player carries out orders until there are no more.
type player struct {
	ctx    context.Context // ends with the orders
	mu     sync.Mutex
	groups map[string][]*Socket
	lock   sync.Mutex // the one that deadlocked servers wait for
}

func play(orders io.Reader, answers io.Writer) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &player{ctx: ctx, groups: map[string][]*Socket{}}
	p.lock.Lock()
	decoder, encoder := json.NewDecoder(orders), json.NewEncoder(answers)
	for {
		var o Order
		if err := decoder.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer, err := p.do(o)
		if err != nil {
			answer.Error = err.Error()
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
	}
}

func (p *player) do(o Order) (Answer, error) {
	do, ok := map[string]func(Order) (Answer, error){
		"listen": p.listen, "relisten": p.relisten, "dial": p.dial, "redial": p.redial, "ask": p.ask, "acquaint": p.acquaint, "talk": p.talk,
		"write": p.write, "fill": p.fill, "read": p.read, "finish": p.finish, "close": p.close, "abort": p.abort,
		"keepalive": p.keepalive, "flood": p.flood, "scan": p.scan, "count": p.count, "try": p.try,
	}[o.Do]
	if !ok {
		return Answer{}, fmt.Errorf("unknown order %q", o.Do)
	}
	return do(o)
}

func (p *player) keep(group string, s *Socket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.groups[group] = append(p.groups[group], s)
}

// take removes the group's sockets; group returns them.
func (p *player) take(group string) []*Socket {
	p.mu.Lock()
	defer p.mu.Unlock()
	sockets := p.groups[group]
	delete(p.groups, group)
	return sockets
}

func (p *player) group(group string) []*Socket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]*Socket(nil), p.groups[group]...)
}

// each acts on every socket of the group; a group without sockets is a mistake
// of the scenario, which must not pass for done.
func (p *player) each(o Order, act func(*Socket) error) (Answer, error) {
	sockets := p.group(o.Group)
	if len(sockets) == 0 {
		return Answer{}, fmt.Errorf("%s: there is no socket in group %q", o.Do, o.Group)
	}
	for i, s := range sockets {
		if err := act(s); err != nil {
			return Answer{Count: i}, err
		}
	}
	return Answer{Count: len(sockets)}, nil
}

func (p *player) count(o Order) (Answer, error) { return Answer{Count: len(p.group(o.Group))}, nil }

func (p *player) flood(o Order) (Answer, error) {
	f, err := newFlood(o)
	if err != nil {
		return Answer{}, err
	}
	go p.alone(func() error { return f.run(p.ctx) })
	return Answer{}, nil
}

// alone runs what goes on beside the orders; its failure is told on standard
// error, which the lab passes on.
func (p *player) alone(do func() error) {
	if err := do(); err != nil {
		fmt.Fprintf(os.Stderr, "lab: actor: %v\n", err)
	}
}
