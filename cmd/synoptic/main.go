// Command synoptic sees every TCP connection of a host by its state and says
// why a state piles up. This package is wiring: one file a verb.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes of the contract. A source that could not be read is said in
// the output and is no failure.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	playActor()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with everything it touches as arguments.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(socketArguments(args))
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	l := languageIn(args)
	speak(root, l)
	err := root.Execute()
	if err == nil {
		return exitDone
	}
	var ended *checkEnded
	if errors.As(err, &ended) {
		return int(ended.status)
	}
	if !brokenPipe(err) {
		notes{stderr, l}.say("%v", err)
	}
	return exitCode(err)
}

// usageError is a mistake in how the program was called.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// usagef makes the error of a wrong call, which ends the program with code 2.
func usagef(format string, args ...any) error {
	return &usageError{text: fmt.Sprintf(format, args...)}
}

func exitCode(err error) int {
	var usage *usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func newRootCommand() *cobra.Command {
	cobra.EnableCommandSorting = false // the main job comes first
	root := &cobra.Command{
		Use:   "synoptic",
		Short: "Why are there so many connections in this state?",
		Long: `synoptic looks at every TCP connection of this host by its state, and says
why a state piles up: the cause, the evidence, what was ruled out, what will
happen if nobody acts, and what to do.

Start with "synoptic diagnose". Without --fix it only looks; it needs no
configuration, and root only to see other users' processes.`,
		Args:                       unknownVerb,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
	}
	root.PersistentFlags().Var(newChoice("auto", "auto", "always", "never"), "color", "colour: auto, always or never")
	addLanguageFlag(root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; see \"%s --help\"", err, cmd.CommandPath())
	})
	root.AddCommand(newDiagnoseCommand(), newStatesCommand(), newSocketsCommand(), newListenersCommand(), newTraceCommand(), newBaselineCommand(),
		newRecordCommand(), newCheckCommand(), newExplainCommand(), newSimulateCommand(), newReadCommand(), newCaptureCommand(), newLabCommand(), newGuardCommand(), newVersionCommand())
	root.SetHelpCommand(newHelpCommand())
	root.InitDefaultHelpCmd()
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(cmd, cmd.OutOrStdout()) })
	root.SetUsageFunc(func(cmd *cobra.Command) error { writeUsage(cmd, cmd.OutOrStderr()); return nil })
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		refuseUnknown(cmd)
	}
	return root
}

// unknownVerb says which verb was probably meant.
func unknownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("there is no verb %q; did you mean %q?", args[0], near[0])
	}
	return usagef("there is no verb %q; see \"%s --help\"", args[0], cmd.CommandPath())
}

// refuseUnknown makes a command that only has further verbs refuse others, for
// which cobra shows the help and succeeds.
func refuseUnknown(cmd *cobra.Command) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = unknownVerb
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error { return asUsage(cmd, check(cmd, args)) }
	}
	for _, sub := range cmd.Commands() {
		refuseUnknown(sub)
	}
}

// asUsage turns what cobra says of wrong arguments into one line and code 2.
func asUsage(cmd *cobra.Command, err error) error {
	if err == nil || exitCode(err) == exitUsage {
		return err
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return usagef("%s; see \"%s --help\"", line, cmd.CommandPath())
}

// noArguments is for verbs that take none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("%q: %s takes no argument; see \"%s --help\"", args[0], cmd.Name(), cmd.CommandPath())
}
