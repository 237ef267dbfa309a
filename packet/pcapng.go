package packet

import "encoding/binary"

// Block types of pcapng.
const (
	blockInterface = 1
	blockPacket    = 2 // obsolete
	blockSimple    = 3
	blockNames     = 4
	blockCounters  = 5 // interface statistics
	blockEnhanced  = 6
	blockSecrets   = 10
	blockSection   = 0x0a0d0d0a // the same from both ends
	blockCustom    = 0x00000bad
	blockNoCopy    = 0x40000bad // custom, not to be copied
)

const (
	orderMagic   = 0x1a2b3c4d
	leastBlock   = 12 // type, length, length
	leastSection = 28
)

// section is what holds for a section of a pcapng file.
type section struct {
	interfaces []local
}

// firstSection checks the section header that the file begins with.
func (r *Reader) firstSection() error {
	if !r.w.need(leastBlock) {
		r.finish(leastSection)
		return r.err
	}
	if _, ok := sectionOrder(r.w.rest()); !ok {
		return r.noBeginning()
	}
	return nil
}

// sectionOrder learns the byte order from a section header.
func sectionOrder(b []byte) (endian, bool) {
	switch uint32(orderMagic) {
	case binary.LittleEndian.Uint32(b[8:]):
		return endian{false}, true
	case binary.BigEndian.Uint32(b[8:]):
		return endian{true}, true
	default:
		return endian{}, false
	}
}

// blockAt reads the header of a block: its byte order, which is another one only
// for a section header, its type and its size; 0 is a size that cannot be true.
func (r *Reader) blockAt(b []byte) (order endian, kind uint32, size int) {
	order = r.endian
	kind = order.u32(b)
	if kind == blockSection {
		var ok bool
		if order, ok = sectionOrder(b); !ok {
			return order, kind, 0
		}
	}
	length := order.u32(b[4:])
	if length < leastBlock || length > maxRecord || length%4 != 0 || kind == blockSection && length < leastSection {
		return order, kind, 0
	}
	return order, kind, int(length)
}

// nextBlock reads blocks up to the next packet.
func (r *Reader) nextBlock(f *Frame) bool {
	for {
		if !r.w.need(leastBlock) {
			return r.finish(leastBlock)
		}
		order, kind, size := r.blockAt(r.w.rest())
		if size > 0 && !r.w.need(size) {
			if !r.goesOn(size, DamagedBlock, (*Reader).findBlock) {
				return false
			}
			continue
		}
		if size == 0 || int(order.u32(r.w.rest()[size-4:])) != size {
			r.damages[DamagedBlock]++
			if size == 0 || !r.blockFollows(size) {
				r.findBlock()
				continue
			}
		}
		b := r.w.rest()[:size]
		r.w.at += size
		r.endian = order
		if r.block(f, kind, b) {
			return true
		}
	}
}

// block takes one block, and tells whether it gave a packet.
func (r *Reader) block(f *Frame, kind uint32, b []byte) bool {
	switch kind {
	case blockEnhanced:
		return r.enhanced(f, b)
	case blockInterface:
		r.describe(b)
	case blockSection:
		r.beginSection(b)
	case blockSimple:
		return r.simple(f, b)
	case blockPacket:
		return r.obsolete(f, b)
	}
	return false
}

func (r *Reader) beginSection(b []byte) {
	const version = 1
	r.section.interfaces = r.section.interfaces[:0]
	if r.endian.u16(b[12:]) != version {
		r.damages[DamagedSection]++
	}
}

// findBlock goes forward to the next credible block.
func (r *Reader) findBlock() bool {
	for r.skip(1); r.w.need(leastBlock); r.skip(1) {
		if r.credibleBlock() {
			return true
		}
	}
	r.skip(r.w.left())
	return false
}

// credibleBlock tells whether a block of a known type stands at the cursor whose
// two lengths agree.
func (r *Reader) credibleBlock() bool {
	order, kind, size := r.blockAt(r.w.rest())
	return size > 0 && size <= credibleSize && isKnownBlock(kind) &&
		r.w.need(size) && int(order.u32(r.w.rest()[size-4:])) == size
}

// blockFollows tells whether a block of a known type seems to begin n octets
// behind the cursor, or the input ends there.
func (r *Reader) blockFollows(n int) bool {
	if !r.w.need(n + leastBlock) {
		return r.w.left() == n
	}
	_, kind, size := r.blockAt(r.w.rest()[n:])
	return size > 0 && isKnownBlock(kind)
}

// credibleSize is what blocks and records may measure where they are searched
// for: a little more than the largest packet.
const credibleSize = 1 << 20

func isKnownBlock(kind uint32) bool {
	switch kind {
	case blockInterface, blockPacket, blockSimple, blockNames, blockCounters, blockEnhanced,
		blockSecrets, blockSection, blockCustom, blockNoCopy:
		return true
	default:
		return false
	}
}
