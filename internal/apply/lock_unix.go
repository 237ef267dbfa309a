//go:build unix

package apply

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lock makes the folder of the journals, and lets one process act at a time. The
// kernel lets go of the lock when its process ends, however that happens.
func (h *Hand) lock() (unlock func(), err error) {
	if err := os.MkdirAll(h.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("no journal can be kept, so nothing was changed: %w (--journal names another folder)", err)
	}
	file, err := os.OpenFile(filepath.Join(h.Dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("no journal can be kept, so nothing was changed: %w (--journal names another folder)", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &BusyError{h.Dir}
		}
		return nil, fmt.Errorf("the lock in %s: %w", h.Dir, err)
	}
	return func() { file.Close() }, nil
}
