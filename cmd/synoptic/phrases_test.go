package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// saidBy are functions whose text a person reads, with which argument it is; saidHere
// those of this package, saidOfFilters what the parsers of filters call.
type saidBy map[string]int

var (
	saidHere      = saidBy{"usagef": 0, "errors.New": 0, "fmt.Errorf": 0, "say": 0}
	saidOfFilters = saidBy{"fail": 1, "refuse": 1}
)

// phrasesOfSource returns what the source of packages says to people in English, as
// formats, with where; of this package also on other systems.
func (by saidBy) phrasesOfSource(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, folder := range folders {
		paths, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(paths) == 0 {
			t.Fatal("no source", err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if text := by.textOf(n); text != nil {
					said[formatOf(text)] = files.Position(n.Pos()).String()
				}
				return true
			})
		}
	}
	return said
}

// textOf returns the expression of a text for people, if a node has one.
func (by saidBy) textOf(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Short" {
			return n.Value
		}
	case *ast.CallExpr:
		if at, ok := by[calleeOf(n.Fun)]; ok && at < len(n.Args) {
			return n.Args[at]
		}
	}
	return nil
}

func calleeOf(f ast.Expr) string {
	switch f := f.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if of, ok := f.X.(*ast.Ident); ok && (of.Name == "errors" || of.Name == "fmt") {
			return of.Name + "." + f.Sel.Name
		}
		return f.Sel.Name
	}
	return ""
}

// formatOf joins what literals say; what is computed, and what is wrapped, is %v.
func formatOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value) // the parser has read it
		return strings.ReplaceAll(text, "%w", "%v")
	case *ast.BinaryExpr:
		return formatOf(e.X) + formatOf(e.Y)
	}
	return "%v"
}

var verbs = regexp.MustCompile(`%[a-z]|^--[a-z]+`)

// saysSomething tells whether a format has words of its own beside a flag.
func saysSomething(format string) bool {
	return strings.ContainsFunc(verbs.ReplaceAllString(format, ""), unicode.IsLetter)
}

// eachCommand visits a command and all below it.
func eachCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, visit)
	}
}

// phrasesOfHelp returns what the help says in one line: what each command is for,
// and each of its flags.
func phrasesOfHelp() map[string]string {
	said := map[string]string{}
	eachCommand(newRootCommand(), func(cmd *cobra.Command) {
		cmd.InitDefaultHelpFlag()
		said[cmd.Short] = cmd.CommandPath()
		cmd.Flags().VisitAll(func(f *pflag.Flag) { said[f.Usage] = cmd.CommandPath() + " --" + f.Name })
		cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { said[f.Usage] = cmd.CommandPath() + " --" + f.Name })
	})
	return said
}

// phrasesOfGuard returns what the guard's packages say to people as errors. What
// stands before the first colon, "guard: ", is a phrase of its own.
func phrasesOfGuard(t *testing.T) map[string]string {
	t.Helper()
	made := saidBy{"errors.New": 0, "fmt.Errorf": 0, "fmt.Sprintf": 0}.phrasesOfSource(t,
		"../../internal/guard", "../../internal/guard/hold", "../../internal/guard/loop")
	for english, where := range (saidBy{"errors.New": 0}).phrasesOfSource(t, "../../internal/bpf") {
		if strings.HasPrefix(filepath.Base(where), "guard") {
			made[english] = where
		}
	}
	said := map[string]string{}
	for english, where := range made {
		if !slices.Contains(neverSaidOfGuard, english) {
			said[strings.TrimPrefix(english, "guard: ")] = where
		}
	}
	return said
}

// neverSaidOfGuard are its texts that are names, rules or words of its own processes.
var neverSaidOfGuard = []string{"keep-%d", ",mss=%d", ",wscale=%d", "\t%s daddr %v tcp dport %d ", "/proc/self/task/%d/comm"}

// neverSaid are errors that the program asks for, and shows to nobody.
var neverSaid = []string{"enough", "few files are open"}

