package packet

import (
	"encoding/binary"
	"io"
	"strings"
)

// Reader reads packets from a capture: pcap (draft-ietf-opsawg-pcap), in
// microseconds or nanoseconds and of both byte orders, or pcapng
// (draft-ietf-opsawg-pcapng). Captures that follow one another in the same
// format are read as one. Memory is bounded: records of up to 16 MiB are
// believed, and the buffer holds two.
type Reader struct {
	w       window
	isNG    bool
	endian  endian
	packets uint64
	skipped uint64
	damages Damages
	err     error

	places  [mostPicked]place
	pcap    pcapHeader
	section section
	known   interfaces
}

// maxRecord is the largest record or block that is believed, in octets.
const maxRecord = 16 << 20

// NewReader reads the beginning of a capture and finds out its format. What is
// no capture gives a *FormatError, an empty input io.EOF.
func NewReader(source io.Reader) (*Reader, error) { return newReader(newWindow(source)) }

// NewBytesReader reads a capture that is in memory, or mapped into it, without
// copying: Data of its frames stays valid as long as the capture does.
func NewBytesReader(capture []byte) (*Reader, error) {
	return newReader(window{buf: capture, end: len(capture), err: io.EOF})
}

func newReader(w window) (*Reader, error) {
	r := &Reader{w: w}
	if !r.w.need(4) {
		return nil, r.noBeginning()
	}
	var err error
	switch {
	case binary.LittleEndian.Uint32(r.w.rest()) == blockSection:
		r.isNG, err = true, r.firstSection()
	case r.isPcap():
		err = r.pcapBegin()
	default:
		err = r.noBeginning()
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// noBeginning says why the input is no capture.
func (r *Reader) noBeginning() error {
	begin := r.w.rest()
	if len(begin) == 0 || r.w.err != nil && r.w.err != io.EOF {
		return r.w.err
	}
	begin = begin[:min(4, len(begin))]
	e := &FormatError{Begin: append([]byte(nil), begin...)}
	for _, f := range familiar {
		if strings.HasPrefix(string(begin), f.begin) {
			e.Looks = f.name
		}
	}
	return e
}

// Next reads the next packet. It returns false at the end, after which Err says
// whether it was the true one. Data and Comment of the frame are valid until the
// next call.
func (r *Reader) Next(f *Frame) bool {
	if r.isNG {
		return r.nextBlock(f)
	}
	return r.nextRecord(f)
}

// Err returns nil at the end of a whole capture, a *CutError where the input
// ended inside a record, or what the source said.
func (r *Reader) Err() error { return r.err }

// Packets returns how many packets were read.
func (r *Reader) Packets() uint64 { return r.packets }

// Damage returns what was found damaged so far.
func (r *Reader) Damage() Damages { return r.damages }

// Skipped returns how many octets were passed over because of damage.
func (r *Reader) Skipped() uint64 { return r.skipped }

// Interfaces returns the interfaces described so far; Frame.Interface is an
// index into them. A pcap file has one. The slice must not be changed.
func (r *Reader) Interfaces() []Interface { return r.known.all }

// finish ends the reading; want is the size of the record that should begin
// here. It always returns false.
func (r *Reader) finish(want int) bool {
	switch {
	case r.err != nil:
	case r.w.err != io.EOF:
		r.err = r.w.err
	case r.w.left() > 0:
		r.damages[CutEnd]++
		r.err = &CutError{Packets: r.packets, Offset: r.w.offset(), Missing: want - r.w.left()}
		r.skip(r.w.left())
	}
	return false
}

// goesOn is asked when the input ends before a record of the given size does.
// Either the size is false, and a credible record is found behind; or the input
// was cut.
func (r *Reader) goesOn(size int, kind Damage, find func(*Reader) bool) bool {
	at, skipped := r.w.at, r.skipped
	if r.w.err == io.EOF && find(r) {
		r.damages[kind]++
		return true
	}
	r.w.at, r.skipped = at, skipped
	return r.finish(size)
}

// skip passes over damaged octets.
func (r *Reader) skip(n int) {
	r.w.at += n
	r.skipped += uint64(n)
}
