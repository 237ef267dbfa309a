package main

import (
	"cmp"
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// owner is one descriptor on a socket, as in the contract.
type owner struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
	Exe  string `json:"exe"`
	FD   int    `json:"fd"`
}

// The words of owner_kind.
const (
	ownedByProcess = "process"
	neverAccepted  = "never-accepted"
	orphan         = "orphan"
	heldByKernel   = "kernel"
	hiddenOwner    = "hidden"
)

// owners joins sockets with the processes that hold them.
type owners struct {
	found    host.Processes
	byPID    map[int]*host.Process
	hidden   bool
	settings host.Settings // for the fate of sockets; may be nil
}

func newOwners(found host.Processes) *owners {
	o := &owners{found: found, byPID: make(map[int]*host.Process, len(found.List)), hidden: found.Hidden > 0}
	for i := range found.List {
		o.byPID[found.List[i].PID] = &found.List[i]
	}
	return o
}

// of returns the processes that hold an inode; found.Owners is in its order.
func (o *owners) of(inode uint32) []owner {
	list := o.found.Owners
	at, _ := slices.BinarySearchFunc(list, inode, func(a host.Owner, inode uint32) int { return cmp.Compare(a.Inode, inode) })
	holders := []owner{}
	for ; inode != 0 && at < len(list) && list[at].Inode == inode; at++ {
		holder := owner{PID: list[at].PID, FD: list[at].FD}
		if process := o.byPID[holder.PID]; process != nil {
			holder.Name, holder.Exe = process.Name, process.Exe
		}
		holders = append(holders, holder)
	}
	return holders
}

// kind says who holds a socket for which owners were found or not. A socket
// without an inode has left its program, or never reached it; one with an
// inode but no process is held by something that we cannot see or that is no
// descriptor: the kernel, io_uring, a descriptor on its way in a message.
func (o *owners) kind(s *host.Socket, found int) string {
	switch {
	case found > 0:
		return ownedByProcess
	case s.Inode == 0 && beforeAccept(s):
		return neverAccepted
	case s.Inode == 0:
		return orphan
	case o.hidden:
		return hiddenOwner
	default:
		return heldByKernel
	}
}

// beforeAccept tells a socket that accept() has yet to return from an orphan:
// after close() the kernel's side has sent its FIN, before accept() nobody
// could make it do so.
func beforeAccept(s *host.Socket) bool {
	return s.State == tcp.SynReceived || s.State == tcp.Established || s.State == tcp.CloseWait
}