// TestPhrasesAreTranslated: what is said here in English has Chinese.
func TestPhrasesAreTranslated(t *testing.T) {
	for _, l := range []explain.Language{explain.Simplified, explain.Traditional} {
		phrases := saidHere.phrasesOfSource(t, ".", "../../simulate")
		maps.Copy(phrases, saidOfFilters.phrasesOfSource(t, "../../internal/ssfilter", "../../internal/pcapfilter"))
		maps.Copy(phrases, phrasesOfGuard(t))
		for english, where := range phrases {
			said := strings.TrimSuffix(strings.TrimPrefix(english, "%v: "), `; see "%s --help"`) // phrases of their own
			if saysSomething(said) && !l.HasPhrase(said) && !l.HasPhrase(english) && !slices.Contains(neverSaid, english) {
				t.Errorf("%s: internal/explain/phrases_*.go have no %s for\n\t%q: \"\",", where, l, english)
			}
		}
		for english, where := range phrasesOfHelp() {
			if l.Phrase(english) == english {
				t.Errorf("%s: internal/explain/phrases_help_*.go have no %s for\n\t%q: \"\",", where, l, english)
			}
		}
	}
}

// sameInManuals are the words of a help text that no language changes: flags, names,
// numbers, and what is quoted or indented.
var sameInManuals = regexp.MustCompile(`\B--?[a-z][a-z-]*|[A-Z][A-Z0-9_-]{2,}|\b[0-9][0-9,.]*|"[^"\n]+"|(?m)^\t.*$`)

// TestManualsAreTranslated: what the help says at length is there in Chinese, and
// speaks of the same flags, names and numbers.
func TestManualsAreTranslated(t *testing.T) {
	eachCommand(newRootCommand(), func(cmd *cobra.Command) {
		for _, l := range []explain.Language{explain.Simplified, explain.Traditional} {
			said := l.Manual(cmd.CommandPath())
			if (said == "") != (cmd.Long == "") {
				t.Errorf("%s: %s in internal/explain/manual_*.go, and %d letters of English", cmd.CommandPath(), l, len(cmd.Long))
				continue
			}
			english, chinese := wordsOf(cmd.Long), wordsOf(said)
			for word, n := range english {
				if chinese[word] == 0 && n > 0 {
					t.Errorf("%s: %s does not speak of %q", cmd.CommandPath(), l, word)
				}
			}
			for word := range chinese {
				if english[word] == 0 {
					t.Errorf("%s: %s alone speaks of %q", cmd.CommandPath(), l, word)
				}
			}
		}
	})
}

// brokenLine is where a line ends and its sentence goes on.
var brokenLine = regexp.MustCompile(`(\S)\n(\S)`)

func wordsOf(manual string) map[string]int {
	said := map[string]int{}
	for _, word := range sameInManuals.FindAllString(brokenLine.ReplaceAllString(manual, "$1 $2"), -1) {
		said[strings.Trim(word, ",.")]++
	}
	return said
}

// notOurs are phrases of libraries, and those that are put together from pieces.
var notOurs = []string{
	"unknown flag: --%s", "unknown shorthand flag: %q in -%s", "flag needs an argument: --%s", "flag needs an argument: %q in -%s", "bad flag syntax: %s",
	"invalid argument %q for %q flag: %v", "accepts at most %d arg(s), received %d", "accepts %d arg(s), received %d", "unknown command %q for %q",
	"disable completion descriptions", "help for %s", "output format: %s", "output format, also -o WORD: %s", "open %s: %v",
	"the descriptors of %d process could not be read (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would allow it)",
	"the descriptors of %d processes could not be read (CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH would allow it)",
	"1 line could not be read", "%d lines could not be read", "1 address cut off by the tool", "%d addresses cut off by the tool",
}

// joint is where a phrase may be put together from literals.
var joint = regexp.MustCompile(`%[a-z]|: `)

// TestPhrasesAreSaid: what has Chinese is said somewhere, else it was changed and its
// translation left behind.
func TestPhrasesAreSaid(t *testing.T) {
	var all strings.Builder
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "internal/explain/phrases_") || strings.Contains(path, "source_why_") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				fmt.Fprintln(&all, formatOf(lit))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	help, source := phrasesOfHelp(), all.String()
	for english := range explain.Phrases() {
		longest := slices.MaxFunc(joint.Split(english, -1), func(a, b string) int { return len(a) - len(b) }) // the rest may be another literal
		if help[english] == "" && !strings.Contains(source, longest) && !slices.Contains(notOurs, english) && !strings.HasPrefix(english, "strconv.") {
			t.Errorf("nobody says %q", english)
		}
	}
}
