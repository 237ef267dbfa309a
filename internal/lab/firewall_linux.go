package lab

import (
	"encoding/binary"
	"fmt"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Hook says where a rule sits.
type Hook int

// The hooks.
const (
	Inbound   Hook = iota // input
	Outbound              // output
	Forwarded             // forward
)

// Drop names the TCP segments that a rule drops without a word. The zero value
// of a field matches anything.
type Drop struct {
	Hook            Hook
	SourcePort      uint16
	DestinationPort uint16
	Flags, Mask     byte   // segments with header flags & Mask == Flags
	Established     bool   // only what connection tracking calls established
	Untracked       bool   // only what connection tracking calls invalid: it has not seen the beginning
	ICMP            bool   // ICMP instead of TCP
	OneIn           uint32 // of what matches, one in so many at random; 0: all of it
}

// Header flags of RFC 9293, section 3.1.
const (
	flagFIN = 1 << iota
	flagSYN
	flagRST
	_
	flagACK
)

// Segments that rules speak of.
var (
	SYNACK  = Drop{Flags: flagSYN | flagACK, Mask: flagSYN | flagACK | flagRST}
	PureACK = Drop{Flags: flagACK, Mask: flagSYN | flagRST | flagFIN | flagACK}
	RST     = Drop{Flags: flagRST, Mask: flagRST}
)

// On returns the rule at a hook.
func (d Drop) On(hook Hook) Drop { d.Hook = hook; return d }

// From returns the rule for segments from a port.
func (d Drop) From(port uint16) Drop { d.SourcePort = port; return d }

// To returns the rule for segments to a port.
func (d Drop) To(port uint16) Drop { d.DestinationPort = port; return d }

// Drop puts the rule into the host's firewall, for IPv4 and IPv6.
func (h *Host) Drop(drop Drop) {
	h.world.step("firewall of "+h.Name, func() error { return h.Add(drop) })
}

// Add puts the rule into the namespace, for IPv4 and IPv6.
func (n *Namespace) Add(drop Drop) error {
	return n.rules(func(rules *nftables.Conn) {
		table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: "lab"})
		chain := rules.AddChain(drop.chain(table))
		rules.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: drop.match()})
	})
}

// Flush removes all rules of the host's firewall, NAT too.
func (h *Host) Flush() {
	h.world.step("firewall of "+h.Name, func() error {
		return h.rules(func(rules *nftables.Conn) { rules.FlushRuleset() })
	})
}

func (n *Namespace) rules(change func(*nftables.Conn)) error {
	err := n.Do(func() error {
		rules, err := nftables.New(nftables.WithNetNSFd(int(n.file.Fd())))
		if err != nil {
			return err
		}
		change(rules)
		return rules.Flush()
	})
	if err != nil {
		return fmt.Errorf("lab: nftables rule in %s: %w", n.Name, err)
	}
	return nil
}

func (d Drop) chain(table *nftables.Table) *nftables.Chain {
	chain := nftables.Chain{
		Table: table, Name: "in", Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter,
	}
	switch d.Hook {
	case Outbound:
		chain.Name, chain.Hooknum = "out", nftables.ChainHookOutput
	case Forwarded:
		chain.Name, chain.Hooknum = "through", nftables.ChainHookForward
	}
	return &chain
}

func (d Drop) match() []expr.Any {
	if d.ICMP {
		return append(protocolIs(unix.IPPROTO_ICMP), &expr.Counter{}, &expr.Verdict{Kind: expr.VerdictDrop})
	}
	match := append(protocolIs(unix.IPPROTO_TCP), portIs(0, d.SourcePort)...)
	match = append(match, portIs(2, d.DestinationPort)...)
	if d.Mask != 0 {
		match = append(match,
			&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
			&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{d.Mask}, Xor: []byte{0}},
			&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{d.Flags}})
	}
	if d.Established {
		match = append(match, trackedAs(expr.CtStateBitESTABLISHED)...)
	}
	if d.Untracked {
		match = append(match, trackedAs(expr.CtStateBitINVALID)...)
	}
	if d.OneIn > 1 {
		match = append(match,
			&expr.Numgen{Register: 1, Modulus: d.OneIn, Type: unix.NFT_NG_RANDOM},
			&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: make([]byte, 4)})
	}
	return append(match, &expr.Counter{}, &expr.Verdict{Kind: expr.VerdictDrop})
}

func protocolIs(number byte) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{number}},
	}
}

func portIs(offset uint32, port uint16) []expr.Any {
	if port == 0 {
		return nil
	}
	return []expr.Any{
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 2},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binary.BigEndian.AppendUint16(nil, port)},
	}
}

// trackedAs matches a state of connection tracking, which is a bit in the
// host's byte order.
func trackedAs(state uint32) []expr.Any {
	bit := binary.NativeEndian.AppendUint32(nil, state)
	return []expr.Any{
		&expr.Ct{Register: 1, Key: expr.CtKeySTATE},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: bit, Xor: make([]byte, 4)},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: make([]byte, 4)},
	}
}

// Masquerade makes a router put its own address on what leaves through an
// interface (SNAT), IPv4.
func (h *Host) Masquerade(link string) {
	h.world.step("SNAT of "+h.Name, func() error {
		return h.rules(func(rules *nftables.Conn) {
			addNAT(rules, "postrouting", nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource,
				append(linkIs(expr.MetaKeyOIFNAME, link), &expr.Masq{}))
		})
	})
}

// Track switches connection tracking on by a chain that looks at it: a NAT
// chain without rules does not.
func (h *Host) Track(hook Hook) {
	h.world.step("tracking of "+h.Name, func() error {
		return h.rules(func(rules *nftables.Conn) {
			table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: "lab"})
			chain := rules.AddChain(Drop{Hook: hook}.chain(table))
			rules.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: append(trackedAs(expr.CtStateBitESTABLISHED), &expr.Counter{})})
		})
	})
}

// ForgetConnections empties the host's table of tracked connections.
func (h *Host) ForgetConnections() {
	h.world.step("conntrack of "+h.Name, func() error {
		return h.Do(func() error { return netlink.ConntrackTableFlush(netlink.ConntrackTable) })
	})
}

func addNAT(rules *nftables.Conn, name string, hook *nftables.ChainHook, priority *nftables.ChainPriority, exprs []expr.Any) {
	table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "lab-nat"})
	chain := rules.AddChain(&nftables.Chain{Table: table, Name: name, Type: nftables.ChainTypeNAT, Hooknum: hook, Priority: priority})
	rules.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: exprs})
}
