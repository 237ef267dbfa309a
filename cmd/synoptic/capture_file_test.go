package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Others that could read a file may not read what is captured into it.
func TestCaptureIntoAFileThatIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pcapng")
	if err := os.WriteFile(path, []byte("before"), 0o644); err != nil { //nolint:gosec // that is the point
		t.Fatal(err)
	}
	file, err := createCapture(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Size() != 0 || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
