package text

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/articles"
	"github.com/synoptic-net/synoptic/internal/explain"
)

// TestArticlesAtEveryWidth: nothing beyond the edge, in any language.
func TestArticlesAtEveryWidth(t *testing.T) {
	for _, lang := range articles.Languages() {
		for _, cause := range articles.Causes() {
			for _, width := range []int{40, 63, 64, 72, 80, 120} {
				var out bytes.Buffer
				a, _ := articles.Of(diagnose.Cause(cause), lang)
				if err := Article(&out, &a, Style{Width: width, Color: width == 80}); err != nil {
					t.Fatal(err)
				}
				checkEdge(t, lang+" "+cause, out.String(), width)
			}
		}
		for width := narrowest; width <= widest; width++ {
			var out bytes.Buffer
			if err := Causes(&out, lang, Style{Width: width}); err != nil {
				t.Fatal(err)
			}
			checkEdge(t, lang, out.String(), width)
		}
	}
}

// checkEdge is checkLines for a page that has no commands of our own making: there
// is no exception.
func checkEdge(t *testing.T, name, out string, width int) {
	t.Helper()
	for line := range strings.Lines(ansi.Strip(out)) {
		line = strings.TrimSuffix(line, "\n")
		if ansi.StringWidth(line) > width || strings.HasSuffix(line, " ") || strings.Contains(line, "`") {
			t.Errorf("%s at %d columns: %q", name, width, line)
		}
	}
}

// TestTerminalLinesFit: what a reader may copy stands whole in 80 columns.
func TestTerminalLinesFit(t *testing.T) {
	for _, lang := range articles.Languages() {
		for _, cause := range articles.Causes() {
			a, _ := articles.Of(diagnose.Cause(cause), lang)
			for _, b := range a.Looks {
				for _, line := range b.Lines {
					if ansi.StringWidth(line) > 76 {
						t.Errorf("%s %s: %d columns: %s", lang, cause, ansi.StringWidth(line), line)
					}
				}
			}
		}
	}
}

func TestArticleGolden(t *testing.T) {
	for _, lang := range articles.Languages() {
		var out bytes.Buffer
		a, _ := articles.Of("app-not-closing", lang)
		if err := Article(&out, &a, Style{Width: 80}); err != nil {
			t.Fatal(err)
		}
		compare(t, fmt.Sprintf("article-%s", lang), out.Bytes())
		out.Reset()
		if err := Causes(&out, lang, Style{Width: 80}); err != nil {
			t.Fatal(err)
		}
		compare(t, fmt.Sprintf("causes-%s", lang), out.Bytes())
	}
}

var findingLine = regexp.MustCompile(`^( *)[✖▲●○] ([A-Z]+) ([a-z-]+) \(([a-z]+)\)(?: because of ([a-z-]+))?$`)

// TestArticlesShowFindings: where an article shows how a finding begins, it begins
// so, in every language.
func TestArticlesShowFindings(t *testing.T) {
	for _, cause := range articles.Causes() {
		english, _ := articles.Of(diagnose.Cause(cause), "en")
		for _, lang := range articles.Languages() {
			a, _ := articles.Of(diagnose.Cause(cause), lang)
			for i, b := range english.Looks {
				for j, line := range b.Lines {
					if m := findingLine.FindStringSubmatch(line); m != nil {
						f := explain.Finding{Severity: strings.ToLower(m[2]), Cause: m[3], Confidence: m[4], BecauseOf: m[5]}
						compareHead(t, lang, a.Looks[i].Lines[j], &f, len(m[1]))
					}
				}
			}
		}
	}
}

func compareHead(t *testing.T, lang, got string, f *explain.Finding, indent int) {
	t.Helper()
	var out bytes.Buffer
	p := &page{out: bufio.NewWriter(&out), style: Style{Language: explain.Language(lang)}, width: widest}
	p.head(f, indent)
	_ = p.out.Flush() // to a buffer
	if want := strings.TrimSuffix(out.String(), "\n"); got != want {
		t.Errorf("%s: an article shows %q, and a finding begins with %q", lang, got, want)
	}
}
