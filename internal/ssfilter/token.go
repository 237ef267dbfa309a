package ssfilter

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	blanks  = " \t\n\r\v\f"
	symbols = "()=!<>|&"
)

// token is a word or a symbol of a filter.
type token struct {
	text       string // without backslashes; "" at the end
	start, end int    // bytes of the filter
	literal    bool   // a backslash says that it is no keyword
	symbol     bool
}

func (t token) last() bool { return t.text == "" && t.start == t.end }

// is tells whether the token is one of the keywords or symbols.
func (t token) is(words ...string) bool {
	return !t.literal && slices.Contains(words, t.keyword())
}

// keyword is the text in the letters in which keywords are written.
func (t token) keyword() string {
	if t.literal {
		return ""
	}
	return strings.ToLower(t.text)
}

// lexer cuts a filter into tokens. As in ss a backslash takes the next
// character as it is.
type lexer struct {
	text string
	at   int
}

func (l *lexer) skipBlanks() {
	for l.at < len(l.text) && strings.IndexByte(blanks, l.text[l.at]) >= 0 {
		l.at++
	}
}

// next takes the next token.
func (l *lexer) next() token {
	l.skipBlanks()
	for _, symbol := range []string{"(", ")", "||", "|", "&&", "&", "!=", "!", "==", "=", ">=", ">", "<=", "<"} {
		if strings.HasPrefix(l.text[l.at:], symbol) {
			l.at += len(symbol)
			return token{text: symbol, start: l.at - len(symbol), end: l.at, symbol: true}
		}
	}
	return l.word(symbols)
}

// value takes the next word of a kind that may hold symbols: a path or the name
// of a device.
func (l *lexer) value() token {
	l.skipBlanks()
	return l.word("()")
}

// word reads up to a blank or one of the given characters.
func (l *lexer) word(stop string) token {
	var text strings.Builder
	t := token{start: l.at}
	for l.at < len(l.text) && strings.IndexByte(blanks+stop, l.text[l.at]) < 0 {
		if l.text[l.at] == '\\' && l.at+1 < len(l.text) {
			t.literal = true
			l.at++
		}
		_, size := utf8.DecodeRuneInString(l.text[l.at:])
		text.WriteString(l.text[l.at : l.at+size])
		l.at += size
	}
	t.text, t.end = text.String(), l.at
	return t
}

// peek looks at the next token without taking it.
func (l *lexer) peek() token {
	ahead := *l
	return ahead.next()
}

// quote writes a word so that the lexer reads it back as no keyword.
func quote(word string) string {
	var quoted strings.Builder
	for i := range len(word) {
		if strings.IndexByte(blanks+symbols+`\`, word[i]) >= 0 || i == 0 && reserved(word) {
			quoted.WriteByte('\\')
		}
		quoted.WriteByte(word[i])
	}
	return quoted.String()
}

// keywords cannot be names, unless behind a backslash.
var keywords = []string{
	"state", "exclude", "excl", "src", "dst", "sport", "dport", "dev", "fwmark", "cgroup", "autobound", "and", "or", "not",
	"eq", "ne", "neq", "gt", "lt", "ge", "geq", "le", "leq",
}

func reserved(word string) bool { return slices.Contains(keywords, strings.ToLower(word)) }
