package text

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/synoptic-net/synoptic/internal/explain"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// compare holds output against a golden file.
func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update to make it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s changed (-want +got), -update rewrites it:\n%s", path, diff)
	}
}

func TestDiagnosis(t *testing.T) {
	for name, doc := range samples() {
		for _, width := range []int{48, 80, 120} {
			for _, color := range []bool{false, true} {
				t.Run(fmt.Sprint(name, width, color), func(t *testing.T) {
					var out bytes.Buffer
					if err := Diagnosis(&out, doc, Style{Width: width, Color: color, Language: languageOfSample(name)}); err != nil {
						t.Fatal(err)
					}
					checkLines(t, out.String(), width)
					file := fmt.Sprintf("%s-%d", name, width)
					if color {
						file += "-color"
					}
					compare(t, file, out.Bytes())
				})
			}
		}
	}
}

// TestEveryWidth looks for lines beyond the edge where no golden file is.
func TestEveryWidth(t *testing.T) {
	for name, doc := range samples() {
		for width := narrowest; width <= widest; width++ {
			var out bytes.Buffer
			_ = Diagnosis(&out, doc, Style{Width: width, Language: languageOfSample(name)})
			checkLines(t, out.String(), width)
		}
	}
}

// checkLines holds for all output: nothing beyond the edge except commands,
// no trailing spaces, nothing that the terminal would obey but colours.
func checkLines(t *testing.T, out string, width int) {
	t.Helper()
	for line := range strings.Lines(out) {
		bare := ansi.Strip(strings.TrimSuffix(line, "\n"))
		if strings.HasSuffix(bare, " ") {
			t.Errorf("trailing space: %q", line)
		}
		if ansi.StringWidth(bare) > width && !isCommand(bare) {
			t.Errorf("%d columns of %d: %q", ansi.StringWidth(bare), width, bare)
		}
		if strings.ContainsAny(bare, "\x1b\a\r\u202e") {
			t.Errorf("control characters: %q", bare)
		}
	}
}

func isCommand(line string) bool {
	return strings.Contains(line, "sysctl") || strings.Contains(line, "systemctl") || strings.Contains(line, "ss -") || strings.Contains(line, "synoptic sockets") || strings.Contains(line, "synoptic diagnose --fix") || strings.Contains(line, "nstat")
}

// TestColorOnlyRepeats proves that colour adds nothing that words do not say.
func TestColorOnlyRepeats(t *testing.T) {
	for name, doc := range samples() {
		var with, without bytes.Buffer
		_ = Diagnosis(&with, doc, Style{Width: 80, Color: true})
		_ = Diagnosis(&without, doc, Style{Width: 80})
		if diff := cmp.Diff(without.String(), ansi.Strip(with.String())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// languageOfSample is the language of the labels around a sample.
func languageOfSample(name string) explain.Language {
	if name == "chinese" {
		return explain.Simplified
	}
	return explain.English
}
