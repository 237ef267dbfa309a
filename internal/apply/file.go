package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Files writes files of our own, and no others: their name says whose they are.
// Root is "" but in tests.
type Files struct{ Root string }

const ourFile = "synoptic"

func (f Files) path(c diagnose.Change) (string, error) { return ownPath(f.Root, c.Target) }

// ownPath is where a name of our own stands below a root.
func ownPath(root, name string) (string, error) {
	if !filepath.IsAbs(name) || !strings.Contains(filepath.Base(name), ourFile) {
		return "", fmt.Errorf("%q is no file of synoptic's own", name)
	}
	return filepath.Join(root, name), nil
}

// Read returns the text of the file, "" when there is none.
func (f Files) Read(c diagnose.Change) (string, error) {
	path, err := f.path(c)
	if err != nil {
		return "", err
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", hasFolder(f.Root, c.Target)
	case err != nil:
		return "", err
	case !info.Mode().IsRegular(): // a unit that is masked is a link to /dev/null
		return "", fmt.Errorf("%s is no plain file: it is left as it is", c.Target)
	}
	text, err := os.ReadFile(path)
	if err == nil && len(text) == 0 {
		return "", fmt.Errorf("%s is an empty file: it is left as it is", c.Target)
	}
	return string(text), err
}

// Write makes the file appear whole and on disk, or go.
func (f Files) Write(c diagnose.Change, text string) error {
	path, err := f.path(c)
	if err != nil {
		return err
	}
	if text == "" {
		return removeName(path)
	}
	if err := f.Sweep(c); err != nil {
		return err
	}
	temporary, err := os.OpenFile(making(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone when it was renamed
	_, err = temporary.WriteString(text)
	if err := errors.Join(err, temporary.Chmod(0o644), temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// making is the name of a file while it is written. Nobody reads files whose name
// begins with a dot.
func making(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
}

// Sweep takes away what a crash left of a file that was being written.
func (f Files) Sweep(c diagnose.Change) error {
	path, err := f.path(c)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(making(path)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return removeName(making(path))
}

// hasFolder says that a system without a folder does not use what stands in it.
func hasFolder(root, name string) error {
	folder := filepath.Dir(name)
	if _, err := os.Stat(filepath.Join(root, folder)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s: this system does not read files there (%w)", folder, ErrGone)
	}
	return nil
}

// removeName takes a name away, if it is there, and forces that to disk.
func removeName(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
