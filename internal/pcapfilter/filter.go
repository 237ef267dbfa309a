package pcapfilter

import (
	"errors"
	"net/netip"
	"strings"
)

// Names looks up what a filter may call by name. A nil function knows no name.
type Names struct {
	Service func(name string) (port uint16, ok bool)
	Host    func(name string) []netip.Addr
}

// Filter is a filter that was read. The zero value lets every packet pass.
type Filter struct {
	text string
	expr expr
}

// longestText bounds a filter, and with it the work of reading it.
const longestText = 1 << 16

// Parse reads a filter. An empty one lets every packet pass. The error is a
// *SyntaxError.
func Parse(text string, names Names) (*Filter, error) {
	f := &Filter{text: text}
	if strings.TrimSpace(text) == "" {
		return f, nil
	}
	p := parser{lexer: lexer{text: text}, names: names}
	if len(text) > longestText {
		return nil, f.explained(refuse(token{end: 1}, "it has %d octets; at most %d are read", len(text), longestText))
	}
	var err error
	if f.expr, err = p.whole(); err != nil {
		return nil, f.explained(err)
	}
	return f, nil
}

// String is the filter as it was written.
func (f *Filter) String() string { return f.text }

// explained places a refusal in the text.
func (f *Filter) explained(err error) error {
	var r *refusal
	if errors.As(err, &r) {
		return &SyntaxError{Text: f.text, Offset: r.at.start, Width: r.at.end - r.at.start, What: r.what}
	}
	return err
}
