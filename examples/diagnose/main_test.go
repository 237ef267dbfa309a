package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/report"
)

const asProgram = "SYNOPTIC_TEST_EXAMPLE"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestProgram runs the program beside a listener of ours: it must show it, on every
// system that has sockets to show.
func TestProgram(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err := cmd.Output()
	if runtime.GOOS != "linux" {
		var failed *exec.ExitError
		if !errors.As(err, &failed) || !bytes.Contains(failed.Stderr, []byte("unsupported")) {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Schema string
		States map[string]int
	}
	if err := json.Unmarshal(out, &document); err != nil {
		t.Fatal(err)
	}
	if document.Schema != report.Schema || len(document.States) != 11 || document.States["LISTEN"] == 0 {
		t.Errorf("%+v", document)
	}
}

// TestShort keeps the promise of the README: 20 lines, which it shows as they are.
func TestShort(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(source), "package main")
	program = "package main" + program
	lines := 0
	for line := range strings.Lines(program) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	if lines > 20 {
		t.Errorf("%d lines", lines)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), program) {
		t.Error("README.md shows another program")
	}
}
