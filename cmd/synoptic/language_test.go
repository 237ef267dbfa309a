package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/explain"
	"github.com/synoptic-net/synoptic/internal/lines"
	"github.com/synoptic-net/synoptic/internal/text"
)

// TestRecordingsInChinese: what is said of each recording is Chinese, fits, and is
// broken where Chinese may be.
func TestRecordingsInChinese(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/recordings/*.bundle")
	if err != nil || len(paths) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		bundle, err := evidence.Read(file)
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
		report := diagnose.Diagnose(bundle)
		for _, l := range []explain.Language{explain.Simplified, explain.Traditional} {
			document := explain.Document(report, l)
			for _, width := range []int{44, 80} {
				var out bytes.Buffer
				if err := text.Diagnosis(&out, document, text.Style{Width: width, Language: l}); err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(out.String()) {
					checkChineseLine(t, filepath.Base(path)+" in "+string(l), strings.TrimSuffix(line, "\n"), width)
				}
			}
		}
	}
}

// namedRule is how a rule of the firewall is called.
var namedRule = regexp.MustCompile(`\b(ip|ip6|inet) [\w-]+ [\w-]+ handle( \d+)?`)

// notChinese finds three English words in a row.
var notChinese = regexp.MustCompile(`\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b`)

func checkChineseLine(t *testing.T, where, line string, width int) {
	t.Helper()
	line = namedRule.ReplaceAllStringFunc(line, func(name string) string { return strings.Repeat("r", len(name)) })
	content := strings.TrimLeft(line, " •")
	han := strings.ContainsFunc(content, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	switch {
	case !han && !strings.Contains(line, "█"): // a command, which is never broken
	case lines.Width(line) > width && !strings.Contains(line, "核对") && !strings.Contains(line, "核對") && !commandLabel(content):
		t.Errorf("%s: %d columns of %d: %q", where, lines.Width(line), width, line)
	case strings.Contains(line, "%!"), strings.HasPrefix(content, "，"), strings.HasPrefix(content, "。"), strings.HasPrefix(content, "）"),
		strings.HasPrefix(content, "："), strings.HasSuffix(line, "（"), notChinese.MatchString(line) && !commandLabel(content):
		t.Errorf("%s: %q", where, line)
	}
}

// commandLabel tells whether a line is a command behind its label.
func commandLabel(content string) bool {
	for _, label := range []string{"核对：", "核對：", "撤销：", "撤銷：", "持久：", "synoptic "} {
		if strings.Contains(content, label) {
			return true
		}
	}
	return false
}
