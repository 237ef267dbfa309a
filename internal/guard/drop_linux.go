package guard

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
)

// drop adds the sources that were named to what an interface does, if each of them
// proved hostile in this look.
func (w *Wish) drop(b *evidence.Bundle, a *armour) error {
	for _, source := range w.Drop {
		if len(a.listeners) == 0 {
			return &namedError{"--drop works for listeners that are armed, and none is: name it with --listener"}
		}
		if slices.Contains(a.drops, source.Masked()) {
			continue
		}
		if err := mayDrop(b, source); err != nil {
			return &namedError{fmt.Sprintf("not dropped: %v", err)}
		}
		a.drops = append(a.drops, source.Masked())
	}
	return nil
}

// accuse names the sources that proved hostile and are not dropped yet. A person
// decides: whoever forges the addresses of others wants those to be dropped.
func (l *Ladder) accuse(b *evidence.Bundle, value string) {
	for _, h := range hostile(b) {
		if !strings.Contains(value, h.Prefix.String()) {
			l.Hints = append(l.Hints, diagnose.Say("guard-hint-drop", h.SYNs, h.Prefix.String(), h.At.String()))
		}
	}
}

func words(list []netip.Prefix) string {
	var all []string
	for _, p := range list {
		all = append(all, p.Masked().String())
	}
	return strings.Join(all, ", ")
}
