package packet

import (
	"encoding/binary"
	"math/bits"
)

// endian reads numbers in a capture's byte order.
type endian struct{ big bool }

func (e endian) u16(b []byte) uint16 {
	v := binary.LittleEndian.Uint16(b)
	if e.big {
		v = bits.ReverseBytes16(v)
	}
	return v
}

func (e endian) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if e.big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (e endian) u64(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if e.big {
		v = bits.ReverseBytes64(v)
	}
	return v
}
