package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/apply"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/guard"
	"github.com/synoptic-net/synoptic/internal/remedy"
	"github.com/synoptic-net/synoptic/internal/text"
)

// fixing carries out a remedy of a diagnosis, or takes one back.
type fixing struct {
	word, undoWord   string
	dry, keep, force bool
	journal          string
	lang             explain.Language
	format           string
	expected         *host.Baseline // what is known to listen; nil when nobody said
	interrupts       chan os.Signal // while it looks; an interrupt then means that nothing shall be changed
}

// newest is --undo without a name.
const newest = "the newest"

func addFixFlags(cmd *cobra.Command) *fixing {
	f := &fixing{}
	flags := cmd.Flags()
	flags.StringVar(&f.word, "fix", "", "carry out the remedy `ID` of a finding, look again, and say whether it helped")
	flags.BoolVar(&f.dry, "dry-run", false, "with --fix: show what would be changed, and change nothing")
	flags.BoolVar(&f.keep, "persist", false, "with --fix: write a file too, so that a setting outlives a reboot")
	flags.StringVar(&f.undoWord, "undo", "", "put back what stood there before the fix `ID` (a remedy or a journal), the newest one when none is named")
	flags.Lookup("undo").NoOptDefVal = newest
	flags.BoolVar(&f.force, "force", false, "with --undo: also where somebody set another value since")
	flags.StringVar(&f.journal, "journal", defaultJournal(), "`FOLDER` of the journals of what --fix changed")
	cmd.PreRun = func(*cobra.Command, []string) { f.hear() }
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if f.undoWord == newest && len(args) == 1 { // --undo ID
			return nil
		}
		return noArguments(cmd, args)
	}
	return f
}

// defaultJournal is where journals are kept: root's outlive everything but the
// disk.
func defaultJournal() string {
	if os.Geteuid() == 0 {
		return "/var/lib/synoptic"
	}
	if state := os.Getenv("XDG_STATE_HOME"); state != "" {
		return filepath.Join(state, "synoptic")
	}
	home, _ := os.UserHomeDir() // without one the folder is said when it cannot be made
	return filepath.Join(home, ".local/state/synoptic")
}

func checkFix(given func(string) bool) error {
	switch fix, undo := given("fix"), given("undo"); {
	case fix && undo:
		return usagef("--fix makes a change and --undo takes one back: leave one of them out")
	case !fix && (given("dry-run") || given("persist")):
		return usagef("--dry-run and --persist are for --fix ID: diagnose alone changes nothing")
	case !undo && given("force"):
		return usagef("--force is for --undo")
	case fix && (given("watch") || given("all-netns") || given("netstat")):
		return usagef("--fix acts once, in this network namespace: leave --watch, --all-netns and --netstat out")
	case fix && given("bundle") && !given("dry-run"):
		return usagef("--fix acts on what it sees now, and a bundle is of another time: leave --bundle out, or add --dry-run")
	case undo && (given("watch") || given("all-netns") || given("netstat") || given("bundle") || given("probe")):
		return usagef("--undo looks at nothing but its journal: leave what says how to look out")
	}
	return nil
}

// hear listens for interrupts from before the look on. One ends a look early, and
// what was seen still counts; but who interrupts does not want the remedy.
func (f *fixing) hear() {
	if f.word != "" {
		f.interrupts = make(chan os.Signal, 1)
		signal.Notify(f.interrupts, os.Interrupt, syscall.SIGTERM)
	}
}

func (f *fixing) undoing(cmd *cobra.Command) bool { return cmd.Flags().Changed("undo") }

func (f *fixing) hand() (*apply.Hand, error) { return guard.NewHand(f.journal) } // it undoes what the guard did too

// run carries out the remedy that what was seen calls for: that was the look just
// before, so what it does not call for is not done.
func (f *fixing) run(cmd *cobra.Command, from evidenceFrom, seen *evidence.Bundle, expected *host.Baseline, lang explain.Language, format string) error {
	f.expected, f.lang, f.format = expected, lang, format
	select {
	case <-f.interrupts:
		return errors.New("interrupted: nothing was changed")
	default:
	}
	before := reportOn(seen, expected)
	choice, err := meantBy(&before, f.word)
	if err != nil {
		return err
	}
	plan, err := remedy.Of(choice.Finding, choice.Remedy)
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	if f.keep {
		plan = plan.Kept()
	}
	hand, err := f.hand()
	if err != nil {
		return err
	}
	called := explain.Document(before, f.lang)
	doc := explain.Fix{Schema: explain.FixSchema, Diagnosis: &called, Plan: explain.PlanOf(plan, f.lang), DryRun: f.dry}
	err = f.act(cmd, hand, plan, &doc)
	if err == nil && doc.Journal != "" {
		err = f.lookAgain(cmd, from, plan, before, &doc)
	}
	return errors.Join(f.print(cmd, doc), err)
}

