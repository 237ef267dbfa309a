package articles

import (
	"flag"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var update = flag.Bool("update", false, "write scenarios.txt and the pages under docs")

// eachArticle calls a test with every article of every language.
func eachArticle(t *testing.T, test func(t *testing.T, a Article)) {
	t.Helper()
	for _, lang := range Languages() {
		for _, cause := range Causes() {
			t.Run(lang+"/"+cause, func(t *testing.T) {
				a, err := read(lang, cause)
				if err != nil {
					t.Fatal(err)
				}
				test(t, a)
			})
		}
	}
}

func TestEveryPartIsThere(t *testing.T) {
	eachArticle(t, func(t *testing.T, a Article) {
		if a.Title == "" || strings.HasSuffix(a.Title, ".") || strings.HasSuffix(a.Title, "。") {
			t.Errorf("the title %q is missing, or ends with a full stop", a.Title)
		}
		if strings.Contains(a.Summary, "\n") || !ends(a.Summary) {
			t.Errorf("the summary %q is no line with a full stop", a.Summary)
		}
		for name, n := range map[string]int{
			"background": len(a.Background), "looks": len(a.Looks), "rivals": len(a.Rivals), "lab": len(a.Lab),
			"fix": len(a.Fixes), "never": len(a.Never), "refuted": len(a.Refuted),
		} {
			if n == 0 {
				t.Errorf("section %s is missing or empty", name)
			}
		}
		for _, text := range prose(a) {
			if !ends(text) || strings.Count(text, "`")%2 != 0 {
				t.Errorf("%q has no full stop, or a backquote too many", text)
			}
		}
		if !slices.ContainsFunc(a.Looks, func(b Block) bool { return b.Lines != nil }) {
			t.Error("nothing of a terminal shows how it looks")
		}
	})
}

// ends tells whether a text ends as a sentence, or leads to what follows it.
func ends(text string) bool {
	return strings.HasSuffix(text, ".") || strings.HasSuffix(text, ":") || strings.HasSuffix(text, "。") || strings.HasSuffix(text, "：")
}

// prose lists every sentence or paragraph of an article but title and summary.
func prose(a Article) []string {
	var texts []string
	for _, blocks := range [][]Block{a.Background, a.Looks, a.Lab, a.Refuted} {
		for _, b := range blocks {
			if b.Lines == nil {
				texts = append(texts, b.Text)
			}
		}
	}
	for _, item := range slices.Concat(a.Rivals, a.Fixes) {
		texts = append(texts, item.Text)
	}
	return append(texts, a.Never...)
}

// TestTranslations: an article in another language says what the English one
// does, part by part, shows the same lines of a terminal, and is no copy.
func TestTranslations(t *testing.T) {
	eachArticle(t, func(t *testing.T, a Article) {
		english, _ := read("en", string(a.Cause))
		if got, want := outline(a), outline(english); got != want {
			t.Errorf("its parts are\n%s\nand those of the English article\n%s", got, want)
		}
		if a.Lang == "en" {
			return
		}
		for _, text := range append(prose(a), a.Title, a.Summary) {
			if !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%q is not in Chinese", text)
			}
		}
	})
}

// outline is what must be the same in every language: the order of paragraphs,
// what is typed and printed, and the names that texts are about.
func outline(a Article) string {
	var out strings.Builder
	for _, blocks := range [][]Block{a.Background, a.Looks, a.Lab, a.Refuted} {
		for _, b := range blocks {
			out.WriteString("-" + strings.Join(terminal(b.Lines), "\n") + "\n")
		}
	}
	for _, item := range slices.Concat(a.Rivals, a.Fixes) {
		out.WriteString(item.Name + "\n")
	}
	out.WriteString(strings.Repeat("never\n", len(a.Never)))
	return out.String()
}

// terminal leaves out what is a remark or what this program says in the language
// of its reader.
func terminal(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		_, isHead := parseHead(line)
		return isHead || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "(") || strings.HasPrefix(line, "  ")
	})
}

// TestNoArticleIsLeftOver: every file belongs to a cause of the catalogue.
func TestNoArticleIsLeftOver(t *testing.T) {
	known := Causes()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		_, name, inFolder := strings.Cut(path, "/")
		if err == nil && inFolder && !slices.Contains(known, strings.TrimSuffix(name, ".txt")) {
			t.Errorf("%s is about no cause of the catalogue", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestScenariosAreListed: the lab shows every cause but the one that has no name,
// and every title is in every language.
func TestScenariosAreListed(t *testing.T) {
	for _, cause := range Causes() {
		english := scenariosOf("en", cause)
		if len(english) == 0 && cause != "unexplained" {
			t.Errorf("no scenario of the lab expects %s", cause)
		}
		for _, lang := range Languages()[1:] {
			for i, s := range scenariosOf(lang, cause) {
				if s.Title == english[i].Title {
					t.Errorf("%s has no title for %s", lang, s.Name)
				}
			}
		}
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"app-not-closing": "app-not-closing", "APP_NOT_CLOSING": "app-not-closing", "app not closing": "app-not-closing",
		"app-not-closin": "", "": "", "close-wait": "",
	} {
		if got, ok := Find(name); string(got) != want || ok != (want != "") {
			t.Errorf("%q is %q, %v; want %q", name, got, ok, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"acept-stalled", "accept-stalled"},
		{"flood", "syn-flood syn-flood-from-prefix"},
		{"appnotclosing", "app-not-closing peer-not-closing"},
		{"ports-exhausted", "ephemeral-ports-exhausted time-wait-port-exhaustion"},
		{"conntrack", "conntrack-full"},
		{"zzz", ""},
		{"", ""},
		{"漏", ""},
	} {
		if got := strings.Join(Nearest(c.word), " "); got != c.want {
			t.Errorf("%q is near %q, want %q", c.word, got, c.want)
		}
	}
}

// TestFamilies: each cause stands in one family, in the order of the catalogue,
// and under its own state.
func TestFamilies(t *testing.T) {
	var listed []string
	for _, family := range Families() {
		for _, cause := range family.Causes {
			listed = append(listed, string(cause))
			a, _ := Of(cause, "en")
			for _, state := range a.States() {
				if cause != "self-connect" && !strings.Contains(family.States+" CLOSE-WAIT", state) { // it is dialled, and ESTABLISHED at once
					t.Errorf("%s, which leaves %s, stands under %s", cause, state, family.States)
				}
			}
		}
	}
	if !slices.Equal(listed, Causes()) {
		t.Errorf("the families hold %v", listed)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"Title\nSummary.\n\n== sounds\nloud\n":         `section "sounds" is not known`,
		"Title\nSummary.\n\n== rivals\nno name here\n": `line "no name here": write a name`,
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Title\nSummary.\n\n== background\nA.\n\n    $ ls\n    x\n\n== rivals\na: b.\n== never\nc.")
	f.Add("== fix\n\n== ")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parse(text)
		for _, b := range slices.Concat(a.Background, a.Looks, a.Lab, a.Refuted) {
			if (b.Text == "") == (b.Lines == nil) {
				t.Errorf("a block of %q is neither a paragraph nor lines: %q", text, b)
			}
		}
		for _, item := range slices.Concat(a.Rivals, a.Fixes) {
			if err == nil && !strings.Contains(text, item.Name+": "+item.Text) {
				t.Errorf("%q is not in %q", item, text)
			}
		}
	})
}

func BenchmarkArticle(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := Of("syn-flood", "zh-TW"); !ok {
			b.Fatal("no article")
		}
	}
}
