package articles

import (
	"embed"
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

// The texts: a folder a language, a file a cause. A file begins with title and
// summary, a line each. Sections follow, each behind a line "== name". In most,
// paragraphs are separated by empty lines, and lines that begin with four spaces
// stand as they are; in the others each line is one item.
//
//go:embed en zh-CN zh-TW scenarios.txt
var files embed.FS

// indent is what sets lines apart that stand as they are.
const indent = "    "

// read reads the article on a cause.
func read(lang, cause string) (Article, error) {
	text, err := files.ReadFile(lang + "/" + cause + ".txt")
	if err != nil {
		return Article{}, fmt.Errorf("no article on %s in %s: write internal/articles/%s/%s.txt", cause, lang, lang, cause)
	}
	a, err := parse(string(text))
	if err != nil {
		err = fmt.Errorf("internal/articles/%s/%s.txt: %w", lang, cause, err)
	}
	a.Cause, a.Lang = diagnose.Cause(cause), lang
	return a, err
}

func parse(text string) (a Article, err error) {
	head, rest, _ := strings.Cut(text, "\n== ")
	var more string
	a.Title, more, _ = strings.Cut(head, "\n")
	a.Summary = strings.TrimSpace(more)
	for rest != "" && err == nil {
		var section string
		section, rest, _ = strings.Cut(rest, "\n== ")
		name, body, _ := strings.Cut(section, "\n")
		err = a.put(name, body)
	}
	return a, err
}

// put stores a section.
func (a *Article) put(name, body string) (err error) {
	switch name {
	case "background":
		a.Background = blocks(body)
	case "looks":
		a.Looks = blocks(body)
	case "lab":
		a.Lab = blocks(body)
	case "refuted":
		a.Refuted = blocks(body)
	case "never":
		a.Never = lines(body)
	case "rivals":
		a.Rivals, err = items(body)
	case "fix":
		a.Fixes, err = items(body)
	default:
		err = fmt.Errorf("section %q is not known; there are background, looks, rivals, lab, fix, never, refuted", name)
	}
	return err
}

// lines returns the lines that hold something.
func lines(body string) []string {
	var list []string
	for line := range strings.Lines(body) {
		if line = strings.TrimRight(line, "\n"); line != "" {
			list = append(list, line)
		}
	}
	return list
}

func items(body string) ([]Item, error) {
	var list []Item
	for _, line := range lines(body) {
		name, text, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("line %q: write a name, a colon, a space and the text", line)
		}
		list = append(list, Item{name, text})
	}
	return list, nil
}

func blocks(body string) []Block {
	var list []Block
	for part := range strings.SplitSeq(strings.Trim(body, "\n"), "\n\n") {
		if part = strings.Trim(part, "\n"); part == "" {
			continue
		}
		if !strings.HasPrefix(part, indent) {
			list = append(list, Block{Text: strings.ReplaceAll(part, "\n", " ")})
			continue
		}
		var b Block
		for line := range strings.SplitSeq(part, "\n") {
			b.Lines = append(b.Lines, strings.TrimPrefix(line, indent))
		}
		list = append(list, b)
	}
	return list
}

// Plain takes the backquotes off a text, for where they would be read as they
// stand.
func Plain(text string) string { return strings.ReplaceAll(text, "`", "") }
