package capture

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/packet"
)

// header is what the kernel puts before a packet in the ring: struct
// tpacket3_hdr, struct sockaddr_ll, and free room. afpacket hands out the packet
// where it lies, but not which way it went or who sent it; that is read here.
type header struct {
	*unix.Tpacket3Hdr
	from *unix.RawSockaddrLinklayer
}

const (
	addressAt = int(unsafe.Sizeof(unix.Tpacket3Hdr{})) // a multiple of TPACKET_ALIGNMENT
	roomFrom  = addressAt + unix.SizeofSockaddrLinklayer
	// The network header lies at the first multiple of 16 behind both and the
	// link header, for which 16 octets are kept at least.
	networkAt     = (roomFrom + 16 + 15) &^ 15
	networkAtMost = networkAt + 16
	alignment     = 8 // of a header in a block, V3_ALIGNMENT
)

// headerOf finds the header before a packet of the ring, which knows how far
// behind it the packet lies, how long that is, and that it is of AF_PACKET.
// likely is where the packet lies if its link header has the usual size.
func headerOf(data []byte, likely int) (header, bool) {
	if len(data) == 0 {
		return header{}, false
	}
	if h, ok := headerAt(data, likely); ok {
		return h, true
	}
	for distance := roomFrom; distance <= networkAt; distance++ {
		if h, ok := headerAt(data, distance); ok {
			return h, true
		}
	}
	return header{}, false
}

// headerAt looks so many octets before a packet. The ring holds as much before
// each of them.
func headerAt(data []byte, distance int) (header, bool) {
	begin := unsafe.Add(unsafe.Pointer(unsafe.SliceData(data)), -distance)
	if uintptr(begin)%alignment != 0 {
		return header{}, false
	}
	h := header{(*unix.Tpacket3Hdr)(begin), (*unix.RawSockaddrLinklayer)(unsafe.Add(begin, addressAt))}
	return h, int(h.Mac) == distance && int(h.Snaplen) == len(data) && h.from.Family == unix.AF_PACKET && int(h.Net) <= networkAtMost
}

const (
	tagSize    = 4  // of a VLAN tag
	cookedSize = 20 // of a cooked header, LINKTYPE_LINUX_SLL2
)

// complete puts back what the kernel took off: the VLAN tag, and a cooked header
// in place of the link's. Both are written into the free room.
func (h header) complete(p *place, f *packet.Frame) {
	before := 0
	tagged := h.Status&unix.TP_STATUS_VLAN_VALID != 0
	if tagged {
		before += tagSize
	}
	if p.cooked {
		before += cookedSize
	}
	begin := int(h.Mac) - before
	if before == 0 || begin < roomFrom || p.link == packet.LinkRaw {
		return
	}
	f.Data = unsafe.Slice((*byte)(unsafe.Pointer(h.Tpacket3Hdr)), int(h.Mac)+len(f.Data))[begin:]
	f.Length += before
	switch {
	case p.cooked:
		h.cook(f.Data, tagged)
	case len(f.Data) >= 12+tagSize:
		copy(f.Data, f.Data[tagSize:12+tagSize]) // the two addresses
		kind, content := h.tag()
		binary.BigEndian.PutUint16(f.Data[12:], kind)
		binary.BigEndian.PutUint16(f.Data[14:], content)
	}
}

// tag returns EtherType and content of the tag.
func (h header) tag() (kind, content uint16) {
	if h.Status&unix.TP_STATUS_VLAN_TPID_VALID == 0 {
		return unix.ETH_P_8021Q, uint16(h.Hv1.Vlan_tci)
	}
	return h.Hv1.Vlan_tpid, uint16(h.Hv1.Vlan_tci)
}

// cook writes the cooked header, and behind it what follows a tag's EtherType:
// its content, and the EtherType of the packet.
func (h header) cook(b []byte, tagged bool) {
	binary.NativeEndian.PutUint16(b, h.from.Protocol) // in network order already
	if tagged {
		kind, content := h.tag()
		binary.BigEndian.PutUint16(b[cookedSize:], content)
		copy(b[cookedSize+2:], b[:2])
		binary.BigEndian.PutUint16(b, kind)
	}
	b[2], b[3] = 0, 0
	binary.BigEndian.PutUint32(b[4:], uint32(h.from.Ifindex))
	binary.BigEndian.PutUint16(b[8:], h.from.Hatype)
	b[10], b[11] = h.from.Pkttype, h.from.Halen
	copy(b[12:cookedSize], h.from.Addr[:])
}
