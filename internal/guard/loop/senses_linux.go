package loop

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard/detect"
	"github.com/synoptic-net/synoptic/internal/kernel"
	"github.com/synoptic-net/synoptic/sockdiag"
	"github.com/synoptic-net/synoptic/tcp"
)

// lookTime is how long a look may take. On a flooded host it takes some
// milliseconds.
const lookTime = 2 * time.Second

// rulesStay is how long the rules that lead connections elsewhere are taken for
// those that stand: hosts of many containers have thousands.
const rulesStay = time.Minute

// counted are the counters of detect.Counts, in its order.
var counted = []string{
	"TcpExtTCPReqQFullDoCookies", "TcpExtTCPReqQFullDrop", "TcpExtSyncookiesSent", "TcpExtSyncookiesRecv",
	"TcpExtListenOverflows", "TcpPassiveOpens",
}

// Eyes are the senses of Linux. They see the network namespace of the thread that
// opened them; Look must be called from a thread in it, too.
type Eyes struct {
	interf    string
	listeners []netip.AddrPort
	meter     *kernel.Meter
	values    []uint64
	rules     []host.Published
	ruled     time.Time // when they were read
}

// OpenEyes watches the listeners that clients reach by an interface: those that
// are named, or else all.
func OpenEyes(interf string, listeners []netip.AddrPort) (*Eyes, error) {
	m, err := kernel.Host.NewMeter(counted...)
	if err != nil {
		return nil, fmt.Errorf("guard: counters: %w", err)
	}
	return &Eyes{interf: interf, listeners: listeners, meter: m, values: make([]uint64, len(counted))}, nil
}

// Counts reads the counters.
func (e *Eyes) Counts() (detect.Counts, error) {
	if err := e.meter.Read(e.values); err != nil {
		return detect.Counts{}, fmt.Errorf("guard: counters: %w", err)
	}
	v := e.values
	return detect.Counts{FullCookies: v[0], FullDrops: v[1], CookiesSent: v[2], CookiesBack: v[3], Overflows: v[4], Opened: v[5]}, nil
}

// Look reads listeners and half-open connections. The interface's addresses are
// read anew each time, for they change.
func (e *Eyes) Look() (l detect.Look, err error) {
	w, err := e.wanted()
	if err != nil {
		return l, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	listeners, err := sockdiag.Snapshot(ctx, sockdiag.Options{States: tcp.SetOf(tcp.Listen)})
	if err != nil {
		return l, fmt.Errorf("guard: look at the listeners: %w", err)
	}
	found := newQueues(w, listeners.Sockets)
	if _, err = sockdiag.Dump(ctx, sockdiag.Options{States: tcp.SetOf(tcp.SynReceived)}, func(s *host.Socket) error {
		found.add(s)
		return nil
	}); err != nil {
		return l, fmt.Errorf("guard: look at the half-open connections: %w", err)
	}
	cookies, err := kernel.Host.Setting("net.ipv4.tcp_syncookies")
	if err != nil {
		return l, fmt.Errorf("guard: %w", err)
	}
	return detect.Look{Queues: found.all(), Always: cookies == "2"}, nil
}

// wanted says what may be armed, as the interface is now.
func (e *Eyes) wanted() (*Wanted, error) {
	interf, err := netlink.LinkByName(e.interf)
	if missing := new(netlink.LinkNotFoundError); errors.As(err, missing) {
		return nil, fmt.Errorf("guard: there is no interface %q", e.interf)
	}
	if err != nil {
		return nil, fmt.Errorf("guard: interface %q: %w", e.interf, err)
	}
	all, err := netlink.AddrList(interf, netlink.FAMILY_ALL)
	if err != nil {
		return nil, fmt.Errorf("guard: addresses of %s: %w", e.interf, err)
	}
	w := &Wanted{Interface: uint32(interf.Attrs().Index), Listeners: e.listeners, Led: e.Rules()}
	for _, one := range all {
		if a, ok := netip.AddrFromSlice(one.IP); ok && !a.IsLinkLocalUnicast() {
			w.Own = append(w.Own, a.Unmap())
		}
	}
	for _, l := range e.listeners { // SYNs may come by the interface to an address of another one
		if a := l.Addr().Unmap(); !a.IsUnspecified() && !slices.Contains(w.Own, a) {
			w.Own = append(w.Own, a)
		}
	}
	return w, nil
}

// Rules are those that lead connections elsewhere. Without connection tracking
// there are none; where they cannot be read now, those that were read last count.
func (e *Eyes) Rules() []host.Published {
	if now := time.Now(); e.ruled.IsZero() || now.Sub(e.ruled) > rulesStay {
		e.ruled = now
		if _, err := kernel.Host.Setting("net.netfilter.nf_conntrack_count"); err != nil {
			e.rules = nil
		} else if rules, _, err := kernel.Published(); err == nil {
			e.rules = rules
		}
	}
	return e.rules
}

// Mode tells how XDP runs on the interface, where it does.
func (e *Eyes) Mode() (bpf.XDPMode, error) {
	interf, err := netlink.LinkByName(e.interf)
	if err != nil {
		return bpf.Native, fmt.Errorf("guard: interface %q: %w", e.interf, err)
	}
	const generic = 2 // XDP_ATTACHED_SKB
	if x := interf.Attrs().Xdp; x != nil && x.AttachMode == generic {
		return bpf.Generic, nil
	}
	return bpf.Native, nil
}

// Close ends them.
func (e *Eyes) Close() error { return e.meter.Close() }
