package kernel

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"

	"github.com/synoptic-net/synoptic/host"
)

const (
	publishedMost = 4096    // rules that are kept
	walkedMost    = 1 << 16 // rules that are read on the ways to them: chains may be reached on many
	chainsMost    = 4096    // chains that are read, each by a question of its own
	chainsDeep    = 16      // jumps within jumps, as the kernel allows (NFT_JUMP_STACK_SIZE)
)

// Published reads the rules that lead connections elsewhere (destination NAT),
// written by nft or by an iptables that stores its rules in nf_tables, in the
// network namespace of the calling thread. It needs CAP_NET_ADMIN. Call it only
// where connection tracking is on, without which there is no NAT: asking may load
// a kernel module. unread counts what leads elsewhere by a table of its own (a
// map), and the ways to chains beyond those that are read.
func Published() (list []host.Published, unread int, err error) {
	conn, err := nftables.New(nftables.AsLasting())
	if err != nil {
		return nil, 0, fmt.Errorf("read NAT rules: %w", err)
	}
	defer conn.CloseLasting()
	names, err := interfaceNames()
	if err != nil {
		return nil, 0, err
	}
	w := &natWalk{conn: conn, names: names, chains: map[natChain][]*nftables.Rule{}}
	if err := w.bases(); err != nil {
		return nil, 0, fmt.Errorf("read NAT rules: %w", err)
	}
	return w.found, w.unread, nil
}

type natChain struct {
	family      nftables.TableFamily
	table, name string
}

// natWalk follows the rules of NAT chains as a connection would.
type natWalk struct {
	conn   *nftables.Conn
	names  map[int]string // of interfaces
	chains map[natChain][]*nftables.Rule
	found  []host.Published
	walked int
	unread int
}

func (w *natWalk) bases() error {
	chains, err := w.conn.ListChains()
	if err != nil {
		return err
	}
	for _, c := range chains {
		incoming := c.Hooknum != nil && *c.Hooknum == *nftables.ChainHookPrerouting
		own := c.Hooknum != nil && *c.Hooknum == *nftables.ChainHookOutput
		if c.Type != nftables.ChainTypeNAT || !incoming && !own {
			continue
		}
		all := way{Published: host.Published{Last: 65535, Own: own}}
		if err := w.follow(c.Table, c.Name, all, 0); err != nil {
			return err
		}
	}
	return nil
}

// follow reads a chain, for what reaches it on a way.
func (w *natWalk) follow(table *nftables.Table, chain string, reached way, depth int) error {
	rules, err := w.rules(table, chain)
	if err != nil || depth > chainsDeep {
		return err
	}
	for _, rule := range rules {
		if w.walked++; w.walked > walkedMost || len(w.found) >= publishedMost {
			return nil
		}
		r := natRule{way: reached, walk: w, table: table}
		r.read(rule.Exprs)
		if r.dead {
			continue
		}
		r.Rule = fmt.Sprintf("%s %s %s handle %d", familyName(table.Family), table.Name, chain, rule.Handle)
		w.keep(&r)
		if r.jump != "" {
			if err := w.follow(table, r.jump, r.way, depth+1); err != nil {
				return err
			}
		}
		if r.ends && !r.conditional {
			return nil
		}
		if r.ends {
			reached.without(&r)
		}
	}
	return nil
}

func (w *natWalk) rules(table *nftables.Table, chain string) ([]*nftables.Rule, error) {
	key := natChain{table.Family, table.Name, chain}
	if rules, known := w.chains[key]; known {
		return rules, nil
	}
	if len(w.chains) >= chainsMost {
		w.unread++
		return nil, nil
	}
	rules, err := w.conn.GetRules(table, &nftables.Chain{Name: chain, Table: table})
	if err != nil {
		return nil, fmt.Errorf("chain %s of table %s: %w", chain, table.Name, err)
	}
	w.chains[key] = rules
	return rules, nil
}

// keep notes where a rule leads, once for each range of ports.
func (w *natWalk) keep(r *natRule) {
	if r.mapped {
		w.unread++
	}
	if !r.Target.Addr().IsValid() {
		return
	}
	for _, span := range r.spans() {
		p := r.Published
		p.First, p.Last = span.first, span.last
		if p.First <= p.Last && len(w.found) < publishedMost {
			w.found = append(w.found, p)
		}
	}
}

// elements returns what a set holds, nil where that cannot be read.
func (w *natWalk) elements(table *nftables.Table, lookup *expr.Lookup) []nftables.SetElement {
	elements, err := w.conn.GetSetElements(&nftables.Set{Table: table, Name: lookup.SetName, ID: lookup.SetID})
	if err != nil {
		return nil
	}
	return elements
}

func familyName(f nftables.TableFamily) string {
	switch f {
	case nftables.TableFamilyIPv4:
		return "ip"
	case nftables.TableFamilyIPv6:
		return "ip6"
	default:
		return "inet"
	}
}

// OldNATRules tells whether the network namespace of the calling thread has a NAT
// table of iptables-legacy, which nf_tables does not show and nobody reads here.
// Only root may know.
func (r Root) OldNATRules() bool {
	for _, file := range []string{"ip_tables_names", "ip6_tables_names"} {
		names, _, err := r.readNet(file)
		if err == nil && slices.Contains(strings.Fields(string(names)), "nat") {
			return true
		}
	}
	return false
}
