package collect

import (
	"testing"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
)

// TestRest: however long the first reading took, a second lies between the looks
// where a second was asked for.
func TestRest(t *testing.T) {
	const ms = time.Millisecond
	begun := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	for _, test := range []struct{ window, looked, now, want time.Duration }{
		{5000 * ms, 20 * ms, 50 * ms, 4950 * ms},
		{5000 * ms, 4500 * ms, 4700 * ms, 800 * ms},
		{1000 * ms, 20 * ms, 50 * ms, 970 * ms},
		{1000 * ms, 3000 * ms, 3500 * ms, 500 * ms},
		{200 * ms, 20 * ms, 50 * ms, 170 * ms},
	} {
		r := &run{Options: Options{Window: test.window}, bundle: &evidence.Bundle{Start: begun, Snapshots: []host.Snapshot{{Time: begun.Add(test.looked)}}}}
		if got := r.rest(begun.Add(test.now)); got != test.want {
			t.Errorf("%v, looked after %v: %v left, not %v", test.window, test.looked, got, test.want)
		}
	}
}
