package bpf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// XDPMode is where on the way of a frame XDP runs.
type XDPMode int

const (
	// Native runs in the interface's driver, before the kernel makes a buffer.
	Native XDPMode = iota
	// Generic runs behind the driver, on every interface, at a third of the gain.
	Generic
)

func (m XDPMode) String() string {
	if m == Generic {
		return "generic"
	}
	return "native"
}

// attachment is a program on an interface.
type attachment struct {
	link.Link
	name string // of the pin
}

func (a *attachment) close() error {
	if a.Link == nil {
		return nil
	}
	return a.Link.Close()
}

// The names of links begin with the path they are for.
const (
	ackLink = "ack_"
	synLink = "syn_"
)

func linkName(prefix string, ifindex int) string { return prefix + strconv.Itoa(ifindex) }

func (g *Guard) linked(name string) bool {
	return slices.ContainsFunc(g.links, func(a attachment) bool { return a.name == name })
}

// ErrOccupied says that another XDP program is on the interface, which is left
// as it is.
var ErrOccupied = errors.New("another XDP program is attached")

// ErrNoNative says that the interface's driver cannot run XDP, or not so that its
// answers arrive.
var ErrNoNative = errors.New("its driver has no native XDP that can be relied on: generic mode works everywhere")

// TrustVeth lets Attach take native mode on a veth too. There what XDP answers is
// lost without a word unless the other end has a program or GRO, which nobody can
// see from a container: only who laid the cable knows.
func (g *Guard) TrustVeth() { g.trustsVeth = true }

// Attach puts the programs on an interface of the calling thread's network
// namespace, disarmed listeners included: nothing changes for any frame until
// Arm. Attach in peace: some drivers take their link down for it. An interface
// with another XDP program is refused; traffic-control programs are kept, and
// ours runs before them. A path that the guard has there already stays.
func (g *Guard) Attach(ifindex int, mode XDPMode) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	interf, err := netlink.LinkByIndex(ifindex)
	if err != nil {
		return fmt.Errorf("guard: interface %d: %w", ifindex, err)
	}
	name := interf.Attrs().Name
	if xdp := interf.Attrs().Xdp; xdp != nil && xdp.Attached {
		return fmt.Errorf("guard: %s: %w (program %d): it is not replaced", name, ErrOccupied, xdp.ProgId)
	}
	if mode == Native && interf.Type() == "veth" && !g.trustsVeth {
		return fmt.Errorf("guard: %s: %w (it is a veth)", name, ErrNoNative)
	}
	var acks link.Link
	if !g.bound && !g.linked(linkName(ackLink, ifindex)) { // ACKs before SYNs, so that no cookie comes back in vain
		if acks, err = link.AttachTCX(link.TCXOptions{
			Interface: ifindex, Program: g.objects.Programs["guard_ack"], Attach: ingress, Anchor: link.Head(),
		}); err != nil {
			return fmt.Errorf("guard: %s: %w", name, explain(err, TrafficControl))
		}
	}
	flags := link.XDPDriverMode
	if mode == Generic {
		flags = link.XDPGenericMode
	}
	syns, err := link.AttachXDP(link.XDPOptions{Interface: ifindex, Program: g.objects.Programs["guard_syn"], Flags: flags})
	if err != nil {
		if acks != nil {
			err = errors.Join(err, acks.Close())
		}
		return fmt.Errorf("guard: %s: %w", name, whyNoXDP(err, mode))
	}
	if acks != nil {
		g.links = append(g.links, attachment{acks, linkName(ackLink, ifindex)})
	}
	g.links = append(g.links, attachment{syns, linkName(synLink, ifindex)})
	g.lookForMasters()
	return g.write()
}

// lookForMasters keeps XDP from dropping forged ACKs where an interface belongs to a
// VRF or bridge: sockets may be bound to that, and XDP would not find them. It is
// written with what is written next. g.mu is held.
func (g *Guard) lookForMasters() {
	g.control.Early = 1
	for _, l := range g.links {
		number, found := strings.CutPrefix(l.name, synLink)
		if !found {
			continue
		}
		ifindex, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		interf, err := netlink.LinkByIndex(ifindex)
		if missing := new(netlink.LinkNotFoundError); errors.As(err, missing) {
			continue // nothing comes in by it
		}
		if err != nil || interf.Attrs().MasterIndex != 0 { // unknown is dropped later, which costs time only
			g.control.Early = 0
		}
	}
}

// IngressPrograms names the traffic-control programs of an interface of the
// calling thread's network namespace, in their order.
func IngressPrograms(ifindex int) (names []string, err error) {
	attached, err := link.QueryPrograms(link.QueryOptions{Target: ifindex, Attach: ingress})
	if err != nil {
		return nil, fmt.Errorf("guard: programs of interface %d: %w", ifindex, err)
	}
	for _, p := range attached.Programs {
		names = append(names, fmt.Sprint("tc:", p.ID))
	}
	return names, nil
}

// mayArm looks at the setting without which the kernel refuses every cookie.
func mayArm() error {
	var cookies int
	if err := scanSetting("net/ipv4/tcp_syncookies", []any{&cookies}); err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	if cookies == 0 {
		return errors.New("guard: net.ipv4.tcp_syncookies is 0: the kernel would reset every connection that the guard begins; set it to 1 first")
	}
	return nil
}

// whyNoXDP says what a person can do about a refused program.
func whyNoXDP(err error, mode XDPMode) error {
	switch {
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EEXIST):
		return fmt.Errorf("%w: it is not replaced", ErrOccupied)
	case mode == Native && (errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EINVAL)):
		return fmt.Errorf("%w (%w)", ErrNoNative, err)
	}
	return explain(err, XDPLink)
}
