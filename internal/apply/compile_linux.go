package apply

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// compiled is a rule of the few words that our remedies use, as expressions.
type compiled struct {
	hook     *nftables.ChainHook
	priority *nftables.ChainPriority
	exprs    []expr.Any
	inet     bool // the family of the table leaves open which IP it is
	tcp      bool // the rule has asked already whether it is TCP
}

// compile reads "ip saddr 198.18.7.0/24 counter drop" and the like, behind
// "type filter hook input priority -10; " where the table is ours. The words are
// those of nft(8), so that what is printed is what is done.
func compile(text string, s slot) (compiled, error) {
	r := compiled{inet: s.family == nftables.TableFamilyINet}
	if s.before == 0 {
		head, rest, ok := strings.Cut(text, "; ")
		if !ok || !r.head(strings.Fields(head)) {
			return r, fmt.Errorf("%q does not say where the rule hooks", text)
		}
		text = rest
	}
	return r, r.rule(text)
}

// rule compiles one rule.
func (r *compiled) rule(text string) error {
	words := strings.Fields(text)
	for len(words) > 0 {
		n, err := r.take(words)
		if err == nil && n > len(words) {
			err = fmt.Errorf("%q ends too early", text)
		}
		if err != nil {
			return fmt.Errorf("rule %q: %w", text, err)
		}
		words = words[n:]
	}
	return nil
}

func (r *compiled) head(words []string) bool {
	if len(words) != 6 || strings.Join(words[:3], " ") != "type filter hook" || words[4] != "priority" {
		return false
	}
	n, err := strconv.ParseInt(words[5], 10, 32)
	r.priority = nftables.ChainPriorityRef(nftables.ChainPriority(n))
	r.hook = map[string]*nftables.ChainHook{
		"input": nftables.ChainHookInput, "output": nftables.ChainHookOutput, "forward": nftables.ChainHookForward,
		"prerouting": nftables.ChainHookPrerouting,
	}[words[3]]
	return err == nil && r.hook != nil
}

const clamp = "tcp option maxseg size set rt mtu"

// take compiles the first words and says how many they were.
func (r *compiled) take(words []string) (n int, err error) {
	argument := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	switch two := words[0] + " " + argument(1); {
	case words[0] == "counter":
		r.exprs = append(r.exprs, &expr.Counter{})
		return 1, nil
	case words[0] == "accept":
		r.exprs = append(r.exprs, &expr.Verdict{Kind: expr.VerdictAccept})
		return 1, nil
	case words[0] == "drop":
		r.exprs = append(r.exprs, &expr.Verdict{Kind: expr.VerdictDrop})
		return 1, nil
	case words[0] == "notrack":
		r.exprs = append(r.exprs, &expr.Notrack{})
		return 1, nil
	case two == "ct state":
		return 3, r.tracked(argument(2))
	case words[0] == "synproxy":
		return r.proxy(words[1:])
	case strings.Join(words[:min(len(words), 7)], " ") == clamp:
		r.clamp()
		return 7, nil
	case slices.Contains([]string{"ip saddr", "ip daddr", "ip6 saddr", "ip6 daddr"}, two):
		return 3, r.address(words[0], words[1], argument(2))
	case two == "tcp sport":
		return 3, r.port(0, argument(2))
	case two == "tcp dport":
		return 3, r.port(2, argument(2))
	case two == "tcp flags":
		return r.flags(words[2:])
	default:
		return 0, fmt.Errorf("%q is none of the words known here", words[0])
	}
}

func (r *compiled) equal(data []byte) {
	r.exprs = append(r.exprs, &expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: data})
}

