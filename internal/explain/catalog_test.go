package explain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
)

// idsInSource returns the message ids that package diagnose uses: what it
// passes to Say, and to those that pass it on.
func idsInSource(t *testing.T) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	add := func(e ast.Expr) bool {
		literal, ok := e.(*ast.BasicLit)
		if ok {
			id, _ := strconv.Unquote(literal.Value)
			ids[id] = true
		}
		return ok
	}
	paths, err := filepath.Glob("../../diagnose/*.go")
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
		ast.Inspect(file, func(node ast.Node) bool {
			switch n := node.(type) {
			case *ast.CallExpr:
				where := files.Position(n.Pos())
				switch name := called(n.Fun); name {
				case "Say":
					if !add(n.Args[0]) && !passedOn(n.Args[0]) {
						t.Errorf("%s: an id that this test cannot follow", where)
					}
				case "counted", "heldBy":
					if last := n.Args[len(n.Args)-1]; !add(last) && !passedOn(last) {
						t.Errorf("%s: an id that this test cannot follow", where)
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "floodSummary" {
					ast.Inspect(n, func(inner ast.Node) bool {
						if r, ok := inner.(*ast.ReturnStmt); ok {
							add(r.Results[0])
						}
						return true
					})
				}
			case *ast.CompositeLit: // {counter, text} of the flood
				if len(n.Elts) == 2 {
					if counter, ok := n.Elts[0].(*ast.BasicLit); ok && strings.HasPrefix(counter.Value, `"TcpExt`) {
						add(n.Elts[1])
					}
				}
			}
			return true
		})
	}
	return ids
}

func called(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	default:
		return ""
	}
}

// passedOn knows the ids that come from elsewhere in the package.
func passedOn(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "text"
	case *ast.SelectorExpr:
		return e.Sel.Name == "text"
	case *ast.CallExpr:
		return called(e.Fun) == "floodSummary"
	default:
		return false
	}
}

func TestEveryMessageHasASentence(t *testing.T) {
	used := idsInSource(t)
	for id := range used {
		if _, ok := english(findingFamilies())[id]; !ok {
			t.Errorf("%s is used and has no sentence", id)
		}
	}
	for id := range english(findingFamilies()) {
		if !used[id] {
			t.Errorf("%s has a sentence and is not used", id)
		}
	}
}

func TestNoIDHasTwoSentences(t *testing.T) {
	sum := 0
	for _, part := range findingFamilies() {
		sum += len(part.en)
	}
	if sum != len(english(findingFamilies())) {
		t.Errorf("%d sentences for %d ids", sum, len(english(findingFamilies())))
	}
}

// messages returns every message of a finding, those inside others too.
func messages(v reflect.Value) (found []diagnose.Message) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return messages(v.Elem())
	case reflect.Struct:
		if m, ok := v.Interface().(diagnose.Message); ok {
			found = append(found, m)
		}
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}
			found = append(found, messages(v.Field(i))...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			found = append(found, messages(v.Index(i))...)
		}
	}
	return found
}

// samples returns each message of the scenes.
func samples(t *testing.T) []diagnose.Message {
	t.Helper()
	var reports []diagnose.Report
	for _, scene := range slices.Concat(scenes, timeWaitScenes, hostScenes, packetScenes, joinedScenes, probeScenes, eventScenes) {
		reports = append(reports, diagnose.Diagnose(bundleOf(scene)))
	}
	for _, pair := range mergedScenes {
		reports = append(reports, diagnose.Merge([]diagnose.Report{diagnose.Diagnose(bundleOf(pair[0])), diagnose.Diagnose(bundleOf(pair[1]))}))
	}
	var all []diagnose.Message
	for _, report := range reports {
		if len(report.Findings) == 0 {
			t.Error("a scene without a finding")
		}
		for _, f := range report.Findings {
			all = append(all, messages(reflect.ValueOf(f))...)
		}
	}
	return all
}

func TestScenesUseEverySentence(t *testing.T) {
	said := map[string]bool{}
	for _, m := range samples(t) {
		said[m.ID] = true
	}
	for id := range english(findingFamilies()) {
		if !said[id] {
			t.Errorf("no scene makes a finding say %s", id)
		}
	}
}

func TestSentencesRender(t *testing.T) {
	say := speaker("en")
	for _, m := range samples(t) {
		if m.ID == "" {
			t.Error("a finding lacks a message")
			continue
		}
		wellFormed(t, m, say(m))
		for _, n := range []int{0, 1, 2, 1234567} {
			wellFormed(t, m, say(counts(m, n)))
		}
	}
}

func wellFormed(t *testing.T, m diagnose.Message, text string) {
	t.Helper()
	switch {
	case text == "" || text == m.ID, strings.Contains(text, "%!"), strings.Contains(text, "who-"),
		strings.Contains(text, "  "), strings.TrimSpace(text) != text, regexp.MustCompile(` [,.;:]`).MatchString(text):
		t.Errorf("%s: %q", m, text)
	}
}

// counts replaces every count of a message.
func counts(m diagnose.Message, n int) diagnose.Message {
	args := make([]any, len(m.Args))
	for i, arg := range m.Args {
		args[i] = arg
		switch a := arg.(type) {
		case int:
			args[i] = n
		case diagnose.Message:
			args[i] = counts(a, n)
		}
	}
	return diagnose.Message{ID: m.ID, Args: args}
}

var pluralOfOne = regexp.MustCompile(`\b1 (?:[a-z-]+ )?(?:connections|sockets|SYNs|SYN-ACKs|ACKs|clients|networks|packets|segments|times|descriptors|targets)\b`)

// neverOne lists sentences whose count cannot be one, and why.
var neverOne = map[string]string{
	"half-open":                  "a flood has 16 sources or more",
	"source-networks":            "a flood has 16 sources or more",
	"sources-spread":             "a flood has 16 sources or more",
	"sources-forged":             "a flood has 16 sources or more",
	"syn-flood":                  "a flood has 16 sources or more",
	"prefix-flood":               "a flood fills a queue",
	"remedy-synack-retries-risk": "offered above 2 only",
	"peers-not-reading":          "one peer has a sentence of its own",
	"peers-not-closing":          "one far end has a sentence of its own",
	"pool-not-used-since":        "the bound is a constant",
	"orphan-limit-near":          "a limit of one is not a limit",
}

func TestOneIsSingular(t *testing.T) {
	say := speaker("en")
	reported := map[string]bool{}
	for _, m := range samples(t) {
		if text := say(counts(m, 1)); pluralOfOne.MatchString(text) && neverOne[m.ID] == "" && !reported[m.ID] {
			reported[m.ID] = true
			t.Errorf("%s: %q", m.ID, text)
		}
	}
}

func TestNumbersAreGroupedAndNamesAreNot(t *testing.T) {
	say := speaker("en")
	for _, m := range samples(t) {
		text := say(counts(m, 1234567))
		if strings.Contains(text, "1234567") {
			t.Errorf("%s: %q", m.ID, text)
		}
	}
	who := diagnose.Say("who-process", "nginx", strconv.Itoa(1234567))
	got := say(diagnose.Say("app-not-closing-in", who, 4321, "192.0.2.1:8080"))
	if want := "nginx (pid 1234567) does not close 4,321 connections on 192.0.2.1:8080 whose clients have finished: it leaks descriptors."; got != want {
		t.Errorf("got %q", got)
	}
}
