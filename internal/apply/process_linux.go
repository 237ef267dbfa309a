package apply

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/diagnose"
)

// The values that a program's place holds.
const (
	stopped = "stopped"
	running = "running"
)

// processes stops programs and lets them go on.
type processes struct{ proc string }

// pid of the change. A target that goes on with "@" and a number means the process that was
// started at that time, and no later one with its id.
func (p processes) pid(c diagnose.Change) (int, error) {
	word, start, dated := strings.Cut(c.Target, "@")
	pid, err := strconv.Atoi(word)
	if err != nil || pid <= 1 {
		return 0, fmt.Errorf("%q is no process that may be touched", c.Target)
	}
	if _, began, err := p.stat(pid); dated && (err != nil || began != start) {
		return 0, fmt.Errorf("process %d is another one now: %w", pid, ErrGone)
	}
	return pid, nil
}

// stat returns the state letter and the starting time, the 3rd and the 22nd
// field of /proc/PID/stat. The name before them may hold anything.
func (p processes) stat(pid int) (state, start string, err error) {
	text, err := os.ReadFile(filepath.Join(p.proc, strconv.Itoa(pid), "stat"))
	if errors.Is(err, os.ErrNotExist) {
		return "", "", fmt.Errorf("the process has ended: %w", ErrGone)
	}
	if err != nil {
		return "", "", err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 20 {
		return "", "", fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	return fields[0], fields[19], nil
}

// Pin makes a change mean the process that has the id now, and no later one.
func (p processes) Pin(c diagnose.Change) (diagnose.Change, error) {
	pid, err := p.pid(c)
	if err != nil {
		return c, err
	}
	_, start, err := p.stat(pid)
	if err == nil {
		c.Target = strconv.Itoa(pid) + "@" + start
	}
	return c, err
}

// Read tells whether the program is stopped.
func (p processes) Read(c diagnose.Change) (string, error) {
	pid, err := p.pid(c)
	if err != nil {
		return "", err
	}
	state, _, err := p.stat(pid)
	if state == "T" {
		return stopped, err
	}
	return running, err
}

// Write sends the signal, and waits until the program has heard it.
func (p processes) Write(c diagnose.Change, value string) error {
	signal, known := map[string]unix.Signal{stopped: unix.SIGSTOP, running: unix.SIGCONT}[value]
	if !known {
		return fmt.Errorf("a program is stopped or running, not %q", value)
	}
	pid, err := p.pid(c)
	if err != nil {
		return err
	}
	if err := unix.Kill(pid, signal); err != nil {
		return err
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if held, err := p.Read(c); err != nil || held == value {
			return err
		}
		<-tick.C
	}
	return errors.New("the program does not heed the signal")
}
