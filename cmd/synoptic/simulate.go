package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/simulate"
)

// listWord is the argument that asks for all stories.
const listWord = "list"

// ownStory is what flags change where no story is named.
const ownStory = "exchange"

func newSimulateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "simulate [STORY | list]",
		Short: "Two ends of TCP and a network that loses, delays and lies, step by step",
		Long: `Plays a story of two TCP ends by the rules of RFC 9293 and draws it: the states
of both ends in the margins, the segments between them, and at each step the
row of the table and the section of the RFC that ask for it. "list" names all
stories. Nothing is sent anywhere; minutes of simulated time take no time.

The flags change the story, or an exchange of text where none is named. WHICH
says which segments are meant:

  SYN-ACK:2            the second SYN,ACK; SYN, ACK, DATA, FIN, RST likewise
  responder:FIN        each FIN of the responder
  DATA:2..4  ACK:2..   the second to fourth; all from the second on
  5%  originator:20%   one in twenty, as --seed decides
  @5s  ACK@1s..3s      sent from then on; sent in this time
  all                  every segment

WHAT, for --do, is a call of the user (passive-OPEN, OPEN, SEND=OCTETS, RECEIVE,
CLOSE, ABORT) or what fate does to an end (crash, vanish, return). WHEN is a
time (2s) or a state of that end (ESTABLISHED, CLOSE-WAIT+500ms).`,
		Example: `  synoptic simulate list
  synoptic simulate handshake
  synoptic simulate close --lose FIN:1 --delay 80ms
  synoptic simulate --lose 20% --reorder 20% --seed 7
  synoptic simulate handshake --do originator:CLOSE@1s --do responder:CLOSE@1s
  synoptic simulate time-wait-assassination -o svg > assassination.svg`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return storyNames(args), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.AddCommand(newExploreCommand())
	var changes simulate.Changes
	addChangeFlags(cmd, &changes)
	format := addOutputFlag(cmd, "text", "wide", "json", "svg")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		name := strings.Join(args, "")
		if name == listWord {
			return buffered(cmd, func(w *bufio.Writer) error { return writeStories(cmd, w, format.value) })
		}
		changed := changesGiven(cmd)
		if name == "" && !changed {
			return buffered(cmd, func(w *bufio.Writer) error { return writeStories(cmd, w, format.value) })
		}
		return simulateStory(cmd, name, changed, &changes, format.value)
	}
	return cmd
}

func addChangeFlags(cmd *cobra.Command, c *simulate.Changes) {
	flags := cmd.Flags()
	flags.StringArrayVar(&c.Lose, "lose", nil, "lose `WHICH` segments")
	flags.StringArrayVar(&c.Duplicate, "duplicate", nil, "a copy of `WHICH` arrives too; FIN:1=3s: that much later")
	flags.StringArrayVar(&c.Delay, "delay", nil, "one way takes `[WHICH=]TIME`: 50ms, originator=10ms, ACK:1=3s, 50ms..80ms")
	flags.StringArrayVar(&c.Reorder, "reorder", nil, "hold `WHICH` back so that later ones overtake it; 10%=100ms: for that long")
	flags.StringVar(&c.Rewrite, "rewrite", "", "a gateway rewrites `HOW`: there (the destination alone, DNAT without SNAT) or both (answers too)")
	flags.Var((*window)(&c.ForgetAfter), "forget-after", "a firewall on the way forgets connections that are idle for this `TIME`")
	flags.StringArrayVar(&c.Do, "do", nil, "something more happens: `SIDE:WHAT[@WHEN]`, responder:CLOSE@2s")
	flags.Var((*window)(&c.TimeWait), "time-wait", "2 MSL is this `TIME`, not four minutes")
	flags.Var((*window)(&c.Keepalive), "keepalive", "both ends send keep-alives after this `TIME` of silence")
	flags.Uint64Var(&c.Seed, "seed", 0, "what chance decides, it decides by this `NUMBER`")
	c.For = time.Hour
	flags.Var((*window)(&c.For), "for", "stop after this `TIME` of the story")
}

// changesGiven tells whether some flag changes the story.
func changesGiven(cmd *cobra.Command) (changed bool) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		changed = changed || f.Name != "output" && f.Name != "color" && f.Name != "lang"
	})
	return changed
}

func storyNames(args []string) (names []string) {
	if len(args) > 0 {
		return nil
	}
	for _, s := range simulate.Stories() {
		names = append(names, s.Name)
	}
	return append(names, listWord)
}

func simulateStory(cmd *cobra.Command, name string, changed bool, changes *simulate.Changes, format string) error {
	if name == "" {
		name = ownStory
	}
	story, ok := simulate.FindStory(name)
	if !ok {
		if near := nearest(name, storyNames(nil)); near != "" {
			return usagef("there is no story %q; did you mean %q?", name, near)
		}
		return usagef("there is no story %q; see \"synoptic simulate list\"", name)
	}
	config, err := changes.Apply(story.Config)
	if err != nil {
		return usagef("%v", err)
	}
	result := simulate.Run(config)
	lang := documentLanguage(cmd, format)
	return buffered(cmd, func(w *bufio.Writer) error {
		ladder := explain.StoryLadder(name, changed, &result, lang)
		switch format {
		case "json":
			return writeDocument(w, format, explain.SimulationDocument(name, changed, &result, lang))
		case "svg":
			_, err := io.WriteString(w, ladder.SVG())
			return err
		default:
			return text.Ladder(w, ladder, format == "wide", styleOf(cmd))
		}
	})
}

func writeStories(cmd *cobra.Command, w io.Writer, format string) error {
	lang := documentLanguage(cmd, format)
	switch format {
	case "json":
		return writeDocument(w, format, explain.Stories(lang))
	case "svg":
		return usagef("a list has no picture; name a story, or choose -o text or json")
	default:
		_, err := fmt.Fprint(w, explain.StoriesText(terminalWidth(), format == "wide", lang))
		return err
	}
}
