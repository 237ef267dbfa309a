// Package ssfilter is the filter language of ss (iproute2, ss.8): which TCP
// sockets a user wants to see. A filter is read once by Parse and then answers
// in three ways: States for the state mask of a sock_diag request, Bytecode for
// the rest as inet_diag bytecode that the kernel runs, and Match for any
// Endpoint in user space, be it a socket or a tracked connection.
//
//	filter = { ( "state" | "exclude" ) STATE } [ EXPRESSION ]
//	EXPRESSION = TERM { [ "and" | "or" ] TERM }
//	TERM = "not" TERM | "(" EXPRESSION ")" | CONDITION
//	CONDITION = ( "src" | "dst" ) [ = | != ] [ ADDRESS [ "/" BITS ] ] [ ":" PORT ]
//	          | ( "sport" | "dport" ) [ = | != | < | > | <= | >= ] [ ":" ] PORT
//	          | "dev" [ = | != ] DEVICE
//	          | "fwmark" [ = | != ] MARK [ "/" MASK ]
//	          | "cgroup" [ = | != ] PATH
//	          | "autobound"
//
// As in ss, and (also &, && or nothing at all) and or (|, ||) bind equally and
// are read from left to right, whatever ss.8 says of their precedence: "a or b
// and c" is "( a or b ) and c". String shows that reading with parentheses. A
// state group means what it means in ss, so synchronized holds SYN-RECEIVED,
// unlike tcp.Synchronized.
//
// More is accepted than ss does: states in every vocabulary of package host and
// anywhere outside parentheses, src and dst with !=, operators and parentheses
// without spaces around them, keywords in capitals, IPv6 addresses without
// brackets where no port can be meant, and [ADDRESS]/BITS.
//
// Three readings are not those of ss. Addresses are compared as addresses:
// ::ffff:192.0.2.1 and 192.0.2.1 are one, and no IPv6 prefix holds an IPv4
// address (ss lets the family of the socket decide, which packets do not have).
// CLOSED and bound-inactive are one state, as in package host. And autobound is
// what the kernel says, true also of accepted connections and of minisockets;
// ss asks in addition that the port lies in ip_local_port_range.
//
// Facts about the kernel are from net/ipv4/inet_diag.c and linux/inet_diag.h.
package ssfilter
