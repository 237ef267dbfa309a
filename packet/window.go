package packet

import "io"

// window shows a stretch of a stream. It reads as much as is asked for and what
// comes with it, so a live stream is never waited for without need.
type window struct {
	source io.Reader
	buf    []byte
	at     int   // first octet not yet taken
	end    int   // end of what was read
	base   int64 // offset in the stream of buf[0]
	err    error // why no more can be read; io.EOF at the end
}

// firstBuffer is a size that stays in a core's own cache.
const firstBuffer = 256 << 10

func newWindow(source io.Reader) window {
	return window{source: source, buf: make([]byte, firstBuffer)}
}

// need makes sure that n octets are there to be taken.
func (w *window) need(n int) bool { return w.end-w.at >= n || w.fill(n) }

// rest returns all octets that are there to be taken.
func (w *window) rest() []byte { return w.buf[w.at:w.end] }

// left returns how many octets are there to be taken.
func (w *window) left() int { return w.end - w.at }

// offset returns the cursor's place in the stream.
func (w *window) offset() int64 { return w.base + int64(w.at) }

func (w *window) fill(n int) bool {
	if w.err != nil {
		return false // what is left stays where it is
	}
	w.room(n)
	const patience = 100 // empty reads in a row
	for empty := 0; w.left() < n && w.err == nil; {
		count, err := w.source.Read(w.buf[w.end:])
		w.end += count
		switch {
		case err != nil:
			w.err = err
		case count > 0:
			empty = 0
		default:
			if empty++; empty == patience {
				w.err = io.ErrNoProgress
			}
		}
	}
	return w.left() >= n
}

// room moves what is left to the front where n octets do not fit behind it. The
// buffer is made twice as large as needed, so that a search through large
// blocks does not move them at each step.
func (w *window) room(n int) {
	if w.at+n <= len(w.buf) {
		return
	}
	to := w.buf
	if 2*n > len(to) {
		to = make([]byte, 2*n)
	}
	w.end = copy(to, w.rest())
	w.base += int64(w.at)
	w.at, w.buf = 0, to
}
