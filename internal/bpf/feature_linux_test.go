package bpf

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// version reads "5.12".
func version(t *testing.T, text string) (major, minor int) {
	t.Helper()
	if _, err := fmt.Sscanf(text, "%d.%d", &major, &minor); err != nil {
		t.Fatalf("%q is no kernel: %v", text, err)
	}
	return major, minor
}

// TestFeatures: a kernel that is new enough has what the table says; one that
// lacks it is told by name.
func TestFeatures(t *testing.T) {
	major, minor := version(t, release())
	for _, f := range Features() {
		wantMajor, wantMinor := version(t, f.Kernel)
		enough := major > wantMajor || major == wantMajor && minor >= wantMinor
		err := f.Probe()
		var missing *Missing
		switch {
		case err == nil:
			t.Logf("%-50s since %-5s here", f.Name, f.Kernel)
		case errors.Is(err, ErrRights):
			t.Logf("%-50s since %-5s not tried: %v", f.Name, f.Kernel, err)
		case !errors.As(err, &missing) || !strings.Contains(err.Error(), f.Name) || !strings.Contains(err.Error(), f.Kernel):
			t.Errorf("%s: the error does not say so: %v", f.Name, err)
		case enough:
			t.Errorf("%s is missing although Linux %d.%d is newer than %s: %v", f.Name, major, minor, f.Kernel, missing.Cause)
		}
	}
}

// TestProbesCanFail: a tracepoint, an iterator and a helper that do not exist
// are missed.
func TestProbesCanFail(t *testing.T) {
	needRights(t)
	nothing := &Feature{Name: "nothing", Kernel: "99.0", probe: probeIterator("synoptic_has_no_such")}
	var missing *Missing
	if err := nothing.Probe(); !errors.As(err, &missing) {
		t.Errorf("an iterator that does not exist: %v", err)
	}
	if err := probeProgram(0, "synoptic_has_no_such", nil); err == nil {
		t.Error("a tracepoint that does not exist was found")
	}
}
