// Package inventory joins the sockets of a host with who holds them and with
// the listeners that they belong to: the answers to "who opened this port?"
// and "whose connections are these?".
package inventory

import (
	"cmp"
	"slices"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Owner is one descriptor on a socket, as in the contract.
type Owner struct {
	PID       int    `json:"pid"`
	Name      string `json:"name"`
	Exe       string `json:"exe"`
	FD        int    `json:"fd"`
	Container string `json:"container,omitempty"`
}

// OwnerKind says who holds a socket, or why nobody seems to.
type OwnerKind string

// The words of owner_kind.
const (
	ByProcess     OwnerKind = "process"
	NeverAccepted OwnerKind = "never-accepted" // accept() has yet to return it
	Orphan        OwnerKind = "orphan"         // its program closed it
	ByKernel      OwnerKind = "kernel"         // also io_uring, and a descriptor on its way in a message
	Hidden        OwnerKind = "hidden"         // some processes could not be looked into
	Elsewhere     OwnerKind = "elsewhere"      // the firewall leads to it: whose it is is not seen from here
)

// Owners joins sockets with the processes that hold them.
type Owners struct {
	found  host.Processes
	byPID  map[int]*host.Process
	hidden bool
}

// NewOwners prepares a reading of processes. Hidden says that some could not be
// read, beyond what the reading itself knows.
func NewOwners(found host.Processes, hidden bool) *Owners {
	o := &Owners{found: found, byPID: make(map[int]*host.Process, len(found.List)), hidden: hidden || found.Hidden > 0}
	for i := range found.List {
		o.byPID[found.List[i].PID] = &found.List[i]
	}
	return o
}

// Process returns what is known of a process, nil when nothing is.
func (o *Owners) Process(pid int) *host.Process { return o.byPID[pid] }

// Of appends the descriptors on an inode to a list.
func (o *Owners) Of(inode uint32, list []Owner) []Owner {
	all := o.found.Owners // in the order of inodes
	at, _ := slices.BinarySearchFunc(all, inode, func(a host.Owner, inode uint32) int { return cmp.Compare(a.Inode, inode) })
	for ; inode != 0 && at < len(all) && all[at].Inode == inode; at++ {
		holder := Owner{PID: all[at].PID, FD: all[at].FD}
		if process := o.byPID[holder.PID]; process != nil {
			holder.Name, holder.Exe, holder.Container = process.Name, process.Exe, process.Container
		}
		list = append(list, holder)
	}
	return list
}

// Kind says who holds a socket on which so many descriptors were found. A socket
// without an inode has left its program, or never reached it; one with an inode
// but no process is held by something that we cannot see or that is no
// descriptor.
func (o *Owners) Kind(s *host.Socket, found int) OwnerKind {
	switch {
	case found > 0:
		return ByProcess
	case s.Inode == 0 && beforeAccept(s):
		return NeverAccepted
	case s.Inode == 0:
		return Orphan
	case o.hidden:
		return Hidden
	default:
		return ByKernel
	}
}

// beforeAccept tells a socket that accept() has yet to return from an orphan:
// after close() the kernel's side has sent its FIN, before accept() nobody
// could make it do so.
func beforeAccept(s *host.Socket) bool {
	return s.State == tcp.SynReceived || s.State == tcp.Established || s.State == tcp.CloseWait
}
