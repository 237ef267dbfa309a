package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
)

// widestHelp is how wide the help gets on a wide terminal.
const widestHelp = 100

// speak puts what a command and those below it say of themselves into a language:
// the help, and what the shell shows when it completes.
func speak(cmd *cobra.Command, l explain.Language) {
	cmd.InitDefaultHelpFlag()
	cmd.Short = l.Phrase(cmd.Short)
	if long := l.Manual(cmd.CommandPath()); long != "" {
		cmd.Long = strings.Join(wrapKept(long, min(terminalWidth(), defaultWidth)), "\n")
	}
	translate := func(f *pflag.Flag) { f.Usage = l.Phrase(f.Usage) }
	cmd.Flags().VisitAll(translate)
	cmd.PersistentFlags().VisitAll(translate)
	for _, sub := range cmd.Commands() {
		speak(sub, l)
	}
}

// wrapKept breaks the paragraphs of a text. What is indented, a command or a table,
// is kept.
func wrapKept(text string, width int) (kept []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" || line[0] == ' ' || line[0] == '\t' {
			kept = append(kept, line)
		} else {
			kept = append(kept, lines.WrapWhole(line, width)...)
		}
	}
	return kept
}

// newHelpCommand replaces cobra's, which answers an unknown verb with success.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Help for a verb",
		RunE: func(cmd *cobra.Command, args []string) error {
			verb, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usagef("%v", err)
			}
			if verb == cmd.Root() && len(rest) > 0 {
				return unknownVerb(verb, rest)
			}
			return verb.Help()
		},
	}
}

// writeHelp tells what a command is for, and how it is called.
func writeHelp(cmd *cobra.Command, w io.Writer) {
	about := cmd.Long
	if about == "" {
		about = cmd.Short
	}
	fmt.Fprintf(w, "%s\n\n", strings.TrimRight(about, " \n"))
	writeUsage(cmd, w)
}

// writeUsage tells how a command is called: the lines, examples, further verbs and
// flags.
func writeUsage(cmd *cobra.Command, w io.Writer) {
	l, width := languageOf(cmd), min(terminalWidth(), widestHelp)
	usage := []string{"  " + cmd.UseLine()}
	if cmd.HasAvailableSubCommands() {
		usage = append(usage, "  "+cmd.CommandPath()+" [command]")
	}
	sections := []helpSection{
		{"help-usage", usage},
		{"help-examples", strings.Split(cmd.Example, "\n")},
		{"help-commands", listed(verbsOf(cmd), width)},
		{"help-flags", listed(flagsOf(cmd.LocalFlags(), l), width)},
		{"help-global", listed(flagsOf(cmd.InheritedFlags(), l), width)},
	}
	between := ""
	for _, s := range sections {
		if strings.Join(s.lines, "") != "" {
			fmt.Fprintf(w, "%s%s\n%s\n", between, l.Say(s.title), strings.Join(s.lines, "\n"))
			between = "\n"
		}
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n%s\n", l.Say("help-more", cmd.CommandPath()))
	}
}

type helpSection struct {
	title string // the id of a label
	lines []string
}

// helpRow is something to type and what it does.
type helpRow struct{ typed, about string }

func verbsOf(cmd *cobra.Command) (rows []helpRow) {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			rows = append(rows, helpRow{"  " + sub.Name(), sub.Short})
		}
	}
	return rows
}

func flagsOf(flags *pflag.FlagSet, l explain.Language) (rows []helpRow) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		typed := "      --" + f.Name
		if f.Shorthand != "" {
			typed = "  -" + f.Shorthand + ", --" + f.Name
		}
		value, about := pflag.UnquoteUsage(f)
		switch {
		case value != "" && f.NoOptDefVal != "":
			typed += "[=" + value + "]"
		case value != "":
			typed += " " + value
		}
		if usual := usualOf(f); usual != "" {
			about = l.Say("help-default", about, usual)
		}
		rows = append(rows, helpRow{typed, about})
	})
	return rows
}

// usualOf is the value of a flag that nobody gives, as it would be typed, "" where
// that says nothing.
func usualOf(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "0", "0s", "[]", "true", "false":
		return ""
	}
	return f.DefValue
}

// widestTyped is how wide the first column gets; what is wider has a line of its own.
const widestTyped = 34

// listed puts rows below one another, broken to a width.
func listed(rows []helpRow, width int) (list []string) {
	column := 0
	for _, r := range rows {
		if wide := len(r.typed) + 3; wide <= widestTyped {
			column = max(column, wide)
		}
	}
	for _, r := range rows {
		wide := len(r.typed) >= column
		if wide {
			list = append(list, r.typed)
		}
		for i, line := range lines.WrapWhole(r.about, width-column) {
			typed := ""
			if i == 0 && !wide {
				typed = r.typed
			}
			list = append(list, lines.Pad(typed, column)+line)
		}
	}
	return list
}
