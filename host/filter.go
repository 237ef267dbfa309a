package host

import "net/netip"

// FilterRule is a rule of the packet filter that refuses packets.
type FilterRule struct {
	Family  string `json:"family"` // "inet", "ip", "ip6"
	Table   string `json:"table"`
	Chain   string `json:"chain"`
	Handle  uint64 `json:"handle"`          // by which nft(8) names it
	Hook    string `json:"hook,omitempty"`  // "prerouting", "input", "forward", "output", "postrouting"; "" for a chain that others jump to
	Verdict string `json:"verdict"`         // "drop" or "reject"
	Counted bool   `json:"counted"`         // it has a counter
	Packets uint64 `json:"packets"`         // that it refused so far
	Moved   uint64 `json:"moved,omitempty"` // of them in the window
	Asks    Asks   `json:"asks,omitzero"`
}

// Asks is what a rule asks of a packet. The zero value of a field is no question.
type Asks struct {
	Version         int          `json:"version,omitempty"`  // 4 or 6
	Protocol        uint8        `json:"protocol,omitempty"` // 6 is TCP
	Source          netip.Prefix `json:"source,omitzero"`
	Destination     netip.Prefix `json:"destination,omitzero"`
	SourcePort      uint16       `json:"source_port,omitempty"`
	DestinationPort uint16       `json:"destination_port,omitempty"`
	Flags           uint8        `json:"flags,omitempty"` // of the header, where Mask is not 0: flags & Mask == Flags
	Mask            uint8        `json:"mask,omitempty"`
	Other           bool         `json:"other,omitempty"` // more than is understood here
}

// Place is how nft(8) names the chain of the rule: "inet fw out".
func (r *FilterRule) Place() string { return r.Family + " " + r.Table + " " + r.Chain }

// FilterPacket is a segment as a rule sees it.
type FilterPacket struct {
	From, To netip.AddrPort // a port of 0, or no address, is not known
	Flags    uint8
}

// Takes tells whether the rule takes such a segment: certain is false where it
// asks more than is understood, or than is known of the segment.
func (a *Asks) Takes(p FilterPacket) (takes, certain bool) {
	const tcp = 6
	if a.Protocol != 0 && a.Protocol != tcp || a.Mask != 0 && p.Flags&a.Mask != a.Flags {
		return false, true
	}
	known := !a.Other
	for _, q := range []struct {
		asked bool
		known bool
		yes   bool
	}{
		{a.Version != 0, p.From.Addr().IsValid() || p.To.Addr().IsValid(), a.version(p)},
		{a.Source.IsValid(), p.From.Addr().IsValid(), a.Source.Contains(p.From.Addr().Unmap())},
		{a.Destination.IsValid(), p.To.Addr().IsValid(), a.Destination.Contains(p.To.Addr().Unmap())},
		{a.SourcePort != 0, p.From.Port() != 0, a.SourcePort == p.From.Port()},
		{a.DestinationPort != 0, p.To.Port() != 0, a.DestinationPort == p.To.Port()},
	} {
		switch {
		case q.asked && q.known && !q.yes:
			return false, true
		case q.asked && !q.known:
			known = false
		}
	}
	return true, known
}

func (a *Asks) version(p FilterPacket) bool {
	addr := p.From.Addr()
	if !addr.IsValid() {
		addr = p.To.Addr()
	}
	return (a.Version == 4) == addr.Unmap().Is4()
}
