// Package traffic makes segments and captures of known content for tests and
// benchmarks: connections that live from SYN to FIN, and floods of SYNs. What it
// makes depends on the seed alone.
//
// The package is pure: it has no clock, opens nothing, and imports the standard
// library, package tcp and package packet only.
package traffic

import "github.com/synoptic-net/synoptic/packet"

// Source makes segments without end. Next fills all fields that a Decoder would
// fill for a plain Ethernet frame, and the time.
type Source interface{ Next(s *packet.Segment) }

// Times of the segments: they begin at Start and are Step apart, ns.
const (
	Start = 1_700_000_000_000_000_000
	Step  = 700
)
