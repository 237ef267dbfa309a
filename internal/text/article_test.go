package text

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/articles"
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
