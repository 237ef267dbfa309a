package explain

import (
	"maps"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Languages lists the languages that findings can be put into.
func Languages() []string { return []string{"en"} }

// sentence is the text of a message id: a format for golang.org/x/text/message
// with numbered arguments and, where an argument is a count that decides the
// form, the text for one.
type sentence struct {
	many    string // for every count, or every count but one
	one     string // for exactly one; "" when the text has no count
	counted int    // number of the argument that counts, from 1
}

// always is a text that no count changes.
func always(text string) sentence { return sentence{many: text} }

// counting is a text whose form the numbered argument decides.
func counting(argument int, one, many string) sentence {
	return sentence{many: many, one: one, counted: argument}
}

// english joins the tables of the messages_*.go files.
func english() map[string]sentence {
	all := map[string]sentence{}
	for _, part := range []map[string]sentence{
		commonMessages, listenMessages, portMessages, textMessages, halfOpenMessages, targetMessages, synMessages, establishedMessages, closeWaitMessages, finWaitMessages, timeWaitMessages, hostMessages, packetMessages, eventMessages,
	} {
		maps.Copy(all, part)
	}
	return all
}

var words = buildCatalog()

func buildCatalog() catalog.Catalog {
	builder := catalog.NewBuilder(catalog.Fallback(language.English))
	for id, s := range english() {
		form := catalog.String(s.many)
		var err error
		if s.one == "" {
			err = builder.Set(language.English, id, form)
		} else {
			err = builder.Set(language.English, id, plural.Selectf(s.counted, "%d", "=1", s.one, "other", s.many))
		}
		if err != nil {
			panic("message " + id + ": " + err.Error()) // the tables are constants: a test builds them
		}
	}
	return builder
}

// speaker returns a function that puts messages into a language. An argument
// may be a message itself: the name of a program, or why it has none.
func speaker(lang string) func(diagnose.Message) string {
	printer := message.NewPrinter(language.Make(lang), message.Catalog(words))
	var say func(diagnose.Message) string
	say = func(m diagnose.Message) string {
		if m.ID == "" {
			return ""
		}
		args := make([]any, len(m.Args))
		for i, arg := range m.Args {
			args[i] = arg
			if inner, ok := arg.(diagnose.Message); ok {
				args[i] = say(inner)
			}
		}
		return printer.Sprintf(message.Key(m.ID, m.ID), args...)
	}
	return say
}
