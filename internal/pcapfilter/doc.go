// Package pcapfilter is the filter language of tcpdump (pcap-filter, a part of
// libpcap), compiled to classic BPF, which the kernel runs on every packet
// before it is copied. A filter is read once by Parse; Compile makes a Program
// of it for frames of a Link.
//
//	EXPRESSION = TERM { ( "and" | "or" ) TERM }
//	TERM = "not" TERM | "(" EXPRESSION ")" | PRIMITIVE | RELATION | ID
//	PRIMITIVE = [ PROTOCOL ] [ DIRECTION ] [ KIND ] ID | PROTOCOL
//	          | ( "less" | "greater" ) NUMBER | "inbound" | "outbound"
//	PROTOCOL = "ether" | "ip" | "ip6" | "arp" | "rarp" | "tcp" | "udp" | "sctp" | "icmp" | "icmp6"
//	DIRECTION = "src" | "dst" | "src or dst" | "src and dst"
//	KIND = "host" | "net" | "port" | "portrange" | "proto"
//	RELATION = VALUE ( "=" | "!=" | "<" | ">" | "<=" | ">=" ) VALUE
//	VALUE = NUMBER | "len" | PROTOCOL "[" VALUE [ ":" ( 1 | 2 | 4 ) ] "]" | VALUE OPERATOR VALUE
//
// As in tcpdump "and" and "or" bind equally and are read from left to right,
// "not" binds tighter, and an ID without words before it takes those of the ID
// before: "tcp port 80 or 443", "dst port (80 or 443)". As there, "tcp[13]" and
// the like look at IPv4 alone, ports are those of TCP, UDP and SCTP, and a read
// beyond the packet's end refuses the packet, whatever "not" stands before.
//
// Where both ask for more than one protocol in one calculation they differ:
// libpcap asks the packet for the first one's only, and reads the octets of the
// others from where they are not; here all are asked for. In a calculation ^
// binds as | does, and % as *.
//
// Names of services and hosts are looked up by functions of the caller (Names).
// What libpcap knows besides (vlan, mpls, gateway, protochain, broadcast, ...)
// is refused by a SyntaxError that points at it.
//
// The package is pure. Numbers of the kernel's extensions to classic BPF are
// those of linux/filter.h.
package pcapfilter
