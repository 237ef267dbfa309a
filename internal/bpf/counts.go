package bpf

import "net/netip"

// Cells are sums by state and kind: the index is Linux's number of a state,
// where NEW_SYN_RECV are requests and TIME_WAIT minisockets, and WaitingOrphans
// minisockets in FIN_WAIT2.
type Cells [16]uint64

// WaitingOrphans is the cell of minisockets in FIN_WAIT2.
const WaitingOrphans = 13

// Counts is how many sockets there are.
type Counts struct {
	Others    Cells            // what no listener took; all where listeners were not asked for
	Listeners []ListenerCounts // in no order
}

// ListenerCounts is how many sockets there are of one address and port: those
// that listen and those that came in through them.
type ListenerCounts struct {
	Local netip.AddrPort // IPv4-mapped addresses as IPv4
	Cells Cells
}

// Offsets of struct place and struct sums.
const (
	atPlacePort   = 16
	atPlaceFamily = 18
	sizeOfPlace   = 20
	atV6Only      = 128
	sizeOfSums    = 136
)

// decode reads one element of the map.
func (l *ListenerCounts) decode(place, sums []byte) {
	place, sums = place[:sizeOfPlace], sums[:sizeOfSums]
	l.Local = netip.AddrPortFrom(address(native.Uint16(place[atPlaceFamily:]), place), native.Uint16(place[atPlacePort:]))
	for i := range l.Cells {
		l.Cells[i] = native.Uint64(sums[8*i:])
	}
}
