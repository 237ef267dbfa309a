package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// keep adds the files that make a plan outlive a reboot, if that was asked for.
func (g *guarding) keep(ladder *guard.Ladder) error {
	if !g.persist {
		return nil
	}
	if err := guard.MayKeep(); err != nil {
		return err
	}
	hand, err := guard.NewHand(g.journal)
	if err != nil {
		return err
	}
	standing, err := guard.Status(hand)
	if err != nil && !os.IsPermission(err) { // a plan may be made by anybody
		return err
	}
	program, err := os.Executable()
	if err == nil {
		program, err = filepath.EvalSymlinks(program)
	}
	if err != nil {
		return fmt.Errorf("--persist: where this program is: %w", err)
	}
	return ladder.Keep(guard.Keeping{Doers: hand.Doers, Standing: standing, Program: program, Call: g.atStart(ladder)})
}

// atStart are the words behind "guard apply" by which a unit makes anew what no
// file of settings can. It attaches in peace, and arms what was named: a flood of
// today is none of tomorrow.
func (g *guarding) atStart(ladder *guard.Ladder) (words []string) {
	at := slices.IndexFunc(ladder.Plan.Changes, func(c remedy.Change) bool { return c.Kind == diagnose.ChangeXDP })
	if at >= 0 {
		words = append(words, "--xdp", "--interface", ladder.Plan.Changes[at].Target)
		for _, l := range g.listenerArgs {
			words = append(words, "--listener", l)
		}
	}
	for _, b := range g.backends {
		words = append(words, "--protect", b.String())
	}
	if len(words) == 0 {
		return nil
	}
	if folder, err := filepath.Abs(g.journal); err == nil && g.journal != defaultJournal() {
		words = append(words, "--journal", folder)
	}
	return append([]string{"--for", "0"}, words...)
}
