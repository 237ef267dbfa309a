package lab

import (
	"encoding/binary"
	"fmt"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// Hook says where a Drop rule sits.
type Hook int

// The hooks.
const (
	Inbound  Hook = iota // input
	Outbound             // output
)

// Drop names the TCP segments that a rule drops without a word.
type Drop struct {
	Hook            Hook
	SourcePort      uint16 // 0 for any
	DestinationPort uint16 // 0 for any
	Flags, Mask     byte   // segments with header flags & Mask == Flags; Mask 0 for any
}

// Add puts the rule into the namespace, for IPv4 and IPv6.
func (n *Namespace) Add(drop Drop) error {
	err := n.Do(func() error {
		rules, err := nftables.New(nftables.WithNetNSFd(int(n.file.Fd())))
		if err != nil {
			return err
		}
		table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyINet, Name: "lab"})
		chain := rules.AddChain(drop.chain(table))
		rules.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: drop.match()})
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
	if d.Hook == Outbound {
		chain.Name, chain.Hooknum = "out", nftables.ChainHookOutput
	}
	return &chain
}

func (d Drop) match() []expr.Any {
	match := []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
	}
	match = append(match, portIs(0, d.SourcePort)...)
	match = append(match, portIs(2, d.DestinationPort)...)
	if d.Mask != 0 {
		match = append(match,
			&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
			&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{d.Mask}, Xor: []byte{0}},
			&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{d.Flags}})
	}
	return append(match, &expr.Counter{}, &expr.Verdict{Kind: expr.VerdictDrop})
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
