package packet

import "encoding/binary"

// Flags of a radiotap header's flags field (radiotap.org).
const (
	radiotapPadded = 0x20 // 802.11 header padded to 32 bits
	radiotapBadFCS = 0x40 // frame check sequence failed
)

// radiotap skips the radio's own header, little end first: version, padding,
// length, presence words. Only the flags are looked at.
func radiotap(d *Decoder, s *Segment) step {
	const size = 8
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	length := int(binary.LittleEndian.Uint16(b[2:]))
	switch {
	case b[0] != 0 || length < size:
		return d.stop(DamagedLink)
	case len(b) < length:
		return d.short(length, DamagedLink)
	}
	d.at += length
	flags := radiotapFlags(b[:length])
	if flags&radiotapBadFCS != 0 {
		return d.stop(DamagedLink)
	}
	return d.wifi(s, flags&radiotapPadded != 0)
}

// radiotapFlags finds the flags: they follow the presence words and, if there is
// one, the time of eight octets, aligned to eight.
func radiotapFlags(b []byte) byte {
	const hasTime, hasFlags, hasMore = 1, 2, 1 << 31
	present := binary.LittleEndian.Uint32(b[4:])
	at := 8
	for word := present; word&hasMore != 0; at += 4 {
		if len(b) < at+4 {
			return 0
		}
		word = binary.LittleEndian.Uint32(b[at:])
	}
	if present&hasTime != 0 {
		at = (at+7)&^7 + 8
	}
	if present&hasFlags == 0 || len(b) <= at {
		return 0
	}
	return b[at]
}

func wifi(d *Decoder, s *Segment) step { return d.wifi(s, false) }

// Bits of the frame control field (IEEE 802.11 section 9.2.4.1), first octet and
// second.
const (
	wifiVersionType = 0x0f
	wifiData        = 0x08 // version 0, type 2
	wifiNoData      = 0x40
	wifiQoS         = 0x80

	wifiToDS      = 0x01
	wifiFromDS    = 0x02
	wifiProtected = 0x40
	wifiHTC       = 0x80 // with QoS: HT control is present
)

// wifi reads an 802.11 data frame up to its LLC header.
func (d *Decoder) wifi(s *Segment, padded bool) step {
	b := d.rest()
	switch {
	case len(b) < 2:
		return d.short(2, DamagedLink)
	case b[0]&wifiVersionType != wifiData || b[0]&wifiNoData != 0:
		return d.stop(NotIP)
	case b[1]&wifiProtected != 0:
		return d.stop(Encrypted)
	}
	size, quality := wifiSize(b[0], b[1])
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	s.wifiAddresses(b)
	if padded {
		size = (size + 3) &^ 3
	}
	if d.at += size; d.at > len(d.b) {
		d.at -= size
		return d.short(size, DamagedLink)
	}
	const aggregate = 0x80
	if quality > 0 && b[quality]&aggregate != 0 {
		return subframe
	}
	return llc
}

// wifiSize returns the header's size and where its QoS field stands, or 0.
func wifiSize(first, second byte) (size, quality int) {
	size = 24
	if second&(wifiToDS|wifiFromDS) == wifiToDS|wifiFromDS {
		size += 6 // fourth address
	}
	if first&wifiQoS == 0 {
		return size, 0
	}
	quality, size = size, size+2
	if second&wifiHTC != 0 {
		size += 4
	}
	return size, quality
}

// wifiAddresses picks source and destination by the two distribution system bits
// (IEEE 802.11 table 9-30).
func (s *Segment) wifiAddresses(b []byte) {
	first, second, third := b[4:10], b[10:16], b[16:22]
	switch b[1] & (wifiToDS | wifiFromDS) {
	case 0:
		s.DestinationHardware, s.SourceHardware = hardware(first), hardware(second)
	case wifiToDS:
		s.DestinationHardware, s.SourceHardware = hardware(third), hardware(second)
	case wifiFromDS:
		s.DestinationHardware, s.SourceHardware = hardware(first), hardware(third)
	default:
		s.DestinationHardware, s.SourceHardware = hardware(third), hardware(b[24:30])
	}
}

// subframe reads the first packet of an aggregate (A-MSDU): addresses and length.
// The others are not read.
func subframe(d *Decoder, s *Segment) step {
	const size = 14
	b := d.rest()
	if len(b) < size {
		return d.short(size, DamagedLink)
	}
	s.DestinationHardware, s.SourceHardware = hardware(b), hardware(b[6:])
	d.at += size
	if length := int(be16(b[12:])); d.at+length <= d.end {
		d.bound(s, length)
	}
	return llc
}
