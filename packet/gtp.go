package packet

// gtpu reads a user-plane header of version 1 and its extension headers (3GPP TS
// 29.281 section 5). Messages other than user packets are the network's own.
func gtpu(d *Decoder, s *Segment) step {
	const (
		size, sizeLong    = 8, 12
		versionType, gtp1 = 0xf0, 0x30 // version 1, protocol type GTP
		anyOption, hasExt = 0x07, 0x04
		userPacket        = 255
	)
	b := d.rest()
	switch {
	case len(b) < size:
		return d.short(size, UDP)
	case b[0]&versionType != gtp1:
		return d.stop(UDP)
	case b[1] != userPacket:
		return d.stop(NotIP)
	}
	id := be32(b[4:])
	if b[0]&anyOption == 0 {
		d.at += size
		return d.enter(s, GTPU, id, rawIP)
	}
	if len(b) < sizeLong {
		return d.short(sizeLong, DamagedLink)
	}
	d.at += sizeLong
	if b[0]&hasExt != 0 && !d.skipGTP(b[11]) {
		return nil
	}
	return d.enter(s, GTPU, id, rawIP)
}

// skipGTP takes extension headers off: length in words of four octets, content,
// and the next one's type, which is 0 at the end.
func (d *Decoder) skipGTP(next byte) bool {
	const word, maxHeaders = 4, 16
	for range maxHeaders {
		if next == 0 {
			return true
		}
		b := d.rest()
		if len(b) < word {
			d.short(word, DamagedLink)
			return false
		}
		size := int(b[0]) * word
		switch {
		case size == 0:
			d.stop(DamagedLink)
			return false
		case len(b) < size:
			d.short(size, DamagedLink)
			return false
		}
		next = b[size-1]
		d.at += size
	}
	d.stop(TooDeep)
	return false
}
