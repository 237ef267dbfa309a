package live

import (
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/inventory"
)

// Mishap is something that went wrong with a segment or a connection, told as it
// happened.
type Mishap struct {
	host.Mishap
	Time          time.Time
	Local, Remote netip.AddrPort // of what came from an interface Local is its destination
	Length        int            // octets of the segment's text
	Interface     uint32         // that the segment came from, 0: it was made here
	NetNS         uint32         // inode of the network namespace
	Cookie        uint64         // of the socket, 0: it met none, or it has none yet
	Owners        []inventory.Owner
	OwnerKind     inventory.OwnerKind
}

// MishapGroups are the kinds of mishaps by the words that people ask for.
var MishapGroups = []struct {
	Word  string
	Kinds []host.MishapKind
}{
	{"drops", []host.MishapKind{host.Dropped}},
	{"resets", []host.MishapKind{host.ResetSent, host.ResetReceived}},
	{"retransmissions", []host.MishapKind{host.SegmentResent, host.SYNACKResent}},
	{"errors", []host.MishapKind{host.SocketError}},
}

// MishapKinds returns the kinds that a word asks for, "all" for all of them; nil
// for a word that is none.
func MishapKinds(word string) (kinds []host.MishapKind) {
	for _, g := range MishapGroups {
		if word == g.Word || word == "all" {
			kinds = append(kinds, g.Kinds...)
		}
	}
	return slices.Clip(kinds)
}
