package bench

import (
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// TestTooOld: on a kernel that lacks something nothing is measured, and one line
// says what is missing.
func TestTooOld(t *testing.T) {
	newWorld(t) // skips where even this kernel is
	had := probe
	probe = func(f *bpf.Feature) error {
		if f == bpf.AssignRequest {
			return &bpf.Missing{Feature: f, Running: "6.8.0"}
		}
		return had(f)
	}
	defer func() { probe = had }()
	r, err := Run(t.Context(), Short, func(string) {})
	if r != nil || err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "Linux 6.8.0 lacks") || !strings.Contains(err.Error(), "since 6.9") {
		t.Errorf("%v, %v", r, err)
	}
}
