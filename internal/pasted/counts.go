package pasted

import (
	"bytes"
	"strings"

	"github.com/synoptic-net/synoptic/tcp"
)

// countLine reads "TIME_WAIT 814", "814 TIME_WAIT" or "814 tcp TIME_WAIT".
func (s *scanner) countLine() {
	f := &s.f
	word, number := f.words[0], f.words[1]
	if isNumber(word) {
		word, number = f.words[len(f.words)-1], word
	}
	word = bytes.TrimRight(word, ":=")
	n, _ := decimal(number, 1<<62)
	state, _ := stateOf(word)
	if s.countedLines == 0 {
		s.firstCount = s.text.Lines
	}
	s.countedLines++
	if s.counted[state]+n < n { // never in a true text
		return
	}
	if strings.EqualFold(string(word), "LISTENING") {
		s.countListening += n
	}
	s.sawListen = s.sawListen || strings.EqualFold(string(word), "LISTEN")
	s.counted[state] += n
}

// settleCounts takes the count lines as the answer of a text without rows.
// Where both LISTEN and LISTENING are counted, the pipeline read netstat on
// Linux without choosing TCP: LISTENING is the word of UNIX domain sockets.
func (s *scanner) settleCounts() {
	switch {
	case s.countedLines == 0:
		return
	case s.text.Rows > 0:
		s.text.skip(s.firstCount, "counts beside sockets are left out, so that nothing counts twice")
		return
	}
	if s.sawListen {
		s.counted[tcp.Listen] -= s.countListening
		if s.countListening > 0 {
			s.text.Other++
		}
	}
	s.text.Counts = s.counted
	s.rows[CountLines.index()] = s.countedLines
}
