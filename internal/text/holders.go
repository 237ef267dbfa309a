package text

import (
	"strconv"
	"strings"

	"github.com/synoptic-net/synoptic/internal/inventory"
)

// Holders are the words for who holds a socket. A table may have a million rows,
// so they are said once.
type Holders struct {
	none map[inventory.OwnerKind]string
	was  string // around who held it
}

// noHolders are the labels of why nobody seems to hold a socket.
var noHolders = map[inventory.OwnerKind]string{
	inventory.NeverAccepted: "owner-never-accepted", inventory.Orphan: "owner-orphan", inventory.ByKernel: "owner-kernel",
	inventory.Hidden: "owner-hidden", inventory.Elsewhere: "owner-elsewhere",
}

// NewHolders says the words in the language of a style.
func NewHolders(style Style) *Holders {
	h := &Holders{none: make(map[inventory.OwnerKind]string, len(noHolders)), was: style.say("owner-was", "%s")}
	for kind, id := range noHolders {
		h.none[kind] = style.say(id)
	}
	return h
}

// None says why nobody holds a socket, "" where somebody does or nothing is known.
func (h *Holders) None(kind inventory.OwnerKind) string { return h.none[kind] }

// Name is the first process that holds a socket and how many descriptors more
// there are, who held an orphan, or why there is none.
func (h *Holders) Name(owners []inventory.Owner, kind inventory.OwnerKind) string {
	if len(owners) == 0 {
		return h.None(kind)
	}
	first := &owners[0]
	name := first.Name + "[" + strconv.Itoa(first.PID) + "]"
	if more := len(owners) - 1; more > 0 {
		name += " +" + strconv.Itoa(more)
	}
	if kind == inventory.Orphan {
		return strings.Replace(h.was, "%s", name, 1)
	}
	return name
}
