package pcapfilter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says where a filter cannot be read, and why.
type SyntaxError struct {
	Text          string // the whole filter
	Offset, Width int    // the bad word in bytes; Width is 0 at the filter's end
	What          string // what is wrong and what was expected
}

// Error is one line: the column, counted in characters from 1, and the reason.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("filter, column %d: %s", utf8.RuneCountInString(e.Text[:e.Offset])+1, e.What)
}

// Caret returns two lines: the filter, and carets under the bad word.
func (e *SyntaxError) Caret() string {
	before, bad := e.Text[:e.Offset], e.Text[e.Offset:e.Offset+e.Width]
	shown := strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(e.Text)
	indent := strings.Repeat(" ", utf8.RuneCountInString(before))
	return shown + "\n" + indent + strings.Repeat("^", max(1, utf8.RuneCountInString(bad)))
}

// refusal is an error at a token, before the text of the filter is known.
type refusal struct {
	at   token
	what string
}

func (r *refusal) Error() string { return r.what }

func refuse(at token, format string, arguments ...any) error {
	return &refusal{at, fmt.Sprintf(format, arguments...)}
}
