// Package report says the findings of a diagnosis in words: the document that
// "synoptic diagnose -o json" prints, for programs that import the libraries.
//
// Package diagnose returns ids of messages with their arguments, so that a program
// may compare, count and store what was found without regard to a language. Here
// they become sentences. Codes of causes, keys, state words and commands are the
// same in every language.
//
// The fields of a Document, and its JSON, are those of the schema
// "synoptic.diagnosis/v1": fields may be added to it, none is taken away or changes
// its meaning.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/explain"
)

// Schema is the first field of every Document.
const Schema = explain.DiagnosisSchema

// Document is a diagnosis in words: the window, the sources that were read or not,
// the sockets by state, the Findings with root causes first, and the causes that
// could not be judged (NotAssessed), each with what it needs.
type Document = explain.Diagnosis

// Finding is one cause for one subject: its code, severity and confidence, a
// Summary that a person can act on, the evidence, what was ruled out and why, what
// happens if nobody acts, and the remedies with their commands.
type Finding = explain.Finding

// Languages returns the languages that Of and Write know, English ("en") first.
func Languages() []string {
	var names []string
	for _, l := range explain.Languages() {
		names = append(names, string(l))
	}
	return names
}

// Of says a report in a language, in English if the language is not known.
func Of(r diagnose.Report, language string) Document {
	if !slices.Contains(Languages(), language) {
		language = Languages()[0]
	}
	return explain.Document(r, explain.Language(language))
}

// Write writes the Document of a report as indented JSON. An unknown language is an
// error, and so is what w returns.
func Write(w io.Writer, r diagnose.Report, language string) error {
	if !slices.Contains(Languages(), language) {
		return fmt.Errorf("report: language %q is not known; there is: %s", language, strings.Join(Languages(), ", "))
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // commands hold < and >
	encoder.SetIndent("", "  ")
	return encoder.Encode(Of(r, language))
}
