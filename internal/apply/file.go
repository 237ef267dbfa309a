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

func (f Files) path(c diagnose.Change) (string, error) {
	if !filepath.IsAbs(c.Target) || !strings.Contains(filepath.Base(c.Target), ourFile) {
		return "", fmt.Errorf("%q is no file of synoptic's own", c.Target)
	}
	return filepath.Join(f.Root, c.Target), nil
}

// Read returns the text of the file, "" when there is none.
func (f Files) Read(c diagnose.Change) (string, error) {
	path, err := f.path(c)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
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
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return syncFolder(filepath.Dir(path))
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".synoptic-*")
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
