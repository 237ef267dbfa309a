package ssfilter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says where a filter cannot be read, and why.
type SyntaxError struct {
	Text   string // the whole filter
	Offset int    // bytes before the bad word
	Length int    // bytes of the bad word, 0 at the end of the filter
	What   string // what is wrong and what was expected
}

// Error is one line: the column, counted in characters from 1, and the reason.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("filter, column %d: %s", e.column()+1, e.What)
}

// Caret returns two lines without a line feed at the end: the filter, and
// carets under the bad word. White space other than a blank is shown as one.
func (e *SyntaxError) Caret() string {
	line := strings.Map(func(r rune) rune {
		if strings.ContainsRune(blanks, r) {
			return ' '
		}
		return r
	}, e.Text)
	width := max(1, utf8.RuneCountInString(e.Text[e.Offset:e.Offset+e.Length]))
	return line + "\n" + strings.Repeat(" ", e.column()) + strings.Repeat("^", width)
}

func (e *SyntaxError) column() int { return utf8.RuneCountInString(e.Text[:e.Offset]) }
