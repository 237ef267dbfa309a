package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/text"
)

const diagnoseLong = `Looks at this network namespace for a while, or reads a recorded bundle, and
says which states pile up, why, what was ruled out, what will happen if nobody
acts, and what to do. It changes nothing but with --fix and --undo, and sends
nothing but with --probe.

Where it may (CAP_NET_RAW) it also listens to the packets of that time: they tell
where on the way a handshake is lost, and who drops it.

With --probe (CAP_NET_RAW) it asks at most 32 peers, when the window is over,
whether they live, and says before what it will send to whom:
  - idle connections, by an empty segment with numbers that do not fit. Who has
    the connection acknowledges it and changes nothing, who has not answers RST,
    and a dead host nothing: ESTABLISHED that is not.
  - peers that leave data or a SYN unanswered, by an ICMP echo request, and by a
    new connection where we dialled. An echo proves little: a gateway may answer
    in the peer's name, and many hosts answer TCP and no echo.
What is silent is asked once more. The connections stay as they are.

With --fix it carries out a remedy that it names now, in this network namespace:
what stood there before is written to a journal first, it looks again, and says
whether it helped. --dry-run shows what it would do. --undo puts back exactly what
stood there before.`

func newDiagnoseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diagnose",
		Short: "Why do sockets pile up? Causes, evidence, fate and remedies",
		Long:  diagnoseLong,
		Example: `  synoptic diagnose
  synoptic diagnose --for 30s -o json
  synoptic diagnose --watch
  synoptic diagnose --probe
  synoptic diagnose --bundle incident.bundle
  synoptic diagnose --fix enable-syn-cookies --dry-run
  synoptic diagnose --undo`,
	}
	window := addWindowFlag(cmd)
	bundle := cmd.Flags().String("bundle", "", "diagnose the `FILE` that \"record\" wrote, - being standard input")
	everywhere := cmd.Flags().Bool("all-netns", false, "every network namespace of this host, at the same time")
	pastedText := cmd.Flags().String("netstat", "", "diagnose `FILE`, the output of netstat, ss or /proc/net/tcp of any system; - is standard input")
	baseline := cmd.Flags().String("baseline", "", "what \"baseline\" wrote when all was well, in `FILE`: name listeners that are not in it")
	watch, times := watchFlag(cmd)
	probe := probeFlag(cmd)
	format := addOutputFlag(cmd, "text", "json", "jsonl", "yaml")
	fix := addFixFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkDiagnoseFlags(cmd); err != nil {
			return err
		}
		if fix.undoing(cmd) {
			return fix.undo(cmd, args, documentLanguage(cmd, format.value), format.value)
		}
		if err := checkWatch(cmd, *watch, *times, format.value); err != nil {
			return err
		}
		expected, err := expectedListeners(*baseline)
		if err != nil {
			return err
		}
		from := evidenceFrom{bundle: *bundle, text: *pastedText, window: time.Duration(*window), everywhere: *everywhere, probe: *probe}
		if *watch {
			return (&watching{cmd: cmd, from: from, expected: expected, format: format.value, times: *times}).run()
		}
		seen, err := evidenceOf(cmd, from)
		if err != nil {
			return err
		}
		if fix.word != "" {
			return fix.run(cmd, from, seen, expected, documentLanguage(cmd, format.value), format.value)
		}
		document := explain.Document(reportOn(seen, expected), documentLanguage(cmd, format.value))
		return buffered(cmd, func(w *bufio.Writer) error {
			if format.value == "text" {
				return text.Diagnosis(w, document, styleOf(cmd))
			}
			return writeDocument(w, format.value, document)
		})
	}
	return cmd
}

// expectedListeners reads the baseline, before the window and not after it.
func expectedListeners(path string) (*host.Baseline, error) {
	if path == "" {
		return nil, nil
	}
	return readBaseline(path)
}

func checkDiagnoseFlags(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	switch {
	case given("bundle") && given("for"):
		return usagef("--for is the time to look; a bundle has its own: leave one of --for and --bundle out")
	case given("netstat") && given("for"):
		return usagef("--for is the time to look, and a text is one moment: leave one of --for and --netstat out")
	case given("all-netns") && (given("bundle") || given("netstat")):
		return usagef("--all-netns looks at this host: leave it out with --bundle and --netstat")
	case given("netstat") && given("bundle"):
		return usagef("--netstat and --bundle are two sources of evidence: leave one of them out")
	}
	if err := checkProbe(given); err != nil {
		return err
	}
	return checkFix(given)
}

// evidenceFrom says where evidence comes from: a file, or else this host.
type evidenceFrom struct {
	bundle, text string
	window       time.Duration
	everywhere   bool
	probe        bool // peers may be asked
}

// evidenceOf returns what was seen; with several network namespaces that of the
// first, which holds the others.
func evidenceOf(cmd *cobra.Command, from evidenceFrom) (*evidence.Bundle, error) {
	switch {
	case cmd.Flags().Changed("bundle"):
		return readBundle(from.bundle, cmd.InOrStdin())
	case cmd.Flags().Changed("netstat"):
		text, err := readText(from.text, cmd.InOrStdin(), notesOf(cmd))
		if err != nil {
			return nil, err
		}
		return bundleOfText(text, time.Now()), nil
	case from.everywhere:
		return lookEverywhere(cmd, from.window)
	default:
		return look(cmd, from.window, announcement(cmd, from.probe))
	}
}

// reportOn diagnoses a bundle. What is expected to listen is known of the namespace
// that we are in.
func reportOn(seen *evidence.Bundle, expected *host.Baseline) diagnose.Report {
	if expected != nil {
		seen.Baseline = expected
	}
	return diagnose.Diagnose(seen)
}

func readBundle(path string, stdin io.Reader) (*evidence.Bundle, error) {
	if path == "-" {
		bundle, err := evidence.Read(stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return bundle, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	bundle, err := evidence.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return bundle, nil
}
