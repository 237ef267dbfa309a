package pasted

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded turns UTF-16, which PowerShell writes when it redirects, into UTF-8.
// Anything else passes as it is.
func decoded(r io.Reader) io.Reader {
	b := bufio.NewReaderSize(r, maxLine)
	head, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return &wide{from: b, order: binary.LittleEndian}
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return &wide{from: b, order: binary.BigEndian}
	case len(head) == 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return &wide{from: b, order: binary.LittleEndian} // the mark was lost
	}
	return b
}

// wide reads UTF-16 as UTF-8. Half a unit at the end is dropped.
type wide struct {
	from  *bufio.Reader
	order binary.ByteOrder
	rest  []byte // encoded, not delivered yet
	space [4]byte
}

// Read fills p with UTF-8.
func (w *wide) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(w.rest) > 0 {
			moved := copy(p[n:], w.rest)
			w.rest, n = w.rest[moved:], n+moved
			continue
		}
		r, err := w.rune()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		w.rest = utf8.AppendRune(w.space[:0], r)
	}
	return n, nil
}

func (w *wide) rune() (rune, error) {
	first, err := w.unit()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	second, err := w.unit()
	if err != nil {
		return utf8.RuneError, nil
	}
	return utf16.DecodeRune(first, second), nil
}

func (w *wide) unit() (rune, error) {
	pair, err := w.from.Peek(2)
	if err != nil {
		if len(pair) > 0 && err == io.EOF {
			_, _ = w.from.Discard(len(pair))
		}
		return 0, err
	}
	unit := rune(w.order.Uint16(pair))
	_, _ = w.from.Discard(2)
	return unit, nil
}
