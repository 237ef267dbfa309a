package packet

import (
	"fmt"
	"io"
)

// Damage is what can be wrong with a capture file.
type Damage uint8

// The kinds of damage.
const (
	// DamagedRecord: a pcap record header that cannot be true. Octets up to the
	// next credible one were skipped.
	DamagedRecord Damage = iota
	// DamagedTime: a pcap record's fraction of a second is a second or more.
	// The packet was kept, with the sum as its time.
	DamagedTime
	// DamagedBlock: a pcapng block whose lengths cannot be true. Octets up to
	// the next credible block were skipped.
	DamagedBlock
	// DamagedPacket: a pcapng packet block whose content contradicts itself.
	DamagedPacket
	// DamagedInterface: a packet of an interface that no block describes, or a
	// description that cannot be read.
	DamagedInterface
	// DamagedSection: a section of a version that is not known. It is read as
	// one of version 1.
	DamagedSection
	// CutEnd: the input ended inside a record.
	CutEnd
	damages
)

var damageNames = [damages]string{"record", "time", "block", "packet", "interface", "section", "cut-end"}

// String returns a stable name in lower case.
func (d Damage) String() string {
	if d < damages {
		return damageNames[d]
	}
	return "damage?"
}

// Damages is a count for each kind of Damage.
type Damages [damages]uint64

// Total returns the sum of the counts.
func (d *Damages) Total() (n uint64) {
	for _, count := range d {
		n += count
	}
	return n
}

// CutError says that the input ended inside a record. What was read before
// counts. It wraps io.ErrUnexpectedEOF.
type CutError struct {
	Packets uint64 // packets read before the end
	Offset  int64  // where the record that is not whole begins, octets
	Missing int    // octets that it lacks at least
}

// Error says how much was read.
func (e *CutError) Error() string {
	return fmt.Sprintf("capture ends in the middle of a record at offset %d, after %d packets", e.Offset, e.Packets)
}

// Unwrap returns io.ErrUnexpectedEOF.
func (e *CutError) Unwrap() error { return io.ErrUnexpectedEOF }

// FormatError says that the input does not begin as a capture file does.
type FormatError struct {
	Looks string // what it seems to be: "gzip", "zstd", ..., or ""
	Begin []byte // its first octets, at most four
}

// Error names what was found.
func (e *FormatError) Error() string {
	if e.Looks == "" {
		return fmt.Sprintf("no pcap and no pcapng file: it begins with % x", e.Begin)
	}
	return fmt.Sprintf("no pcap and no pcapng file: it looks like %s", e.Looks)
}

// familiar lists what is likely to be given in place of a capture file.
var familiar = []struct{ begin, name string }{
	{"\x1f\x8b", "gzip"},
	{"\x28\xb5\x2f\xfd", "zstd"},
	{"\xfd7zX", "xz"},
	{"BZh", "bzip2"},
	{"\x04\x22\x4d\x18", "lz4"},
	{"PK\x03\x04", "zip"},
	{"snoo", "snoop"},
	{"\x7fELF", "a program"},
}
