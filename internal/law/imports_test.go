package law

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/synoptic-net/synoptic"

// pure lists the packages that own no clock, no file and no socket, with the
// packages of ours that each may import. What is missing here is an edge.
var pure = map[string][]string{
	"tcp":                   {},
	"host":                  {"tcp"},
	"evidence":              {"host", "tcp", "track"},
	"fate":                  {"tcp", "host"},
	"diagnose":              {"evidence", "fate", "host", "tcp"},
	"internal/explain":      {"diagnose", "evidence", "fate", "host", "internal/guard/detect", "internal/lines", "internal/remedy", "packet", "simulate", "simulate/explore", "tcp", "track", "track/correlate"},
	"internal/guard/detect": {},
	"internal/inventory":    {"host", "tcp"},
	"internal/remedy":       {"diagnose", "host", "tcp"},
	"internal/lab/dwell":    {"tcp"},
	"internal/lab/witness":  {"host", "tcp"},
	"internal/lab/verdict":  {"diagnose", "evidence", "tcp"},
	"internal/lines":        {},
	"internal/text":         {"internal/articles", "internal/explain", "internal/inventory", "internal/lines", "diagnose", "fate", "host", "tcp"},
	"internal/articles":     {"diagnose", "internal/explain", "tcp"},
	"internal/pcapfilter":   {},
	"internal/ssfilter":     {"host", "tcp"},
	"packet":                {"tcp"},
	"simulate":              {"tcp"},
	"simulate/explore":      {"simulate", "tcp"},
	"internal/pasted":       {"host", "tcp"},
	"track":                 {"packet", "tcp"},
	"track/correlate":       {"packet", "tcp"},
	"internal/traffic":      {"packet", "tcp"},
	"report":                {"internal/explain", "diagnose"},
}

// edges lists the packages that touch a system, with what each may import of
// ours. sockdiag parses everywhere and dumps on Linux only.
var edges = map[string][]string{
	"sockdiag":         {"host", "tcp"},
	"internal/bpf":     {},
	"internal/ruleset": {},
	"internal/apply":   {"diagnose", "host", "internal/remedy", "internal/ruleset", "internal/ssfilter", "sockdiag", "tcp"},
	"internal/probe":   {"evidence", "tcp"},
	"internal/live":    {"internal/bpf", "internal/inventory", "internal/ssfilter", "host", "tcp"},
	"internal/kernel":  {"host", "internal/ruleset"},
	"internal/collect": {"sockdiag", "internal/capture", "internal/kernel", "internal/live", "internal/pcapfilter", "internal/probe", "evidence", "host", "packet", "tcp", "track"},
	"internal/lab":     {"tcp", "internal/lab/actor"},

	"internal/lab/actor":    {},
	"internal/lab/walk":     {"internal/lab", "host", "tcp"},
	"internal/lab/duel":     {"internal/lab", "host", "tcp"},
	"internal/lab/scenario": {"internal/lab", "internal/lab/actor", "internal/lab/verdict", "host", "tcp"},

	"internal/guard":       {"diagnose", "evidence", "host", "internal/apply", "internal/bpf", "internal/remedy", "tcp"},
	"internal/guard/loop":  {"internal/bpf", "internal/guard/detect", "internal/kernel", "host", "sockdiag", "tcp"},
	"internal/guard/bench": {"internal/bpf", "internal/lab"},
	"internal/guard/hold":  {"internal/apply", "internal/bpf", "internal/guard", "internal/remedy"},

	"internal/capture":     {"internal/pcapfilter", "packet"},
	"internal/capturefile": {},

	"internal/law": {},

	"":                  {"internal/collect", "evidence"}, // the package at the root
	"examples/diagnose": {"", "diagnose", "report"},       // public packages only
}

// outside lists, for pure packages, what they may import from other modules.
var outside = map[string][]string{
	"internal/explain": {"golang.org/x/text/"},
	"internal/lines":   {"github.com/charmbracelet/x/ansi"},
	"track":            {"github.com/axiomhq/hyperloglog"},
	"internal/text":    {"charm.land/lipgloss/v2", "github.com/charmbracelet/x/ansi", "github.com/mattn/go-runewidth"},
}

// impure names packages of the standard library that reach out of the process,
// each with the reason why a pure package has no business with it.
var impure = map[string]string{
	"os":        "files and environment belong to the edges",
	"os/exec":   "programs belong to the edges",
	"os/signal": "signals belong to cmd",
	"net":       "sockets belong to the edges; addresses are net/netip",
	"net/http":  "the network belongs to the edges",
	"syscall":   "system calls belong to the edges",
	"unsafe":    "a parser that needs it is wrong",
	"runtime":   "the same answer on every system",
	"log":       "the machine returns, it never talks",
	"log/slog":  "the machine returns, it never talks",
}

type pkg struct {
	ImportPath string
	Imports    []string
	GoFiles    []string
	Dir        string
	Doc        string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	list := exec.Command("go", "list", "-json=ImportPath,Imports,GoFiles,Dir,Doc", module+"/...")
	list.Dir = "../.."
	list.Env = append(list.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p pkg
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func (p pkg) name() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		name := p.name()
		if strings.HasPrefix(name, "cmd/") {
			continue // wiring may see everything
		}
		ours, isPure := pure[name]
		if !isPure {
			var known bool
			if ours, known = edges[name]; !known {
				t.Errorf("package %s stands in no law: add it to pure or edges", name)
			}
		}
		for _, path := range p.Imports {
			checkImport(t, name, path, ours, isPure)
		}
	}
}

func checkImport(t *testing.T, name, path string, ours []string, isPure bool) {
	t.Helper()
	inside, isOurs := strings.CutPrefix(path+"/", module+"/")
	inside = strings.TrimSuffix(inside, "/")
	reason, isImpure := impure[path]
	switch {
	case isOurs && !slices.Contains(ours, inside):
		t.Errorf("%s imports %s: arrows point one way, see the lists in this file", name, inside)
	case isPure && isImpure:
		t.Errorf("%s imports %s: %s", name, path, reason)
	case isPure && !isOurs && strings.Contains(strings.Split(path, "/")[0], ".") && !allowed(outside[name], path):
		t.Errorf("%s imports %s: pure packages have no dependencies but the named exceptions", name, path)
	case path == "C":
		t.Errorf("%s imports C: no cgo", name)
	}
}

func allowed(prefixes []string, path string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
}

func TestEveryPackageIsDocumented(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("package %s has no package comment", p.name())
		}
	}
}
