package articles

import (
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/tcp"
)

// Document is an article as JSON. Paragraphs are strings, in which backquotes
// surround what is typed or printed; lines of a terminal stand under "lines".
type Document struct {
	Cause       string             `json:"cause"`
	Lang        string             `json:"lang"`
	Title       string             `json:"title"`
	Summary     string             `json:"summary"`
	States      []string           `json:"states"` // in which sockets pile up; empty when it leaves none here
	Needs       []string           `json:"needs"`  // sources without which it is not judged
	Background  []BlockDocument    `json:"background"`
	Looks       []BlockDocument    `json:"looks"`
	MistakenFor []RivalDocument    `json:"mistaken_for"`
	Lab         []BlockDocument    `json:"lab"`
	Scenarios   []ScenarioDocument `json:"scenarios"`
	Fix         []RemedyDocument   `json:"fix"`
	DoNot       []string           `json:"do_not"`
	RefutedBy   []BlockDocument    `json:"refuted_by"`
}

// BlockDocument is a paragraph, or lines of a terminal.
type BlockDocument struct {
	Text  string   `json:"text,omitempty"`
	Lines []string `json:"lines,omitempty"`
}

// RivalDocument says how to tell a rival apart.
type RivalDocument struct {
	Cause string `json:"cause"`
	Text  string `json:"text"`
}

// RemedyDocument says what a remedy does.
type RemedyDocument struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// ScenarioDocument is a scenario of the lab that shows the cause.
type ScenarioDocument struct {
	Name   string `json:"name"`
	Title  string `json:"title"`
	ByHand bool   `json:"evidence_by_hand"`
}

// Document returns the article as a document.
func (a *Article) Document() Document {
	d := Document{
		Cause: string(a.Cause), Lang: a.Lang, Title: a.Title, Summary: a.Summary,
		States: a.States(), Needs: slices.Clone(a.Row.Needs), DoNot: slices.Clone(a.Never),
		Background: blockDocuments(a.Background), Looks: blockDocuments(a.Looks),
		Lab: blockDocuments(a.Lab), RefutedBy: blockDocuments(a.Refuted),
		MistakenFor: []RivalDocument{}, Scenarios: []ScenarioDocument{}, Fix: []RemedyDocument{},
	}
	for _, r := range a.Rivals {
		d.MistakenFor = append(d.MistakenFor, RivalDocument{r.Name, r.Text})
	}
	for _, f := range a.Fixes {
		d.Fix = append(d.Fix, RemedyDocument{f.Name, f.Text})
	}
	for _, s := range a.Scenarios {
		d.Scenarios = append(d.Scenarios, ScenarioDocument{s.Name, s.Title, s.Made})
	}
	return d
}

func blockDocuments(list []Block) []BlockDocument {
	documents := make([]BlockDocument, len(list))
	for i, b := range list {
		documents[i] = BlockDocument(b)
	}
	return documents
}

// States lists the states in which sockets pile up because of the cause; none of
// them where it is every state, or where it leaves nothing here.
func (a *Article) States() []string {
	names := []string{}
	if a.Row.States == tcp.AllStates {
		return names
	}
	for _, s := range a.Row.States.States() {
		names = append(names, s.String())
	}
	return names
}

// Heading is what stands under the summary: the states of the pile, and what the
// cause is judged from.
func (a *Article) Heading() (states, needs string) {
	words := WordsOf(a.Lang)
	states = strings.Join(a.States(), words.Comma)
	switch {
	case a.Row.States == tcp.AllStates:
		states = words.AnyState
	case states == "":
		states = words.NoState
	}
	list := slices.Clone(a.Row.Needs)
	if a.Row.Window {
		list = append(list, words.Window)
	}
	return states, strings.Join(list, words.Comma)
}

// IndexEntry is a cause in the list of all.
type IndexEntry struct {
	Cause   string   `json:"cause"`
	States  []string `json:"states"`
	Title   string   `json:"title"`
	Summary string   `json:"summary"`
}

// IndexDocument returns the list of all causes in the order of the catalogue.
func IndexDocument(lang string) any {
	entries := []IndexEntry{}
	for _, cause := range Causes() {
		a, _ := Of(diagnose.Cause(cause), lang)
		entries = append(entries, IndexEntry{cause, a.States(), a.Title, a.Summary})
	}
	return struct {
		Lang   string       `json:"lang"`
		Causes []IndexEntry `json:"causes"`
	}{lang, entries}
}
