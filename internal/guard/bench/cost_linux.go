package bench

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// Cell is one line of the cost table.
type Cell struct {
	Defence *Defence
	Layout  bpf.Layout // of the frames' options
	Flags   byte       // of TCP; 0: SYN
	IPv6    bool
}

// Frame is the word for what the cell's frames are.
func (c *Cell) Frame() string {
	switch {
	case c.Flags == ack:
		return "forged ACK"
	case c.IPv6:
		return "SYN over IPv6"
	}
	return "SYN"
}

// at is where they go.
func (c *Cell) at() netip.AddrPort {
	if c.IPv6 {
		return server6
	}
	return server4
}

// made names what it costs alike to make.
func (c *Cell) made() string { return c.at().Addr().String() + c.Layout.Name }

const (
	syn = 2
	ack = 16
)

// stampedACK has the options of an ACK in a connection with timestamps.
var stampedACK = bpf.Layout{Name: "stamped", Options: []byte{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8}}

// Cost is what a cell costs.
type Cost struct {
	ID      string
	Title   string
	Layout  string
	Frame   string    // "SYN", "SYN over IPv6" or "forged ACK"
	Gross   []float64 // ns a frame, one a round
	Made    float64   // ns for making the frame, the median
	Net     float64   // the median, less that
	Answers float64   // SYN-ACKs a frame, in the last round
}

// PerCore is how many such SYNs one processor deals with in a second, with
// nothing else to do.
func (c *Cost) PerCore() int {
	if c.Net <= 0 {
		return 0
	}
	return int(1e9 / c.Net)
}

// CostCells are the lines of the table.
func CostCells() []Cell {
	linux := bpf.Layouts[0]
	cells := []Cell{{Defence: &DropAll, Layout: linux}, {Defence: &BounceBack, Layout: linux}}
	for _, l := range bpf.Layouts {
		cells = append(cells, Cell{Defence: &Guard, Layout: l})
	}
	for _, d := range []*Defence{&Generic, &Nothing, &Kernel1, &Kernel2, &Synproxy} {
		cells = append(cells, Cell{Defence: d, Layout: linux})
	}
	for _, d := range []*Defence{&DropAll, &Guard, &Kernel2} {
		cells = append(cells, Cell{Defence: d, Layout: linux, IPv6: true})
	}
	return append(cells, Cell{Defence: &Guard, Layout: stampedACK, Flags: ack}, Cell{Defence: &Kernel2, Layout: stampedACK, Flags: ack})
}

// Costs measures the cells in turns, so that what the machine does besides
// meets all of them.
func (w *World) Costs(ctx context.Context, cells []Cell, rounds, frames int) ([]Cost, error) {
	for _, at := range []netip.AddrPort{server4, server6} {
		s, err := w.serve(at, nil)
		if err != nil {
			return nil, err
		}
		defer s.close()
	}
	costs := make([]Cost, len(cells))
	made := map[string][]float64{} // making a frame, nothing else
	for round := range rounds {
		for i, cell := range cells {
			if i == 0 || cell.made() != cells[i-1].made() {
				ns, _, err := w.measure(cell, 0, frames)
				if err != nil {
					return nil, err
				}
				made[cell.made()] = append(made[cell.made()], ns)
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			c := &costs[i]
			c.ID, c.Title, c.Layout, c.Frame = cell.Defence.ID, cell.Defence.Title, cell.Layout.Name, cell.Frame()
			if err := w.round(c, cell, frames); err != nil {
				return nil, fmt.Errorf("bench: %s, round %d: %w", c.ID, round+1, err)
			}
		}
	}
	for i := range costs {
		costs[i].Made = median(made[cells[i].made()])
		costs[i].Net = median(costs[i].Gross) - costs[i].Made
	}
	return costs, nil
}

// round measures a cell once.
func (w *World) round(c *Cost, cell Cell, frames int) (err error) {
	undo, err := w.Put(cell.Defence)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, undo()) }()
	if _, _, err = w.measure(cell, w.clientLink, frames/10); err != nil { // queues fill, caches warm
		return err
	}
	ns, answers, err := w.measure(cell, w.clientLink, frames)
	c.Gross = append(c.Gross, ns)
	c.Answers = answers
	return err
}

// measure sends frames from one processor and returns the CPU time of each, and
// the share that was answered.
func (w *World) measure(cell Cell, ifindex, frames int) (ns, answers float64, err error) {
	frame := &bpf.FloodFrame{From: w.clientMAC, To: w.serverMAC, Server: cell.at(), Options: cell.Layout.Options, Flags: max(cell.Flags, syn)}
	if err := w.Flood.Prepare(frame, ifindex, 0); err != nil {
		return 0, 0, err
	}
	before, err := w.Flood.Counts()
	if err != nil {
		return 0, 0, err
	}
	err = w.Client.Do(func() error {
		unpin, processor, err := pin()
		if err != nil {
			return err
		}
		defer unpin()
		helper := softirqs(processor)
		from := bpf.CPUTime() + helper()
		err = w.Flood.Send(frames)
		ns = float64(bpf.CPUTime()+helper()-from) / float64(frames)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	after, err := w.Flood.Counts()
	return ns, float64(after.Answers-before.Answers) / float64(frames), err
}

// pin keeps the calling thread on the last processor that it may use.
func pin() (unpin func(), processor int, err error) {
	var had, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &had); err != nil {
		return nil, 0, fmt.Errorf("bench: processors: %w", err)
	}
	for i := range 1024 {
		if had.IsSet(i) {
			processor = i
		}
	}
	one.Set(processor)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return nil, 0, fmt.Errorf("bench: keep to processor %d: %w", processor, err)
	}
	return func() { _ = unix.SchedSetaffinity(0, &had) }, processor, nil
}

// softirqs returns what tells the CPU time of the kernel thread to which a busy
// processor leaves its receiving. A container may not show it: then what it does
// is missing, and the answers show whether that was much.
func softirqs(processor int) func() time.Duration {
	none := func() time.Duration { return 0 }
	processes, err := os.ReadDir("/proc")
	if err != nil {
		return none
	}
	name := fmt.Sprintf("ksoftirqd/%d", processor)
	for _, p := range processes {
		if comm, err := os.ReadFile("/proc/" + p.Name() + "/comm"); err == nil && strings.TrimSpace(string(comm)) == name {
			return func() time.Duration {
				stat, _ := os.ReadFile("/proc/" + p.Name() + "/schedstat")
				ran, _, _ := strings.Cut(string(stat), " ")
				ns, _ := strconv.ParseInt(ran, 10, 64)
				return time.Duration(ns)
			}
		}
	}
	return none
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
