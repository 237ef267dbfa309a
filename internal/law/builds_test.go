package law

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestCrossBuilds builds the program for the systems it runs on, and the pure
// packages, with the parsers, for those on which a bundle may be read.
func TestCrossBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: cross-builds compile the standard library for four systems")
	}
	everywhere := []string{"./sockdiag", "./internal/kernel"}
	for name := range pure {
		everywhere = append(everywhere, "./"+name)
	}
	slices.Sort(everywhere)
	for _, target := range []struct {
		system, machine string
		packages        []string
	}{
		{"linux", "amd64", []string{"./..."}},
		{"linux", "arm64", []string{"./..."}},
		{"darwin", "arm64", everywhere},
		{"windows", "amd64", everywhere},
		{"js", "wasm", everywhere},
	} {
		t.Run(target.system+"/"+target.machine, func(t *testing.T) {
			build := exec.Command("go", append([]string{"build", "-pgo=off"}, target.packages...)...)
			build.Dir = "../.."
			build.Env = append(build.Environ(), "GOOS="+target.system, "GOARCH="+target.machine, "CGO_ENABLED=0")
			if out, err := build.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, strings.TrimSpace(string(out)))
			}
		})
	}
}
