package pasted

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/synoptic-net/synoptic/host"
)

const (
	maxPID   = 1<<31 - 1
	maxNames = 4096 // interned process names
)

// own adds an owner to the row.
func (s *scanner) own(pid, fd int, name []byte) {
	s.row.Owners = append(s.row.Owners, Owner{PID: pid, FD: fd, Name: s.intern(bytes.TrimSpace(name))})
	s.text.Knows.Owners = true
}

// intern keeps one string a name: half a million sockets have few owners.
func (s *scanner) intern(name []byte) string {
	if known, ok := s.names[string(name)]; ok {
		return known
	}
	if s.names == nil {
		s.names = make(map[string]string)
	}
	fresh := string(name)
	if len(s.names) < maxNames {
		s.names[fresh] = fresh
	}
	return fresh
}

// Processes gives owners the form of a look at /proc. Sockets are joined to
// processes by inode; where the text has none, every socket with an owner gets
// one in its place, so call it before Sockets are used, and do not show such
// inodes. Owners without a PID are left out.
func (t *Text) Processes() host.Processes {
	var all host.Processes
	next := uint32(1) << 31
	for _, owner := range t.Owners {
		if owner.PID == 0 {
			continue
		}
		socket := &t.Sockets[owner.Socket]
		if socket.Inode == 0 {
			socket.Inode = next
			next++
		}
		all.Owners = append(all.Owners, host.Owner{Inode: socket.Inode, PID: owner.PID, FD: max(owner.FD, 0)})
		all.List = append(all.List, host.Process{PID: owner.PID, Name: owner.Name})
	}
	slices.SortStableFunc(all.List, func(a, b host.Process) int { return a.PID - b.PID })
	all.List = slices.CompactFunc(all.List, func(a, b host.Process) bool { return a.PID == b.PID })
	slices.SortFunc(all.Owners, compareOwners)
	all.Owners = slices.Compact(all.Owners)
	return all
}

func compareOwners(a, b host.Owner) int {
	return cmp.Or(cmp.Compare(a.Inode, b.Inode), cmp.Compare(a.PID, b.PID), cmp.Compare(a.FD, b.FD))
}
