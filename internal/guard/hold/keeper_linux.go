package hold

import (
	"errors"
	"time"

	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/guard"
)

// charge is what a reaper has to do, in its environment.
type charge struct {
	Folder  string        `json:"folder"`            // of the journals; "" where there are none
	Grace   time.Duration `json:"grace"`             // how long ACKs stay at most
	Named   bool          `json:"named,omitempty"`   // it shares the lock of the namespace
	Handing bool          `json:"handing,omitempty"` // another guard has all of it until now
	Holder  Holder        `json:"holder"`
}

// keeper puts back what a guard did, after its end.
type keeper struct {
	charge
	handles []bpf.Handle
	guard   *bpf.Guard // taken when the guard ended
}

// restore lets every SYN pass, takes the SYN path off, and undoes the journals,
// in this order: what would harm clients goes first. It goes on after an error.
func (k *keeper) restore() error {
	var errs []error
	if len(k.handles) > 0 {
		g, err := bpf.TakeGuard(k.handles)
		k.handles = nil
		if err == nil {
			err = g.Withdraw()
		}
		k.guard, errs = g, append(errs, err)
	}
	return errors.Join(append(errs, k.undo())...)
}

// undo takes back what the journals tell of. Another synoptic may be changing
// this host for a moment.
func (k *keeper) undo() error {
	if k.Folder == "" {
		return nil
	}
	hand, err := guard.NewHand(k.Folder)
	if err != nil {
		return err
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(patience / 2); ; <-again.C {
		err = guard.RevertRun(hand)
		if busy := new(apply.BusyError); !errors.As(err, &busy) || time.Now().After(end) {
			return err
		}
	}
}

// left is how long the ACKs of handshakes under way are still to be taken.
func (k *keeper) left() time.Duration {
	if k.guard == nil {
		return 0
	}
	return min(k.guard.AcksLeft(), k.Grace)
}

// remove takes off what is left.
func (k *keeper) remove() error {
	if k.guard == nil {
		return nil
	}
	err := errors.Join(k.guard.Remove(), k.guard.Close())
	k.guard = nil
	return err
}
