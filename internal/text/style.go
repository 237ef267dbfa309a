// Package text lays out findings, states and sockets for a terminal: widths,
// wrapping and colour. The sentences come from internal/explain.
package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/synoptic-net/synoptic/internal/explain"
)

// The widths between which a text is laid out: a narrower terminal must wrap
// by itself, and longer lines than the widest are hard to read.
const (
	narrowest = 40
	widest    = 120
)

// Style is how output should look.
type Style struct {
	Width    int // columns; 0 for tables that may be as wide as their content
	Color    bool
	Language explain.Language
}

// say puts a label into the language of the style.
func (s Style) say(id string, args ...any) string { return s.Language.Say(id, args...) }

// columns returns the width for running text.
func (s Style) columns() int {
	if s.Width == 0 {
		return widest
	}
	return min(max(s.Width, narrowest), widest)
}

// The tones use the sixteen colours that a terminal's theme defines, so that
// they suit light and dark ones. Each of them only repeats what a word says.
var (
	red    = ansi.Style{}.ForegroundColor(ansi.Red)
	yellow = ansi.Style{}.ForegroundColor(ansi.Yellow)
	blue   = ansi.Style{}.ForegroundColor(ansi.Blue)
	green  = ansi.Style{}.ForegroundColor(ansi.Green)
	cyan   = ansi.Style{}.ForegroundColor(ansi.Cyan)
	bold   = ansi.Style{}.Bold()
	dim    = ansi.Style{}.Faint()
	plain  = ansi.Style{}
)

// paint colours one line; the spaces that surround it stay bare.
func (s Style) paint(tone ansi.Style, text string) string {
	core := strings.Trim(text, " ")
	if !s.Color || len(tone) == 0 || core == "" {
		return text
	}
	before, after, _ := strings.Cut(text, core)
	return before + tone.Styled(core) + after
}

// strong is a tone for headings.
func strong(tone ansi.Style) ansi.Style { return append(ansi.Style{}, tone...).Bold() }

// severityLook is how a severity shows beside its word: sign and colour.
type severityLook struct {
	sign string
	tone ansi.Style
}

var severityLooks = map[string]severityLook{
	"critical": {"✖", red},
	"warning":  {"▲", yellow},
	"notice":   {"●", blue},
	"info":     {"○", cyan},
}
