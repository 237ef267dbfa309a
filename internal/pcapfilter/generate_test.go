package pcapfilter

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// randomFilter writes a filter of both languages, ours and tcpdump's.
func randomFilter(r *rand.Rand, link Link, depth int) string {
	switch n := r.IntN(10); {
	case depth == 0 || n < 4:
		return randomPrimitive(r, link)
	case n < 6:
		return "not " + enclosed(randomFilter(r, link, depth-1))
	case n < 8:
		return randomFilter(r, link, depth-1) + oneOf(r, []string{" and ", " or ", " && ", " || "}) + enclosed(randomFilter(r, link, depth-1))
	default:
		return enclosed(randomFilter(r, link, depth-1)) + oneOf(r, []string{" and ", " or "}) + randomPrimitive(r, link)
	}
}

func enclosed(filter string) string { return "(" + filter + ")" }

func randomPrimitive(r *rand.Rand, link Link) string {
	direction := oneOf(r, []string{"", "", "src ", "dst ", "src or dst ", "src and dst "})
	transport := oneOf(r, []string{"", "tcp ", "udp ", "sctp "})
	switch r.IntN(14) {
	case 0:
		return oneOf(r, []string{"", "", "ip ", "arp ", "rarp "}) + direction + "host " + oneOf(r, hosts4)
	case 1:
		return oneOf(r, []string{"", "ip6 "}) + direction + "host " + oneOf(r, hosts6)
	case 2:
		return direction + "net " + oneOf(r, []string{"10.0.0.0/8", "10.0.0.0/30", "192.0.2", "10", "198.51", "0.0.0.0/0", "192.0.2.7/32"})
	case 3:
		return direction + "net " + oneOf(r, []string{"2001:db8::/32", "2001:db8::/48", "2001:db8::/127", "fe80::/10", "2001:db8::1/128"})
	case 4, 5:
		return transport + direction + fmt.Sprintf("port %d", oneOf(r, ports))
	case 6:
		return transport + direction + fmt.Sprintf("portrange %d-%d", oneOf(r, ports), oneOf(r, ports))
	case 7:
		return transport + direction + fmt.Sprintf("port (%d or %d or not %d)", oneOf(r, ports), oneOf(r, ports), oneOf(r, ports))
	case 8:
		return fmt.Sprintf("port %d or %d and %d", oneOf(r, ports), oneOf(r, ports), oneOf(r, ports))
	case 9:
		return oneOf(r, []string{"tcp", "udp", "sctp", "ip", "ip6", "arp", "rarp", "icmp", "icmp6"})
	case 10:
		return oneOf(r, []string{"ip proto 6", "ip6 proto 17", `ip proto \icmp`, "proto 132", "ip6 proto 58", `ip proto \udp`, "less 60", "greater 80"})
	case 11:
		if link == Ethernet {
			return oneOf(r, []string{"ether host ", "ether src ", "ether dst host "}) + oneOf(r, macs)
		}
		return "len > 70"
	default:
		return randomValue(r, 2) + oneOf(r, []string{" = ", " != ", " > ", " < ", " >= ", " <= ", " == "}) + randomRight(r)
	}
}

func randomRight(r *rand.Rand) string {
	if r.IntN(4) == 0 {
		return randomValue(r, 1)
	}
	return fmt.Sprint(r.IntN(100))
}

// atoms are the values of one protocol each. tcpdump asks for the protocol of a
// calculation's first value only; so here nothing is read in a second one.
var atoms = [][]string{
	{"tcp[tcpflags] & (tcp-syn|tcp-ack)", "tcp[13]", "tcp[0:2]", "tcp[2:2]", "tcp[tcpflags] & tcp-rst", "tcp[len - 60]", "tcp[4 + (tcp[12] >> 4)]", "tcp[2 * 6]", "tcp[(tcp[12] & 0xf0) >> 2]", "tcp[ip[0] & 3]"},
	{"ip[2:2]", "ip[0] & 0xf", "ip[6:2]", "ip[12:4]", "ip[(ip[0] & 0xf) * 4]"},
	{"ip6[6]", "ip6[8:4]"}, {"arp[6:2]"}, {"icmp[icmptype]", "icmp[icmpcode]"}, {"icmp6[0]", "icmp6[icmp6code]"}, {"udp[4:2]"},
}

func randomValue(r *rand.Rand, depth int) string { return valueOf(r, depth, oneOf(r, atoms)) }

func valueOf(r *rand.Rand, depth int, of []string) string {
	if depth == 0 || r.IntN(3) > 0 {
		return oneOf(r, append([]string{"len", fmt.Sprint(r.IntN(70))}, of...))
	}
	op := oneOf(r, []string{"+", "-", "*", "&", "|", "^", "%", "/", "<<", ">>"})
	right := fmt.Sprint(1 + r.IntN(7))
	if r.IntN(3) == 0 && !strings.ContainsAny(op, "/%<>") {
		right = "len"
	}
	return "(" + valueOf(r, depth-1, of) + " " + op + " " + right + ")"
}
