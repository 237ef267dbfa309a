package guard

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
)

// bpfFolder is where the system keeps what programs pin, and pinBegin how the
// names of ours begin.
const (
	bpfFolder = "/sys/fs/bpf"
	pinBegin  = "synoptic_"
)

// xdp puts the guard's programs on interfaces of the calling thread's network
// namespace, and pins them. The target of its changes is "eth0", in a journal
// "eth0@2" with the interface's index. The pins get their name when all of them
// stand, so that a crash leaves the value before or the one after.
type xdp struct {
	folder string
	older  bool                   // tests: load what older kernels take
	linger func(*bpf.Guard) error // leaves a disarmed guard to somebody who waits for its last ACKs; nil: nobody does
}

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
	stand = filepath.Join(x.folder, fmt.Sprintf("%s%s_%d", pinBegin, namespace, index))
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
	drops, err := g.Drops()
	return valueOf(armour{g.Armed(), drops}), err
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
		return x.takeOff(stand, making)
	}
	interf, err := netlink.LinkByIndex(index)
	if err != nil {
		return err
	}
	wanted, err := armourOf(value)
	if err != nil {
		return err
	}
	if exists(stand) {
		return change(stand, wanted, interf.Attrs().MTU)
	}
	return x.put(interf, wanted, stand, making)
}

// change makes the guard that stands answer for these listeners and drop these
// sources, and no others.
func change(stand string, wanted armour, mtu int) (err error) {
	g, err := bpf.OpenPinnedGuard(stand)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	drops, err := g.Drops()
	if err != nil {
		return err
	}
	before := armour{g.Armed(), drops}
	if err := dress(g, before, wanted, mtu); err != nil {
		return err
	}
	for _, at := range before.listeners {
		if !slices.Contains(wanted.listeners, at) {
			if err := g.Disarm(at); err != nil {
				return err
			}
		}
	}
	for _, source := range before.drops {
		if !slices.Contains(wanted.drops, source) {
			if err := g.Undrop(source); err != nil {
				return err
			}
		}
	}
	return nil
}

// dress adds what is wanted and was not there before.
func dress(g *bpf.Guard, before, wanted armour, mtu int) error {
	for _, at := range wanted.listeners {
		if slices.Contains(before.listeners, at) {
			continue
		}
		l, err := g.ListenerAt(at, mtu)
		if err == nil {
			err = g.Arm(l)
		}
		if err != nil {
			return err
		}
	}
	for _, source := range wanted.drops {
		if err := g.Drop(source); err != nil {
			return err
		}
	}
	return nil
}

// put attaches a guard, native where that is safe and the driver can, and arms it;
// then it gets its name.
func (x xdp) put(interf netlink.Link, wanted armour, stand, making string) (err error) {
	load := bpf.OpenGuard
	if x.older {
		load = bpf.OpenBoundGuard
	}
	g, err := load()
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
	if err := dress(g, armour{}, wanted, interf.Attrs().MTU); err != nil {
		return err
	}
	if err := errors.Join(bpf.RemovePinned(making), g.Pin(making)); err != nil {
		return err
	}
	if err := os.Rename(making, stand); err != nil {
		return errors.Join(fmt.Errorf("guard: %w", err), bpf.RemovePinned(making))
	}
	return nil
}

// takeOff ends the guard of an interface. Its first step is that it loses its name:
// after a crash it is taken off by the same way.
func (x xdp) takeOff(stand, making string) error {
	if x.linger != nil && exists(stand) && !exists(making) {
		if err := os.Rename(stand, making); err != nil {
			return fmt.Errorf("guard: %w", err)
		}
		if err := x.leave(making); err != nil {
			return errors.Join(err, bpf.RemovePinned(making))
		}
	}
	return errors.Join(bpf.RemovePinned(making), bpf.RemovePinned(stand))
}

// leave lets SYNs pass at once. Where cookies are under way the names go, but what
// takes their ACKs does not.
func (x xdp) leave(folder string) error {
	g, err := bpf.OpenPinnedGuard(folder)
	if err != nil {
		return err
	}
	err = g.Withdraw()
	if err == nil && g.AcksLeft() > 0 {
		if err = x.linger(g); err == nil {
			err = g.Unpin(folder)
		}
	}
	return errors.Join(err, g.Close())
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
	stand, _, err := xdp{folder: bpfFolder}.pins(index)
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