// act makes the changes, or shows them, and notes how each of them went.
func (f *fixing) act(cmd *cobra.Command, hand *apply.Hand, plan remedy.Plan, doc *explain.Fix) error {
	if f.dry && cmd.Flags().Changed("bundle") {
		return nil // the host that the bundle is of is not this one
	}
	refused := false
	for i, v := range hand.Preview(plan) {
		c := &doc.Plan.Changes[i]
		if c.Kind == string(diagnose.ChangeSetting) && v.Error == nil {
			c.From = v.Held
		}
		switch {
		case v.Error != nil:
			c.Status, c.Why, refused = "refused", v.Error.Error(), true
			doc.Refused = c.Why
		case v.Skip:
			c.Status = "already"
		}
	}
	if f.dry || refused {
		if refused && !f.dry {
			return errors.New("nothing was changed: " + doc.Refused)
		}
		return nil
	}
	entry, err := hand.Apply(plan)
	doc.Journal = entry.ID
	f.noteSteps(doc, &entry, err)
	return err
}

// noteSteps says of each change what became of it.
func (f *fixing) noteSteps(doc *explain.Fix, entry *apply.Entry, err error) {
	for _, s := range entry.Steps {
		for i := range doc.Plan.Changes {
			if c := &doc.Plan.Changes[i]; c.ID == s.ID {
				c.Status = map[bool]string{true: "taken-back", false: "changed"}[s.State == apply.Undone]
			}
		}
	}
	if err != nil {
		doc.Refused, doc.Journal = err.Error(), ""
		for i := range doc.Plan.Changes {
			if c := &doc.Plan.Changes[i]; c.Status == "would-change" {
				c.Status = "refused"
			}
		}
	}
	if entry.Stands() { // also where it failed and could not be taken back
		doc.Journal = entry.ID
		doc.Undo = "synoptic diagnose --undo " + entry.ID
		if f.journal != defaultJournal() {
			doc.Undo += " --journal " + f.journal
		}
	}
}

// lookAgain looks for a window as long as the first one.
func (f *fixing) lookAgain(cmd *cobra.Command, from evidenceFrom, plan remedy.Plan, before diagnose.Report, doc *explain.Fix) error {
	if isTerminal(cmd.ErrOrStderr()) {
		fmt.Fprintln(cmd.ErrOrStderr(), languageOf(cmd).Say("fix-again", plan.Remedy))
	}
	seen, err := evidenceOf(cmd, from)
	if err != nil {
		return fmt.Errorf("it was changed, and one cannot look again: %w", err)
	}
	after := reportOn(seen, f.expected)
	outcome := plan.Outcome(before, after)
	document := explain.Document(after, f.lang)
	doc.Outcome, doc.Text, doc.After = string(outcome), explain.OutcomeText(plan, outcome, f.lang), &document
	return nil
}

func (f *fixing) print(cmd *cobra.Command, doc explain.Fix) error {
	return buffered(cmd, func(w *bufio.Writer) error {
		if f.format == "text" {
			return text.Fix(w, doc, styleOf(cmd))
		}
		return writeDocument(w, f.format, doc)
	})
}

// meantBy finds the one remedy that a word means.
func meantBy(report *diagnose.Report, word string) (remedy.Choice, error) {
	meant := remedy.Choose(report, word)
	if len(meant) == 1 {
		return meant[0], nil
	}
	var names []string
	for _, c := range remedy.Choices(report) {
		if len(meant) == 0 && len(c.Remedy.Changes) > 0 || c.Remedy.ID == idOf(word) {
			names = append(names, c.Name)
		}
	}
	switch {
	case len(meant) > 1:
		return remedy.Choice{}, usagef("--fix %s means several remedies: say %s", word, strings.Join(names, " or "))
	case !remedy.Known(idOf(word)):
		return remedy.Choice{}, usagef("there is no remedy %q%s", word, offered(names))
	default:
		return remedy.Choice{}, fmt.Errorf("nothing was changed: no finding calls for %s now%s", word, offered(names))
	}
}

func offered(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("; what can be done now: %s", strings.Join(names, ", "))
}

// idOf is the remedy's id in "cause/id@subject".
func idOf(word string) string {
	word, _, _ = strings.Cut(word, "@")
	if _, id, of := strings.Cut(word, "/"); of {
		return id
	}
	return word
}
