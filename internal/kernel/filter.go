package kernel

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"net/netip"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/internal/ruleset"
)

// filterMost is how many refusing rules are kept: who has more has a program that
// writes them, mostly addresses.
const filterMost = 1024

var hookNames = [...]string{"prerouting", "input", "forward", "output", "postrouting"}

// refusing finds the rules that refuse packets of IP.
func refusing(chains []ruleset.Chain, rules []ruleset.Rule) []host.FilterRule {
	hooks := map[[3]string]string{}
	for _, c := range chains {
		if c.Hooked && int(c.Hook) < len(hookNames) {
			hooks[[3]string{ruleset.FamilyName(c.Family), c.Table, c.Name}] = hookNames[c.Hook]
		}
	}
	var list []host.FilterRule
	for i := range rules {
		r := &rules[i]
		family := ruleset.FamilyName(r.Family)
		if family != "inet" && family != "ip" && family != "ip6" {
			continue
		}
		f := host.FilterRule{Family: family, Table: r.Table, Chain: r.Chain, Handle: r.Handle, Hook: hooks[[3]string{family, r.Table, r.Chain}]}
		readRule(&f, r.Exprs)
		if f.Verdict != "" && len(list) < filterMost {
			list = append(list, f)
		}
	}
	return list
}

// FilterMoved notes how far the counters of rules went since an earlier reading.
func FilterMoved(before, after []host.FilterRule) {
	type key struct {
		place  string
		handle uint64
	}
	earlier := map[key]uint64{}
	for _, r := range before {
		earlier[key{r.Place(), r.Handle}] = r.Packets
	}
	for i := range after {
		r := &after[i]
		if was, ok := earlier[key{r.Place(), r.Handle}]; ok && r.Packets >= was {
			r.Moved = r.Packets - was
		}
	}
}

// question is what was loaded and will be compared: a field of the packet.
type question struct {
	field string
	bits  int    // of an address
	mask  []byte // nil: all of it
	kept  bool
}

// readRule reads the expressions of a rule in their order. A field that is
// loaded, perhaps masked, and compared is a question; whatever is not understood
// makes the rule ask more than is known here.
func readRule(f *host.FilterRule, exprs []ruleset.Expr) {
	var q question
	for _, e := range exprs {
		switch e.Name {
		case "meta", "payload", "ct":
			if q.kept { // what was asked before was never compared
				f.Asks.Other = true
			}
			q = load(e)
		case "bitwise":
			q.mask = value(e, 4) // NFTA_BITWISE_MASK
		case "cmp":
			if !ask(f, q, e) {
				f.Asks.Other = true
			}
			q = question{}
		case "counter":
			f.Counted = true
			f.Packets, _ = e.Number(2) // NFTA_COUNTER_PACKETS
		case "immediate":
			if drops(e) {
				f.Verdict = "drop"
			}
		case "reject":
			f.Verdict = "reject"
		case "target": // of iptables
			if name := strings.TrimRight(string(e.Attr(1)), "\x00"); name == "REJECT" || name == "DROP" {
				f.Verdict = strings.ToLower(name)
			}
		case "log", "notrack":
		default:
			f.Asks.Other = true
		}
	}
}

// value is the data of an attribute that holds one (NFTA_DATA_VALUE).
func value(e ruleset.Expr, kind uint16) []byte {
	return ruleset.Expr{Data: e.Attr(kind)}.Attr(1)
}

// drops tells whether an immediate is the verdict NF_DROP.
func drops(e ruleset.Expr) bool {
	verdict := ruleset.Expr{Data: ruleset.Expr{Data: e.Attr(2)}.Attr(2)} // NFTA_IMMEDIATE_DATA, NFTA_DATA_VERDICT
	code, ok := verdict.Number(1)                                        // NFTA_VERDICT_CODE
	return ok && code == 0
}

