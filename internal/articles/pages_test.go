package articles

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const top = "../../"

// TestPages holds the pages under docs against the articles; -update writes them.
func TestPages(t *testing.T) {
	for _, lang := range Languages() {
		pages := Pages(lang)
		if *update {
			writePages(t, lang, pages)
		}
		var stale []string
		for _, path := range slices.Sorted(maps.Keys(pages)) {
			if got, err := os.ReadFile(top + path); err != nil || string(got) != pages[path] {
				stale = append(stale, path)
			}
		}
		if len(stale) > 0 {
			t.Errorf("%d pages are missing or not what the articles say, %s first; run make docs", len(stale), stale[0])
		}
		left, err := filepath.Glob(top + Folder(lang) + "/*")
		if err != nil || len(left) != len(pages) {
			t.Errorf("%s holds %d files and should hold %d; run make docs", Folder(lang), len(left), len(pages))
		}
	}
}

func writePages(t *testing.T, lang string, pages map[string]string) {
	t.Helper()
	if err := os.RemoveAll(top + Folder(lang)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(top+Folder(lang), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, page := range pages {
		if err := os.WriteFile(top+path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLinks: every link of a page leads to another page.
func TestLinks(t *testing.T) {
	all := map[string]string{}
	for _, lang := range Languages() {
		maps.Copy(all, Pages(lang))
	}
	links := 0
	for path, page := range all {
		for part := range strings.SplitSeq(page, "](") {
			target, _, ok := strings.Cut(part, ".md)")
			if !ok || strings.ContainsAny(target, " \n") {
				continue
			}
			links++
			if to := filepath.ToSlash(filepath.Join(filepath.Dir(path), target+".md")); all[to] == "" {
				t.Errorf("%s links to %s, which is no page", path, to)
			}
		}
	}
	if links < 5*len(all) {
		t.Errorf("only %d links in %d pages", links, len(all))
	}
}

func ExampleArticle_Markdown() {
	a, _ := Of("deferred-accept", "en")
	page := a.Markdown()
	_, rest, _ := strings.Cut(page, "\n## How to fix it\n")
	fix, _, _ := strings.Cut(rest, "\n##")
	os.Stdout.WriteString(strings.TrimSpace(fix))
	// Output:
	// 1. `none`: Nothing must be done. If it disturbs a monitoring system, take the option out of the program's configuration; clients that connect and stay silent then show as ESTABLISHED.
}
