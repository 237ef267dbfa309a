package bpf

import (
	"fmt"
	"net/netip"
)

// Offer is what a listener's end of the handshake says in its SYN-ACK. It must
// be what the kernel would say, so that a connection through the guard is like
// one without: Guard.ListenerAt finds it out.
type Offer struct {
	MSS         uint16 // octets, as this end advertises it
	Window      uint16 // octets; the window of a SYN-ACK is never scaled
	Scale       uint8  // shift of later windows, 0 to 14 (RFC 7323, section 2.3)
	Timestamps  bool   // which options are taken when a client offers them
	SACK        bool
	WindowScale bool
	ECN         bool
}

// Listener is one address and port that the guard may answer for. An
// unspecified address is refused: it would answer for hosts behind this one.
type Listener struct {
	Address netip.AddrPort
	Bound   bool // the kernel makes its cookies: an MPTCP listener takes no other
	Offer
}

func (l *Listener) check() error {
	address := l.Address.Addr()
	switch {
	case !l.Address.IsValid() || l.Address.Port() == 0:
		return fmt.Errorf("guard: %v is no address and port", l.Address)
	case address.IsUnspecified():
		return fmt.Errorf("guard: %v names no address: arm each address of this host by itself", l.Address)
	case address.IsMulticast():
		return fmt.Errorf("guard: %v is a group, and TCP has two ends", l.Address)
	case l.Scale > 14:
		return fmt.Errorf("guard: a window scale of %d: at most 14", l.Scale)
	case l.MSS < 64 || l.Window == 0:
		return fmt.Errorf("guard: MSS %d and window %d: a SYN-ACK with them lets nothing through", l.MSS, l.Window)
	}
	return nil
}

// Counters are what the guard did for one listener, since it was first armed or
// shadowed. They count segments.
type Counters struct {
	Answered    uint64 // SYNs answered with a cookie
	General     uint64 // of these, those whose options were read one by one
	WouldAnswer uint64 // SYNs that shadow mode let pass
	Passed      uint64 // SYNs left to the kernel: MD5, AO, MPTCP, fast open
	BadChecksum uint64 // SYNs dropped for it
	Dropped     uint64 // SYNs from the drop list
	WouldDrop   uint64 // the same, in shadow mode
	Accepted    uint64 // ACKs that brought a right cookie and became connections
	OldKey      uint64 // of these, with a cookie of the key before
	Forged      uint64 // ACKs dropped: no connection, no right cookie
	Refused     uint64 // ACKs with a right cookie that the kernel refused
	Reused      uint64 // connections over one in TIME-WAIT
}

func (c *Counters) add(o *Counters) { c.combine(o, func(a, b uint64) uint64 { return a + b }) }

// Since returns what was counted since an earlier reading.
func (c Counters) Since(o Counters) Counters {
	c.combine(&o, func(a, b uint64) uint64 { return a - b })
	return c
}

func (c *Counters) combine(o *Counters, how func(a, b uint64) uint64) {
	c.Answered = how(c.Answered, o.Answered)
	c.General = how(c.General, o.General)
	c.WouldAnswer = how(c.WouldAnswer, o.WouldAnswer)
	c.Passed = how(c.Passed, o.Passed)
	c.BadChecksum = how(c.BadChecksum, o.BadChecksum)
	c.Dropped = how(c.Dropped, o.Dropped)
	c.WouldDrop = how(c.WouldDrop, o.WouldDrop)
	c.Accepted = how(c.Accepted, o.Accepted)
	c.OldKey = how(c.OldKey, o.OldKey)
	c.Forged = how(c.Forged, o.Forged)
	c.Refused = how(c.Refused, o.Refused)
	c.Reused = how(c.Reused, o.Reused)
}

// OfferSettings are the settings of a network namespace that decide what its
// SYN-ACKs say, by their sysctl names, and the interface's MTU.
type OfferSettings struct {
	MTU           int // octets, of the way to the clients
	IPv6          bool
	Timestamps    int    // net.ipv4.tcp_timestamps
	SACK          int    // net.ipv4.tcp_sack
	WindowScaling int    // net.ipv4.tcp_window_scaling
	ECN           int    // net.ipv4.tcp_ecn
	ReceiveBuffer [3]int // net.ipv4.tcp_rmem: least, usual, most octets
	ReceiveMax    int    // net.core.rmem_max
	AdvanceWindow int    // net.ipv4.tcp_adv_win_scale
	SocketBuffer  int    // SO_RCVBUF that the program set on its listener, in octets as the kernel shows it; 0: none
}

// OfferOf is what Linux would say (tcp_select_initial_window).
func OfferOf(s OfferSettings) Offer {
	headers := 40
	if s.IPv6 {
		headers = 60
	}
	o := Offer{
		MSS:        uint16(min(max(s.MTU-headers, 88), 65535)),
		Timestamps: s.Timestamps != 0, SACK: s.SACK != 0, WindowScale: s.WindowScaling != 0, ECN: s.ECN != 0,
	}
	own, most := s.ReceiveBuffer[1], max(s.ReceiveBuffer[2], s.ReceiveMax)
	if s.SocketBuffer > 0 {
		own = s.SocketBuffer
		most = min(most, windowOf(own, s.AdvanceWindow))
	}
	if o.WindowScale {
		for space := most; space > 65535 && o.Scale < 14; space >>= 1 {
			o.Scale++
		}
	}
	window := min(windowOf(own, s.AdvanceWindow), 65535)
	segment := int(o.MSS)
	if o.Timestamps {
		segment -= 12
	}
	if window > segment {
		window -= window % segment
	}
	o.Window = uint16(max(window, 1))
	return o
}

// windowOf is how much of a buffer is for octets of the stream
// (tcp_win_from_space before it knows the traffic).
func windowOf(buffer, scale int) int {
	if scale <= 0 {
		return buffer >> min(-scale, 31)
	}
	return buffer - buffer>>min(scale, 31)
}
