package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/scenario"
	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/tcp"
)

// labRunDocument is one run in JSON.
type labRunDocument struct {
	Scenario  string             `json:"scenario"`
	Expects   []string           `json:"expects"`
	Found     []string           `json:"found"`
	Pass      bool               `json:"pass"`
	Deferred  bool               `json:"deferred"`
	Why       []string           `json:"why,omitempty"` // what is wrong
	Seconds   float64            `json:"seconds"`
	Witnesses *witnessDocument   `json:"witnesses,omitempty"`
	Guard     *labGuardDocument  `json:"guard,omitempty"`
	Diagnosis *explain.Diagnosis `json:"diagnosis,omitempty"`
}

func newLabRunDocument(r *labRun, l explain.Language) labRunDocument {
	d := labRunDocument{
		Scenario: r.scenario.Name, Expects: r.scenario.Causes(), Found: append([]string{}, r.Found...),
		Pass: r.ok(), Deferred: len(r.Deferred) > 0, Why: append([]string{}, r.Failures...), Seconds: r.took.Seconds(), Witnesses: newWitnessDocument(r.witnesses),
	}
	d.Why = append(d.Why, r.unexplained()...)
	if r.err != nil {
		d.Why = append(d.Why, oneLine(r.err))
		return d
	}
	d.Guard = newLabGuardDocument(r.guarded, l)
	diagnosis := explain.Document(r.report, l)
	d.Diagnosis = &diagnosis
	return d
}

// labView shows runs as they end, and all of them at the end.
type labView struct {
	cmd     *cobra.Command
	format  string
	all     bool
	total   int
	started time.Time
	mu      sync.Mutex
	done    int
	shown   bool // the one scenario, before its world ended
}

func newLabView(cmd *cobra.Command, format string, all bool, scenarios []scenario.Scenario) *labView {
	v := &labView{cmd: cmd, format: format, all: all, total: len(scenarios), started: time.Now()}
	if !all {
		fmt.Fprintln(cmd.ErrOrStderr(), languageOf(cmd).Say("lab-building"))
	}
	if !all && scenarios[0].Guarded != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), languageOf(cmd).Say("lab-guard-soon"))
	}
	return v
}

// progress says that one more run is over. Lines of text are the result itself;
// a person who waits for JSON gets a count.
func (v *labView) progress(r *labRun) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done++
	switch {
	case !v.all:
	case v.format == "text":
		fmt.Fprintf(v.cmd.OutOrStdout(), "%3d/%d  %s\n", v.done, v.total, summaryLine(r, languageOf(v.cmd)))
	case isTerminal(v.cmd.ErrOrStderr()):
		fmt.Fprintf(v.cmd.ErrOrStderr(), wipeLine+"%s", languageOf(v.cmd).Say("lab-progress", v.done, v.total))
	}
}

// errLabFailed ends the program with code 1; what failed has been said.
var errLabFailed = errors.New("the lab found a difference")

func (v *labView) finish(runs []labRun) error {
	if v.format == "json" {
		return v.finishJSON(runs)
	}
	if !v.all {
		return v.finishOne(&runs[0])
	}
	passed, deferred, failed := 0, 0, 0
	for i := range runs {
		switch {
		case !runs[i].ok():
			failed++
		case len(runs[i].Deferred) > 0:
			deferred++
		default:
			passed++
		}
	}
	l := languageOf(v.cmd)
	fmt.Fprintf(v.cmd.OutOrStdout(), "\n%s\n",
		l.Say("lab-sum", len(runs), rights(l), fmt.Sprintf("%.0f", time.Since(v.started).Seconds()), passed, deferred, failed))
	if failed > 0 {
		return fmt.Errorf("%w: %d of %d scenarios", errLabFailed, failed, len(runs))
	}
	return nil
}

func rights(l explain.Language) string {
	if lab.Inside() {
		return l.Say("lab-as-user")
	}
	return l.Say("lab-as-root")
}

func (v *labView) finishJSON(runs []labRun) error {
	document := struct {
		Runs []labRunDocument `json:"runs"`
	}{Runs: []labRunDocument{}}
	failed := 0
	for i := range runs {
		document.Runs = append(document.Runs, newLabRunDocument(&runs[i], documentLanguage(v.cmd, "json")))
		if !runs[i].ok() {
			failed++
		}
	}
	if v.all && isTerminal(v.cmd.ErrOrStderr()) {
		fmt.Fprint(v.cmd.ErrOrStderr(), wipeLine)
	}
	err := buffered(v.cmd, func(w *bufio.Writer) error { return writeDocument(w, "json", document) })
	if err == nil && failed > 0 {
		err = fmt.Errorf("%w: %d of %d scenarios", errLabFailed, failed, len(runs))
	}
	return err
}

// keep shows what was found while the world stands, and waits.
func (v *labView) keep(ctx context.Context, w *lab.World, r *labRun) {
	if v.format == "text" {
		v.shown = v.showOne(r) == nil
	}
	waitForEnter(ctx, v.cmd, w)
}

