package explain

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"github.com/synoptic-net/synoptic/diagnose"
)

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

// family is the sentences of one messages_*.go file in each language. Chinese
// has one form for every count.
type family struct {
	en         map[string]sentence
	zhCN, zhTW map[string]string
}

// findingFamilies are the messages that package diagnose uses.
func findingFamilies() []family {
	return []family{
		{commonMessages, commonMessagesZhCN, commonMessagesZhTW},
		{listenMessages, listenMessagesZhCN, listenMessagesZhTW},
		{portMessages, portMessagesZhCN, portMessagesZhTW},
		{textMessages, textMessagesZhCN, textMessagesZhTW},
		{halfOpenMessages, halfOpenMessagesZhCN, halfOpenMessagesZhTW},
		{targetMessages, targetMessagesZhCN, targetMessagesZhTW},
		{synMessages, synMessagesZhCN, synMessagesZhTW},
		{establishedMessages, establishedMessagesZhCN, establishedMessagesZhTW},
		{closeWaitMessages, closeWaitMessagesZhCN, closeWaitMessagesZhTW},
		{finWaitMessages, finWaitMessagesZhCN, finWaitMessagesZhTW},
		{timeWaitMessages, timeWaitMessagesZhCN, timeWaitMessagesZhTW},
		{hostMessages, hostMessagesZhCN, hostMessagesZhTW},
		{packetMessages, packetMessagesZhCN, packetMessagesZhTW},
		{eventMessages, eventMessagesZhCN, eventMessagesZhTW},
	}
}

// labelFamilies are what Say knows: labels of cards and headings of tables.
func labelFamilies() []family {
	return []family{
		{cardLabels, cardLabelsZhCN, cardLabelsZhTW},
		{verdictLabels, verdictLabelsZhCN, verdictLabelsZhTW},
		{tableLabels, tableLabelsZhCN, tableLabelsZhTW},
		{captureLabels, captureLabelsZhCN, captureLabelsZhTW},
		{outcomeLabels, outcomeLabelsZhCN, outcomeLabelsZhTW},
		{anomalyLabels, anomalyLabelsZhCN, anomalyLabelsZhTW},
		{unreadLabels, unreadLabelsZhCN, unreadLabelsZhTW},
		{mishapLabels, mishapLabelsZhCN, mishapLabelsZhTW},
		{noteLabels, noteLabelsZhCN, noteLabelsZhTW},
		{fixLabels, fixLabelsZhCN, fixLabelsZhTW},
		{guardLabels, guardLabelsZhCN, guardLabelsZhTW},
		{guardPlanLabels, guardPlanLabelsZhCN, guardPlanLabelsZhTW},
		{guardRungLabels, guardRungLabelsZhCN, guardRungLabelsZhTW},
		{guardLifeLabels, guardLifeLabelsZhCN, guardLifeLabelsZhTW},
		{guardRunLabels, guardRunLabelsZhCN, guardRunLabelsZhTW},
		{labGuardLabels, labGuardLabelsZhCN, labGuardLabelsZhTW},
	}
}

// english joins the English sentences of families.
func english(families []family) map[string]sentence {
	all := map[string]sentence{}
	for _, f := range families {
		maps.Copy(all, f.en)
	}
	return all
}

// chinese joins the sentences of families in a language that has one form.
func chinese(families []family, l Language) map[string]string {
	all := map[string]string{}
	for _, f := range families {
		if l == Traditional {
			maps.Copy(all, f.zhTW)
		} else {
			maps.Copy(all, f.zhCN)
		}
	}
	return all
}

var words = buildCatalog()

func buildCatalog() catalog.Catalog {
	builder := catalog.NewBuilder(catalog.Fallback(language.English))
	set := func(l Language, id string, text ...catalog.Message) {
		if err := builder.Set(language.Make(string(l)), id, text...); err != nil {
			panic("message " + id + ": " + err.Error()) // the tables are constants: a test builds them
		}
	}
	families := slices.Concat(findingFamilies(), labelFamilies())
	for id, s := range english(families) {
		if s.one == "" {
			set(English, id, catalog.String(s.many))
		} else {
			set(English, id, plural.Selectf(s.counted, "%d", "=1", s.one, "other", s.many))
		}
	}
	for _, l := range []Language{Simplified, Traditional} {
		for id, text := range chinese(families, l) {
			set(l, id, catalog.String(text))
		}
	}
	return builder
}

// printer returns what formats messages of a language.
func (l Language) printer() *message.Printer {
	if l == "" {
		l = English
	}
	return message.NewPrinter(language.Make(string(l)), message.Catalog(words))
}

// tidy removes from a text in Chinese the spaces that only its arguments made
// wrong: between two Chinese characters, and beside brackets that bring their own.
func (l Language) tidy(text string) string {
	if l != Simplified && l != Traditional || !strings.Contains(text, " ") {
		return text
	}
	var out strings.Builder
	var last rune
	for i, r := range text {
		if r == ' ' {
			next, _ := utf8.DecodeRuneInString(text[i+1:])
			if last == '）' || last == '」' || next == '（' || unicode.Is(unicode.Han, last) && unicode.Is(unicode.Han, next) {
				continue
			}
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}

// Say puts a label of the terminal view, a word or a sentence, into the language.
func (l Language) Say(id string, args ...any) string {
	return l.tidy(l.printer().Sprintf(message.Key(id, id), args...))
}

// speaker returns a function that puts messages into a language. An argument
// may be a message itself: the name of a program, or why it has none.
func speaker(l Language) func(diagnose.Message) string {
	printer := l.printer()
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
		return l.tidy(printer.Sprintf(message.Key(m.ID, m.ID), args...))
	}
	return say
}
