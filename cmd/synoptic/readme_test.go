package main

import (
	"bytes"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/simulate"
)

var readmes = []string{"README.md", "README.zh-CN.md", "README.zh-TW.md"}

func readme(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	codeSpan = regexp.MustCompile("`(?:[^`\n]*\\| )?((?:go run \\./cmd/)?synoptic [^`\n]*)`")
	fence    = regexp.MustCompile("(?s)\n```[a-z]+\n(.*?)\n```\n")
	codeLine = regexp.MustCompile(`(?m)^(?:\$ )?((?:go run \./cmd/)?synoptic (?:[a-z]|-)[^\n]*)$`)
	mdLink   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// commandsIn returns the commands of a text, without what stands behind #.
func commandsIn(text string) map[string]bool {
	commands := map[string]bool{}
	found := codeSpan.FindAllStringSubmatch(text, -1)
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		found = append(found, codeLine.FindAllStringSubmatch(block[1], -1)...)
	}
	for _, m := range found {
		command, _, _ := strings.Cut(m[1], " #")
		command = strings.NewReplacer("go run ./cmd/", "", `\|`, "|", "[", "", "]", "", "'", "").Replace(command)
		commands[strings.TrimSpace(command)] = true
	}
	return commands
}

// TestReadmesShowRealCommands: verbs and flags that a README shows exist.
func TestReadmesShowRealCommands(t *testing.T) {
	for _, name := range readmes {
		commands := commandsIn(readme(t, name))
		if len(commands) < 25 {
			t.Errorf("%s: only %d commands were found", name, len(commands))
		}
		for command := range commands {
			checkCommand(t, name, command)
		}
	}
}

func checkCommand(t *testing.T, name, command string) {
	t.Helper()
	words := strings.Fields(command)[1:]
	root := newRootCommand()
	verb := root
	for _, word := range words {
		next := slices.IndexFunc(verb.Commands(), func(c *cobra.Command) bool { return c.Name() == word })
		if next < 0 {
			break
		}
		verb = verb.Commands()[next]
	}
	if verb == root && !strings.HasPrefix(words[0], "-") {
		t.Errorf("%s: %q: there is no verb %q", name, command, words[0])
	}
	for _, word := range words {
		flag, _, _ := strings.Cut(word, "=")
		long, isLong := strings.CutPrefix(flag, "--")
		switch {
		case isLong && long != "help" && verb.Flag(long) == nil:
			t.Errorf("%s: %q: %s has no flag --%s", name, command, verb.CommandPath(), long)
		case !isLong && len(flag) == 2 && flag[0] == '-' && flag[1] != '-' && shorthand(verb, flag[1:]) == nil:
			t.Errorf("%s: %q: %s has no flag %s", name, command, verb.CommandPath(), flag)
		}
	}
}

func shorthand(verb *cobra.Command, letter string) *pflag.Flag {
	if flag := verb.Flags().ShorthandLookup(letter); flag != nil {
		return flag
	}
	return verb.InheritedFlags().ShorthandLookup(letter)
}

// TestReadmesSayTheSame: the Chinese ones show all commands and links that the
// English one shows.
func TestReadmesSayTheSame(t *testing.T) {
	english := readme(t, readmes[0])
	for _, name := range readmes[1:] {
		text := readme(t, name)
		commands := commandsIn(text)
		for command := range commandsIn(english) {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(commands)), func(c string) bool { return strings.HasPrefix(c, command) }) {
				t.Errorf("%s does not show %q", name, command)
			}
		}
		for _, link := range linksIn(english) {
			if !strings.HasPrefix(link, "#") && !strings.HasPrefix(link, "README") && !slices.Contains(linksIn(text), link) {
				t.Errorf("%s does not link to %s", name, link)
			}
		}
	}
}

// TestReadmesNameAllCauses: each cause of the catalogue.
func TestReadmesNameAllCauses(t *testing.T) {
	for _, name := range readmes {
		text := readme(t, name)
		for _, row := range diagnose.Catalogue() {
			if !strings.Contains(text, "`"+string(row.Cause)+"`") {
				t.Errorf("%s does not name %s", name, row.Cause)
			}
		}
	}
}

// TestReadmesCountStories: as many as there are.
func TestReadmesCountStories(t *testing.T) {
	count := regexp.MustCompile("`simulate list` \\D*(\\d+)")
	for _, name := range readmes {
		m := count.FindStringSubmatch(readme(t, name))
		if want := strconv.Itoa(len(simulate.Stories())); m == nil || m[1] != want {
			t.Errorf("%s: %q, there are %s stories", name, m, want)
		}
	}
}

func linksIn(text string) (links []string) {
	for _, m := range mdLink.FindAllStringSubmatch(text, -1) {
		links = append(links, m[1])
	}
	return links
}

// TestReadmeLinks: files and headings that are linked to exist.
func TestReadmeLinks(t *testing.T) {
	for _, name := range readmes {
		text := readme(t, name)
		for _, link := range linksIn(text) {
			if heading, ok := strings.CutPrefix(link, "#"); ok {
				if !slices.Contains(headingsIn(text), heading) {
					t.Errorf("%s: no heading %s", name, link)
				}
			} else if _, err := os.Stat("../../" + link); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// headingsIn returns the headings of a Markdown text as links name them.
func headingsIn(text string) (names []string) {
	for line := range strings.Lines(text) {
		if heading, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			names = append(names, strings.Map(func(r rune) rune {
				switch {
				case r == ' ':
					return '-'
				case unicode.IsLetter(r), unicode.IsDigit(r), r == '-':
					return unicode.ToLower(r)
				default:
					return -1
				}
			}, heading))
		}
	}
	return names
}

// TestReadmesShowRealOutput: what stands below a command that anybody can repeat is
// what it prints; an ellipsis stands for lines that are left out.
func TestReadmesShowRealOutput(t *testing.T) {
	repeatable := regexp.MustCompile(`(?s)\n\x60\x60\x60console\n\$ synoptic ((?:simulate|diagnose --bundle|read)[^\n]*)\n(.*?)\n\x60\x60\x60\n`)
	texts := map[string]string{}
	for _, name := range readmes {
		texts[name] = readme(t, name)
	}
	t.Chdir("../..")
	t.Setenv("COLUMNS", "80")
	for name, text := range texts {
		blocks := repeatable.FindAllStringSubmatch(text, -1)
		if want := map[bool]int{true: 1, false: 3}[name == "README.md"]; len(blocks) != want {
			t.Errorf("%s: %d repeatable commands, want %d", name, len(blocks), want)
		}
		for _, block := range blocks {
			var out, errs bytes.Buffer
			if code := run(strings.Fields(block[1]), strings.NewReader(""), &out, &errs); code != exitDone {
				t.Fatalf("%s: %s: code %d, %s", name, block[1], code, errs.String())
			}
			rest := out.String()
			for shown := range strings.SplitSeq(block[2], "…\n") {
				shown = strings.TrimSuffix(shown, "\n…")
				_, after, found := strings.Cut(rest, shown)
				if !found {
					t.Errorf("%s: %s does not print\n%s\nbut\n%s", name, block[1], shown, rest)
					break
				}
				rest = after
			}
		}
	}
}
