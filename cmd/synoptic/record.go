package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/explain"
)

func newRecordCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "record FILE",
		Short: "Save what a diagnosis would use, to diagnose it later or elsewhere",
		Long: `Looks at this network namespace for a while and writes the evidence to FILE, or
to standard output for "-". "synoptic diagnose --bundle FILE" reads it, on any
system. FILE appears whole or not at all, and only you may read it.

--anonymize replaces addresses and names so that the bundle can be shown to
others; networks, ports and counts stay, and so does the diagnosis.

--probe asks silent peers whether they live, as "synoptic diagnose --probe" does.`,
		Example: `  synoptic record incident.bundle --for 30s
  synoptic record - | ssh laptop synoptic diagnose --bundle -`,
		Args: oneFile,
	}
	window := addWindowFlag(cmd)
	probe := probeFlag(cmd)
	everywhere := cmd.Flags().Bool("all-netns", false, "every network namespace of this host, at the same time")
	anonymize := cmd.Flags().Bool("anonymize", false, "replace addresses and names, with a key that is thrown away")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] == "-" && isTerminal(cmd.OutOrStdout()) {
			return usagef("a bundle is no text for a terminal; name a FILE or redirect standard output")
		}
		if err := checkProbe(cmd.Flags().Changed); err != nil {
			return err
		}
		path, err := checkTarget(args[0])
		if err != nil {
			return err
		}
		bundle, err := lookAtAll(cmd, *everywhere, time.Duration(*window), *probe)
		if err != nil {
			return err
		}
		if *anonymize {
			bundle = evidence.Anonymize(bundle, newKey())
		}
		if err := save(cmd, path, bundle); err != nil {
			return err
		}
		reportRecorded(cmd.ErrOrStderr(), bundle, args[0], languageOf(cmd))
		return nil
	}
	return cmd
}

// lookAtAll looks at this network namespace, or at all of them.
func lookAtAll(cmd *cobra.Command, everywhere bool, window time.Duration, probe bool) (*evidence.Bundle, error) {
	if everywhere {
		return lookEverywhere(cmd, window)
	}
	return look(cmd, window, announcement(cmd, probe))
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("record needs one FILE to write, - being standard output; %d were given", len(args))
	}
	return nil
}

func newKey() []byte {
	key := make([]byte, 32)
	rand.Read(key) // never fails: it ends the program when the system has no randomness
	return key
}

// checkTarget finds out before the window whether the file can be written at
// its end, and returns where it really lies. Only a regular file may be
// replaced: renaming onto a device would destroy it.
func checkTarget(path string) (string, error) {
	if path == "-" {
		return path, nil
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return "", fmt.Errorf("%s is a directory; name a file in it", path)
	case err == nil && !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a regular file; use - and redirect standard output", path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	probe, err := temporary(path)
	if err != nil {
		return "", err
	}
	return path, firstError(probe.Close, func() error { return os.Remove(probe.Name()) })
}

// temporary makes a file beside path, whence it can be renamed to path.
func temporary(path string) (*os.File, error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	var why *fs.PathError
	if errors.As(err, &why) {
		return nil, fmt.Errorf("%s cannot be written: %w", path, why.Err) // without the name that nobody gave
	}
	return file, err
}

func save(cmd *cobra.Command, path string, bundle *evidence.Bundle) error {
	if path != "-" {
		return writeAtomically(path, func(w io.Writer) error { return evidence.Write(w, bundle) })
	}
	return buffered(cmd, func(w *bufio.Writer) error { return evidence.Write(w, bundle) })
}

// writeAtomically lets path appear whole or not at all, even if the power
// fails in between.
func writeAtomically(path string, write func(io.Writer) error) (err error) {
	file, err := temporary(path)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	buffer := bufio.NewWriterSize(file, 1<<20)
	err = firstError(
		func() error { return write(buffer) }, buffer.Flush, file.Sync, file.Close,
		func() error { return os.Rename(file.Name(), path) },
	)
	if err != nil {
		file.Close() // a second time does no harm
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// firstError runs the steps until one fails.
func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder makes the rename last. Some systems cannot sync a folder; the file
// itself is safe by then.
func syncFolder(path string) {
	if folder, err := os.Open(path); err == nil {
		_ = folder.Sync()
		_ = folder.Close()
	}
}

// reportRecorded says what is in the bundle, and what is missing.
func reportRecorded(w io.Writer, bundle *evidence.Bundle, path string, l explain.Language) {
	sockets := 0
	for _, b := range append([]*evidence.Bundle{bundle}, bundle.Namespaces...) {
		if last := b.Last(); last != nil {
			sockets += len(last.Sockets)
		}
	}
	window := fmt.Sprintf("%.1f", bundle.Window().Seconds())
	if n := len(bundle.Namespaces); n > 0 {
		fmt.Fprintln(w, l.Say("record-done-namespaces", window, sockets, n+1, path))
	} else {
		fmt.Fprintln(w, l.Say("record-done", window, sockets, path))
	}
	var missing []string
	for _, source := range bundle.Sources {
		if !source.OK {
			missing = append(missing, source.Name)
		}
	}
	if len(missing) > 0 {
		fmt.Fprintln(w, l.Say("seen-not")+strings.Join(missing, l.Say("and-list")))
	}
}
