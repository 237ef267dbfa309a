package sockdiag

import "github.com/synoptic-net/synoptic/tcp"

// Options say which sockets to dump and how much of each. The zero value asks
// for all states, without extensions, in the current network namespace.
type Options struct {
	States        tcp.StateSet // 0 is all states
	BoundInactive bool         // also sockets bound to a port that neither listen nor connect (Linux 6.8)
	Info          bool         // fill Socket.Info; costs about half as much time again
	Memory        bool         // fill Socket.Memory, with the drops of listeners
	Filter        []byte       // inet_diag bytecode, run in the kernel; nil for none
	Expected      int          // about how many sockets there are: Snapshot makes room for them at once
	NetNS         int          // descriptor of a network namespace (needs CAP_SYS_ADMIN there); 0 is the current one
}

func (o Options) request(family uint8) Request {
	states := o.States
	if states == 0 {
		states = tcp.AllStates
	}
	r := Request{Family: family, States: StateMask(states, o.BoundInactive), Filter: o.Filter}
	if o.Info {
		r.Extensions |= ExtInfo
	}
	if o.Memory {
		r.Extensions |= ExtMemory
	}
	return r
}

// Result says how a dump went.
type Result struct {
	Sockets     int  // how many the kernel sent
	Interrupted bool // the kernel says that the table changed during the dump, so that sockets may be missing or doubled (NLM_F_DUMP_INTR)
	Walks       int  // passes over the kernel's table: 1 for both families at once, 2 for one after the other
}
