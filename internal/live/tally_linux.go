package live

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
)

// MishapTally adds up what goes wrong in one network namespace, and which
// transitions are made there, from the moment when it is opened.
type MishapTally struct {
	mishaps     *bpf.Mishaps
	transitions *bpf.Transitions
	reasons     *bpf.Reasons
	places      map[placeKey]uint64
	stop        chan struct{}
	reading     sync.WaitGroup
	failed      error
}

type placeKey struct {
	sort          bpf.MishapCount
	location      uint64
	local, remote netip.AddrPort
}

// mostPlaces bounds what is remembered; the rest is only counted.
const mostPlaces = 1 << 14

// OpenMishapTally begins to add up. The error says what the caller or the kernel
// lacks.
func OpenMishapTally(netns uint32) (*MishapTally, error) {
	t := &MishapTally{places: map[placeKey]uint64{}, stop: make(chan struct{})}
	var err error
	if t.reasons, err = bpf.RunningReasons(); err != nil {
		return nil, err
	}
	if t.mishaps, err = bpf.OpenMishaps(bpf.MishapOptions{NetNS: netns}); err != nil {
		return nil, err
	}
	if t.transitions, err = bpf.OpenTransitions(bpf.Options{NetNS: netns, Summary: true, Timeless: true}); err != nil {
		return nil, errors.Join(err, t.mishaps.Close())
	}
	t.reading.Go(t.read)
	return t, nil
}

// read takes what is told until it is stopped, and what waits then.
func (t *MishapTally) read() {
	for last := false; !last && t.failed == nil; {
		deadline := time.Now().Add(100 * time.Millisecond)
		select {
		case <-t.stop:
			last, deadline = true, time.Now()
		default:
		}
		t.failed = t.mishaps.Read(deadline, func(m *bpf.Mishap) error {
			key := placeKey{keyOf(m), m.Location, m.Local, m.Remote}
			if _, known := t.places[key]; known || len(t.places) < mostPlaces {
				t.places[key]++
			}
			return nil
		})
	}
}

// End stops adding up and returns the sums.
func (t *MishapTally) End() (sum Tallied, err error) {
	close(t.stop)
	t.reading.Wait()
	defer func() { err = errors.Join(err, t.mishaps.Close(), t.transitions.Close()) }()
	counts, err := t.mishaps.Counts()
	if err = errors.Join(err, t.failed); err != nil {
		return sum, err
	}
	sum.Mishaps, sum.Places = inWords(t.reasons, counts), t.told()
	if sum.Transitions, err = (&Summary{events: t.transitions}).Read(); err != nil {
		return sum, err
	}
	losses, err := t.mishaps.Losses()
	if err != nil {
		return sum, err
	}
	missed, err := t.transitions.Losses()
	sum.Lost, sum.Blind = losses.Uncounted+losses.Missed+missed.Missed, t.mishaps.Blind
	return sum, err
}

// told says where it went wrong, in words.
func (t *MishapTally) told() []host.MishapAt {
	var locations []uint64
	for key := range t.places {
		if key.location != 0 && !slices.Contains(locations, key.location) {
			locations = append(locations, key.location)
		}
	}
	functions, _ := functionsOf(locations) // without the right they have no names
	merged := map[host.MishapAt]uint64{}
	for key, n := range t.places {
		at := host.MishapAt{Mishap: sortOf(t.reasons, &key.sort), Local: key.local, Remote: key.remote}
		at.Function = functions[key.location]
		merged[at] += n
	}
	list := make([]host.MishapAt, 0, len(merged))
	for at, n := range merged {
		at.Count = n
		list = append(list, at)
	}
	return list
}

// functionsOf names the functions of the kernel in which the addresses lie.
func functionsOf(addresses []uint64) (names map[uint64]string, err error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	list, err := os.Open("/proc/kallsyms")
	if err != nil {
		return nil, fmt.Errorf("symbols of the kernel: %w", err)
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	return bpf.Symbols(list, addresses)
}
