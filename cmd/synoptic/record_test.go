package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteAtomically(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "x")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, _ = io.WriteString(w, text)
			return err
		}
	}
	if err := writeAtomically(path, write("first", nil)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := writeAtomically(path, write("half", broken)); !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "first" {
		t.Errorf("a failed write left %q", text)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestCheckTarget(t *testing.T) {
	folder := t.TempDir()
	for name, path := range map[string]string{
		"a folder":        folder,
		"a device":        os.DevNull,
		"no such folder":  filepath.Join(folder, "none", "x"),
		"below a file":    filepath.Join(os.Args[0], "x"),
		"link to devnull": link(t, os.DevNull, filepath.Join(folder, "null")),
	} {
		if _, err := checkTarget(path); err == nil {
			t.Errorf("%s, %s, was taken", name, path)
		}
	}
	real := filepath.Join(folder, "real")
	if err := os.WriteFile(real, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := checkTarget(link(t, real, filepath.Join(folder, "link")))
	if want, _ := filepath.EvalSymlinks(real); err != nil || got != want {
		t.Errorf("a link to %s goes to %s, %v", want, got, err)
	}
}

func link(t *testing.T, target, path string) string {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}
