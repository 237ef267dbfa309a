package law

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// term is a row of docs/glossary.md in one language.
type term struct {
	said string
	not  []string
}

// glossary reads the table for a language: "zh-CN" or "zh-TW".
func glossary(t *testing.T, lang string) (terms []term) {
	t.Helper()
	page, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{"zh-CN": 2, "zh-TW": 3}[lang]
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || strings.HasPrefix(line, "| English") || strings.HasPrefix(line, "|---") {
			continue
		}
		x := term{said: strings.TrimSpace(cells[column])}
		if not := strings.TrimSpace(cells[column+2]); not != "" {
			x.not = strings.Split(not, "、")
		}
		terms = append(terms, x)
	}
	if len(terms) < 40 {
		t.Fatalf("only %d terms", len(terms))
	}
	return terms
}

// TestOneWordForOneThing: no Chinese text says in another word what the glossary has
// a word for.
func TestOneWordForOneThing(t *testing.T) {
	for _, lang := range []string{"zh-CN", "zh-TW"} {
		terms, texts := glossary(t, lang), chineseTexts(t, lang)
		longer := longerWords(terms)
		if len(texts) < 2000 {
			t.Errorf("%s: only %d texts", lang, len(texts))
		}
		said := strings.Join(keys(texts), "\n")
		for _, x := range terms {
			for word := range strings.SplitSeq(x.said, "、") {
				if !strings.Contains(said, word) {
					t.Errorf("%s: nobody says %q", lang, word)
				}
			}
		}
		for text, where := range texts {
			for _, x := range terms {
				if word := x.misused(longer.Replace(text)); word != "" {
					t.Errorf("%s: %q is %s: %q", where, word, x.said, text)
				}
			}
		}
	}
}

func TestMisused(t *testing.T) {
	port := term{"連接埠", []string{"埠"}}
	all := longerWords([]term{port, {"連線", []string{"連接"}}})
	for text, want := range map[string]string{"來源埠": "埠", "來源連接埠": "", "連接到埠": "埠", "": ""} {
		if got := port.misused(all.Replace(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// misused returns the word in a text that should be the term.
func (x term) misused(text string) string {
	for _, word := range x.not {
		if strings.Contains(text, word) {
			return word
		}
	}
	return ""
}

// longerWords takes the words of the glossary out of a text, in which another may
// stand: 連接 in 連接埠.
func longerWords(terms []term) *strings.Replacer {
	var out []string
	for _, x := range terms {
		for word := range strings.SplitSeq(x.said, "、") {
			out = append(out, word, "·")
		}
	}
	return strings.NewReplacer(out...)
}

var chinese = regexp.MustCompile(`\p{Han}`)

// chineseTexts are the texts of a language with where each stands: those of the
// program, which are in variables named after it, the articles, and the pages.
func chineseTexts(t *testing.T, lang string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	variable := "Zh" + strings.TrimPrefix(lang, "zh-")
	sources, err := filepath.Glob("../explain/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatal("no source", err)
	}
	for _, path := range sources {
		if !strings.HasSuffix(path, "_test.go") {
			textsOfVariables(t, path, variable, texts)
		}
	}
	readLines := func(path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if chinese.MatchString(line) {
				texts[strings.TrimSpace(line)] = path
			}
		}
	}
	readLines("../../README." + lang + ".md")
	for _, folder := range []string{"../articles/" + lang, "../../docs/" + lang} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				readLines(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// textsOfVariables collects the Chinese in values of variables whose name ends in a
// language.
func textsOfVariables(t *testing.T, path, variable string, texts map[string]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasSuffix(spec.Names[0].Name, variable) {
			return true
		}
		ast.Inspect(spec, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && chinese.MatchString(text) {
					texts[text] = path
				}
			}
			return true
		})
		return false
	})
}

func keys(texts map[string]string) (list []string) {
	for text := range texts {
		list = append(list, text)
	}
	return list
}
