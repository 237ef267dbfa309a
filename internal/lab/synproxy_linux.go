package lab

import (
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// AnswerSYNs makes a router answer the handshakes of connections to a port with
// cookies of its own, and open its own connection to the server for those who
// complete them (nft synproxy), IPv4. From then on it translates sequence
// numbers and timestamps.
func (h *Host) AnswerSYNs(port uint16) {
	h.world.step("SYN proxy of "+h.Name, func() error {
		return h.rules(func(rules *nftables.Conn) {
			table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "lab-synproxy"})
			raw := rules.AddChain(&nftables.Chain{
				Table: table, Name: "raw", Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookPrerouting, Priority: nftables.ChainPriorityRaw,
			})
			toPort := append(protocolIs(unix.IPPROTO_TCP), portIs(2, port)...)
			rules.AddRule(&nftables.Rule{Table: table, Chain: raw, Exprs: append(append([]expr.Any{}, toPort...),
				&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
				&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{flagSYN | flagACK}, Xor: []byte{0}},
				&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: []byte{flagSYN}},
				&expr.Notrack{})})
			through := rules.AddChain(&nftables.Chain{
				Table: table, Name: "through", Type: nftables.ChainTypeFilter, Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter,
			})
			rules.AddRule(&nftables.Rule{Table: table, Chain: through, Exprs: append(append(append([]expr.Any{}, toPort...),
				trackedAs(expr.CtStateBitINVALID|expr.CtStateBitUNTRACKED)...),
				&expr.SynProxy{Mss: 1460, Wscale: 10, Timestamp: true, SackPerm: true})})
			rules.AddRule(&nftables.Rule{Table: table, Chain: through, Exprs: append(trackedAs(expr.CtStateBitINVALID), &expr.Verdict{Kind: expr.VerdictDrop})})
		})
	})
	// A bare ACK must not make an entry: it is looked at by the proxy.
	h.Set("net.netfilter.nf_conntrack_tcp_loose", "0")
}
