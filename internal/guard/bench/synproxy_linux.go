package bench

import (
	"errors"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

const (
	proxyTable = "synoptic-bench"
	proxyMSS   = 1460
	proxyScale = 7
)

// putSynproxy lets netfilter answer: SYNs are not tracked, and what is invalid
// afterwards goes through the proxy.
func putSynproxy(w *World) (func() error, error) {
	if err := w.Server.Set("net.netfilter.nf_conntrack_tcp_loose", "0"); err != nil {
		return nil, err
	}
	detach, err := baseline(bpf.FloodPass)(w)
	if err != nil {
		return nil, err
	}
	if err := w.Server.Do(writeProxy); err != nil {
		return nil, errors.Join(err, detach())
	}
	return func() error { return errors.Join(w.Server.Do(removeProxy), detach()) }, nil
}

func writeProxy() error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: proxyTable})
	raw := c.AddChain(&nftables.Chain{Name: "raw", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityRaw})
	c.AddRule(&nftables.Rule{Table: table, Chain: raw, Exprs: append(toServer(),
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{2}, Xor: []byte{0}},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: []byte{0}},
		&expr.Notrack{})})
	input := c.AddChain(&nftables.Chain{Name: "input", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter})
	const invalidOrUntracked = expr.CtStateBitINVALID | expr.CtStateBitUNTRACKED
	c.AddRule(&nftables.Rule{Table: table, Chain: input, Exprs: append(toServer(),
		&expr.Ct{Register: 1, Key: expr.CtKeySTATE},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 4, Mask: binaryutil.NativeEndian.PutUint32(invalidOrUntracked), Xor: []byte{0, 0, 0, 0}},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: []byte{0, 0, 0, 0}},
		&expr.SynProxy{Mss: proxyMSS, Wscale: proxyScale, Timestamp: true, SackPerm: true, MssValueSet: true, WscaleValueSet: true})})
	return c.Flush()
}

// toServer matches TCP segments for the server's port.
func toServer() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{unix.IPPROTO_TCP}},
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: binaryutil.BigEndian.PutUint16(server4.Port())},
	}
}

func removeProxy() error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	c.DelTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: proxyTable})
	return c.Flush()
}