// load says which field an expression loads: "" for one that is not understood.
func load(e ruleset.Expr) question {
	q := question{kept: true}
	key, _ := e.Number(2) // NFTA_META_KEY, NFTA_PAYLOAD_BASE
	offset, _ := e.Number(3)
	size, _ := e.Number(4)
	const nfproto, l4proto = 15, 16
	switch {
	case e.Name == "meta" && key == nfproto:
		q.field = "version"
	case e.Name == "meta" && key == l4proto:
		q.field = "protocol"
	case e.Name != "payload":
	case key == 2 && size == 2 && offset == 0: // NFT_PAYLOAD_TRANSPORT_HEADER
		q.field = "sport"
	case key == 2 && size == 2 && offset == 2:
		q.field = "dport"
	case key == 2 && size == 1 && offset == 13:
		q.field = "flags"
	case key == 1: // NFT_PAYLOAD_NETWORK_HEADER
		q.field, q.bits = addressField(offset, size)
	}
	return q
}

// addressField finds the address that a part of an IP header belongs to. Four
// octets at 8 begin an IPv6 source, and are nothing of IPv4 that one compares.
func addressField(offset, size uint64) (field string, bits int) {
	switch {
	case offset == 9 && size == 1:
		return "protocol", 0
	case offset == 12 && size <= 4:
		return "saddr", 32
	case offset == 16 && size <= 4:
		return "daddr", 32
	case offset == 8 && size <= 16:
		return "saddr", 128
	case offset == 24 && size <= 16:
		return "daddr", 128
	default:
		return "", 0
	}
}

// ask adds a comparison to what a rule asks; ok is false where it is not
// understood.
func ask(f *host.FilterRule, q question, e ruleset.Expr) (ok bool) {
	op, _ := e.Number(2) // NFTA_CMP_OP: 0 equal, 1 not equal
	data := value(e, 3)  // NFTA_CMP_DATA
	a := &f.Asks
	if len(data) == 0 || op > 1 {
		return false
	}
	if op == 1 && !(q.field == "flags" && len(q.mask) == 1 && data[0] == 0 && q.mask[0]&(q.mask[0]-1) == 0) {
		return false // one flag that is set is the one "not" that is understood
	}
	switch {
	case q.field == "version" && q.mask == nil:
		a.Version = map[byte]int{2: 4, 10: 6}[data[0]]
	case q.field == "protocol" && q.mask == nil:
		a.Protocol = data[0]
	case q.field == "sport" && q.mask == nil && len(data) == 2:
		a.SourcePort = binary.BigEndian.Uint16(data)
	case q.field == "dport" && q.mask == nil && len(data) == 2:
		a.DestinationPort = binary.BigEndian.Uint16(data)
	case q.field == "flags" && len(q.mask) == 1:
		a.Mask, a.Flags = q.mask[0], data[0]
		if op == 1 {
			a.Flags = q.mask[0]
		}
	case q.field == "saddr":
		a.Source, ok = network(q, data)
		return ok
	case q.field == "daddr":
		a.Destination, ok = network(q, data)
		return ok
	default:
		return false
	}
	return true
}

// network is an address of which the first octets, or those under a mask, are
// compared.
func network(q question, data []byte) (netip.Prefix, bool) {
	if len(data)*8 > q.bits {
		return netip.Prefix{}, false
	}
	bits := len(data) * 8
	if q.mask != nil {
		bits = 0
		for _, octet := range q.mask {
			for ; octet&0x80 != 0; octet <<= 1 {
				bits++
			}
		}
	}
	addr, ok := netip.AddrFromSlice(append(data[:len(data):len(data)], make([]byte, q.bits/8-len(data))...))
	return netip.PrefixFrom(addr, bits), ok
}

// errFilterAbsent says why there are no rules to read: the kernel has no nf_tables,
// or did not load it. To ask would load it.
var errFilterAbsent = errors.New("nf_tables is not loaded: it has no rules")

// filterLoaded tells whether the kernel has nf_tables now.
func (r Root) filterLoaded() error {
	modules, err := r.read("proc/modules")
	if errors.Is(err, fs.ErrNotExist) || strings.Contains("\n"+string(modules), "\nnf_tables ") {
		return nil // a kernel without modules loads none
	}
	release, _ := r.readWord("proc/sys/kernel/osrelease")
	builtin, _ := r.read("lib/modules/" + release + "/modules.builtin")
	if strings.Contains(string(builtin), "/nf_tables.ko") {
		return nil
	}
	return errFilterAbsent
}
