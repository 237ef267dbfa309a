// Package ruleset reads the rules of the packet filter (nf_tables) as the kernel
// holds them: chains with their hook, and rules with their handle and every one
// of their expressions, those too that nobody here understands. A rule of which
// some expressions were left out would seem to match more than it does.
//
// What iptables-nft makes is among them; what the older iptables keeps in tables
// of its own is not. Parsing builds on every system; reading is for Linux and
// needs CAP_NET_ADMIN.
package ruleset

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Families of tables, as in linux/netfilter.h.
const (
	FamilyInet = 1 // NFPROTO_INET
	FamilyIPv4 = 2 // NFPROTO_IPV4
	FamilyIPv6 = 10
)

var familyNames = map[uint8]string{1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}

// FamilyName is the word of nft(8), "" for a family that it does not name.
func FamilyName(family uint8) string { return familyNames[family] }

// Chain is a chain; Hooked are those that packets enter by themselves.
type Chain struct {
	Family      uint8
	Table, Name string
	Hooked      bool
	Hook        uint32 // NF_INET_PRE_ROUTING 0, LOCAL_IN 1, FORWARD 2, LOCAL_OUT 3, POST_ROUTING 4
	Priority    int32
	Drops       bool // policy drop
	Type        string
}

// Rule is one rule.
type Rule struct {
	Family       uint8
	Table, Chain string
	Handle       uint64
	Comment      string
	Exprs        []Expr
}

// Expr is one expression: its name ("payload", "cmp", "counter", ...) and the
// attributes that it holds.
type Expr struct {
	Name string
	Data []byte
}

// ErrShort says that a message ends within an attribute.
var ErrShort = errors.New("ruleset: a message is cut short")

// attributes calls visit for each attribute of a list, without its flags.
func attributes(b []byte, visit func(kind uint16, value []byte)) error {
	for len(b) > 0 {
		if len(b) < 4 {
			return ErrShort
		}
		size := int(binary.NativeEndian.Uint16(b))
		if size < 4 || size > len(b) {
			return ErrShort
		}
		visit(binary.NativeEndian.Uint16(b[2:])&0x3fff, b[4:size])
		b = b[min((size+3)&^3, len(b)):]
	}
	return nil
}

// word is a string that ends at its zero.
func word(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

func number(b []byte) uint64 {
	var n uint64
	for _, c := range b[:min(len(b), 8)] {
		n = n<<8 | uint64(c)
	}
	return n
}

// header is struct nfgenmsg: family, version, resource id.
const header = 4

// Attributes of linux/netfilter/nf_tables.h.
const (
	ruleTable, ruleChain, ruleHandle, ruleExprs, ruleUserData       = 1, 2, 3, 4, 7
	exprName, exprData                                              = 1, 2
	chainTable, chainName, chainHook, chainPolicy, chainType        = 1, 3, 4, 5, 7
	hookNumber, hookPriority                                        = 1, 2
	userComment                                               uint8 = 0 // NFTNL_UDATA_RULE_COMMENT
)

// ParseRule reads the payload of a NFT_MSG_NEWRULE.
func ParseRule(b []byte) (Rule, error) {
	var r Rule
	if len(b) < header {
		return r, ErrShort
	}
	r.Family = b[0]
	var inner error
	err := attributes(b[header:], func(kind uint16, value []byte) {
		switch kind {
		case ruleTable:
			r.Table = word(value)
		case ruleChain:
			r.Chain = word(value)
		case ruleHandle:
			r.Handle = number(value)
		case ruleExprs:
			r.Exprs, inner = exprs(value)
		case ruleUserData:
			r.Comment = comment(value)
		}
	})
	if err = errors.Join(err, inner); err != nil {
		return r, fmt.Errorf("rule of %s %s: %w", r.Table, r.Chain, err)
	}
	return r, nil
}

func exprs(list []byte) (all []Expr, err error) {
	var inner error
	err = attributes(list, func(_ uint16, element []byte) {
		var e Expr
		inner = errors.Join(inner, attributes(element, func(kind uint16, value []byte) {
			switch kind {
			case exprName:
				e.Name = word(value)
			case exprData:
				e.Data = value
			}
		}))
		all = append(all, e)
	})
	return all, errors.Join(err, inner)
}

// comment finds the comment in what a rule's maker kept with it: kinds of one
// octet, lengths of one octet. Others than nft(8) keep there what they like.
func comment(b []byte) string {
	for len(b) >= 2 {
		size := int(b[1])
		if 2+size > len(b) {
			return ""
		}
		if b[0] == userComment {
			return word(b[2 : 2+size])
		}
		b = b[2+size:]
	}
	return ""
}

// ParseChain reads the payload of a NFT_MSG_NEWCHAIN.
func ParseChain(b []byte) (Chain, error) {
	var c Chain
	if len(b) < header {
		return c, ErrShort
	}
	c.Family = b[0]
	var inner error
	err := attributes(b[header:], func(kind uint16, value []byte) {
		switch kind {
		case chainTable:
			c.Table = word(value)
		case chainName:
			c.Name = word(value)
		case chainType:
			c.Type = word(value)
		case chainPolicy:
			c.Drops = number(value) == 0 // NF_DROP
		case chainHook:
			c.Hooked = true
			inner = attributes(value, func(kind uint16, value []byte) {
				switch kind {
				case hookNumber:
					c.Hook = uint32(number(value))
				case hookPriority:
					c.Priority = int32(number(value))
				}
			})
		}
	})
	c.Drops = c.Drops && c.Hooked
	return c, errors.Join(err, inner)
}

// Attr returns an attribute of the expression as it is, nil when it has none of
// that kind.
func (e Expr) Attr(kind uint16) (value []byte) {
	_ = attributes(e.Data, func(k uint16, v []byte) { // what is cut short has fewer
		if k == kind && value == nil {
			value = v
		}
	})
	return value
}

// Number is Attr as a number; ok is false when it has none.
func (e Expr) Number(kind uint16) (n uint64, ok bool) {
	v := e.Attr(kind)
	return number(v), v != nil
}
