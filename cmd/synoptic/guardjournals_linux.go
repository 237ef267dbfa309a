package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/guard/hold"
)

// journals is what the journals of the guard tell of.
type journals struct {
	steps     []guard.Step
	elsewhere bool   // the guard that runs keeps its own in another folder than was asked for
	unread    string // the first folder that may not be read, "" where all may
}

// readJournals reads those in a folder, and those of the guard that runs.
func readJournals(folder string, holder *hold.Holder) (told journals, err error) {
	folders := []string{folder}
	if holder != nil && holder.Folder != "" && !sameFolder(holder.Folder, folder) {
		told.elsewhere = true
		folders = []string{holder.Folder, folder}
	}
	var errs []error
	for _, f := range folders {
		hand, err := guard.NewHand(f)
		if err != nil {
			return told, err
		}
		steps, err := guard.Status(hand)
		told.steps = append(told.steps, steps...)
		if errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0 { // one line, however many there are
			told.unread, err = cmp.Or(told.unread, f), nil
		}
		errs = append(errs, err)
	}
	return told, errors.Join(errs...)
}

// sameFolder compares a folder's whole name with what a person called it.
func sameFolder(whole, called string) bool {
	absolute, err := filepath.Abs(called)
	return err == nil && absolute == whole
}
