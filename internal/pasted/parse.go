package pasted

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line, in bytes. The longest honest ones list the many
// processes that share a listener.
const maxLine = 64 << 10

// Parse reads a text and keeps its sockets. When no line can be used the error
// wraps ErrNoRow, and the Text says which lines were tried; other errors are
// the reader's.
func Parse(r io.Reader) (*Text, error) {
	var kept Text
	text, err := Scan(r, func(row *Row) error {
		kept.Sockets = append(kept.Sockets, row.Socket)
		kept.Owners = append(kept.Owners, row.Owners...)
		return nil
	})
	text.Sockets, text.Owners = kept.Sockets, kept.Owners
	return text, err
}

// Scan reads a text and calls each for every socket, keeping none. Errors are
// those of Parse, and what each returns, as it is. The Text is never nil.
func Scan(r io.Reader, each func(*Row) error) (*Text, error) {
	lines := bufio.NewReaderSize(decoded(r), maxLine)
	s := scanner{each: each, style: learn(lines)}
	if err := s.read(lines); err != nil {
		return &s.text, err
	}
	return &s.text, s.finish()
}

// learn reads ahead without consuming. Some rows can only be understood when
// others have shown how the tool was called.
func learn(lines *bufio.Reader) style {
	head, _ := lines.Peek(maxLine)
	s := scanner{each: func(*Row) error { return nil }}
	for len(head) > 0 {
		var line []byte
		line, head = cutLine(head)
		_ = s.line(line) // each never fails
	}
	s.style.bigEndian = s.style.endianVotes > 0
	return s.style
}

func (s *scanner) read(lines *bufio.Reader) error {
	for {
		line, err := lines.ReadSlice('\n')
		if err == bufio.ErrBufferFull {
			err = s.tooLong(lines)
			line = nil
		}
		if len(line) > 0 {
			if err := s.line(line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return errors.Join(s.flush(), fmt.Errorf("line %d: %w", s.text.Lines+1, err))
		}
	}
}

// tooLong passes over the rest of a line that does not fit.
func (s *scanner) tooLong(lines *bufio.Reader) error {
	s.text.Lines++
	s.text.skip(s.text.Lines, fmt.Sprintf("longer than %d bytes", maxLine))
	for {
		_, err := lines.ReadSlice('\n')
		if err != bufio.ErrBufferFull {
			return err
		}
	}
}

// finish delivers the last row and settles what only the whole text shows.
func (s *scanner) finish() error {
	if err := s.flush(); err != nil {
		return err
	}
	s.settleCounts()
	most := 0
	for _, tool := range tools {
		if n := s.rows[tool.index()]; n > most {
			most, s.text.Tool = n, tool
		}
	}
	if s.text.Tool == "" {
		return s.text.empty()
	}
	return nil
}

// tools lists the formats; ties go to the first.
var tools = [...]Tool{NetstatLinux, NetstatMacOS, NetstatBSD, NetstatWindows, SS, Proc, CountLines}

func (t Tool) index() int {
	for i, tool := range tools {
		if t == tool {
			return i
		}
	}
	return 0
}
