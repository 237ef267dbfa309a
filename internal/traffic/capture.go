package traffic

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Capture returns a pcap file of Ethernet frames with so many segments of the
// source, in nanoseconds.
func Capture(source Source, packets int) ([]byte, error) {
	var file bytes.Buffer
	w, err := packet.NewWriter(&file, packet.LinkEthernet, 65535)
	if err != nil {
		return nil, fmt.Errorf("writing the header of a capture: %w", err)
	}
	var s packet.Segment
	var f packet.Frame
	for range packets {
		source.Next(&s)
		f.Data = AppendFrame(f.Data[:0], &s)
		f.Length, f.Time = len(f.Data), s.Time
		if err := w.Write(&f); err != nil {
			return nil, fmt.Errorf("writing packet %d of a capture: %w", s.Number, err)
		}
	}
	return file.Bytes(), nil
}

// AppendFrame appends the segment as an Ethernet frame with correct checksums.
// Its text is all zeros.
func AppendFrame(b []byte, s *packet.Segment) []byte {
	return AppendPacket(b, s, tcp.Packet{
		Source: s.Tuple.SourceAddrPort(), Destination: s.Tuple.DestinationAddrPort(),
		Segment: s.TCP, Text: make([]byte, s.TCP.Data),
	})
}

// AppendPacket appends the packet, with its options and text, as an Ethernet frame
// with the IP header of the segment and correct checksums.
func AppendPacket(b []byte, s *packet.Segment, p tcp.Packet) []byte {
	b = append(b, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2)
	segment := tcp.AppendSegment(nil, p)
	if s.IPVersion == 6 {
		b = append(b, 0x86, 0xdd, 0x60, 0, 0, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(len(segment)))
		b = append(b, 6, s.TTL)
		b = appendAddress(appendAddress(b, s.Tuple.Source), s.Tuple.Destination)
		return append(b, segment...)
	}
	b = append(b, 8, 0)
	header := len(b)
	b = append(b, 0x45, s.TrafficClass)
	b = binary.BigEndian.AppendUint16(b, uint16(20+len(segment)))
	b = binary.BigEndian.AppendUint16(b, uint16(s.ID))
	b = append(b, 0x40, 0, s.TTL, 6, 0, 0)
	b = binary.BigEndian.AppendUint32(b, s.Tuple.Source.V4())
	b = binary.BigEndian.AppendUint32(b, s.Tuple.Destination.V4())
	binary.BigEndian.PutUint16(b[header+10:], headerChecksum(b[header:]))
	return append(b, segment...)
}

func appendAddress(b []byte, a packet.Address) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, a.Hi), a.Lo)
}

// headerChecksum is the sum of RFC 791 section 3.1.
func headerChecksum(header []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(header); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(header[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
