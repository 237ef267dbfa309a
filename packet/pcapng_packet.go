package packet

const sizePacket = 28 // of a packet block, up to its data

// enhanced takes an enhanced packet block: interface, timestamp in two halves,
// captured length, length, data, options.
func (r *Reader) enhanced(f *Frame, b []byte) bool {
	if len(b) < sizePacket+4 {
		return r.refuse(DamagedPacket)
	}
	number := r.endian.u32(b[8:])
	f.Dropped = 0
	return r.packet(f, b, number)
}

// obsolete takes a packet block, which has a short interface number, and packets
// dropped behind it.
func (r *Reader) obsolete(f *Frame, b []byte) bool {
	const noCount = 0xffff
	if len(b) < sizePacket+4 {
		return r.refuse(DamagedPacket)
	}
	f.Dropped = uint64(r.endian.u16(b[10:]))
	if f.Dropped == noCount {
		f.Dropped = 0
	}
	return r.packet(f, b, uint32(r.endian.u16(b[8:])))
}

// packet takes what both blocks have in common.
func (r *Reader) packet(f *Frame, b []byte, number uint32) bool {
	captured := r.endian.u32(b[20:])
	end := len(b) - 4
	if captured > uint32(end-sizePacket) {
		return r.refuse(DamagedPacket)
	}
	l := r.local(number)
	if l == nil {
		return r.refuse(DamagedInterface)
	}
	f.Data = b[sizePacket : sizePacket+captured]
	f.Length = int(min(max(r.endian.u32(b[24:]), captured), 1<<30))
	f.Time = l.time(uint64(r.endian.u32(b[12:]))<<32 | uint64(r.endian.u32(b[16:])))
	r.deliver(f, l)
	if options := sizePacket + int(captured+3)&^3; options < end {
		r.packetOptions(f, b[options:end])
	}
	return true
}

// simple takes a simple packet block: length and data. It belongs to the first
// interface, whose snapshot length says how much was captured, and has no time.
func (r *Reader) simple(f *Frame, b []byte) bool {
	const data = 12
	l := r.local(0)
	switch {
	case len(b) < data+4:
		return r.refuse(DamagedPacket)
	case l == nil:
		return r.refuse(DamagedInterface)
	}
	length := r.endian.u32(b[8:])
	captured := min(length, uint32(len(b)-data-4))
	if l.SnapLength > 0 {
		captured = min(captured, l.SnapLength)
	}
	f.Data, f.Length = b[data:data+captured], int(min(length, 1<<30))
	f.Time, f.Dropped = 0, 0
	r.deliver(f, l)
	return true
}

// local finds an interface of the section, or nil.
func (r *Reader) local(number uint32) *local {
	if uint64(number) >= uint64(len(r.section.interfaces)) {
		return nil
	}
	if l := &r.section.interfaces[number]; l.known {
		return l
	}
	return nil
}

func (r *Reader) refuse(kind Damage) bool {
	r.damages[kind]++
	return false
}

func (r *Reader) deliver(f *Frame, l *local) {
	r.packets++
	f.Number, f.Interface, f.Link = r.packets, l.index, l.Link
	f.Direction, f.Comment = DirectionUnknown, nil
}

// packetOptions reads what a packet's options say. A damaged list loses what
// stands behind the damage, not the packet.
func (r *Reader) packetOptions(f *Frame, b []byte) {
	for len(b) > 0 {
		o, rest, ok := r.option(b)
		if !ok {
			r.damages[DamagedPacket]++
			return
		}
		switch {
		case o.code == optionComment && f.Comment == nil:
			f.Comment = o.value
		case o.code == optionFlags && len(o.value) == 4:
			f.Direction = flagsDirection(r.endian.u32(o.value))
		case o.code == optionDrops && len(o.value) == 8:
			f.Dropped = r.endian.u64(o.value)
		}
		b = rest
	}
}

// flagsDirection reads the lowest two bits of epb_flags.
func flagsDirection(flags uint32) Direction {
	switch flags & 3 {
	case 1:
		return Inbound
	case 2:
		return Outbound
	default:
		return DirectionUnknown
	}
}
