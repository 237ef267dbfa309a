package guard

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
)

// bpfFolder is where the system keeps what programs pin.
const bpfFolder = "/sys/fs/bpf"

// The values that an interface may hold, beside "" for none: the guard attached
// with no listener armed, or armed for those that follow.
const (
	disarmed = "disarmed"
	armed    = "armed "
	detached = "detached" // it is pinned, and somebody took it off the interface
)

// xdp puts the guard's programs on interfaces of the calling thread's network
// namespace, and pins them. The target of its changes is "eth0", in a journal
// "eth0@2" with the interface's index. The pins get their name when all of them
// stand, so that a crash leaves the value before or the one after.
type xdp struct{ folder string }

// Pin names the interface for as long as it lives.
func (x xdp) Pin(c diagnose.Change) (diagnose.Change, error) {
	index, err := indexOf(c.Target)
	if err == nil {
		name, _, _ := strings.Cut(c.Target, "@")
		c.Target = fmt.Sprintf("%s@%d", name, index)
	}
	return c, err
}

// indexOf finds the interface of a target. One that was replaced by another of
// the same name is gone.
func indexOf(target string) (int, error) {
	name, number, pinned := strings.Cut(target, "@")
	interf, err := netlink.LinkByName(name)
	if missing := new(netlink.LinkNotFoundError); errors.As(err, missing) {
		return 0, fmt.Errorf("there is no interface %q (%w)", name, apply.ErrGone)
	}
	if err != nil {
		return 0, fmt.Errorf("interface %q: %w", name, err)
	}
	index := interf.Attrs().Index
	if pinned && number != strconv.Itoa(index) {
		return 0, fmt.Errorf("interface %q is another one now (%w)", name, apply.ErrGone)
	}
	return index, nil
}

// pins returns the folder of an interface's guard, and the one in which it is made.
func (x xdp) pins(index int) (stand, making string, err error) {
	place, err := apply.Here()
	namespace := place.NetNS
	if place.Cookie != 0 { // it is never used again, as the inode is
		namespace = strconv.FormatUint(place.Cookie, 10)
	}
	stand = filepath.Join(x.folder, fmt.Sprintf("synoptic_%s_%d", namespace, index))
	return stand, stand + "_new", err
}

// Read returns what is armed on the interface. Another program there is an error:
// it is never replaced.
func (x xdp) Read(c diagnose.Change) (string, error) {
	index, err := indexOf(c.Target)
	if err != nil {
		return "", errors.Join(err, x.sweep(c.Target))
	}
	stand, making, err := x.pins(index)
	if err != nil {
		return "", err
	}
	if exists(making) {
		return c.To, nil // a crash came while it was made: it is to be taken back
	}
	if exists(stand) {
		return read(stand, index)
	}
	return "", free(index)
}

func read(stand string, index int) (string, error) {
	g, err := bpf.OpenPinnedGuard(stand)
	if err != nil {
		return "", err
	}
	defer g.Close()
	if _, attached, err := g.AttachedTo(index); err != nil || !attached {
		return detached, err
	}
	return valueOf(g.Armed()), nil
}

// valueOf is the value of an interface with these listeners armed.
func valueOf(list []netip.AddrPort) string {
	if len(list) == 0 {
		return disarmed
	}
	slices.SortFunc(list, netip.AddrPort.Compare)
	var words []string
	for _, a := range slices.Compact(list) {
		words = append(words, a.String())
	}
	return armed + strings.Join(words, " ")
}

// listOf is the way back from valueOf.
func listOf(value string) (list []netip.AddrPort, err error) {
	words, _ := strings.CutPrefix(value, armed)
	if words == disarmed || words == "" {
		return nil, nil
	}
	for word := range strings.FieldsSeq(words) {
		at, err := netip.ParseAddrPort(word)
		if err != nil {
			return nil, fmt.Errorf("guard: %q is no state of an interface: %w", value, err)
		}
		list = append(list, at)
	}
	return list, nil
}

