package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/packet"
)

// captureFiles writes pcapng to a file, to several in turn, or to standard
// output. What reaches the file is whole blocks always, so that it can be read
// whatever ends the program.
type captureFiles struct {
	run    *capturing
	about  packet.Section
	number int      // of the open file, from 1
	kept   []string // files of this run that are there
	file   *os.File // nil for standard output
	blocks *wholeBlocks
	ng     *packet.NGWriter
	gone   int // files that were taken away
}

func newCaptureFiles(c *capturing) (*captureFiles, error) {
	name, _ := os.Hostname()
	w := &captureFiles{run: c, about: packet.Section{
		Host: name, System: strings.TrimSpace(runtime.GOOS + " " + kernelRelease()), Program: "synoptic " + thisVersion().Version, Comment: c.flags.comment,
	}}
	return w, w.begin()
}

// begin opens the next file and writes what stands before the first packet.
func (w *captureFiles) begin() (err error) {
	var to io.Writer = w.run.cmd.OutOrStdout()
	if w.run.flags.write != "-" {
		w.number++
		path := w.path(w.number)
		if w.file, err = createCapture(path); err != nil {
			return err
		}
		w.kept = append(w.kept, path)
		to = w.file
	}
	w.blocks = &wholeBlocks{to: to}
	about := w.about
	about.Comment = strings.Join(append(emptyOr(about.Comment), w.run.notes.found()...), "\n")
	if w.ng, err = packet.NewSectionWriter(w.blocks, about); err != nil {
		return err
	}
	for _, i := range w.run.source.Interfaces() {
		if _, err := w.ng.AddFiltered(i, w.run.filter.String()); err != nil {
			return err
		}
	}
	return w.blocks.flush()
}

// emptyOr is a list of the text, if there is one.
func emptyOr(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// path is the name of the n-th file: as given, or with a number.
func (w *captureFiles) path(n int) string {
	given := w.run.flags.write
	if w.run.flags.rotateSize == 0 {
		return given
	}
	extension := filepath.Ext(given)
	return fmt.Sprintf("%s-%04d%s", strings.TrimSuffix(given, extension), n, extension)
}

// createCapture makes a file that only its owner may read. Anything but a file
// is left alone.
func createCapture(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file; use -w - and redirect standard output", path)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	var why *fs.PathError
	if errors.As(err, &why) {
		return nil, fmt.Errorf("%s cannot be written: %w", path, why.Err)
	}
	if err == nil && info != nil && info.Mode().Perm()&0o077 != 0 {
		_ = file.Chmod(0o600) // a file that was there; some file systems know no rights
	}
	return file, err
}

func (w *captureFiles) take(f *packet.Frame) error {
	limit := int64(w.run.flags.rotateSize)
	// a block has 32 octets besides the packet, and options
	if limit > 0 && w.blocks.total+int64(len(f.Data)+len(f.Comment))+256 > limit {
		if err := w.rotate(); err != nil {
			return err
		}
	}
	return w.ng.Write(f)
}

func (w *captureFiles) rotate() error {
	if err := w.close(); err != nil {
		return err
	}
	if most := w.run.flags.rotateCount; most > 0 && len(w.kept) >= most {
		if err := os.Remove(w.kept[0]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		w.kept, w.gone = w.kept[1:], w.gone+1
	}
	return w.begin()
}

// close ends the file with what the kernel counted, and with the causes that were
// found.
func (w *captureFiles) close() error {
	now := time.Now().UnixNano()
	causes := strings.Join(w.run.notes.found(), "\n")
	for i := range w.run.source.Interfaces() {
		counts, err := w.run.source.Counts(i)
		if err != nil {
			return err
		}
		told := packet.InterfaceCounts{
			Interface: uint32(i), Time: now, Seen: counts.Passed, Lost: counts.Dropped, Delivered: counts.Delivered, Comment: causes,
		}
		if err := w.ng.Count(told); err != nil {
			return err
		}
	}
	if err := w.blocks.flush(); err != nil || w.file == nil {
		return err
	}
	return w.file.Close()
}

func (w *captureFiles) flush() error { return w.blocks.flush() }

func (w *captureFiles) finish() (string, error) {
	w.run.notes.end()
	err := w.close()
	switch {
	case len(w.kept) == 0:
		return "standard output", err
	case len(w.kept) == 1 && w.gone == 0:
		return w.kept[0], err
	default:
		where := fmt.Sprintf("%d files, %s to %s", len(w.kept), w.kept[0], w.kept[len(w.kept)-1])
		if w.gone > 0 {
			where += fmt.Sprintf(" (%d older ones were removed)", w.gone)
		}
		return where, err
	}
}

// wholeBlocks gathers writes, each of which is a block of pcapng, and passes
// them on without parting one. What a full disk cut is taken back.
type wholeBlocks struct {
	to     io.Writer
	buffer []byte
	total  int64 // octets written, those in the buffer included
	failed error
}

const blocksTogether = 1 << 18

// Write takes a block.
func (w *wholeBlocks) Write(block []byte) (int, error) {
	if len(w.buffer)+len(block) > blocksTogether {
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
	w.buffer = append(w.buffer, block...)
	w.total += int64(len(block))
	return len(block), nil
}

func (w *wholeBlocks) flush() error {
	if w.failed != nil || len(w.buffer) == 0 {
		return w.failed
	}
	_, w.failed = w.to.Write(w.buffer)
	if file, ok := w.to.(*os.File); ok && w.failed != nil {
		before := w.total - int64(len(w.buffer))
		_ = file.Truncate(before) // standard output may be no file
	}
	w.buffer = w.buffer[:0]
	return w.failed
}
