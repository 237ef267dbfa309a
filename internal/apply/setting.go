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

// Settings sets kernel settings below a folder that stands for /proc/sys.
type Settings struct{ Root string }

var dotsAndSlashes = strings.NewReplacer(".", "/", "/", ".")

// path is where a setting stands. As in sysctl(8) the dot of an interface such
// as eth0.100 is written as a slash.
func (s Settings) path(c diagnose.Change) (string, error) {
	path := dotsAndSlashes.Replace(c.Target)
	if c.Target == "" || !filepath.IsLocal(path) {
		return "", fmt.Errorf("%q is no setting", c.Target)
	}
	return filepath.Join(s.Root, path), nil
}

// Read returns the value, without the end of its line.
func (s Settings) Read(c diagnose.Change) (string, error) {
	path, err := s.path(c)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	return strings.TrimSuffix(string(text), "\n"), meaning(err)
}

// Write sets the value in one write, as the kernel wants it. An empty value is an
// empty line: writing nothing changes nothing.
func (s Settings) Write(c diagnose.Change, value string) error {
	path, err := s.path(c)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return meaning(err)
	}
	_, err = file.WriteString(value + "\n")
	return meaning(errors.Join(err, file.Close()))
}

// meaning says what a refusal means: most settings are one for each network
// namespace, some only the first one has.
func meaning(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: this kernel, or this network namespace, does not have it (%w)", err, ErrGone)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: it needs root, and not in a container", err)
	default:
		return err
	}
}
