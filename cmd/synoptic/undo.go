package main

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/explain"
)

// undoSchema names the form of what --undo prints.
const undoSchema = "synoptic.undo/v1"

// undone is what --undo did.
type undone struct {
	Schema   string       `json:"schema"`
	Journal  string       `json:"journal"` // "" when there was nothing to undo
	Remedy   string       `json:"remedy"`
	Cause    string       `json:"cause"`
	Applied  *time.Time   `json:"applied,omitempty"`
	Changes  []undoneStep `json:"changes"`
	Standing []string     `json:"standing"` // journals of what is still in force here
	Text     string       `json:"text"`
}

type undoneStep struct {
	Kind   string `json:"kind"`
	Target string `json:"target"`
	From   string `json:"from"` // what stands there again
	To     string `json:"to"`
	Status string `json:"status"` // "undone", "ended" (no way back, or gone with the reboot), "in-force"
}

// undo takes back a fix. Nothing to undo is no failure, so that it can be said
// twice.
func (f *fixing) undo(cmd *cobra.Command, args []string, lang explain.Language, format string) error {
	f.lang, f.format = lang, format
	word := f.undoWord
	if word == newest {
		word = ""
		if len(args) == 1 {
			word = args[0]
		}
	}
	hand, err := f.hand()
	if err != nil {
		return err
	}
	entry, err := hand.Undo(word, f.force)
	doc := undone{Schema: undoSchema, Changes: []undoneStep{}, Standing: []string{}}
	var nothing *apply.NothingError
	switch {
	case errors.As(err, &nothing):
		doc.Text = nothingWords(nothing, lang)
	case err != nil:
		return fmt.Errorf("%s was not undone: %w", undoName(entry.ID, word), err)
	default:
		doc.of(entry, lang)
	}
	standing, err := hand.Standing()
	for _, e := range standing {
		doc.Standing = append(doc.Standing, e.ID)
	}
	return errors.Join(f.printUndo(cmd, doc), err)
}

func undoName(id, word string) string {
	if id != "" {
		return id
	}
	if word != "" {
		return word
	}
	return "the newest fix"
}

// nothingWords says that there is nothing to undo.
func nothingWords(e *apply.NothingError, lang explain.Language) string {
	if e.ID == "" {
		return lang.Say("undo-nothing")
	}
	return lang.Say("undo-nothing-of", strconv.Quote(e.ID))
}

func (u *undone) of(e apply.Entry, lang explain.Language) {
	u.Journal, u.Remedy, u.Cause, u.Applied = e.ID, e.Remedy, e.Cause, &e.Time
	u.Text = lang.Say("undo-done", e.Remedy)
	if e.Place.Boot != "" && !slices.ContainsFunc(e.Steps, func(s apply.Step) bool { return s.State == apply.Undone }) {
		u.Text = lang.Say("undo-gone", e.Remedy)
	}
	for _, s := range e.Steps {
		status := map[apply.State]string{apply.Undone: "undone", apply.Ended: "ended"}[s.State]
		if status == "" {
			status = "in-force"
		}
		u.Changes = append(u.Changes, undoneStep{Kind: string(s.Kind), Target: s.Target, From: s.From, To: s.To, Status: status})
	}
}

func (f *fixing) printUndo(cmd *cobra.Command, doc undone) error {
	return buffered(cmd, func(w *bufio.Writer) error {
		if f.format != "text" {
			return writeDocument(w, f.format, doc)
		}
		fmt.Fprintln(w, doc.Text)
		for _, c := range doc.Changes {
			fmt.Fprintln(w, "  "+undoLine(c, f.lang))
		}
		for _, id := range doc.Standing {
			fmt.Fprintln(w, f.lang.Say("undo-standing", id))
		}
		return nil
	})
}

func undoLine(c undoneStep, lang explain.Language) string {
	switch {
	case c.Status == "ended":
		return lang.Say("undo-ended", c.Target)
	case c.Kind == "sysctl":
		return lang.Say("undo-setting", c.Target, c.From)
	case c.From == "":
		return lang.Say("undo-removed", c.Target)
	default:
		return c.Target + " " + c.From
	}
}
