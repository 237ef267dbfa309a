package kernel

import "github.com/synoptic-net/synoptic/host"

// earlier is what a process held at an earlier reading.
type earlier struct {
	descriptors int
	owners      []host.Owner
}

// ProcessesAgain is Processes, some seconds after an earlier reading, for less:
// reading a descriptor costs a system call. A process that has as many
// descriptors as before, and whose sockets are all still wanted, is taken to
// hold the same ones. It is wrong only about a socket that took the place of
// something that is no socket meanwhile; that one seems to have no owner.
func (r Root) ProcessesAgain(wanted func(inode uint32) bool, before host.Processes) (host.Processes, error) {
	known := make(map[int]*earlier, len(before.List))
	for i := range before.List {
		if p := &before.List[i]; p.Descriptors > 0 {
			known[p.PID] = &earlier{descriptors: p.Descriptors}
		}
	}
	for _, o := range before.Owners {
		if e := known[o.PID]; e != nil {
			e.owners = append(e.owners, o)
		}
	}
	return r.processes(wanted, known)
}

// still tells whether nothing seems to have changed; never for a process that
// was not there.
func (e *earlier) still(descriptors int, wanted func(inode uint32) bool) bool {
	if e == nil || descriptors != e.descriptors || wanted == nil {
		return false
	}
	for _, o := range e.owners {
		if !wanted(o.Inode) {
			return false
		}
	}
	return true
}
