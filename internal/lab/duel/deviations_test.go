package duel

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/linux-deviations.md")

const document = "../../../docs/linux-deviations.md"

// TestDocument: docs/linux-deviations.md says what the program knows.
func TestDocument(t *testing.T) {
	want := deviationsPage(t)
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the deviations say; run go test ./internal/lab/duel -run TestDocument -update", document)
	}
}

const pageHead = `# How Linux differs from RFC 9293

The endpoint of package ` + "`tcp`" + ` follows RFC 9293 and its neighbours. A kernel socket is given the same segments and the same calls, in lockstep, and must send the same segments and be in the same state. Below is everything in which the two differ, seen on Linux 6.18 in hundreds of thousands of random scripts; nothing else did. It is written by ` + "`go test ./internal/lab/duel -run TestDocument -update`" + `.

` + "```sh" + `
go test ./internal/lab/duel -run TestLinux -v -sequences 100000 -seed 7
` + "```" + `

Scripts read from left to right: how the connection begins, then segments of the peer (control bits, ` + "`text`" + `, and where SEQ or ACK is not the next one: ` + "`seq=old`" + ` one before, ` + "`seq=ahead`" + ` in the window, ` + "`seq=beyond`" + ` outside, ` + "`seq=first`" + ` that of the SYN; ` + "`ack=nothing`" + ` SND.UNA, ` + "`ack=old`" + ` one before, ` + "`ack=ancient`" + ` far before, ` + "`ack=beyond`" + ` more than was sent; where the peer is ` + "`stamped`" + `, ` + "`ts=old`" + ` an old timestamp and ` + "`ts=none`" + ` none) and calls of the program. Rates are not compared: both sides answer without limit here, while Linux sends at most one challenge ACK each 500 ms a socket. Timers are not either.

`

// deviationsPage writes the page from the deviations and their kept scripts.
func deviationsPage(t *testing.T) string {
	t.Helper()
	scripts := map[string]string{}
	for _, line := range lines(t, "testdata/linux.txt") {
		if name, script, _ := strings.Cut(line, ": "); scripts[name] == "" {
			scripts[name] = script
		}
	}
	var b strings.Builder
	b.WriteString(pageHead)
	for _, d := range LinuxHabits().Deviations {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n%s\n\n```text\n%s\n```\n\n", d.Name, d.Theirs, d.Why, scripts[d.Name])
	}
	return strings.TrimSpace(b.String()) + "\n"
}

// Names are stable words, and each stands once.
func TestDeviationNames(t *testing.T) {
	var names []string
	for _, d := range LinuxHabits().Deviations {
		if d.Name == "" || strings.Trim(d.Name, "abcdefghijklmnopqrstuvwxyz-") != "" || slices.Contains(names, d.Name) {
			t.Errorf("name %q", d.Name)
		}
		if !strings.HasSuffix(d.Theirs, ".") || !strings.HasSuffix(d.Why, ".") || d.is == nil {
			t.Errorf("%s is not described", d.Name)
		}
		names = append(names, d.Name)
	}
	for name := range LinuxHabits().extra {
		if !slices.Contains(names, name) {
			t.Errorf("%s is no deviation", name)
		}
	}
}

// lines returns the lines of a file without comments and empty ones.
func lines(t *testing.T, path string) (list []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			list = append(list, line)
		}
	}
	return list
}
