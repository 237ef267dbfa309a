package correlate

import "github.com/synoptic-net/synoptic/packet"

// Config says how much may be remembered.
type Config struct {
	Memory int // octets, about; 0 is 256 MiB
}

// Correlator gathers two captures. Make one with New.
type Correlator struct {
	captures  [Points]capture
	memory    int
	mostOfOne int // segments of a connection that are kept at a point

	clock Clock
	near  places
	ttl   [Points]map[packet.Address]level

	alone    [Points][]*work // connections that one point alone shows
	numbered int             // pairs that show a SYN at both points
	shifted  bool            // in one of them its number was changed
}

// New returns a Correlator that has seen nothing.
func New(config Config) *Correlator {
	memory := config.Memory
	if memory <= 0 {
		memory = 256 << 20
	}
	c := &Correlator{memory: memory, mostOfOne: max(memory/keptSize/Points*3/4, 16)}
	for p := range c.captures {
		c.captures[p].index = map[packet.Tuple]int32{}
		c.captures[p].heard = map[packet.Address]int{}
		c.captures[p].sentTo = map[packet.Address]bool{}
	}
	return c
}
