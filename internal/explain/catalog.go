package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
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
		{helpLabels, helpLabelsZhCN, helpLabelsZhTW},
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

// words holds the messages that were asked for so far. To compile all of them
// takes longer than many commands run.
var (
	words   = catalog.NewBuilder(catalog.Fallback(language.English))
	learned sync.Map // the compiled ones: learnedKey
)

type learnedKey struct {
	language Language
	id       string
}

// learn compiles a message of a language, if there is one.
func (l Language) learn(id string) error {
	key := learnedKey{l, id}
	if _, ok := learned.Load(key); ok {
		return nil
	}
	for _, f := range slices.Concat(findingFamilies(), labelFamilies()) {
		if text, ok := f.message(l, id); ok {
			if err := words.Set(language.Make(string(l)), id, text); err != nil {
				return fmt.Errorf("message %s: %w", id, err)
			}
		}
	}
	learned.Store(key, nil)
	return nil
}

// message returns a text of the family, ready to be compiled.
func (f *family) message(l Language, id string) (catalog.Message, bool) {
	switch l {
	case Simplified:
		text, ok := f.zhCN[id]
		return catalog.String(text), ok
	case Traditional:
		text, ok := f.zhTW[id]
		return catalog.String(text), ok
	}
	s, ok := f.en[id]
	if s.one == "" {
		return catalog.String(s.many), ok
	}
	return plural.Selectf(s.counted, "%d", "=1", s.one, "other", s.many), ok
}

// format puts a message into the language.
func (l Language) format(printer *message.Printer, id string, args []any) string {
	if err := l.learn(id); err != nil {
		panic(err) // the tables are constants: a test compiles them
	}
	return l.tidy(printer.Sprintf(message.Key(id, id), args...))
}

// printer returns what formats messages of a language.
func (l Language) printer() *message.Printer {
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
	l = cmp.Or(l, English)
	return l.format(l.printer(), id, args)
}

// speaker returns a function that puts messages into a language. An argument
// may be a message itself: the name of a program, or why it has none.
func speaker(l Language) func(diagnose.Message) string {
	l = cmp.Or(l, English)
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
		return l.format(printer, m.ID, args)
	}
	return say
}
