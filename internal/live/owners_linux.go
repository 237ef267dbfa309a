package live

import (
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/inventory"
)

// ownership knows who holds which socket: from a pass over the descriptors of
// all processes, made again when somebody unknown turns up and time allows, and
// from system calls that were seen.
type ownership struct {
	holders  *bpf.Holders // nil: the kernel does not tell
	program  func(pid int) string
	programs map[int]string
	byInode  map[uint64][]inventory.Owner
	bySock   map[uint64][]inventory.Owner // by cookie: the last that were known
	pause    pause
}

// mostRemembered bounds what is remembered of sockets that may be gone.
const mostRemembered = 1 << 17

func newOwnership(holders *bpf.Holders, program func(int) string) *ownership {
	if program == nil {
		program = func(int) string { return "" }
	}
	return &ownership{
		holders: holders, program: program, programs: map[int]string{},
		byInode: map[uint64][]inventory.Owner{}, bySock: map[uint64][]inventory.Owner{}, pause: pause{least: 100 * time.Millisecond},
	}
}

// learn makes a pass if one of the transitions is of a socket whose holder is
// not known. A pass that fails leaves what was known.
func (o *ownership) learn(batch []bpf.Transition, now time.Time) {
	if o.holders == nil || !o.pause.over(now) {
		return
	}
	if slices.ContainsFunc(batch, func(t bpf.Transition) bool { return t.Inode != 0 && o.byInode[t.Inode] == nil }) {
		o.pass()
		o.pause.took(now, time.Since(now))
	}
}

func (o *ownership) pass() {
	found := make(map[uint64][]inventory.Owner, len(o.byInode))
	err := o.holders.Each(func(h *bpf.Holder) error {
		pid := int(h.PID)
		found[h.Inode] = append(found[h.Inode], inventory.Owner{PID: pid, Name: h.Name, Exe: o.executable(pid), FD: int(h.FD)})
		return nil
	})
	if err == nil {
		o.byInode = found
	}
}

// executable asks once for each process.
func (o *ownership) executable(pid int) string {
	path, known := o.programs[pid]
	if !known {
		if len(o.programs) > mostRemembered {
			clear(o.programs)
		}
		path = o.program(pid)
		o.programs[pid] = path
	}
	return path
}

// of finds who held the socket when the transition happened.
func (o *ownership) of(b *bpf.Transition) ([]inventory.Owner, inventory.OwnerKind) {
	switch {
	case b.PID != 0 && !b.Orphan:
		return o.caller(b), inventory.ByProcess
	case b.Orphan:
		last := o.bySock[b.Cookie]
		o.remember(b, last)
		return last, inventory.Orphan
	case b.Inode != 0:
		if found := o.byInode[b.Inode]; found != nil {
			o.remember(b, found)
			return found, inventory.ByProcess
		}
		if last := o.bySock[b.Cookie]; last != nil {
			return last, inventory.ByProcess
		}
		return nil, ""
	}
	return nil, inventory.NeverAccepted
}

// last is who was last seen to hold a socket.
func (o *ownership) last(cookie uint64) ([]inventory.Owner, inventory.OwnerKind) {
	if found := o.bySock[cookie]; found != nil {
		return found, inventory.ByProcess
	}
	return nil, ""
}

// foresee notes who makes a system call on a socket a little later: it held the
// socket before, too.
func (o *ownership) foresee(batch []bpf.Transition) {
	for i := range batch {
		if b := &batch[i]; b.PID != 0 && !b.Orphan && o.bySock[b.Cookie] == nil {
			o.caller(b)
		}
	}
}

// caller is the process whose system call it is, with all others that hold the
// socket if a pass has found them.
func (o *ownership) caller(b *bpf.Transition) []inventory.Owner {
	pid := int(b.PID)
	found := o.byInode[b.Inode]
	if !slices.ContainsFunc(found, func(w inventory.Owner) bool { return w.PID == pid }) {
		found = o.bySock[b.Cookie]
	}
	if !slices.ContainsFunc(found, func(w inventory.Owner) bool { return w.PID == pid }) {
		found = []inventory.Owner{{PID: pid, Name: b.Name, Exe: o.executable(pid), FD: unknownFD}}
	}
	o.remember(b, found)
	return found
}

// unknownFD is the descriptor of an owner that is known by a system call only.
const unknownFD = -1

// remember keeps who held a socket until it is closed.
func (o *ownership) remember(b *bpf.Transition, owners []inventory.Owner) {
	const linuxClose, linuxTimeWait = 7, 6
	if b.To == linuxClose || b.To == linuxTimeWait {
		delete(o.bySock, b.Cookie)
		return
	}
	if len(o.bySock) > mostRemembered {
		clear(o.bySock)
	}
	o.bySock[b.Cookie] = owners
}