// finishOne tells a person about the one scenario that was asked for.
func (v *labView) finishOne(r *labRun) error {
	if r.err != nil {
		return fmt.Errorf("%s: %w", r.scenario.Name, r.err)
	}
	if !v.shown {
		if err := v.showOne(r); err != nil {
			return err
		}
	}
	if !r.ok() {
		return fmt.Errorf("%w: %s", errLabFailed, r.scenario.Name)
	}
	return nil
}

func (v *labView) showOne(r *labRun) error {
	style := styleOf(v.cmd)
	return buffered(v.cmd, func(w *bufio.Writer) error {
		describeScenario(w, r.scenario, style)
		if err := text.Diagnosis(w, explain.Document(r.report, style.Language), style); err != nil {
			return err
		}
		if r.guarded != nil {
			if err := writeLabGuard(w, r.guarded, style); err != nil {
				return err
			}
		}
		if r.witnesses != nil {
			if err := writeWitnesses(w, r.witnesses, languageOf(v.cmd)); err != nil {
				return err
			}
		}
		fmt.Fprintf(w, "\n%s\n", summaryLine(r, style.Language))
		return nil
	})
}

func describeScenario(w io.Writer, s scenario.Scenario, style text.Style) {
	width := style.Width
	if width <= 0 {
		width = defaultWidth
	}
	words := scenarioWords(s, style.Language)
	fmt.Fprintf(w, "%s\n\n", words.Title)
	text.Paragraph(w, words.About, width)
	text.Paragraph(w, style.Language.Say("lab-by-hand", style.Language.Phrase(s.ByHand)), width)
	fmt.Fprintf(w, "%s\n\n", style.Language.Say("lab-seen-from", s.At))
}

// scenarioWords is what is said about a scenario.
func scenarioWords(s scenario.Scenario, l explain.Language) explain.ScenarioText {
	return explain.ScenarioWords(s.Name, explain.ScenarioText{Title: s.Title, About: s.About}, l)
}

// phrases joins what is wrong.
func phrases(list []string, l explain.Language) string {
	said := make([]string, len(list))
	for i, text := range list {
		said[i] = l.Phrase(text)
	}
	return strings.Join(said, l.Say("semicolon"))
}

// summaryLine is a run in one line: what was expected, and what came of it.
func summaryLine(r *labRun, l explain.Language) string {
	word, more := l.Say("lab-pass"), strings.Join(r.Found, l.Say("comma"))
	switch {
	case r.err != nil:
		word, more = l.Say("lab-fail"), l.Phrase(oneLine(r.err))
	case !r.Pass():
		word, more = l.Say("lab-fail"), phrases(r.Failures, l)
	case r.unexplained() != nil:
		word, more = l.Say("lab-fail"), phrases(r.unexplained(), l)
	case len(r.Deferred) > 0:
		word, more = l.Say("lab-deferred"), l.Say("lab-unsettled", strings.Join(r.Deferred, l.Say("comma")))
	case len(r.Found) == 0:
		more = l.Say("lab-nothing")
	}
	return fmt.Sprintf("%s  %-30s  %5.1f s  %s", lines.Pad(word, 8), r.scenario.Name, r.took.Seconds(), more)
}

func newLabListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "The scenarios: what each shows and which cause must be named",
		Args:  noArguments,
	}
	format := addOutputFlag(cmd, "text", "wide", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		l := documentLanguage(cmd, format.value)
		return buffered(cmd, func(w *bufio.Writer) error {
			switch format.value {
			case "json":
				return writeDocument(w, "json", scenarioList(l))
			case "wide":
				for _, s := range scenario.All() {
					fmt.Fprintln(w, l.Say("odd", s.Name, expected(s, l)))
					describeScenario(w, s, styleOf(cmd))
				}
			default:
				for _, s := range scenario.All() {
					fmt.Fprintf(w, "%-28s  %s\n%-28s  %s\n", s.Name, scenarioWords(s, l).Title, "", expected(s, l))
				}
			}
			return nil
		})
	}
	return cmd
}

func expected(s scenario.Scenario, l explain.Language) string {
	if len(s.Expects) == 0 {
		return l.Say("lab-healthy")
	}
	return l.Say("lab-cause", strings.Join(s.Causes(), l.Say("comma")))
}

type scenarioDocument struct {
	Scenario string      `json:"scenario"`
	Title    string      `json:"title"`
	Expects  []string    `json:"expects"`
	States   []tcp.State `json:"states"`
	About    string      `json:"about"`
	ByHand   string      `json:"by_hand"`
	At       string      `json:"at"`
	HandMade bool        `json:"hand_made,omitempty"`
}

func scenarioList(l explain.Language) any {
	list := struct {
		Scenarios []scenarioDocument `json:"scenarios"`
	}{}
	for _, s := range scenario.All() {
		words := scenarioWords(s, l)
		list.Scenarios = append(list.Scenarios, scenarioDocument{
			Scenario: s.Name, Title: words.Title, Expects: s.Causes(), States: append([]tcp.State{}, s.States()...),
			About: words.About, ByHand: s.ByHand, At: s.At, HandMade: s.Made != nil,
		})
	}
	return list
}
