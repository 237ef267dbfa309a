package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/inventory"
	"github.com/synoptic-net/synoptic/tcp"
)

// status is the exit code of a monitoring plugin.
type status int

const (
	statusOK status = iota
	statusWarning
	statusCritical
	statusUnknown
)

func (s status) String() string { return [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}[s] }

// checkEnded carries the exit code of check to main; what there is to say has
// been said.
type checkEnded struct{ status status }

func (e *checkEnded) Error() string { return "check: " + e.status.String() }

type checkOptions struct {
	causes            []string
	state             string
	warning, critical float64
	window            *window
	language          explain.Language // English unless it is asked for: a program reads the line
}

func newCheckCommand() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "One line and an exit code for monitoring",
		Long: `Diagnoses this network namespace and prints one line with performance data, as
monitoring plugins do. The exit code is that of the worst finding: 2 critical,
1 warning, 0 else; 3 when sockets cannot be read, when a cause that was asked for
cannot be judged, and for a wrong call.

With --state the exit code comes from how much of its limit a state uses: the
fullest queue of a listener for LISTEN and SYN-RECEIVED, tcp_max_tw_buckets or the
ports towards one destination for TIME-WAIT, the ports towards one destination
for SYN-SENT, the descriptors of the process that holds most for all others.`,
		Example: `  synoptic check
  synoptic check --cause syn-flood,accept-stalled
  synoptic check --state close-wait --warning 0.5 --critical 0.8`,
	}
	cmd.Flags().StringSliceVar(&o.causes, "cause", nil, "only these `CAUSES`, by commas")
	cmd.Flags().StringVar(&o.state, "state", "", "compare a `STATE` with its limit instead of diagnosing")
	cmd.Flags().Float64Var(&o.warning, "warning", 0.8, "with --state: `RATIO` of the limit that is a warning")
	cmd.Flags().Float64Var(&o.critical, "critical", 0.95, "with --state: `RATIO` of the limit that is critical")
	o.window = addWindowFlag(cmd)
	wrong := func(err error) error {
		line{status: statusUnknown, text: documentLanguage(cmd, "json").Phrase(oneError(err))}.write(cmd.OutOrStdout())
		return &checkEnded{statusUnknown}
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return wrong(err) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := noArguments(cmd, args); err != nil {
			return wrong(err)
		}
		o.language = documentLanguage(cmd, "json")
		result, err := o.check(cmd)
		if err != nil {
			return wrong(err)
		}
		result.write(cmd.OutOrStdout())
		if result.status != statusOK {
			return &checkEnded{result.status}
		}
		return nil
	}
	return cmd
}

func oneError(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// line is what a plugin prints.
type line struct {
	status status
	text   string
	data   []string
}

func (l line) write(w io.Writer) {
	text := strings.ReplaceAll(l.text, "|", "/") // the bar begins the performance data
	fmt.Fprintf(w, "SYNOPTIC %s - %s", l.status, text)
	if len(l.data) > 0 {
		fmt.Fprintf(w, " | %s", strings.Join(l.data, " "))
	}
	fmt.Fprintln(w)
}

func (o *checkOptions) check(cmd *cobra.Command) (line, error) {
	if err := o.valid(); err != nil {
		return line{}, err
	}
	if o.state != "" {
		return o.checkState(cmd)
	}
	seen, err := look(cmd, time.Duration(*o.window), nil)
	if err != nil {
		return line{}, err
	}
	return o.judge(diagnose.Diagnose(seen)), nil
}

func (o *checkOptions) valid() error {
	for _, cause := range o.causes {
		known := func(row diagnose.Row) bool { return string(row.Cause) == cause }
		if !slices.ContainsFunc(diagnose.Catalogue(), known) {
			return fmt.Errorf("there is no cause %q", cause)
		}
	}
	switch {
	case o.state != "" && len(o.causes) > 0:
		return errors.New("--state compares with a limit and --cause diagnoses: leave one of them out")
	case o.warning < 0 || o.critical < o.warning:
		return errors.New("--critical may not be below --warning, and neither below 0")
	}
	return nil
}

// judge makes the line of a report.
func (o *checkOptions) judge(report diagnose.Report) line {
	l := line{text: o.language.Say("check-fine"), data: stateData(report.States)}
	for _, f := range explain.Document(report, o.language).Findings {
		if len(o.causes) > 0 && !slices.Contains(o.causes, f.Cause) {
			continue
		}
		if s := statusOf(f.Severity); s > l.status {
			l.status, l.text = s, o.language.Say("check-finding", f.Cause, o.language.Say("confidence-"+f.Confidence), f.Summary)
		}
	}
	for _, n := range report.NotAssessed {
		if l.status == statusOK && slices.Contains(o.causes, string(n.Cause)) {
			return line{statusUnknown, o.language.Say("check-unjudged", string(n.Cause), strings.Join(n.Needs, o.language.Say("and-list"))), l.data}
		}
	}
	return l
}

func statusOf(severity string) status {
	switch severity {
	case diagnose.Critical.String():
		return statusCritical
	case diagnose.Warning.String():
		return statusWarning
	default:
		return statusOK
	}
}

func stateData(counts tcp.Counts) (data []string) {
	for _, s := range tcp.States() {
		data = append(data, fmt.Sprintf("%s=%d", strings.ToLower(s.String()), counts[s]))
	}
	return data
}

// checkState compares a state with its limit, in one look.
func (o *checkOptions) checkState(cmd *cobra.Command) (line, error) {
	state, err := host.ParseState(o.state)
	if err != nil {
		return line{}, err
	}
	seen, err := look(cmd, 0, nil)
	if err != nil {
		return line{}, err
	}
	sockets := seen.Last().Sockets
	owners := inventory.NewOwners(seen.ProcessesBefore, !seen.Has(evidence.SourceProcesses))
	l := line{data: stateData(seen.Last().Count())}
	worst, ok := inventory.RatioOf(state, sockets, owners, seen.Settings)
	if !ok {
		l.text = o.language.Say("check-no-limit", seen.Last().Count()[state], state)
		return l, nil
	}
	l.text = o.language.Say("check-limit", state, fmt.Sprintf("%.0f", 100*worst.Value()), worst)
	l.data = append([]string{fmt.Sprintf("ratio=%.4f;%g;%g;0", worst.Value(), o.warning, o.critical)}, l.data...)
	switch {
	case worst.Value() >= o.critical:
		l.status = statusCritical
	case worst.Value() >= o.warning:
		l.status = statusWarning
	}
	return l, nil
}
