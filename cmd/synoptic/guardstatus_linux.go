package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/bpf"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/guard/hold"
	"github.com/synoptic-net/synoptic/internal/text"
)

func newGuardStatusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "What the guard changed here, and whether it stands",
		Long: `Says whether a guard runs in this network namespace, and compares what the
journals of the guard tell of it with what stands there now. It changes nothing.`,
		Args: noArguments,
	}
	var folder string
	journalFlag(cmd, &folder)
	format := addOutputFlag(cmd, "text", "json", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		holder, err := hold.Ask(cmd.Context())
		if err != nil {
			return err
		}
		told, err := readJournals(folder, holder)
		if err != nil && len(told.steps) == 0 {
			return fmt.Errorf("the journals cannot be read: %w", err) // they may tell of changes
		}
		lang := documentLanguage(cmd, format.value)
		doc := guardStatusOf(told.steps, lang)
		if told.unread != "" {
			doc.Intact, doc.Text = false, lang.Say("guard-unread-all", told.unread)
		}
		doc.Guard = guardLifeOf(holder, told.steps, lang)
		if told.elsewhere {
			doc.Guard.Text = lang.Say("guard-after", doc.Guard.Text, lang.Say("guard-life-journals", holder.Folder))
		}
		return errors.Join(writeGuardStatus(cmd, format.value, doc), err)
	}
	return cmd
}

// guardStatusOf says whether all of it stands.
func guardStatusOf(steps []guard.Step, lang explain.Language) explain.GuardStatus {
	doc := explain.GuardStatus{Schema: explain.GuardStatusSchema, Changes: []explain.GuardChange{}, Intact: true, Text: lang.Say("guard-stands")}
	for _, s := range steps {
		doc.Changes = append(doc.Changes, explain.GuardChange{
			ID: s.ID, Kind: string(s.Kind), Target: s.Target, From: s.From, To: s.To, Held: s.Held, Status: string(s.Now),
			Undo: strings.Join(s.Undo, "; "), Journal: s.Journal, Applied: s.Applied,
		})
		if s.Now != apply.InForce {
			doc.Intact, doc.Text = false, lang.Say("guard-differs")
		}
	}
	if len(steps) == 0 {
		doc.Text = lang.Say("guard-stands-not")
	}
	return doc
}

// guardLifeOf says who is at work. A change of a guard that ran stands with nobody
// to take it back where that guard died, and its reaper too.
func guardLifeOf(holder *hold.Holder, steps []guard.Step, lang explain.Language) explain.GuardLife {
	life := explain.GuardLife{State: "none"}
	switch {
	case holder != nil:
		life = explain.GuardLife{State: string(holder.State), PID: holder.PID, Reaper: holder.Reaper, Interfaces: holder.Interfaces, Journals: holder.Folder}
		for _, a := range holder.Armed {
			life.Armed = append(life.Armed, a.String())
		}
		if !holder.Since.IsZero() {
			life.Since = &holder.Since
		}
		if !holder.Until.IsZero() {
			life.Until = &holder.Until
		}
	default:
		for _, s := range steps {
			if s.Run && s.Now != guard.Gone {
				life = explain.GuardLife{State: "died", PID: s.PID}
			}
		}
	}
	life.Say(lang)
	return life
}

func newGuardRevertCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revert",
		Short: "Put back exactly what stood there before the guard",
		Long: `Takes all changes of the guard in this network namespace back, the last first.
Where somebody set another value since, it stops and changes nothing; --force puts
the value before back all the same. Said twice it does no more than once. A guard
that runs takes back what it changed itself: end it instead.

Where listeners were armed, SYNs pass at once, and for a minute at most a process
in the background takes the ACKs of handshakes that were under way; --now takes
everything off at once.`,
		Args: noArguments,
	}
	var folder string
	journalFlag(cmd, &folder)
	force := cmd.Flags().Bool("force", false, "also where somebody set another value since")
	now := cmd.Flags().Bool("now", false, "wait for no ACK: handshakes under way fail")
	format := addOutputFlag(cmd, "text", "json", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		back, err := takeBack(cmd.Context(), folder, *force, *now)
		if err != nil && len(back.done) == 0 {
			return fmt.Errorf("not reverted: %w", err)
		}
		lang := documentLanguage(cmd, format.value)
		doc := guardRevertedOf(back.done, lang)
		if doc.Intact = err == nil; !doc.Intact {
			doc.Text = lang.Say("guard-reverted-part")
		}
		doc.Guard = guardLifeOf(back.left, nil, lang)
		return errors.Join(writeGuardStatus(cmd, format.value, doc), err)
	}
	return cmd
}

// tookBack is what a revert did, and who is left.
type tookBack struct {
	done []apply.Entry
	left *hold.Holder
}

// takeBack reverts while no guard runs.
func takeBack(ctx context.Context, folder string, force, now bool) (back tookBack, err error) {
	claim, err := hold.NewClaim(ctx, bpf.AcksStay)
	if err != nil {
		return back, err
	}
	defer claim.Release()
	linger := claim.Linger
	if now {
		linger = nil
	}
	hand, err := guard.LingeringHand(folder, linger)
	if err != nil {
		return back, err
	}
	if back.done, err = guard.Revert(hand, force); err != nil {
		return back, err
	}
	claim.Release()
	if now {
		if err := hold.Leave(ctx); err != nil {
			return back, err
		}
	}
	back.left, err = hold.Ask(ctx)
	return back, err
}

// guardRevertedOf says what was put back, a line a place: from what was set there last
// to what stood there first. The entries are in the order in which they were undone.
func guardRevertedOf(done []apply.Entry, lang explain.Language) explain.GuardStatus {
	doc := explain.GuardStatus{Schema: explain.GuardRevertSchema, Changes: []explain.GuardChange{}, Text: lang.Say("guard-stands-not")}
	for _, e := range done {
		doc.Text = lang.Say("guard-reverted")
		for _, s := range slices.Backward(e.Steps) {
			c := explain.GuardChange{
				ID: s.ID, Kind: string(s.Kind), Target: s.Target, From: s.From, To: s.To, Held: s.From, Status: string(s.State),
				Undo: strings.Join(s.Undo, "; "), Journal: e.ID, Applied: e.Time,
			}
			i := slices.IndexFunc(doc.Changes, func(o explain.GuardChange) bool { return o.Kind == c.Kind && o.Target == c.Target })
			if i < 0 {
				doc.Changes = append(doc.Changes, c)
				continue
			}
			c.To = doc.Changes[i].To
			doc.Changes[i] = c
		}
	}
	return doc
}

func writeGuardStatus(cmd *cobra.Command, format string, doc explain.GuardStatus) error {
	return buffered(cmd, func(w *bufio.Writer) error {
		if format == "text" {
			return text.GuardStatus(w, doc, styleOf(cmd))
		}
		return writeDocument(w, format, doc)
	})
}
