package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/explain"
)

// TestGuardRevertedOf: a place that was changed three times, twice by one entry, is
// one line.
func TestGuardRevertedOf(t *testing.T) {
	step := func(kind diagnose.ChangeKind, target, from, to string) apply.Step {
		return apply.Step{Kind: kind, Target: target, From: from, To: to, State: apply.Undone}
	}
	doc := guardRevertedOf([]apply.Entry{
		{ID: "second", Steps: []apply.Step{step(diagnose.ChangeXDP, "eth0@2", "armed 192.0.2.1:80", "armed 192.0.2.1:443")}},
		{ID: "first", Steps: []apply.Step{
			step(diagnose.ChangeSetting, "eth0@2", "0", "1"),
			step(diagnose.ChangeXDP, "eth0@2", "", "disarmed"), step(diagnose.ChangeXDP, "eth0@2", "disarmed", "armed 192.0.2.1:80"),
		}},
	}, explain.English)
	want := []explain.GuardChange{
		{Kind: "xdp", Target: "eth0@2", To: "armed 192.0.2.1:443", Status: "undone", Journal: "first"},
		{Kind: "sysctl", Target: "eth0@2", From: "0", To: "1", Held: "0", Status: "undone", Journal: "first"},
	}
	if diff := cmp.Diff(want, doc.Changes); diff != "" {
		t.Error(diff)
	}
}

// TestGuardJournals: the status finds the journals of a guard that runs, whichever
// folder is named; a guard that takes its place says where they stay; and who may not
// read them is told so once, and who guards all the same.
func TestGuardJournals(t *testing.T) {
	w := floodWorld(t)
	settings(t, w, map[string]string{"net.ipv4.tcp_syncookies": "0"})
	here, elsewhere := t.TempDir(), t.TempDir()
	first := guardWith(t, w, here)
	first.until(t, "setting", 20*time.Second)
	second := guardWith(t, w, elsewhere, "--replace")
	if l := second.until(t, "journals", 20*time.Second); !strings.Contains(l.Text, here) {
		t.Error(l.Text)
	}
	if s := statusIn(t, w, elsewhere); len(s.Changes) != 1 || s.Changes[0].Held != "1" || s.Guard.State != "running" {
		t.Errorf("%+v", s)
	}
	if out := unbroken(inServer(t, w, "guard", "status", "--journal", elsewhere)); !strings.Contains(out, "Its journals are in "+here) {
		t.Error(out)
	}
	if out := unbroken(inServer(t, w, "guard", "status", "--journal", here)); strings.Contains(out, "Its journals are in") {
		t.Error(out)
	}
	out := unbroken(asNobody(t, w.Server.Do, "guard", "status", "--journal", here))
	if !strings.Contains(out, "A guard runs here") || strings.Count(out, "without root") != 1 || strings.Contains(out, "denied") || strings.Contains(out, "has changed nothing") {
		t.Error(out)
	}
	second.end(t)
	bare(t, w, time.Second)
}

// unbroken undoes the breaking of lines.
func unbroken(text string) string { return strings.Join(strings.Fields(text), " ") }

// asNobody runs the program without any right, on a thread of a namespace.
func asNobody(t *testing.T, do func(func() error) error, args ...string) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	var out []byte
	if err := do(func() (err error) { out, err = cmd.CombinedOutput(); return err }); err != nil {
		t.Errorf("%v: %v", args, err)
	}
	return string(out)
}
