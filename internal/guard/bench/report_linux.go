package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// Size is how much is measured.
type Size struct {
	Rounds, Frames int // of each cost cell
	Clients, Rate  int // of each service cell; a second
	SYNs           int // a second, while clients come
	Crowd          int // clients a second of a flash crowd; 0: none
	SYNs6          int // of IPv6 then; 0: none
	Patient        bool
}

// Short takes half a minute on a quiet machine, and less than one on others: floods
// and clients are given up in time. Full takes some minutes.
var (
	Short = Size{Rounds: 3, Frames: 50_000, Clients: 2000, Rate: 1000, SYNs: 200_000}
	Full  = Size{Rounds: 5, Frames: 150_000, Clients: 5000, Rate: 500, SYNs: 200_000, SYNs6: 200_000, Crowd: 2000, Patient: true}
)

// Report is all that was measured.
type Report struct {
	Kernel     string
	Processors int
	Took       time.Duration
	Size       Size
	Costs      []Cost
	Services   []Service // under the flood
	IPv6       []Service // under one of IPv6
	Peace      []Service // without one
	Crowd      []Service // without one, and many clients
}

// OfKernel is the cost as a share of what the kernel's own cookies cost for the
// same kind of frame, 0 if that is not known.
func (r *Report) OfKernel(c *Cost) float64 {
	for i := range r.Costs {
		if k := &r.Costs[i]; k.ID == Kernel2.ID && k.Frame == c.Frame && k.Net > 0 {
			return max(c.Net, 0) / k.Net
		}
	}
	return 0
}

// Slowest is the least rate of a flood that fell short, in SYNs a second, 0 where
// none did.
func (r *Report) Slowest() (least int) {
	for _, s := range slices.Concat(r.Services, r.IPv6) {
		if s.FellShort() && (least == 0 || s.SYNs < least) {
			least = s.SYNs
		}
	}
	return least
}

// probe asks the kernel; tests stand for an older one.
var probe = (*bpf.Feature).Probe

// Run measures. progress is told which defence comes next, "" being the cost of a
// SYN.
func Run(ctx context.Context, size Size, progress func(string)) (r *Report, err error) {
	begun := time.Now()
	w, err := NewWorld()
	if err != nil {
		return nil, err
	}
	defer func() {
		if ended := w.Close(); err == nil {
			err = ended
		}
	}()
	for _, needed := range []*bpf.Feature{bpf.TrafficControl, bpf.AssignRequest} {
		if err := probe(needed); err != nil { // now, and not when half of it is measured
			return nil, fmt.Errorf("bench: %w", err)
		}
	}
	r = &Report{Kernel: release(), Processors: runtime.NumCPU(), Size: size}
	progress("")
	if r.Costs, err = w.Costs(ctx, CostCells(), size.Rounds, size.Frames); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		into     *[]Service
		load     Load
		defences []*Defence
	}{
		{&r.Services, Load{SYNs: size.SYNs, Clients: size.Clients, Rate: size.Rate}, []*Defence{&DropAll, &Guard, &Generic, &Kernel2, &Kernel1, &Synproxy, &Nothing}},
		{&r.IPv6, Load{SYNs: size.SYNs6, Clients: size.Clients, Rate: size.Rate, IPv6: true}, []*Defence{&DropAll, &Guard, &Kernel2}},
		{&r.Peace, Load{Clients: size.Clients, Rate: size.Rate, Patient: true}, []*Defence{&Guard, &Generic, &Kernel2, &Synproxy, &Nothing}},
		{&r.Crowd, Load{Clients: 5 * size.Crowd, Rate: size.Crowd, Patient: true}, []*Defence{&Guard, &Kernel2, &Nothing}},
	} {
		if part.load.Rate == 0 || (part.load.SYNs == 0 && !size.Patient) {
			continue
		}
		for _, d := range part.defences {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			progress(d.ID)
			s, err := w.Serve(d, part.load)
			if err != nil {
				return nil, err
			}
			*part.into = append(*part.into, s)
		}
	}
	r.Took = time.Since(begun)
	return r, nil
}

func release() string {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return ""
	}
	return unix.ByteSliceToString(name.Release[:])
}
