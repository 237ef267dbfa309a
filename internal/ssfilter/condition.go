package ssfilter

import (
	"fmt"
	"net/netip"
)

// The conditions. remote tells dst and dport from src and sport.
type (
	// anything is "src *": true of every socket.
	anything struct{ remote bool }

	// hostIs compares an end with a prefix, and with a port if hasPort.
	hostIs struct {
		remote  bool
		prefix  netip.Prefix // masked, never IPv4-mapped
		hasPort bool
		port    uint16
	}

	// portIs compares the port of an end.
	portIs struct {
		remote bool
		op     comparison
		port   uint16
	}

	// deviceIs compares the interface that the socket is bound to.
	deviceIs struct {
		word  string // as it was written
		index uint32
	}

	// markIs is true when mark & mask == value, as in the kernel.
	markIs struct{ value, mask uint32 }

	// cgroupIs compares the cgroup itself, not those above it.
	cgroupIs struct {
		path string // as it was written
		id   uint64
	}

	// autobound is true when the local port was not chosen by bind().
	autobound struct{}
)

// comparison is an operator between ports.
type comparison string

// The comparisons, in ss's first spelling.
const (
	equal          comparison = "="
	unequal        comparison = "!="
	less           comparison = "<"
	lessOrEqual    comparison = "<="
	greater        comparison = ">"
	greaterOrEqual comparison = ">="
)

func (c comparison) holds(a, b uint16) bool {
	switch c {
	case equal:
		return a == b
	case unequal:
		return a != b
	case less:
		return a < b
	case lessOrEqual:
		return a <= b
	case greater:
		return a > b
	case greaterOrEqual:
		return a >= b
	}
	return false
}

func (anything) judge(*Endpoint) Answer { return Yes }

func (c hostIs) judge(e *Endpoint) Answer {
	address, port := e.end(c.remote)
	switch {
	case !address.IsValid():
		return Maybe
	case c.hasPort && port != c.port:
		return No
	}
	return answer(c.prefix.Contains(address))
}

func (c portIs) judge(e *Endpoint) Answer {
	address, port := e.end(c.remote)
	if !address.IsValid() {
		return Maybe
	}
	return answer(c.op.holds(port, c.port))
}

func (c deviceIs) judge(e *Endpoint) Answer {
	return e.known(KnowsInterface, e.Interface == c.index)
}

func (c markIs) judge(e *Endpoint) Answer {
	return e.known(KnowsMark, e.Mark&c.mask == c.value)
}

func (c cgroupIs) judge(e *Endpoint) Answer {
	return e.known(KnowsCgroup, e.Cgroup == c.id)
}

func (autobound) judge(e *Endpoint) Answer { return e.known(KnowsAutobound, e.Autobound) }

func (e *Endpoint) known(field Known, holds bool) Answer {
	if e.Known&field == 0 {
		return Maybe
	}
	return answer(holds)
}

// side is the keyword for an end.
func side(remote bool, local, peer string) string {
	if remote {
		return peer
	}
	return local
}

func (c anything) String() string { return side(c.remote, "src *", "dst *") }

// String puts IPv6 into brackets with its prefix length, which is ss's way.
func (c hostIs) String() string {
	text := c.prefix.String()
	if c.prefix.IsSingleIP() {
		text = c.prefix.Addr().String()
	}
	if c.prefix.Addr().Is6() {
		text = "[" + text + "]"
	}
	if c.hasPort {
		text = fmt.Sprintf("%s:%d", text, c.port)
	}
	return side(c.remote, "src ", "dst ") + text
}

func (c portIs) String() string {
	return fmt.Sprintf("%s %s :%d", side(c.remote, "sport", "dport"), c.op, c.port)
}

func (c deviceIs) String() string { return "dev = " + quote(c.word) }

func (c markIs) String() string {
	if c.mask == ^uint32(0) {
		return fmt.Sprintf("fwmark = %#x", c.value)
	}
	return fmt.Sprintf("fwmark = %#x/%#x", c.value, c.mask)
}

func (c cgroupIs) String() string { return "cgroup = " + quote(c.path) }

func (autobound) String() string { return "autobound" }
