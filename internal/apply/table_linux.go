package apply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/nftables"

	"github.com/synoptic-net/synoptic/internal/ruleset"
)

// ownChain is one chain of a table of our own.
type ownChain struct {
	name  string
	head  compiled
	rules []compiled
}

// whole tells whether a value is a table's chains and not one rule.
func (s slot) whole(value string) bool { return s.before == 0 && strings.HasPrefix(value, "chain ") }

// chainsOf reads what stands between the braces of a table, as nft(8) prints it:
//
//	chain raw {
//		type filter hook prerouting priority -300;
//		tcp dport 80 notrack
//	}
func (s slot) chainsOf(text string) (chains []ownChain, err error) {
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case !inside && len(words) == 3 && words[0] == "chain" && words[2] == "{":
			chains, inside = append(chains, ownChain{name: words[1]}), true
		case !inside:
			return nil, fmt.Errorf("%q begins no chain", line)
		case line == "}":
			inside = false
		default:
			if err := chains[len(chains)-1].take(line, s); err != nil {
				return nil, err
			}
		}
	}
	if inside || slices.ContainsFunc(chains, func(c ownChain) bool { return c.head.hook == nil }) {
		return nil, fmt.Errorf("%q is not whole", text)
	}
	return chains, nil
}

// take reads a line of a chain: first where it hooks, then its rules.
func (c *ownChain) take(line string, s slot) error {
	if c.head.hook != nil {
		r := compiled{inet: s.family == nftables.TableFamilyINet}
		err := r.rule(line)
		c.rules = append(c.rules, r)
		return err
	}
	head, ok := strings.CutSuffix(line, ";")
	if !ok || !c.head.head(strings.Fields(head)) {
		return fmt.Errorf("%q does not say where chain %s hooks", line, c.name)
	}
	return nil
}

// create makes the table with all that is in it.
func (s slot) create(conn *nftables.Conn, table *nftables.Table, text string) error {
	chains, err := s.chainsOf(text)
	if err != nil {
		return err
	}
	conn.CreateTable(table)
	for _, c := range chains {
		chain := conn.AddChain(&nftables.Chain{Table: table, Name: c.name, Type: nftables.ChainTypeFilter, Hooknum: c.head.hook, Priority: c.head.priority})
		for _, r := range c.rules {
			conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: r.exprs})
		}
	}
	return nil
}

// readTable compares the table that stands with what it was made as: its chains,
// and the rules of each, expression by expression.
func (s slot) readTable(text string) (string, error) {
	wanted, err := s.chainsOf(text)
	if err != nil {
		return "", err
	}
	chains, rules, err := ruleset.Read()
	if err != nil {
		return "", err
	}
	held := 0
	for _, c := range chains {
		if !s.ours(c.Family, c.Table) {
			continue
		}
		held++
		at := slices.IndexFunc(wanted, func(o ownChain) bool { return o.name == c.Name })
		if at < 0 || !wanted[at].is(s, c, rules) {
			return altered, nil
		}
	}
	switch held {
	case 0:
		return "", nil
	case len(wanted):
		return text, nil
	}
	return altered, nil
}

// is tells whether a chain of the kernel hooks where ours does, and holds its rules.
func (c *ownChain) is(s slot, chain ruleset.Chain, rules []ruleset.Rule) bool {
	if !chain.Hooked || chain.Hook != uint32(*c.head.hook) || chain.Priority != int32(*c.head.priority) || chain.Drops {
		return false
	}
	n := 0
	for _, r := range rules {
		if !s.ours(r.Family, r.Table) || r.Chain != c.name {
			continue
		}
		if n == len(c.rules) || len(r.Exprs) != len(c.rules[n].exprs) {
			return false
		}
		n++
	}
	return n == len(c.rules)
}
