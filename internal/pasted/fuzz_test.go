package pasted

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/synoptic-net/synoptic/tcp"
)

func FuzzParse(f *testing.F) {
	files := os.DirFS("testdata")
	entries, err := fs.Glob(files, "*.txt")
	if err != nil || len(entries) == 0 {
		f.Fatal(entries, err)
	}
	for _, name := range entries {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(checkInvariants)
}

// checkInvariants holds for every text, however broken.
func checkInvariants(t *testing.T, data []byte) {
	text, err := Parse(bytes.NewReader(data))
	switch {
	case err != nil && !errors.Is(err, ErrNoRow):
		t.Fatalf("a text can only be without rows: %v", err)
	case err != nil && (text.Tool != "" || text.Rows > 0):
		t.Fatalf("%q with %d rows is an error: %v", text.Tool, text.Rows, err)
	case err == nil && text.Tool == "":
		t.Fatal("no tool and no error")
	}
	if text.Rows != len(text.Sockets) || text.Rows+text.Other > text.Lines+1 || text.Damaged > text.Lines+1 {
		t.Fatalf("%d rows, %d sockets, %d other, %d damaged, %d lines", text.Rows, len(text.Sockets), text.Other, text.Damaged, text.Lines)
	}
	var counts tcp.Counts
	for i := range text.Sockets {
		counts[text.Sockets[i].State]++
	}
	if text.Rows > 0 && counts != text.Counts {
		t.Fatalf("counts %v of sockets %v", text.Counts, counts)
	}
	if counts[tcp.Unknown] > 0 {
		t.Fatal("a socket without a state")
	}
	for _, o := range text.Owners {
		if o.Socket < 0 || o.Socket >= len(text.Sockets) {
			t.Fatalf("owner of socket %d of %d", o.Socket, len(text.Sockets))
		}
	}
	text.Processes()
}
