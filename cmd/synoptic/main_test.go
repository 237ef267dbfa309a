package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts compare with")

// asProgram, in the environment, makes the test binary the program.
const asProgram = "SYNOPTIC_TEST_AS_PROGRAM"

// TestMain makes the test binary the program itself, for the scripts.
func TestMain(m *testing.M) {
	playActor()
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		os.Unsetenv(name) // of whoever runs the tests
	}
	if os.Getenv(asProgram) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"synoptic": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup:               setup,
		Condition:           condition,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"fields": fields, "lines": countLines, "code": code(1), "ends": ends, "caret": code(3)},
	})
}

// condition knows whether the lab can be built here.
func condition(name string) (bool, error) {
	if name != "lab" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	probe := exec.Command("unshare", "--net", "true")
	if os.Geteuid() != 0 {
		probe = exec.Command("unshare", "--user", "--net", "true")
	}
	return probe.Run() == nil, nil
}

// setup opens a listener that the scripts find at $LISTENER, and takes away
// what the caller's environment says about looks.
func setup(env *testscript.Env) error {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { listener.Close() })
	env.Setenv("LISTENER", strings.ReplaceAll(listener.Addr().String(), ".", `\.`))
	recordings, err := filepath.Abs("../../testdata/recordings")
	if err != nil {
		return err
	}
	env.Setenv("RECORDINGS", recordings)
	env.Setenv("COLUMNS", "80")
	env.Setenv("TERM", "xterm")
	return nil
}

// fields checks that every line of standard output is JSON, or all of it is,
// and has the fields that are named, "timer.kind" being one inside another.
func fields(ts *testscript.TestScript, _ bool, names []string) {
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	documents := 0
	for ; decoder.More(); documents++ {
		var document any
		ts.Check(decoder.Decode(&document))
		for _, name := range names {
			if !has(document, strings.Split(name, ".")) {
				ts.Fatalf("document %d has no %s", documents, name)
			}
		}
	}
	if documents == 0 {
		ts.Fatalf("there is no document")
	}
}

func has(value any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	value, ok = object[path[0]]
	return ok && has(value, path[1:])
}

// countLines checks how many lines a stream has: lines stderr 1.
func countLines(ts *testscript.TestScript, _ bool, args []string) {
	want := 0
	ts.Check(json.Unmarshal([]byte(args[1]), &want))
	text := ts.ReadFile(args[0])
	if got := strings.Count(text, "\n"); got != want {
		ts.Fatalf("%s has %d lines, not %d:\n%s", args[0], got, want, text)
	}
}

// code runs a program that must fail so, saying why in so many lines on
// standard error and nothing on standard output: code 2 synoptic --nope.
// ends is code for a verb that says on standard output what it ended with.
func ends(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("ended with %v, not with code %s", err, args[0])
	}
	countLines(ts, false, []string{"stdout", "1"})
	countLines(ts, false, []string{"stderr", "0"})
}

func code(said int) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, args []string) {
		err := ts.Exec(args[1], args[2:]...)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || strconv.Itoa(exit.ExitCode()) != args[0] {
			ts.Fatalf("ended with %v, not with code %s", err, args[0])
		}
		countLines(ts, false, []string{"stdout", "0"})
		countLines(ts, false, []string{"stderr", strconv.Itoa(said)})
	}
}

func TestColor(t *testing.T) {
	for _, c := range []struct {
		flag, noColor, force string
		want                 bool
	}{
		{"auto", "", "", false}, // a test's output is no terminal
		{"auto", "", "1", true},
		{"auto", "", "0", false},
		{"auto", "1", "1", false},
		{"always", "1", "", true},
		{"never", "", "1", false},
	} {
		t.Setenv("NO_COLOR", c.noColor)
		t.Setenv("CLICOLOR_FORCE", c.force)
		if got := wantColor(c.flag); got != c.want && !isTerminal(os.Stdout) {
			t.Errorf("--color=%s NO_COLOR=%q CLICOLOR_FORCE=%q: colour %v", c.flag, c.noColor, c.force, got)
		}
	}
}

func TestTerminalWidth(t *testing.T) {
	if isTerminal(os.Stdout) {
		t.Skip("a terminal has its own width")
	}
	for columns, want := range map[string]int{"": 80, "100": 100, "-1": 80, "many": 80} {
		t.Setenv("COLUMNS", columns)
		if got := terminalWidth(); got != want {
			t.Errorf("COLUMNS=%q: %d columns, not %d", columns, got, want)
		}
	}
}
