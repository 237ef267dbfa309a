package apply

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/userdata"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/ruleset"
)

// rules changes the packet filter: a table of our own with one rule or with chains
// and rules, or one rule before a rule of somebody else. Each is one transaction of
// the kernel.
type rules struct{}

// altered is what a place holds that is neither empty nor ours as we made it.
const altered = "altered"

// slot is the place of a change.
type slot struct {
	family       nftables.TableFamily
	table, chain string
	before       uint64 // handle of the rule that it stands before; 0: the table is ours
	mark         string
}

var families = map[string]nftables.TableFamily{
	"inet": nftables.TableFamilyINet, "ip": nftables.TableFamilyIPv4, "ip6": nftables.TableFamilyIPv6,
}

// slotOf reads "inet synoptic-x" or "inet fw out position 7".
func slotOf(c diagnose.Change) (slot, error) {
	words := strings.Fields(c.Target)
	bad := fmt.Errorf("%q is no place for a rule", c.Target)
	if len(words) < 2 || families[words[0]] == 0 {
		return slot{}, bad
	}
	s := slot{family: families[words[0]], table: words[1], chain: diagnose.OwnChain, mark: c.RuleMark()}
	switch {
	case len(words) == 2 && strings.HasPrefix(s.table, "synoptic-"):
		return s, nil
	case len(words) != 5 || words[3] != "position":
		return slot{}, bad
	}
	s.chain = words[2]
	var err error
	if s.before, err = strconv.ParseUint(words[4], 10, 64); err != nil || s.before == 0 {
		return slot{}, bad
	}
	return s, nil
}

// Read returns the rule that stands there, if it is as the change makes it.
func (rules) Read(c diagnose.Change) (string, error) {
	s, err := slotOf(c)
	if err != nil {
		return "", err
	}
	if s.whole(c.To) {
		return s.readTable(c.To)
	}
	wanted, err := compile(c.To, s)
	if err != nil {
		return "", err
	}
	chains, all, err := ruleset.Read()
	if err != nil {
		return "", err
	}
	if s.before == 0 {
		return s.readOwn(c, chains, all, len(wanted.exprs)), nil
	}
	return s.readForeign(c, all, len(wanted.exprs))
}

func (s slot) ours(family uint8, table string) bool {
	return family == uint8(s.family) && table == s.table
}

func (s slot) readOwn(c diagnose.Change, chains []ruleset.Chain, all []ruleset.Rule, exprs int) string {
	chains = slices.DeleteFunc(chains, func(o ruleset.Chain) bool { return !s.ours(o.Family, o.Table) })
	all = slices.DeleteFunc(all, func(r ruleset.Rule) bool { return !s.ours(r.Family, r.Table) })
	switch {
	case len(chains) == 0:
		return ""
	case len(chains) != 1 || chains[0].Name != s.chain || len(all) != 1 || len(all[0].Exprs) != exprs:
		return altered
	default:
		return c.To
	}
}

func (s slot) readForeign(c diagnose.Change, all []ruleset.Rule, exprs int) (string, error) {
	before := false
	held := ""
	for _, r := range all {
		if !s.ours(r.Family, r.Table) || r.Chain != s.chain {
			continue
		}
		before = before || r.Handle == s.before
		if r.Comment != s.mark {
			continue
		}
		if held != "" || len(r.Exprs) != exprs {
			return altered, nil
		}
		held = c.To
	}
	if !before && held == "" {
		return "", fmt.Errorf("the rule with handle %d is not there: %w", s.before, ErrGone)
	}
	return held, nil
}

// Write makes the rule, or takes it out.
func (d rules) Write(c diagnose.Change, value string) error {
	s, err := slotOf(c)
	if err != nil {
		return err
	}
	conn, err := nftables.New()
	if err != nil {
		return err
	}
	table := &nftables.Table{Family: s.family, Name: s.table}
	switch {
	case value == "" && s.before == 0:
		conn.DelTable(table)
	case value == "":
		err = s.remove(conn, table)
	case s.whole(value):
		err = s.create(conn, table, value)
	default:
		err = s.insert(conn, table, value)
	}
	if err != nil {
		return err
	}
	return conn.Flush()
}

func (s slot) insert(conn *nftables.Conn, table *nftables.Table, text string) error {
	r, err := compile(text, s)
	if err != nil {
		return err
	}
	if s.before != 0 {
		conn.InsertRule(&nftables.Rule{
			Table: table, Chain: &nftables.Chain{Name: s.chain, Table: table}, Position: s.before,
			Exprs: r.exprs, UserData: userdata.AppendString(nil, userdata.TypeComment, s.mark),
		})
		return nil
	}
	conn.CreateTable(table)
	chain := conn.AddChain(&nftables.Chain{Table: table, Name: s.chain, Type: nftables.ChainTypeFilter, Hooknum: r.hook, Priority: r.priority})
	conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: r.exprs})
	return nil
}

// remove deletes the rule that bears our mark.
func (s slot) remove(conn *nftables.Conn, table *nftables.Table) error {
	_, all, err := ruleset.Read()
	if err != nil {
		return err
	}
	for _, r := range all {
		if s.ours(r.Family, r.Table) && r.Chain == s.chain && r.Comment == s.mark {
			return conn.DelRule(&nftables.Rule{Table: table, Chain: &nftables.Chain{Name: s.chain, Table: table}, Handle: r.Handle})
		}
	}
	return errors.New("the rule is gone")
}
