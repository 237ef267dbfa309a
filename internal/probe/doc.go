// Package probe asks peers whether they live, and waits for their answers. What
// to ask is evidence.WorthProbing's; nothing else is sent.
//
// A connection of somebody else cannot be asked through its socket, and its
// sequence numbers are known to nobody but the kernel. So the segment carries
// numbers at random: a peer that has the connection finds it unacceptable,
// acknowledges with the right numbers and changes nothing (RFC 9293 section
// 3.10.7.4), and to our kernel that is a duplicate of an ACK it has. A peer that
// does not have it answers with RST whose number is ours and random, which our
// kernel does not believe (RFC 5961 section 3.2): even a dead connection stays as
// it is. Only a number that falls into a window by chance, once in 2^32 / window,
// is another matter: the kernel then asks the peer itself, and one that has
// forgotten the connection ends it.
//
// Silence is no proof. A firewall or NAT that follows sequence numbers may drop
// such a segment, and RFC 7323 lets a peer drop what carries no timestamps, so
// they are added where the connection has them.
package probe

import (
	"errors"
	"fmt"
	"time"
)

// The rate: one packet, and how long answers are waited for after the last one.
// What stays silent is asked once more, with other numbers.
const (
	Interval = 100 * time.Millisecond
	Patience = time.Second
	Times    = 2
)

// Errors of a system or a user that cannot ask.
var (
	ErrRights      = errors.New("probing needs CAP_NET_RAW in this network namespace: run it as root, or give the right to the program with \"setcap cap_net_raw+ep\"")
	ErrUnsupported = fmt.Errorf("%w on this system: peers are probed through raw sockets of Linux", errors.ErrUnsupported)
)
