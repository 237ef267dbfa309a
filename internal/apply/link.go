package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Links makes symbolic links of our own, by which programs are started with the
// system. Root is "" but in tests.
type Links struct{ Root string }

// Read returns where the link leads, "" when there is none.
func (l Links) Read(c diagnose.Change) (string, error) {
	path, err := ownPath(l.Root, c.Target)
	if err != nil {
		return "", err
	}
	to, err := os.Readlink(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", hasFolder(l.Root, c.Target)
	}
	if info, e := os.Lstat(path); err != nil && e == nil && info.Mode().Type() != fs.ModeSymlink {
		err = fmt.Errorf("%s is no link: it is left as it is", c.Target)
	}
	return to, err
}

// Write makes the link, in the place of another one, or takes it away.
func (l Links) Write(c diagnose.Change, to string) error {
	path, err := ownPath(l.Root, c.Target)
	if err != nil {
		return err
	}
	if err := removeName(path); err != nil || to == "" {
		return err
	}
	if err := os.Symlink(to, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
