package bench

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/lab"
)

// Load is what a service cell is put under.
type Load struct {
	SYNs    int  // of the flood, a second; 0: none
	Clients int  // genuine ones, altogether
	Rate    int  // of them, a second
	Patient bool // they wait for long: for showing that none fails
	IPv6    bool
}

// at is where the clients go, and the flood.
func (l *Load) at() netip.AddrPort {
	if l.IPv6 {
		return server6
	}
	return server4
}

// patience is how long a client waits.
func (l *Load) patience() time.Duration {
	if l.Patient {
		return 20 * time.Second
	}
	return 4 * time.Second
}

// Service is what genuine clients noticed.
type Service struct {
	ID, Title string
	SYNs      int // of the flood that were made, a second
	Asked     int // that should have been
	Clients   int
	FirstTry  int // answered before a SYN would have been sent again
	Ever      int // answered within patience
	P50, P99  time.Duration
	SameKind  int // connections whose options are those of one without a defence
	Why       map[string]int
}

// FellShort tells that the machine was too busy for a flood as quick as was asked for:
// it made less than nine tenths.
func (s *Service) FellShort() bool { return s.SYNs < s.Asked*9/10 }

const firstTry = 900 * time.Millisecond // after a second a SYN goes again

// Serve puts the defence up, floods, and lets clients come at their own pace,
// whatever becomes of those before them. What is measured is the first octet
// that comes back: connect() would also succeed where nothing ever follows.
func (w *World) Serve(d *Defence, load Load) (out Service, err error) {
	out = Service{ID: d.ID, Title: d.Title, Clients: load.Clients, Asked: load.SYNs}
	kinds := newKinds()
	s, err := w.serve(load.at(), kinds.add)
	if err != nil {
		return out, err
	}
	defer s.close()
	if err := w.control(load.at()); err != nil {
		return out, err
	}
	control := kinds.reset()
	undo, err := w.Put(d)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, undo()) }()
	flood := w.pacedFlood(load)
	answers := w.clients(load)
	made, err := flood()
	if err != nil {
		return out, err
	}
	out.SYNs = made
	out.sum(answers)
	out.SameKind = kinds.reset()[only(control)]
	return out, nil
}

// control makes the connection with which others are compared.
func (w *World) control(at netip.AddrPort) error {
	c, err := w.dial(at, netip.AddrPort{})
	if err != nil {
		return err
	}
	defer c.file.Close()
	return c.ask(5 * time.Second)
}

// answer is what one client got, and when.
type answer struct {
	after time.Duration
	err   error
}

// clients lets them come. The time of each runs from when it was due.
func (w *World) clients(load Load) []answer {
	answers := make([]answer, load.Clients)
	begun := time.Now()
	var all sync.WaitGroup
	wait := time.NewTimer(0)
	defer wait.Stop()
	for i := range answers {
		due := begun.Add(time.Duration(i) * time.Second / time.Duration(load.Rate))
		if left := time.Until(due); left > 0 {
			wait.Reset(left)
			<-wait.C
		}
		all.Go(func() {
			c, err := w.dial(load.at(), netip.AddrPort{})
			if err == nil {
				err = c.ask(load.patience())
				c.file.Close()
			}
			answers[i] = answer{time.Since(due), err}
		})
	}
	all.Wait()
	return answers
}

// sum makes figures of what the clients got.
func (s *Service) sum(answers []answer) {
	var times []time.Duration
	s.Why = map[string]int{}
	for _, a := range answers {
		if a.err != nil {
			s.Why[cause(a.err)]++
			continue
		}
		times = append(times, a.after)
		if a.after < firstTry {
			s.FirstTry++
		}
	}
	s.Ever = len(times)
	if s.Ever > 0 {
		slices.Sort(times)
		s.P50, s.P99 = times[s.Ever/2], times[s.Ever*99/100]
	}
}

// cause is the system's word for what went wrong.
func cause(err error) string {
	var errno unix.Errno
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer"
	case errors.As(err, &errno):
		return errno.Error()
	}
	return err.Error()
}

// pacedFlood begins to send for as long as the clients come and a little longer.
// The returned function waits for its end, and returns how many SYNs a second
// were made.
func (w *World) pacedFlood(load Load) func() (int, error) {
	if load.SYNs == 0 {
		return func() (int, error) { return 0, nil }
	}
	return w.flood(load.at(), load.SYNs, load.SYNs*(load.Clients*1000/load.Rate+300)/1000)
}

// slice is how much of a flood is sent at a time.
const slice = 100 * time.Millisecond

// flood begins to send so many SYNs, paced. Where the machine is too busy it ends at
// twice the time that they should take, with less than that.
func (w *World) flood(at netip.AddrPort, perSecond, frames int) func() (int, error) {
	result := make(chan error, 1)
	var rate int
	release := leaveOneProcessor()
	go func() {
		result <- inside(w.Client, func() (err error) {
			frame := &bpf.FloodFrame{From: w.clientMAC, To: w.serverMAC, Server: at, Options: bpf.Layouts[0].Options, Flags: 2}
			if err = w.Flood.Prepare(frame, w.clientLink, perSecond); err != nil {
				return err
			}
			if _, _, err = pin(); err != nil {
				return err
			}
			begun, sent := time.Now(), 0
			for most := 2 * time.Duration(frames) * time.Second / time.Duration(perSecond); sent < frames && err == nil && time.Since(begun) < most; {
				n := min(frames-sent, max(int(float64(perSecond)*slice.Seconds()), 1))
				err = w.Flood.Send(n)
				sent += n
			}
			rate = int(float64(sent) / time.Since(begun).Seconds())
			return err
		})
	}()
	return func() (int, error) {
		err := <-result
		release()
		return rate, err
	}
}

// inside runs f on a thread of its own in the namespace. The thread ends with
// it.
func inside(n *lab.Namespace, f func() error) error {
	runtime.LockOSThread() // and never unlocked
	file, err := os.Open(n.Path())
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("bench: enter %s: %w", n.Name, err)
	}
	return f()
}

// leaveOneProcessor keeps this program's threads off the processor that the
// flood takes, where there is another one.
func leaveOneProcessor() (release func()) {
	var had unix.CPUSet
	if unix.SchedGetaffinity(0, &had) != nil || had.Count() < 2 {
		return func() {}
	}
	rest := had
	for i := 1023; i >= 0; i-- {
		if had.IsSet(i) {
			rest.Clear(i)
			break
		}
	}
	everywhere(&rest)
	return func() { everywhere(&had) }
}

// everywhere gives all threads of the program their processors. A thread that
// ends meanwhile needs none.
func everywhere(set *unix.CPUSet) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return
	}
	for _, t := range threads {
		if id, err := strconv.Atoi(t.Name()); err == nil {
			_ = unix.SchedSetaffinity(id, set)
		}
	}
}

// kinds counts connections by what they negotiated.
type kinds struct {
	mu   sync.Mutex
	seen map[Negotiated]int
}

func newKinds() *kinds { return &kinds{seen: map[Negotiated]int{}} }

func (k *kinds) add(n Negotiated) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen[n]++
}

// reset returns what was counted, and begins anew.
func (k *kinds) reset() map[Negotiated]int {
	k.mu.Lock()
	defer k.mu.Unlock()
	seen := k.seen
	k.seen = map[Negotiated]int{}
	return seen
}

// only returns the one kind that was seen.
func only(seen map[Negotiated]int) (n Negotiated) {
	for n = range seen {
		return n
	}
	return n
}