// free says whose program is on the interface.
func free(index int) error {
	interf, err := netlink.LinkByIndex(index)
	if err != nil {
		return err
	}
	if on := interf.Attrs().Xdp; on != nil && on.Attached {
		return fmt.Errorf("%w (program %d): it is not replaced", bpf.ErrOccupied, on.ProgId)
	}
	return nil
}

// Write attaches, arms and pins, or takes all of it away.
func (x xdp) Write(c diagnose.Change, value string) error {
	index, err := indexOf(c.Target)
	if err != nil {
		return err
	}
	stand, making, err := x.pins(index)
	if err != nil {
		return err
	}
	if value == "" {
		return errors.Join(bpf.RemovePinned(making), bpf.RemovePinned(stand))
	}
	interf, err := netlink.LinkByIndex(index)
	if err != nil {
		return err
	}
	list, err := listOf(value)
	if err != nil {
		return err
	}
	if exists(stand) {
		return change(stand, list, interf.Attrs().MTU)
	}
	return put(interf, list, stand, making)
}

// change arms and disarms the guard that stands.
func change(stand string, list []netip.AddrPort, mtu int) (err error) {
	g, err := bpf.OpenPinnedGuard(stand)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	before := g.Armed()
	for _, at := range list {
		if slices.Contains(before, at) {
			continue
		}
		if err := arm(g, at, mtu); err != nil {
			return err
		}
	}
	for _, at := range before {
		if !slices.Contains(list, at) {
			if err := g.Disarm(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// put attaches a guard, native where the driver can, and arms it; then it gets its
// name.
func put(interf netlink.Link, list []netip.AddrPort, stand, making string) (err error) {
	g, err := bpf.OpenGuard()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }() // what is pinned stays
	index := interf.Attrs().Index
	err = g.Attach(index, bpf.Native)
	if errors.Is(err, bpf.ErrNoNative) {
		err = g.Attach(index, bpf.Generic)
	}
	if err != nil {
		return err
	}
	for _, at := range list {
		if err := arm(g, at, interf.Attrs().MTU); err != nil {
			return err
		}
	}
	if err := errors.Join(bpf.RemovePinned(making), g.Pin(making)); err != nil {
		return err
	}
	if err := os.Rename(making, stand); err != nil {
		return errors.Join(fmt.Errorf("guard: %w", err), bpf.RemovePinned(making))
	}
	return nil
}

func arm(g *bpf.Guard, at netip.AddrPort, mtu int) error {
	l, err := g.ListenerAt(at, mtu)
	if err != nil {
		return err
	}
	return g.Arm(l)
}

// sweep removes the pins of an interface that is gone: they hold programs that
// run nowhere.
func (x xdp) sweep(target string) error {
	_, number, pinned := strings.Cut(target, "@")
	index, err := strconv.Atoi(number)
	if !pinned || err != nil {
		return nil
	}
	stand, making, err := x.pins(index)
	if err != nil {
		return err
	}
	return errors.Join(bpf.RemovePinned(making), bpf.RemovePinned(stand))
}

func exists(folder string) bool {
	_, err := os.Lstat(folder)
	return err == nil
}

// ModeOn tells in which mode the guard runs on an interface: "native" or "generic".
func ModeOn(target string) (string, error) {
	index, err := indexOf(target)
	if err != nil {
		return "", err
	}
	stand, _, err := xdp{bpfFolder}.pins(index)
	if err != nil {
		return "", err
	}
	g, err := bpf.OpenPinnedGuard(stand)
	if err != nil {
		return "", err
	}
	defer g.Close()
	mode, _, err := g.AttachedTo(index)
	return mode.String(), err
}

// mayPin says what is missing for pins.
func mayPin(folder string) error {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	if s.Type != unix.BPF_FS_MAGIC {
		return fmt.Errorf("%s is no BPF filesystem, in which the programs could outlive this one: mount -t bpf bpf %s", folder, folder)
	}
	return nil
}
