package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/articles"
	"github.com/synoptic-net/synoptic/internal/text"
)

// causePage is what is said about one cause, or the list of all.
type causePage struct {
	cause diagnose.Cause // "" for the list
}

// articleOf tells whether arguments ask for a cause, or for the list of them.
func articleOf(args []string) (page causePage, ok bool) {
	subject := strings.Join(args, " ")
	if strings.EqualFold(subject, articles.CausesWord) {
		return causePage{}, true
	}
	cause, ok := articles.Find(subject)
	return causePage{cause}, ok
}

func (c causePage) explain(cmd *cobra.Command, format string) error {
	lang := string(documentLanguage(cmd, format))
	switch format {
	case "text", "json", "markdown":
	default:
		return usagef("-o %s: a cause has no picture; choose text, json or markdown", format)
	}
	return buffered(cmd, func(w *bufio.Writer) error {
		if c.cause == "" {
			return writeCauses(w, lang, format, styleOf(cmd))
		}
		a, _ := articles.Of(c.cause, lang) // articleOf has found it
		switch format {
		case "json":
			return writeDocument(w, format, a.Document())
		case "markdown":
			_, err := fmt.Fprint(w, a.Markdown())
			return err
		default:
			return text.Article(w, &a, styleOf(cmd))
		}
	})
}

func writeCauses(w *bufio.Writer, lang, format string, style text.Style) error {
	switch format {
	case "json":
		return writeDocument(w, format, articles.IndexDocument(lang))
	case "markdown":
		_, err := fmt.Fprint(w, articles.Index(lang))
		return err
	default:
		return text.Causes(w, lang, style)
	}
}

// notExplained is the answer to a word that is no state: the causes that it
// resembles where it resembles no state.
func notExplained(args []string, err error) error {
	var unknown *host.UnknownStateError
	if !errors.As(err, &unknown) || unknown.Nearest != "" {
		return usagef("%v", err)
	}
	subject := strings.Join(args, " ")
	if near := articles.Nearest(subject); len(near) > 0 {
		return usagef("%q is no cause and no state; did you mean %s?", subject, strings.Join(near, " or "))
	}
	return usagef("%q is no state and no cause; see \"synoptic explain\" and \"synoptic explain causes\"", subject)
}