// address asks for an address or a network of one IP version.
func (r *compiled) address(family, end, text string) error {
	network, err := netip.ParsePrefix(text)
	if one, e := netip.ParseAddr(text); e == nil {
		network, err = netip.PrefixFrom(one, one.BitLen()), nil
	}
	six := family == "ip6"
	if err != nil || network.Addr().Is6() != six {
		return fmt.Errorf("%q is no address of %s", text, family)
	}
	if r.inet {
		r.exprs = append(r.exprs, &expr.Meta{Key: expr.MetaKeyNFPROTO, Register: 1})
		r.equal([]byte{map[bool]byte{false: unix.NFPROTO_IPV4, true: unix.NFPROTO_IPV6}[six]})
	}
	offset := map[string]uint32{"ip saddr": 12, "ip daddr": 16, "ip6 saddr": 8, "ip6 daddr": 24}[family+" "+end]
	size, bits := network.Addr().BitLen()/8, network.Bits()
	if bits > 0 && bits%8 == 0 { // as nft does: whole octets need no mask
		size = bits / 8
	}
	r.exprs = append(r.exprs, &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseNetworkHeader, Offset: offset, Len: uint32(size)})
	if bits < 8*size {
		mask := net.CIDRMask(bits, 8*size)
		r.exprs = append(r.exprs, &expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: uint32(size), Mask: mask, Xor: make([]byte, size)})
	}
	r.equal(network.Masked().Addr().AsSlice()[:size])
	return nil
}

// isTCP asks for TCP, once.
func (r *compiled) isTCP() {
	if !r.tcp {
		r.exprs = append(r.exprs, &expr.Meta{Key: expr.MetaKeyL4PROTO, Register: 1})
		r.equal([]byte{unix.IPPROTO_TCP})
	}
	r.tcp = true
}

func (r *compiled) port(offset uint32, text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return fmt.Errorf("%q is no port", text)
	}
	r.isTCP()
	r.exprs = append(r.exprs, &expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: offset, Len: 2})
	r.equal(binary.BigEndian.AppendUint16(nil, uint16(n)))
	return nil
}

var flagBits = map[string]byte{"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32}

// flags asks for "syn", which is SYN whatever else is set, or for
// "& (fin|syn|rst|ack) == syn|ack".
func (r *compiled) flags(words []string) (n int, err error) {
	if len(words) == 0 {
		return 0, fmt.Errorf("no flags are named")
	}
	mask, want, op, n := byte(0), byte(0), expr.CmpOpNeq, 3
	if words[0] == "&" && len(words) >= 4 && words[2] == "==" {
		if mask, err = flagsOf(strings.Trim(words[1], "()")); err == nil {
			want, err = flagsOf(words[3])
		}
		op, n = expr.CmpOpEq, 6
	} else {
		mask, err = flagsOf(words[0])
	}
	if err != nil {
		return 0, err
	}
	r.isTCP()
	r.exprs = append(r.exprs,
		&expr.Payload{DestRegister: 1, Base: expr.PayloadBaseTransportHeader, Offset: 13, Len: 1},
		&expr.Bitwise{SourceRegister: 1, DestRegister: 1, Len: 1, Mask: []byte{mask}, Xor: []byte{0}},
		&expr.Cmp{Op: op, Register: 1, Data: []byte{want}})
	return n, nil
}

func flagsOf(text string) (bits byte, err error) {
	for _, name := range strings.Split(text, "|") {
		bit, ok := flagBits[name]
		if !ok {
			return 0, fmt.Errorf("%q is no flag", name)
		}
		bits |= bit
	}
	return bits, nil
}

// clamp writes the MSS that the route allows into the option of a SYN.
func (r *compiled) clamp() {
	r.exprs = append(r.exprs,
		&expr.Rt{Register: 1, Key: expr.RtTCPMSS},
		&expr.Byteorder{SourceRegister: 1, DestRegister: 1, Op: expr.ByteorderHton, Len: 2, Size: 2},
		&expr.Exthdr{SourceRegister: 1, Type: 2, Offset: 2, Len: 2, Op: expr.ExthdrOpTcpopt}) // option 2: maximum segment size
}
