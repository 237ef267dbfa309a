package packet

import (
	"encoding/binary"
	"io"
	"math"
)

// Section is what a pcapng section says of its making (shb_ options of
// draft-ietf-opsawg-pcapng). Empty texts are left out.
type Section struct {
	Host    string // shb_hardware
	System  string // shb_os
	Program string // shb_userappl
	Comment string // opt_comment
}

// Options of section headers, interface descriptions and statistics that only
// the writer knows.
const (
	optionHardware    = 2
	optionSystem      = 3
	optionProgram     = 4
	optionFilter      = 11 // if_filter
	optionSeen        = 4  // isb_ifrecv
	optionLost        = 5  // isb_ifdrop
	optionSystemLost  = 7  // isb_osdrop
	optionUserCounted = 8  // isb_usrdeliv
)

// NewSectionWriter writes the section header with what is said of it.
func NewSectionWriter(to io.Writer, s Section) (*NGWriter, error) {
	w := &NGWriter{to: to}
	w.begin(blockSection)
	w.u32(orderMagic)
	w.u32(1)              // version 1.0
	w.u32(math.MaxUint32) // section length: not known
	w.u32(math.MaxUint32)
	before := len(w.buf)
	w.text(optionHardware, s.Host)
	w.text(optionSystem, s.System)
	w.text(optionProgram, s.Program)
	w.text(optionComment, s.Comment)
	if len(w.buf) > before {
		w.u32(optionEnd)
	}
	return w, w.flush()
}

func (w *NGWriter) text(code uint16, text string) {
	if text != "" {
		w.option(code, []byte(text[:min(len(text), math.MaxUint16)]))
	}
}

// AddFiltered is Add for an interface whose packets passed a filter, told as
// if_filter where it is not empty.
func (w *NGWriter) AddFiltered(i Interface, filter string) (uint32, error) {
	w.begin(blockInterface)
	w.u32(uint32(i.Link))
	w.u32(i.SnapLength)
	w.text(optionName, i.Name)
	w.option(optionResolution, []byte{9})
	if filter != "" {
		w.text(optionFilter, "\x00"+filter) // 0: libpcap's language
	}
	w.u32(optionEnd)
	number := w.interfaces
	w.interfaces++
	return number, w.flush()
}

// InterfaceCounts is what an interface statistics block tells.
type InterfaceCounts struct {
	Interface uint32 // as Add returned it
	Time      int64  // nanoseconds since 1970-01-01 00:00 UTC
	Seen      uint64 // packets that passed the filter (isb_ifrecv)
	Lost      uint64 // packets that passed and found no room (isb_osdrop)
	Delivered uint64 // packets that the program got (isb_usrdeliv)
	Comment   string // opt_comment, "" for none
}

// Count appends an interface statistics block.
func (w *NGWriter) Count(c InterfaceCounts) error {
	if c.Time < 0 {
		return ErrTime
	}
	w.begin(blockCounters)
	w.u32(c.Interface)
	w.u32(uint32(c.Time >> 32))
	w.u32(uint32(c.Time))
	for _, o := range []struct {
		code  uint16
		value uint64
	}{{optionSeen, c.Seen}, {optionLost, 0}, {optionSystemLost, c.Lost}, {optionUserCounted, c.Delivered}} {
		w.option(o.code, binary.LittleEndian.AppendUint64(nil, o.value))
	}
	w.text(optionComment, c.Comment)
	w.u32(optionEnd)
	return w.flush()
}
