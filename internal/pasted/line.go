package pasted

import "bytes"

var byteOrderMark = []byte("\xef\xbb\xbf")

// cutLine returns the first line of b, with its end, and the rest.
func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], b[i+1:]
	}
	return b, nil
}

// clean leaves out what copying adds to a line: its end, byte order
// marks of files strung together, colours of grep, no-break spaces of web pages.
func clean(b []byte) []byte {
	b = bytes.TrimRight(b, "\r\n\x00")
	b = bytes.TrimPrefix(b, byteOrderMark)
	if bytes.IndexByte(b, 0x1b) >= 0 {
		b = uncoloured(b)
	}
	if bytes.Contains(b, []byte("\u00a0")) {
		b = bytes.ReplaceAll(b, []byte("\u00a0"), []byte(" "))
	}
	return b
}

// uncoloured returns a copy without the control sequences of ECMA-48 (ESC [ ...
// letter).
func uncoloured(b []byte) []byte {
	kept := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != 0x1b {
			kept = append(kept, b[i])
			continue
		}
		if i+1 < len(b) && b[i+1] == '[' {
			for i += 2; i < len(b) && (b[i] < '@' || b[i] > '~'); i++ {
			}
		}
	}
	return kept
}

// fields are the words of a line between blanks.
type fields struct {
	line  []byte
	words [][]byte
	at    []int // where each word begins in line
}

// split reuses the memory of an earlier line.
func (f *fields) split(line []byte) {
	f.line, f.words, f.at = line, f.words[:0], f.at[:0]
	for i := 0; i < len(line); {
		if line[i] == ' ' || line[i] == '\t' {
			i++
			continue
		}
		begin := i
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			i++
		}
		f.words = append(f.words, line[begin:i])
		f.at = append(f.at, begin)
	}
}

// word returns word i, nil when there is none.
func (f *fields) word(i int) []byte {
	if i < len(f.words) {
		return f.words[i]
	}
	return nil
}

// drop forgets the first word.
func (f *fields) drop() { f.words, f.at = f.words[1:], f.at[1:] }

// between returns the line from word i to the end of word j-1, blanks included.
func (f *fields) between(i, j int) []byte {
	if i >= j || j > len(f.words) {
		return nil
	}
	return f.line[f.at[i] : f.at[j-1]+len(f.words[j-1])]
}

func (f *fields) indented() bool { return len(f.line) > 0 && (f.line[0] == ' ' || f.line[0] == '\t') }
