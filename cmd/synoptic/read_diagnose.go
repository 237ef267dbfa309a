package main

import (
	"bufio"
	"path/filepath"
	"strconv"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/capturefile"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/text"
	"github.com/synoptic-net/synoptic/track"
)

// diagnose judges the captures alone.
func (r *reading) diagnose() error {
	t := track.New(track.Config{Memory: int(r.flags.memory), Efforts: true, Seed: randomSeed()})
	if err := captured(r.cmd, r.files, t); err != nil {
		return err
	}
	bundle := evidence.OfCaptures(t)
	bundle.Host.Name = nameOf(r.files)
	if left := bundle.Packets.Unlisted; left > 0 {
		notesOf(r.cmd).say("%d more connections found no room and are not judged: give more with --memory", left)
	}
	format := r.flags.format.value
	document := explain.Document(diagnose.Diagnose(bundle), documentLanguage(r.cmd, format))
	return buffered(r.cmd, func(w *bufio.Writer) error {
		if format != "text" {
			return writeDocument(w, format, document)
		}
		return text.Diagnosis(w, document, styleOf(r.cmd))
	})
}

// nameOf stands for the captures where a diagnosis names its host.
func nameOf(files []string) string {
	switch {
	case len(files) > 1:
		return strconv.Itoa(len(files)) + " captures"
	case files[0] == capturefile.Stdin:
		return "standard input"
	default:
		return filepath.Base(files[0])
	}
}
