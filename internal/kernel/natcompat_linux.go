package kernel

import (
	"net"
	"net/netip"

	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
)

// An iptables that stores its rules in nf_tables keeps its own matches and targets
// inside them.

func (r *natRule) target(e *expr.Target) {
	switch info := e.Info.(type) {
	case *xt.NatRange:
		r.leads(e.Name, info.Flags, info.MinIP, info.MinPort)
	case *xt.NatRange2:
		r.leads(e.Name, info.Flags, info.MinIP, info.MinPort)
	case *xt.NatIPv4MultiRangeCompat:
		if len(*info) > 0 {
			first := (*info)[0]
			r.leads(e.Name, first.Flags, first.MinIP, first.MinPort)
		}
	}
	switch e.Name {
	case "DNAT", "REDIRECT", "SNAT", "MASQUERADE", "NETMAP":
		r.ends = true // others, like MARK and LOG, let it go on
	}
}

func (r *natRule) leads(target string, flags uint, to net.IP, port uint16) {
	addr, ok := netip.AddrFromSlice(to)
	if target != "DNAT" || !ok || flags&uint(xt.NatRangeMapIPs) == 0 {
		return
	}
	if flags&uint(xt.NatRangeProtoSpecified) == 0 {
		port = 0
	}
	r.Target = netip.AddrPortFrom(addr.Unmap(), port)
}

func (r *natRule) match(e *expr.Match) {
	was := r.conditional
	r.conditional, r.onlyIn = true, false
	switch info := e.Info.(type) {
	case *xt.Tcp:
		r.matchTCP(info, was)
	case *xt.Udp:
		r.dead = true
	case *xt.AddrType:
		r.addressType(info.Source, info.Dest, info.InvertSource, info.InvertDest)
	case *xt.AddrTypeV1:
		const invertSource, invertDest = 1, 2 // XT_ADDRTYPE_INVERT_SOURCE, _DEST
		r.addressType(info.Source, info.Dest, info.Flags&invertSource != 0, info.Flags&invertDest != 0)
	case *xt.Comment:
		r.conditional = was
	default:
		// A share of the connections is taken no matter whose they are.
		r.Narrowed = r.Narrowed || e.Name != "statistic" && e.Name != "limit"
	}
}

func (r *natRule) matchTCP(info *xt.Tcp, was bool) {
	all := info.DstPorts[0] == 0 && info.DstPorts[1] == 65535
	switch {
	case info.InvFlags&xt.TcpInvDestPorts != 0:
		r.broad = true
	case all:
		r.conditional = was
	default:
		r.port(expr.CmpOpGte, info.DstPorts[0])
		r.port(expr.CmpOpLte, info.DstPorts[1])
	}
	if info.SrcPorts[1] != 0 && (info.SrcPorts[0] > 0 || info.SrcPorts[1] < 65535) {
		r.conditional, r.Narrowed = true, true
	}
}

// addressType reads -m addrtype: whether the address that was dialled is one of
// this host. Bits count the types of rtnetlink.
func (r *natRule) addressType(source, dest uint16, notSource, notDest bool) {
	local := dest&uint16(xt.AddrTypeLocal) != 0
	switch {
	case source != 0 || notSource:
		r.Narrowed = true
	case dest != 0 && local == notDest:
		r.dead = true
	}
}
