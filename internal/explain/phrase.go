package explain

import (
	"cmp"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Phrase puts what the program says in English where it stands in the code into a
// language: help, errors, notes, why a source was not read. It is looked up by the
// English itself, of which the tables hold formats ("there is no verb %q"): what a
// %v or %s stands for is put into the language too, if it is known. Kernels and files
// speak in words of their own, which stay as they are; so does what is not known.
func (l Language) Phrase(english string) string {
	if l != Simplified && l != Traditional {
		return english
	}
	lines := strings.Split(english, "\n")
	for i, line := range lines {
		lines[i] = l.phrase(line, 0)
	}
	return strings.Join(lines, "\n")
}

// deepest bounds how far a text is taken apart.
const deepest = 8

func (l Language) phrase(english string, depth int) string {
	table := phrasebooks[l]()
	if said, ok := table.whole[english]; ok {
		return said
	}
	if depth == deepest {
		return english
	}
	for i := range table.formats {
		f := &table.formats[i]
		if args, ok := f.match(english); ok {
			for n, verb := range f.verbs {
				if verb == 'v' || verb == 's' {
					args[n] = l.phrase(args[n], depth+1)
					if wordList.MatchString(args[n]) {
						args[n] = strings.ReplaceAll(args[n], ", ", l.Say("and-list"))
					}
				}
			}
			return l.tidy(fill(f.said, args))
		}
	}
	if of, why, ok := strings.Cut(english, ": "); ok { // a file, a host, a flag: what is wrong with it
		if ofSaid, whySaid := l.phrase(of, depth+1), l.phrase(why, depth+1); ofSaid != of || whySaid != why {
			return ofSaid + "：" + whySaid
		}
	}
	return english
}

// phrasebook is a table of phrases: those without a verb, and formats in the order
// in which they are tried.
type phrasebook struct {
	whole   map[string]string
	formats []phraseFormat
}

// phraseFormat is "a %q b": what stands around its verbs, and which those are.
type phraseFormat struct {
	around []string
	verbs  []byte
	said   string
}

var phrasebooks = map[Language]func() *phrasebook{
	Simplified:  sync.OnceValue(func() *phrasebook { return newPhrasebook(phraseTables(Simplified)) }),
	Traditional: sync.OnceValue(func() *phrasebook { return newPhrasebook(phraseTables(Traditional)) }),
}

// phraseTables lists the tables of a language.
func phraseTables(l Language) []map[string]string {
	if l == Traditional {
		return []map[string]string{whysZhTW, helpPhrasesZhTW, errorPhrasesZhTW, belowPhrasesZhTW, rowPhrasesZhTW, byHandPhrasesZhTW, guardPhrasesZhTW}
	}
	return []map[string]string{whysZhCN, helpPhrasesZhCN, errorPhrasesZhCN, belowPhrasesZhCN, rowPhrasesZhCN, byHandPhrasesZhCN, guardPhrasesZhCN}
}

func newPhrasebook(tables []map[string]string) *phrasebook {
	book := &phrasebook{whole: map[string]string{}}
	for _, table := range tables {
		for _, english := range slices.Sorted(maps.Keys(table)) {
			if around, verbs := cutFormat(english); len(verbs) > 0 {
				book.formats = append(book.formats, phraseFormat{around, verbs, table[english]})
			} else {
				book.whole[around[0]] = table[english]
			}
		}
	}
	slices.SortStableFunc(book.formats, func(a, b phraseFormat) int { return cmp.Compare(b.rank(), a.rank()) })
	return book
}

// rank is higher for a format that is tried sooner: one that is put behind others
// ("%v; see %q"), then one that begins with text of its own, then the longer one.
func (f *phraseFormat) rank() (n int) {
	switch {
	case f.around[0] != "":
		n = 1 << 20
	case f.verbs[0] == 'v':
		n = 2 << 20
	}
	for _, text := range f.around {
		n += len(text)
	}
	return n
}

// cutFormat splits a format at its verbs, each a percent sign and a letter; two
// percent signs are one.
func cutFormat(format string) (around []string, verbs []byte) {
	var text strings.Builder
	for i := 0; i < len(format); i++ {
		switch {
		case format[i] != '%' || i+1 == len(format):
			text.WriteByte(format[i])
		case format[i+1] == '%':
			text.WriteByte('%')
			i++
		case format[i+1] >= 'a' && format[i+1] <= 'z':
			around, verbs = append(around, text.String()), append(verbs, format[i+1])
			text.Reset()
			i++
		default:
			text.WriteByte('%')
		}
	}
	return append(around, text.String()), verbs
}

// match tells whether a text was made by the format, and what stood for each verb.
func (f *phraseFormat) match(text string) (args []string, ok bool) {
	rest, ok := strings.CutPrefix(text, f.around[0])
	for i := 0; ok && i < len(f.verbs); i++ {
		var arg string
		arg, ok = argument(f.verbs[i], rest, f.around[i+1], i+1 == len(f.verbs))
		if args = append(args, arg); ok {
			rest, ok = strings.CutPrefix(rest[len(arg):], f.around[i+1])
		}
	}
	return args, ok && rest == ""
}

// argument returns what stands at the beginning of a text for a verb, when next
// stands behind it.
func argument(verb byte, text, next string, last bool) (arg string, ok bool) {
	switch verb {
	case 'q':
		quoted, err := strconv.QuotedPrefix(text)
		return quoted, err == nil
	case 'd':
		digits := strings.TrimPrefix(text, "-")
		arg = text[:len(text)-len(strings.TrimLeft(digits, "0123456789"))]
		return arg, strings.TrimPrefix(arg, "-") != ""
	}
	if last || next == "" {
		return strings.CutSuffix(text, next)
	}
	at := strings.Index(text, next)
	return text[:max(at, 0)], at >= 0
}

// wordList is words to choose from.
var wordList = regexp.MustCompile(`^[\w-]+(, [\w-]+)+$`)

var verbIn = regexp.MustCompile(`%(?:\[(\d+)\])?[a-z]`)

// fill puts arguments where a format says, by number (%[2]d) or in their order.
func fill(format string, args []string) string {
	next := 0
	said := verbIn.ReplaceAllStringFunc(format, func(v string) string {
		n, err := strconv.Atoi(verbIn.FindStringSubmatch(v)[1])
		if err != nil {
			next++
			n = next
		}
		if n < 1 || n > len(args) {
			return v
		}
		return args[n-1]
	})
	return strings.ReplaceAll(said, "%%", "%")
}

// HasPhrase tells whether Phrase knows a text, or a format in which %w is %v.
func (l Language) HasPhrase(english string) bool {
	for _, table := range phraseTables(l) {
		if _, ok := table[english]; ok {
			return true
		}
	}
	return false
}

// Phrases yields the English of all phrases, as formats.
func Phrases() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, table := range phraseTables(Simplified) {
			for english := range table {
				if !yield(english) {
					return
				}
			}
		}
	}
}
