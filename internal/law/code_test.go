package law

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// longest is the most lines that a function may have: a reader must see it
// whole.
const longest = 60

// forbidden names calls that no file may make, with the reason. A true tests
// means that test files are bound too.
var forbidden = []struct {
	call, reason string
	applies      func(path string) bool
}{
	{"time.Sleep", "wait for the event itself, or poll with a deadline", func(path string) bool { return true }},
	{"time.Now", "pure packages own no clock: take the time as an argument", isPureFile},
	{"time.Since", "pure packages own no clock: take the time as an argument", isPureFile},
	{"fmt.Print", "only cmd prints, and through the command's own writer", notTest},
	{"fmt.Println", "only cmd prints, and through the command's own writer", notTest},
	{"fmt.Printf", "only cmd prints, and through the command's own writer", notTest},
}

func notTest(path string) bool { return !strings.HasSuffix(path, "_test.go") }

func isPureFile(path string) bool {
	_, ok := pure[filepath.ToSlash(filepath.Dir(path))]
	return ok && notTest(path)
}

func sources(t *testing.T, visit func(path string, files *token.FileSet, file *ast.File)) {
	t.Helper()
	const root = "../.."
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		short, _ := filepath.Rel(root, path)
		visit(short, files, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestForbiddenCalls(t *testing.T) {
	sources(t, func(path string, files *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name := fmt.Sprintf("%v.%s", call.X, call.Sel.Name)
			for _, f := range forbidden {
				if name == f.call && f.applies(path) {
					t.Errorf("%s:%d calls %s: %s", path, files.Position(call.Pos()).Line, name, f.reason)
				}
			}
			return true
		})
	})
}

func TestFunctionsAreShort(t *testing.T) {
	sources(t, func(path string, files *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := files.Position(function.End()).Line - files.Position(function.Pos()).Line + 1
			if lines > longest {
				t.Errorf("%s: %s has %d lines, at most %d", path, function.Name.Name, lines, longest)
			}
		}
	})
}

// TestExportedNamesAreDocumented holds for the public packages.
func TestExportedNamesAreDocumented(t *testing.T) {
	sources(t, func(path string, files *token.FileSet, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal") || strings.HasPrefix(path, "cmd") {
			return
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if ok && function.Name.IsExported() && function.Doc == nil && receiverExported(function) {
				t.Errorf("%s:%d: %s has no comment", path, files.Position(function.Pos()).Line, function.Name.Name)
			}
		}
	})
}

func receiverExported(function *ast.FuncDecl) bool {
	if function.Recv == nil {
		return true
	}
	kind := function.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	name, ok := kind.(*ast.Ident)
	return ok && name.IsExported()
}
