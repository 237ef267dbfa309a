package kernel

import (
	"errors"
	"fmt"
)

// ErrUnsupported is returned where routes and neighbours cannot be read. It is
// also an errors.ErrUnsupported.
var ErrUnsupported = fmt.Errorf("%w on this system: routes and neighbours come from the netlink interface of the Linux kernel", errors.ErrUnsupported)

// routeTypes are the words of ip route, by rtm_type; unicast is the plain case.
var routeTypes = []string{
	0:  "unspec",      // RTN_UNSPEC
	1:  "",            // RTN_UNICAST
	2:  "local",       // RTN_LOCAL
	3:  "broadcast",   // RTN_BROADCAST
	4:  "anycast",     // RTN_ANYCAST
	5:  "multicast",   // RTN_MULTICAST
	6:  "blackhole",   // RTN_BLACKHOLE
	7:  "unreachable", // RTN_UNREACHABLE
	8:  "prohibit",    // RTN_PROHIBIT
	9:  "throw",       // RTN_THROW
	10: "nat",         // RTN_NAT
}

func routeType(number int) string {
	if number >= 0 && number < len(routeTypes) {
		return routeTypes[number]
	}
	return "unknown"
}

// neighbourStates are the words of ip neighbour, by bit of ndm_state.
var neighbourStates = []struct {
	bit  int
	word string
}{
	{0x01, "INCOMPLETE"}, // NUD_INCOMPLETE
	{0x02, "REACHABLE"},  // NUD_REACHABLE
	{0x04, "STALE"},      // NUD_STALE
	{0x08, "DELAY"},      // NUD_DELAY
	{0x10, "PROBE"},      // NUD_PROBE
	{0x20, "FAILED"},     // NUD_FAILED
	{0x40, "NOARP"},      // NUD_NOARP
	{0x80, "PERMANENT"},  // NUD_PERMANENT
}

func neighbourState(bits int) string {
	for _, s := range neighbourStates {
		if bits&s.bit != 0 {
			return s.word
		}
	}
	return "NONE" // NUD_NONE
}
