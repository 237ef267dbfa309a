package collect

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/capture"
	"github.com/synoptic-net/synoptic/internal/pcapfilter"
	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/track"
)

// What listening may cost. Beyond so many packets a second sockets are judged
// alone, and that is said.
const (
	tapSnap       = 192 // octets of a packet: every header with its options
	tapRing       = 2 << 20
	tapMemory     = 12 << 20
	tapMost       = 200_000 // packets a second
	tapInterfaces = 8       // with their link-layer addresses; more are listened to as one
	tapsMost      = 32      // namespaces at the same time
	tapsWhole     = 4       // namespaces that get all the memory; of more each gets less, but
	tapRingLeast  = 1 << 20 // no less than these
	tapLeast      = 2 << 20
)

// share returns the octets of a ring and of a Tracker, of so many taps.
func share(together int) (ring, memory int) {
	n := max(together, tapsWhole)
	return max(tapRing*tapsWhole/n, tapRingLeast), max(tapMemory*tapsWhole/n, tapLeast)
}

var errTooMany = fmt.Errorf("more than %d packets a second: not followed, to spare the host", tapMost)

// tap listens to the packets of the window.
type tap struct {
	capture *capture.Capture
	tracker *track.Tracker
	since   atomic.Int64 // ns since 1970, of the first look at sockets: what came before is not told
	cancel  context.CancelFunc
	done    chan error
}

// listen opens a tap on the interfaces of this network namespace, one of so many.
func listen(ctx context.Context, together int) (*tap, error) {
	if together > tapsMost {
		return nil, fmt.Errorf("%d network namespaces at once: packets are followed in %d at most, to spare the host; look at one alone", together, tapsMost)
	}
	ring, memory := share(together)
	filter, err := pcapfilter.Parse("tcp", pcapfilter.Names{})
	if err != nil {
		return nil, err
	}
	names, err := interfaces()
	if err != nil {
		return nil, err
	}
	c, err := capture.Open(capture.Config{Interfaces: names, Filter: filter, Snap: tapSnap, Memory: ring, Outlast: true})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	t := &tap{capture: c, tracker: track.New(track.Config{Efforts: true, Memory: memory, Seed: uint64(time.Now().UnixNano())}), cancel: cancel, done: make(chan error, 1)}
	t.since.Store(math.MaxInt64)
	go func() { t.done <- t.follow(ctx) }()
	return t, nil
}

// interfaces names those that are up, each to be listened to with its addresses
// on the link; nil stands for all as one.
func interfaces() ([]string, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("interfaces: %w", err)
	}
	var names []string
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 {
			names = append(names, i.Name)
		}
	}
	if len(names) > tapInterfaces {
		return nil, nil
	}
	return names, nil
}

func (t *tap) follow(ctx context.Context) error {
	began, n := time.Now(), 0
	return t.capture.Segments(ctx, func(_ *packet.Frame, s *packet.Segment) error {
		t.take(s)
		if n++; n%tapMost == 0 && time.Since(began) < time.Duration(n/tapMost)*time.Second {
			return errTooMany
		}
		return nil
	})
}

// take follows a segment. A socket has no VLAN: what is captured on a link with
// its tag, and on the interface of the VLAN without, is one packet.
func (t *tap) take(s *packet.Segment) {
	if s.Time < t.since.Load() {
		return
	}
	s.VLANs, s.VLANCount = [4]uint16{}, 0
	t.tracker.Add(s)
}

// hear stops listening and puts what was heard into the bundle.
func (r *run) hear(t *tap) error {
	t.cancel()
	err := <-t.done
	dropped := uint64(0)
	for i := range t.capture.Interfaces() {
		counts, _ := t.capture.Counts(i) // those of one that is gone are not known
		dropped += counts.Dropped
	}
	t.capture.Close()
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	r.bundle.AddPackets(t.tracker, ownAddresses())
	if dropped > 0 {
		r.bundle.Packets.Dropped = dropped
	}
	return nil
}

// ownAddresses tells which addresses are this host's.
func ownAddresses() func(netip.Addr) bool {
	own := map[netip.Addr]bool{}
	addresses, _ := net.InterfaceAddrs() // without them nothing is ours, and nothing is judged by it
	for _, a := range addresses {
		if prefix, ok := a.(*net.IPNet); ok {
			if address, ok := netip.AddrFromSlice(prefix.IP); ok {
				own[address.Unmap()] = true
			}
		}
	}
	return func(a netip.Addr) bool { return own[a.Unmap()] || a.IsLoopback() }
}

// packetsSource says how listening went.
func packetsSource(p *evidence.Packets) string {
	switch {
	case p == nil:
		return ""
	case p.Dropped > 0:
		return fmt.Sprintf("%d packets came too fast and were not seen", p.Dropped)
	case p.Unlisted > 0:
		return fmt.Sprintf("%d connections found no room in memory", p.Unlisted)
	default:
		return ""
	}
}
