package packet

import "math/bits"

// Option codes of pcapng.
const (
	optionEnd     = 0
	optionComment = 1

	optionName       = 2  // if_name
	optionResolution = 9  // if_tsresol
	optionOffset     = 14 // if_tsoffset

	optionFlags = 2 // epb_flags, pack_flags
	optionDrops = 4 // epb_dropcount
)

// option is one option of a block.
type option struct {
	code  uint16
	value []byte
}

// option takes the first option off. The last one and a damaged one leave no
// rest; ok is false where the list is damaged.
func (r *Reader) option(b []byte) (o option, rest []byte, ok bool) {
	const header = 4
	if len(b) < header {
		return option{}, nil, len(b) == 0
	}
	code, size := r.endian.u16(b), int(r.endian.u16(b[2:]))
	if code == optionEnd {
		return option{}, nil, true
	}
	if header+size > len(b) {
		return option{}, nil, false
	}
	next := min(header+(size+3)&^3, len(b))
	return option{code, b[header : header+size]}, b[next:], true
}

// local is an interface by its number in a section.
type local struct {
	Interface
	index   uint32 // in Reader.Interfaces
	known   bool   // it was described, and there was room for it
	perTick uint64 // nanoseconds, where a multiplication is all it takes, else 0
}

// describe takes an interface description block: link type, two octets of
// nothing, snapshot length, options.
func (r *Reader) describe(b []byte) {
	const least, options = 20, 16
	place := len(r.section.interfaces)
	if place == maxInterfaces {
		r.damages[DamagedInterface]++
		return
	}
	var l local
	if len(b) >= least {
		l.Link, l.SnapLength = LinkType(r.endian.u16(b[8:])), r.endian.u32(b[12:])
		l.Clock.Units = 1e6
		if !r.interfaceOptions(&l.Interface, b[options:len(b)-4]) {
			r.damages[DamagedInterface]++
		}
		l.perTick = l.Clock.factor()
		l.index, l.known = r.known.add(place, l.Interface)
	}
	if !l.known {
		r.damages[DamagedInterface]++
	}
	r.section.interfaces = append(r.section.interfaces, l)
}

// interfaceOptions reads what matters for reading packets.
func (r *Reader) interfaceOptions(i *Interface, b []byte) bool {
	const longestName = 255
	for len(b) > 0 {
		o, rest, ok := r.option(b)
		if !ok {
			return false
		}
		switch {
		case o.code == optionName:
			i.Name = string(o.value[:min(len(o.value), longestName)])
		case o.code == optionResolution && len(o.value) == 1:
			if i.Clock.Units, ok = resolution(o.value[0]); !ok {
				i.Clock.Units = 1e6
				return false
			}
		case o.code == optionOffset && len(o.value) == 8:
			i.Clock.Offset = int64(r.endian.u64(o.value))
		}
		b = rest
	}
	return true
}

// factor returns how many nanoseconds a tick has, or 0 where converting takes
// more than a multiplication.
func (c Clock) factor() uint64 {
	if c.Offset != 0 || second%c.Units != 0 {
		return 0
	}
	return second / c.Units
}

// time converts a timestamp of the interface.
func (l *local) time(ticks uint64) int64 {
	high, low := bits.Mul64(ticks, l.perTick)
	if l.perTick == 0 || high != 0 || int64(low) < 0 {
		return l.Clock.nanoseconds(ticks)
	}
	return int64(low)
}
