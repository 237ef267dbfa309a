// Package lines measures and breaks text for people: how many columns it takes,
// and where a line may end, in languages that part words by spaces and in Chinese,
// which does not. Widths are columns of a terminal: a Chinese character has two.
package lines

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Clean makes text from outside safe to print: a process may be named with
// escape sequences or with characters that turn the writing direction.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case r == '\n', r == '\t', r == '\u00a0':
			return ' '
		default:
			return unicode.ReplacementChar
		}
	}, text)
}

// Characters that must not begin, or end, a line of Chinese text.
const (
	noLineStart = "，。、；：！？）】」』〉》〕”’…—％·,.;:!?)]}%"
	noLineEnd   = "（【「『〈《〔“‘([{"
)

// wrapper fills lines with pieces between which a line may end.
type wrapper struct {
	width int
	whole bool // words are never cut
	lines []string
	line  strings.Builder
	used  int // columns of line
	piece strings.Builder
	size  int  // columns of piece
	space bool // a space stands before piece
}

// Width returns how many columns a line takes.
func Width(line string) int { return ansi.StringWidth(line) }

// Pad fills a text up to a width with spaces on its right.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-Width(text), 0))
}

// PadLeft fills a text up to a width with spaces on its left.
func PadLeft(text string, width int) string {
	return strings.Repeat(" ", max(width-Width(text), 0)) + text
}

// Wrap breaks text into lines of at most width columns, or 8 if that is more: at
// spaces, and between wide characters, which Chinese text does not separate by
// spaces. A word that is longer than a line is cut.
func Wrap(text string, width int) []string {
	return fill(&wrapper{width: max(width, 8)}, text)
}

// WrapWhole is Wrap that cuts no word: one that is longer than a line has a line
// of its own.
func WrapWhole(text string, width int) []string {
	return fill(&wrapper{width: max(width, 8), whole: true}, text)
}

func fill(w *wrapper, text string) []string {
	var last string
	for rest := Clean(text); rest != ""; {
		cluster, columns := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
		rest = rest[len(cluster):]
		if cluster == " " {
			w.endPiece()
			w.space = true
		} else {
			if breakable(last, cluster) || !w.whole && w.size+columns > w.width { // a word longer than a line is cut
				w.endPiece()
			}
			w.piece.WriteString(cluster)
			w.size += columns
		}
		last = cluster
	}
	w.endPiece()
	w.endLine()
	return w.lines
}

// breakable tells whether a line may end between two characters that no space
// separates.
func breakable(last, next string) bool {
	if last == "" || ansi.StringWidth(last) < 2 && ansi.StringWidth(next) < 2 {
		return false
	}
	return !strings.Contains(noLineStart, next) && !strings.Contains(noLineEnd, last)
}

func (w *wrapper) endPiece() {
	if w.piece.Len() == 0 {
		return
	}
	gap := 0
	if w.space && w.used > 0 {
		gap = 1
	}
	if w.used+gap+w.size > w.width {
		w.endLine()
		gap = 0
	}
	w.line.WriteString(strings.Repeat(" ", gap))
	w.line.WriteString(w.piece.String())
	w.used += gap + w.size
	w.piece.Reset()
	w.size, w.space = 0, false
}

func (w *wrapper) endLine() {
	if w.line.Len() > 0 {
		w.lines = append(w.lines, w.line.String())
	}
	w.line.Reset()
	w.used = 0
}
