package packet

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// ErrTime says that a frame's time does not fit the format: pcap goes from 1970
// to 2106, pcapng has nothing before 1970.
var ErrTime = errors.New("time of capture does not fit the file format")

// Writer writes a pcap file of nanoseconds, little end first. Each frame is one
// Write of the destination.
type Writer struct {
	to  io.Writer
	buf []byte
}

// NewWriter writes the file header. snap is the snapshot length in octets.
func NewWriter(to io.Writer, link LinkType, snap uint32) (*Writer, error) {
	w := &Writer{to: to}
	b := binary.LittleEndian.AppendUint32(nil, magicNano)
	b = append(b, 2, 0, 4, 0) // version 2.4
	b = append(b, make([]byte, 8)...)
	b = binary.LittleEndian.AppendUint32(b, snap)
	b = binary.LittleEndian.AppendUint32(b, uint32(link))
	_, err := to.Write(b)
	return w, err
}

// Write appends a frame. Of the frame it takes Data, Length and Time.
func (w *Writer) Write(f *Frame) error {
	seconds := f.Time / second
	if f.Time < 0 || seconds > math.MaxUint32 {
		return ErrTime
	}
	b := binary.LittleEndian.AppendUint32(w.buf[:0], uint32(seconds))
	b = binary.LittleEndian.AppendUint32(b, uint32(f.Time%second))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Data)))
	b = binary.LittleEndian.AppendUint32(b, uint32(max(f.Length, len(f.Data))))
	w.buf = append(b, f.Data...)
	_, err := w.to.Write(w.buf)
	return err
}

// NGWriter writes a pcapng file of one section, little end first. Each block is
// one Write of the destination.
type NGWriter struct {
	to         io.Writer
	buf        []byte
	interfaces uint32
}

// NewNGWriter writes the section header.
func NewNGWriter(to io.Writer) (*NGWriter, error) { return NewSectionWriter(to, Section{}) }

// Add describes an interface and returns its number, to be set as
// Frame.Interface. Timestamps are written in nanoseconds whatever its Clock.
func (w *NGWriter) Add(i Interface) (uint32, error) { return w.AddFiltered(i, "") }

// Write appends a frame. Of the frame it takes all but Number and Link.
func (w *NGWriter) Write(f *Frame) error {
	if f.Time < 0 {
		return ErrTime
	}
	w.begin(blockEnhanced)
	w.u32(f.Interface)
	w.u32(uint32(f.Time >> 32))
	w.u32(uint32(f.Time))
	w.u32(uint32(len(f.Data)))
	w.u32(uint32(max(f.Length, len(f.Data))))
	w.octets(f.Data)
	w.packetOptions(f)
	return w.flush()
}

func (w *NGWriter) packetOptions(f *Frame) {
	before := len(w.buf)
	if f.Comment != nil {
		w.option(optionComment, f.Comment[:min(len(f.Comment), math.MaxUint16)])
	}
	if f.Direction != DirectionUnknown {
		w.option(optionFlags, []byte{byte(f.Direction), 0, 0, 0}) // 1 is inbound, 2 outbound
	}
	if f.Dropped > 0 {
		w.option(optionDrops, binary.LittleEndian.AppendUint64(nil, f.Dropped))
	}
	if len(w.buf) > before {
		w.u32(optionEnd)
	}
}

func (w *NGWriter) begin(kind uint32) {
	w.buf = w.buf[:0]
	w.u32(kind)
	w.u32(0) // length, filled in at the end
}

func (w *NGWriter) u32(v uint32) { w.buf = binary.LittleEndian.AppendUint32(w.buf, v) }

// octets appends b, padded to 32 bits.
func (w *NGWriter) octets(b []byte) {
	w.buf = append(w.buf, b...)
	for len(w.buf)%4 != 0 {
		w.buf = append(w.buf, 0)
	}
}

func (w *NGWriter) option(code uint16, value []byte) {
	w.u32(uint32(code) | uint32(len(value))<<16)
	w.octets(value)
}

// flush closes the block with its length and writes it.
func (w *NGWriter) flush() error {
	size := uint32(len(w.buf) + 4)
	binary.LittleEndian.PutUint32(w.buf[4:], size)
	w.u32(size)
	_, err := w.to.Write(w.buf)
	return err
}
