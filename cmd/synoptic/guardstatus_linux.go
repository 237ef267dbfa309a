package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/text"
)

func newGuardStatusCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "What the guard changed here, and whether it stands",
		Long: `Compares what the journals of the guard tell of this network namespace with what
stands there now. It changes nothing.`,
		Args: noArguments,
	}
	var folder string
	journalFlag(cmd, &folder)
	format := addOutputFlag(cmd, "text", "json", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hand, err := guard.NewHand(folder)
		if err != nil {
			return err
		}
		steps, err := guard.Status(hand)
		if err != nil && len(steps) == 0 {
			return fmt.Errorf("the journals cannot be read: %w", err) // they may tell of changes
		}
		return errors.Join(writeGuardStatus(cmd, format.value, guardStatusOf(steps, documentLanguage(cmd, format.value))), err)
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

func newGuardRevertCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "revert",
		Short: "Put back exactly what stood there before the guard",
		Long: `Takes all changes of the guard in this network namespace back, the last first.
Where somebody set another value since, it stops and changes nothing; --force puts
the value before back all the same. Said twice it does no more than once.`,
		Args: noArguments,
	}
	var folder string
	journalFlag(cmd, &folder)
	force := cmd.Flags().Bool("force", false, "also where somebody set another value since")
	format := addOutputFlag(cmd, "text", "json", "yaml")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		hand, err := guard.NewHand(folder)
		if err != nil {
			return err
		}
		done, err := guard.Revert(hand, *force)
		if err != nil && len(done) == 0 {
			return fmt.Errorf("not reverted: %w", err)
		}
		lang := documentLanguage(cmd, format.value)
		doc := guardRevertedOf(done, lang)
		if doc.Intact = err == nil; !doc.Intact {
			doc.Text = lang.Say("guard-reverted-part")
		}
		return errors.Join(writeGuardStatus(cmd, format.value, doc), err)
	}
	return cmd
}

// guardRevertedOf says what was put back.
func guardRevertedOf(done []apply.Entry, lang explain.Language) explain.GuardStatus {
	doc := explain.GuardStatus{Schema: explain.GuardRevertSchema, Changes: []explain.GuardChange{}, Text: lang.Say("guard-stands-not")}
	for _, e := range done {
		doc.Text = lang.Say("guard-reverted")
		for _, s := range e.Steps {
			doc.Changes = append(doc.Changes, explain.GuardChange{
				ID: s.ID, Kind: string(s.Kind), Target: s.Target, From: s.From, To: s.To, Held: s.From, Status: string(s.State),
				Undo: strings.Join(s.Undo, "; "), Journal: e.ID, Applied: e.Time,
			})
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
