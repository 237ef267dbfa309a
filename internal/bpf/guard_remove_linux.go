package bpf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cilium/ebpf/link"
)

// RemovePinned ends the guard that is pinned in a folder, whole or in part: when
// it returns, its programs are off every interface and the folder is gone. It is
// no error that nothing is there. The kernel frees a link some time after its last
// name; so links are detached first.
func RemovePinned(folder string) error {
	pins, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	for _, p := range slices.Backward(pins) { // SYNs before ACKs: no cookie comes back in vain
		path := filepath.Join(folder, p.Name())
		if strings.HasPrefix(p.Name(), pinLink) {
			if err := detachPinned(path); err != nil {
				return fmt.Errorf("guard: take %s off: %w", p.Name(), err)
			}
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("guard: %w", err)
		}
	}
	return os.Remove(folder)
}

func detachPinned(path string) error {
	l, err := link.LoadPinnedLink(path, nil)
	if err != nil {
		return err
	}
	return errors.Join(l.Detach(), l.Close())
}
