package lab

import (
	"encoding/binary"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Publish is a rule that leads connections to a port on to another address (DNAT),
// IPv4. The zero value of a condition takes any.
type Publish struct {
	Port    uint16
	Target  string       // "10.0.0.2:80"
	Own     bool         // what the host opens itself, instead of what comes in
	In      string       // only through this interface
	From    netip.Prefix // only of these sources
	Dialled netip.Prefix // only to these addresses
}

// Redirect makes a router send connections to one of its ports on to another
// address (DNAT), IPv4.
func (h *Host) Redirect(port uint16, to string) { h.Publish(Publish{Port: port, Target: to}) }

// RedirectOwn does the same to connections that the host opens itself.
func (h *Host) RedirectOwn(port uint16, to string) {
	h.Publish(Publish{Port: port, Target: to, Own: true})
}

// Publish puts the rule into the host's firewall.
func (h *Host) Publish(p Publish) {
	h.world.step("DNAT of "+h.Name, func() error {
		target, err := netip.ParseAddrPort(p.Target)
		if err != nil {
			return err
		}
		chain, hook := "prerouting", nftables.ChainHookPrerouting
		if p.Own {
			chain, hook = "output", nftables.ChainHookOutput
		}
		exprs := append(append(protocolIs(unix.IPPROTO_TCP), portIs(2, p.Port)...), p.conditions()...)
		exprs = append(exprs, &expr.Counter{},
			&expr.Immediate{Register: 1, Data: target.Addr().AsSlice()},
			&expr.Immediate{Register: 2, Data: binary.BigEndian.AppendUint16(nil, target.Port())},
			&expr.NAT{Type: expr.NATTypeDestNAT, Family: unix.NFPROTO_IPV4, RegAddrMin: 1, RegProtoMin: 2})
		return h.rules(func(rules *nftables.Conn) { addNAT(rules, chain, hook, nftables.ChainPriorityNATDest, exprs) })
	})
}

func (p *Publish) conditions() (exprs []expr.Any) {
	if p.In != "" {
		exprs = append(exprs, linkIs(expr.MetaKeyIIFNAME, p.In)...)
	}
	return append(append(exprs, addressIn(12, p.From)...), addressIn(16, p.Dialled)...)
}

// linkIs matches the name of an interface, which the kernel keeps with zeros behind
// it.
func linkIs(key expr.MetaKey, link string) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: key, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: append([]byte(link), make([]byte, unix.IFNAMSIZ-len(link))...)},
	}
}

// addressIn matches an IPv4 address of the header, by its offset there.
func addressIn(offset uint32, prefix netip.Prefix) []expr.Any {
	if !prefix.IsValid() {
		return nil
	}
	mask := binary.BigEndian.AppendUint32(nil, uint32(uint64(0xffffffff)<<(32-prefix.Bits())))
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: 4},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: mask, Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: prefix.Masked().Addr().AsSlice()},
	}
}
