package kernel

import (
	"fmt"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"

	"github.com/synoptic-net/synoptic/host"
)

// hooks are the words for the numbers of include/uapi/linux/netfilter.h.
var hooks = map[nftables.ChainHook]host.Hook{
	*nftables.ChainHookPrerouting: host.Prerouting, *nftables.ChainHookInput: host.Input, *nftables.ChainHookForward: host.Forward,
	*nftables.ChainHookOutput: host.Output, *nftables.ChainHookPostrouting: host.Postrouting,
}

// families are those whose packets are IP packets.
var families = map[nftables.TableFamily]string{nftables.TableFamilyINet: "inet", nftables.TableFamilyIPv4: "ip", nftables.TableFamilyIPv6: "ip6"}

// Firewall reads the chains of nftables at the hooks of IP, of the network
// namespace of the calling thread. It needs CAP_NET_ADMIN. Call it only where
// nftables is in use: asking may load its kernel module.
func Firewall() ([]host.FirewallChain, error) {
	rules, err := nftables.New()
	if err != nil {
		return nil, fmt.Errorf("read the firewall: %w", err)
	}
	chains, err := rules.ListChains()
	if err != nil {
		return nil, fmt.Errorf("read the firewall: %w", err)
	}
	var list []host.FirewallChain
	for _, c := range chains {
		family, known := families[c.Table.Family]
		if c.Hooknum == nil || !known {
			continue
		}
		found := host.FirewallChain{Family: family, Table: c.Table.Name, Name: c.Name, Hook: hooks[*c.Hooknum]}
		found.Policy = c.Policy != nil && *c.Policy == nftables.ChainPolicyDrop
		all, err := rules.GetRules(c.Table, c)
		if err != nil {
			return nil, fmt.Errorf("read the firewall: chain %v: %w", &found, err)
		}
		for _, r := range all {
			judge(&found, r)
		}
		list = append(list, found)
	}
	return list, nil
}

// judge notes what a rule does with a packet.
func judge(chain *host.FirewallChain, r *nftables.Rule) {
	for _, e := range r.Exprs {
		switch verdict, ok := e.(*expr.Verdict); {
		case !ok:
		case verdict.Kind == expr.VerdictDrop:
			chain.Drops++
		case verdict.Kind == expr.VerdictJump, verdict.Kind == expr.VerdictGoto:
			chain.Jumps = true
		}
	}
}
