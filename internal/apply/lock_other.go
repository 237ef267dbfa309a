//go:build !unix

package apply

import "errors"

// lock refuses: without a lock two could act at once.
func (h *Hand) lock() (unlock func(), err error) {
	return nil, errors.New("changes are made on Linux only")
}
