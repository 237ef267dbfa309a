package host

import (
	"net/netip"
	"strconv"
)

// Published is a rule of the firewall that leads connections on to another address
// than the one that was dialled (destination NAT), as port forwarding and
// containers do. It takes effect before routing: the rules for what comes in
// to this host never see what it leads past it.
type Published struct {
	Rule     string         `json:"rule"`               // where it stands, "ip nat DOCKER handle 7"
	To       netip.Prefix   `json:"to,omitzero"`        // addresses that must have been dialled; zero: any
	First    uint16         `json:"first,omitempty"`    // first port that must have been dialled
	Last     uint16         `json:"last"`               // last one; 0 to 65535 is any
	Target   netip.AddrPort `json:"target"`             // where it leads; port 0 is the one that was dialled
	From     netip.Prefix   `json:"from,omitzero"`      // who must have dialled; zero: anybody
	In       string         `json:"in,omitempty"`       // interface it must come in through, "veth*" with any end; "" is any
	NotIn    string         `json:"not_in,omitempty"`   // interface it may not come in through
	Own      bool           `json:"own,omitempty"`      // it takes what this host opens itself, and nothing that comes in
	Narrowed bool           `json:"narrowed,omitempty"` // it, or one on the way to it, has a further condition that is not read
	Counts   bool           `json:"counts,omitempty"`   // it has a counter
	Packets  uint64         `json:"packets,omitempty"`  // first packets of connections that it took, if it counts
}

// Dialled returns what has to be dialled, "*:8080" or "192.0.2.1:8080-8090".
func (p *Published) Dialled() string {
	address, port := "*", "*"
	switch {
	case p.To.IsSingleIP() && p.To.Addr().Is6():
		address = "[" + p.To.Addr().String() + "]"
	case p.To.IsSingleIP():
		address = p.To.Addr().String()
	case p.To.IsValid():
		address = p.To.String()
	}
	switch {
	case p.First == p.Last:
		port = strconv.Itoa(int(p.First))
	case p.First > 0 || p.Last < 65535:
		port = strconv.Itoa(int(p.First)) + "-" + strconv.Itoa(int(p.Last))
	}
	return address + ":" + port
}

// At returns the first address and port that it takes: the wildcard where any
// address of this host may be dialled.
func (p *Published) At() netip.AddrPort {
	address := netip.IPv4Unspecified()
	switch {
	case p.To.IsValid():
		address = p.To.Addr()
	case p.Target.Addr().Is6():
		address = netip.IPv6Unspecified()
	}
	return netip.AddrPortFrom(address, p.First)
}

// Takes tells whether it may lead a connection elsewhere that comes in for an
// address and port.
func (p *Published) Takes(at netip.AddrPort) bool {
	a := at.Addr().Unmap()
	return !p.Own && p.Target.Addr().Is4() == a.Is4() && (!p.To.IsValid() || p.To.Contains(a)) && p.First <= at.Port() && at.Port() <= p.Last
}

// Leads returns where it leads. ok is false where the port depends on the one that
// is dialled, and there are several.
func (p *Published) Leads() (to netip.AddrPort, ok bool) {
	switch {
	case p.Target.Port() != 0:
		return p.Target, true
	case p.First == p.Last:
		return netip.AddrPortFrom(p.Target.Addr(), p.First), true
	default:
		return p.Target, false
	}
}
