package apply

import (
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
)

// BenchmarkApplyAndUndo is one setting, journaled and forced to disk each time: five
// writes that are waited for.
func BenchmarkApplyAndUndo(b *testing.B) {
	s := abc()
	h := &Hand{Dir: b.TempDir(), Doers: map[diagnose.ChangeKind]Doer{"sysctl": s}, Here: here, Now: clock()}
	for b.Loop() {
		if _, err := h.Apply(planOf("p", three[0])); err != nil {
			b.Fatal(err)
		}
		if _, err := h.Undo("", false); err != nil {
			b.Fatal(err)
		}
	}
}
