package pcapfilter

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// token is a word or a symbol of a filter. The one behind the last is empty.
type token struct {
	text       string
	start, end int  // bytes of the filter
	literal    bool // a backslash says that it is no keyword
}

func (t token) last() bool { return t.start == t.end }

func (t token) is(words ...string) bool { return !t.literal && slices.Contains(words, t.text) }

// number tells whether the token begins like one.
func (t token) number() bool { return t.text != "" && t.text[0] >= '0' && t.text[0] <= '9' }

// lexer cuts a filter into tokens.
type lexer struct {
	text string
	at   int
}

var symbols = []string{
	"(", ")", "[", "]", "&&", "||", "==", "!=", ">=", "<=", ">>", "<<", "::",
	"=", ">", "<", "!", "&", "|", "+", "-", "*", "/", "%", "^", ":",
}

// next takes the next token.
func (l *lexer) next() token {
	l.at += len(l.text[l.at:]) - len(strings.TrimLeft(l.text[l.at:], " \t\r\n"))
	start, literal := l.at, false
	if strings.HasPrefix(l.text[l.at:], `\`) {
		l.at, literal = l.at+1, true
	}
	size := wordSize(l.text[l.at:])
	if size == 0 && !literal {
		size = symbolSize(l.text[l.at:])
	}
	l.at += size
	text := l.text[l.at-size : l.at]
	return token{text: text, start: start, end: l.at, literal: literal}
}

// peek looks at the next token without taking it.
func (l *lexer) peek() token {
	ahead := *l
	return ahead.next()
}

// symbolSize counts the octets of a symbol. What is neither symbol nor word is
// one character that no rule knows.
func symbolSize(text string) int {
	for _, s := range symbols {
		if strings.HasPrefix(text, s) {
			return len(s)
		}
	}
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// wordSize counts the octets of a word. A colon belongs to it in IPv6 and
// hardware addresses only, which have two at least; a hyphen in names only.
func wordSize(text string) int {
	size := strings.IndexFunc(text, func(r rune) bool { return !wordRune(r) && r != ':' })
	if size < 0 {
		size = len(text)
	}
	if strings.Count(text[:size], ":") < 2 || !strings.ContainsAny(text[:size], "0123456789abcdefABCDEF") {
		if cut := strings.IndexByte(text[:size], ':'); cut >= 0 {
			size = cut
		}
	}
	if size > 0 && text[0] >= '0' && text[0] <= '9' {
		if cut := strings.IndexByte(text[:size], '-'); cut >= 0 {
			size = cut
		}
	}
	if size > 0 && text[0] == '-' {
		return 0
	}
	return size
}

func wordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
}
