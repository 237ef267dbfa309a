package articles

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
)

// said is what the source of package diagnose says in one place: the causes that
// stand in it by name, and the ids of remedies.
type said struct {
	causes, remedies map[string]bool
}

// ruleSource is package diagnose, function by function. Methods are told apart by
// whether they are those of the index, which is always called x: what is read may
// be too much, never too little.
type ruleSource struct {
	says  map[string]said
	calls map[string][]string
	rules map[string][]string // functions that judge a cause
	known map[string]bool     // every cause
	ids   map[string]int      // which argument of a function is the id of a remedy
}

func readRules(t *testing.T) *ruleSource {
	t.Helper()
	s := &ruleSource{map[string]said{}, map[string][]string{}, map[string][]string{}, map[string]bool{}, map[string]int{}}
	for _, cause := range Causes() {
		s.known[cause] = true
	}
	paths, err := filepath.Glob("../../diagnose/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no source of package diagnose: %v", err)
	}
	var functions []*ast.FuncDecl
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, s.readRow)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				functions = append(functions, f)
				s.readIDs(f)
			}
		}
	}
	for _, f := range functions {
		s.readFunction(f)
	}
	return s
}

// readRow finds which functions judge a cause: the rows of the catalogue, of the
// rules for captures, and of those for packets and sockets together are literals
// that hold a cause and a function.
func (s *ruleSource) readRow(n ast.Node) bool {
	row, ok := n.(*ast.CompositeLit)
	if !ok || row.Type != nil {
		return true
	}
	cause, function := "", ""
	for _, element := range row.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Value
		}
		switch e := element.(type) {
		case *ast.BasicLit:
			if text := unquoted(e); s.known[text] {
				cause = text
			}
		case *ast.Ident:
			function = e.Name
		}
	}
	if cause != "" {
		s.rules[cause] = append(s.rules[cause], function)
	}
	return true
}

func unquoted(e ast.Expr) string {
	if sum, ok := e.(*ast.BinaryExpr); ok { // "loose-filter-" + name
		return strings.TrimSuffix(unquoted(sum.X), "-")
	}
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(literal.Value) // the file was parsed
	return text
}

func (s *ruleSource) readFunction(f *ast.FuncDecl) {
	name := f.Name.Name
	if f.Recv != nil {
		names := f.Recv.List[0].Names
		name = method(len(names) == 1 && names[0].Name == "x", name)
	}
	if _, again := s.says[name]; !again {
		s.says[name] = said{map[string]bool{}, map[string]bool{}}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool { return s.readNode(name, n) })
}

// readNode reads what a function says and calls.
func (s *ruleSource) readNode(name string, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		return s.readCall(name, n)
	case *ast.SelectorExpr:
		if ofIndex(n) {
			s.calls[name] = append(s.calls[name], method(true, n.Sel.Name))
		}
		_, plain := n.X.(*ast.Ident)
		return !plain // what it is called on may hold further calls
	case *ast.Ident:
		s.calls[name] = append(s.calls[name], n.Name)
	case *ast.BasicLit:
		if text := unquoted(n); s.known[text] {
			s.says[name].causes[text] = true
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "ID" {
			s.says[name].remedies[unquoted(n.Value)] = true
		}
	case *ast.AssignStmt:
		s.readAssignment(name, n)
	}
	return true
}

func (s *ruleSource) readCall(name string, call *ast.CallExpr) bool {
	switch called := call.Fun.(type) {
	case *ast.Ident:
		if called.Name == "Say" { // the id of a message may be spelled like a cause
			for _, argument := range call.Args[1:] {
				ast.Inspect(argument, func(n ast.Node) bool { return s.readNode(name, n) })
			}
			return false
		}
	case *ast.SelectorExpr:
		if !ofIndex(called) && called.Sel.Name != "add" { // which many types have, and none of them speaks of causes
			s.calls[name] = append(s.calls[name], method(false, called.Sel.Name))
		}
	}
	if at, ok := s.ids[calledName(call)]; ok && at < len(call.Args) {
		s.says[name].remedies[unquoted(call.Args[at])] = true
	}
	return true
}

// calledName is the name of what is called, without what it is called on.
func calledName(call *ast.CallExpr) string {
	switch called := call.Fun.(type) {
	case *ast.Ident:
		return called.Name
	case *ast.SelectorExpr:
		return called.Sel.Name
	default:
		return ""
	}
}

// readIDs notes where a function takes the id of a remedy.
func (s *ruleSource) readIDs(f *ast.FuncDecl) {
	at := 0
	for _, parameter := range f.Type.Params.List {
		for _, name := range parameter.Names {
			if name.Name == "id" {
				s.ids[f.Name.Name] = at
			}
			at++
		}
	}
}

// readAssignment finds an id that is set by itself, and the one rule that stands
// in no table: its outcome is kept under its cause.
func (s *ruleSource) readAssignment(name string, a *ast.AssignStmt) {
	switch to := a.Lhs[0].(type) {
	case *ast.SelectorExpr:
		if id := unquoted(a.Rhs[0]); to.Sel.Name == "ID" && id != "" {
			s.says[name].remedies[id] = true
		}
	case *ast.IndexExpr:
		call, ok := a.Rhs[0].(*ast.CallExpr)
		if cause := unquoted(to.Index); ok && s.known[cause] {
			if function, ok := call.Fun.(*ast.Ident); ok {
				s.rules[cause] = append(s.rules[cause], function.Name)
			}
		}
	}
}

// ofIndex tells whether a selector is of the index: x.rule, or (*index).rule.
func ofIndex(e *ast.SelectorExpr) bool {
	on, plain := e.X.(*ast.Ident)
	_, expression := e.X.(*ast.ParenExpr)
	return expression || plain && on.Name == "x"
}

// method is the name that a method is kept by.
func method(ofIndex bool, name string) string {
	if ofIndex {
		return "x." + name
	}
	return "." + name
}

// of gathers what the rules of a cause say, and the functions that they reach.
func (s *ruleSource) of(cause string) said {
	all := said{map[string]bool{}, map[string]bool{}}
	seen := map[string]bool{}
	for names := slices.Clone(s.rules[cause]); len(names) > 0; names = names[1:] {
		name := names[0]
		if _, known := s.says[name]; !known || seen[name] {
			continue
		}
		seen[name] = true
		maps.Copy(all.causes, s.says[name].causes)
		maps.Copy(all.remedies, s.says[name].remedies)
		names = append(names, s.calls[name]...)
	}
	delete(all.causes, cause)
	delete(all.remedies, "") // an id that is an argument
	return all
}

// rivalsOf returns the causes that the findings of a cause exclude or leave open.
func (s *ruleSource) rivalsOf(cause string) map[string]bool {
	if cause != "unexplained" {
		return s.of(cause).causes
	}
	rivals := map[string]bool{"syn-queue-too-small": true} // of refusals (unexplainedDrops)
	for _, row := range diagnose.Catalogue() {             // of piles: what packets would tell (notJudged)
		if slices.Contains(row.Needs, "packets") {
			rivals[string(row.Cause)] = true
		}
	}
	return rivals
}
