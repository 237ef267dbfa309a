package articles

import (
	"slices"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Article is what is said about one cause in one language. Texts hold no markup
// but backquotes around what is typed or printed; Plain takes them off.
type Article struct {
	Cause   diagnose.Cause
	Lang    string
	Title   string // a few words, without a full stop
	Summary string // one sentence

	Background []Block
	Looks      []Block // in the tools of the system and in synoptic
	Rivals     []Item  // by cause: how to tell it apart
	Lab        []Block // how a person makes it
	Fixes      []Item  // by the id of a remedy, least force first
	Never      []string
	Refuted    []Block

	Row       diagnose.Row
	Scenarios []Scenario // of the lab that expect the cause
}

// Block is a paragraph, or lines that stand as they are.
type Block struct {
	Text  string
	Lines []string // of a command and what it prints; Text is empty then
}

// Item is a text about something that has a code name.
type Item struct {
	Name, Text string
}

// Scenario is a world of the lab that shows a cause.
type Scenario struct {
	Name  string
	Title string // in the language of the article
	Made  bool   // its evidence is written by hand, because only a whole host could show it
}

// Languages lists the languages of the articles, the first of which is the
// source of the others.
func Languages() []string { return []string{"en", "zh-CN", "zh-TW"} }

// Of returns the article on a cause, in English where the language has none. ok is
// false for a word that is no cause.
func Of(cause diagnose.Cause, lang string) (a Article, ok bool) {
	rows := diagnose.Catalogue()
	at := slices.IndexFunc(rows, func(r diagnose.Row) bool { return r.Cause == cause })
	if at < 0 {
		return Article{}, false
	}
	if !slices.Contains(Languages(), lang) {
		lang = Languages()[0]
	}
	a, _ = read(lang, string(cause)) // a test reads every file: none is missing or wrong
	a.Row = rows[at]
	a.Scenarios = scenariosOf(lang, string(cause))
	return a, true
}

// Causes returns the codes of the catalogue, in its order.
func Causes() []string {
	rows := diagnose.Catalogue()
	causes := make([]string, len(rows))
	for i := range rows {
		causes[i] = string(rows[i].Cause)
	}
	return causes
}
