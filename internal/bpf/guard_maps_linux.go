package bpf

import (
	"encoding/binary"
	"net/netip"
)

// The structures of c/guard.h; a test compares them.
type control struct {
	Keys       [2][2]uint64
	OldUntil   uint64
	LeaseUntil uint64
	AcksUntil  uint64
	Gate       uint32
	Current    uint32
	Drops      uint32
	Early      uint32
}

type listenerRecord struct {
	Mode   uint8
	Offers uint8
	Scale  uint8
	Bound  uint8
	MSS    [2]byte // network order
	Window [2]byte
}

type portRecord struct {
	Address [4]byte
	Index   uint16
	Flags   uint16
}

type placeRecord struct {
	Address [16]byte // IPv4 in the first four octets
	Port    [2]byte  // network order
	Family  uint16
}

type prefix4Record struct {
	Bits    uint32
	Address [4]byte
}

type prefix6Record struct {
	Bits    uint32
	Address [16]byte
}

// enum mode.
const (
	modeOff = iota
	modeShadow
	modeArmed
	modeClosing
)

// enum offers.
const (
	offerTimestamps  = 1
	offerSACK        = 2
	offerWindowScale = 4
	offerECN         = 8
)

// enum port_flags.
const (
	portDirect = 1
	portMore   = 2
)

const mostListeners = 256 // LISTENERS

func (o *Offer) record(mode uint8) listenerRecord {
	r := listenerRecord{Mode: mode, Scale: o.Scale}
	binary.BigEndian.PutUint16(r.MSS[:], o.MSS)
	binary.BigEndian.PutUint16(r.Window[:], o.Window)
	for flag, set := range map[uint8]bool{
		offerTimestamps: o.Timestamps, offerSACK: o.SACK, offerWindowScale: o.WindowScale, offerECN: o.ECN,
	} {
		if set {
			r.Offers |= flag
		}
	}
	return r
}

func placeOf(a netip.AddrPort) placeRecord {
	p := placeRecord{Family: familyOf(a.Addr())}
	copy(p.Address[:], a.Addr().AsSlice())
	binary.BigEndian.PutUint16(p.Port[:], a.Port())
	return p
}

// address returns what a place stands for.
func (p *placeRecord) address() netip.AddrPort {
	port := binary.BigEndian.Uint16(p.Port[:])
	if p.Family == afInet {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(p.Address[:4])), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(p.Address), port)
}

const (
	afInet  = 2  // AF_INET
	afInet6 = 10 // AF_INET6
)

func familyOf(a netip.Addr) uint16 {
	if a.Is4() {
		return afInet
	}
	return afInet6
}
