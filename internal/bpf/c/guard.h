// What the programs of the guard share: the octets of a frame, the maps, and
// what user space sets. Numbers that go on the wire are kept as they lie in
// memory (network order) unless a name ends in _host.
#pragma once
#include "synoptic.h"

enum {
	XDP_DROP = 1,
	XDP_PASS = 2,
	XDP_TX = 3,
	TC_NEXT = -1, // TCX_NEXT: the next program, else the stack
	TC_SHOT = 2,  // TC_ACT_SHOT
	TO_INGRESS = 1, // BPF_F_INGRESS

	MAP_ARRAY = 2,
	MAP_LPM_TRIE = 11,

	FIN = 1,
	SYN = 2,
	RST = 4,
	ACK = 16,
	ECE = 64,
	CWR = 128,
};

// struct xdp_md and the beginning of struct __sk_buff, include/uapi/linux/bpf.h:
// the verifier knows them by these offsets.
struct xdp_md {
	u32 data;
	u32 data_end;
	u32 data_meta;
	u32 ingress_ifindex;
	u32 rx_queue_index;
	u32 egress_ifindex;
};

struct __sk_buff {
	u32 len;
	u32 pkt_type;
	u32 mark;
	u32 queue_mapping;
	u32 protocol;
	u32 vlan_present;
	u32 vlan_tci;
	u32 vlan_proto;
	u32 priority;
	u32 ingress_ifindex;
	u32 ifindex;
	u32 tc_index;
	u32 cb[5];
	u32 hash;
	u32 tc_classid;
	u32 data;
	u32 data_end;
};

// The beginning of struct bpf_sock.
struct bpf_sock {
	u32 bound_dev_if;
	u32 family;
	u32 type;
	u32 protocol;
	u32 mark;
	u32 priority;
	u32 src_ip4;
	u32 src_ip6[4];
	u32 src_port;
	u16 dst_port;
	u16 unused;
	u32 dst_ip4;
	u32 dst_ip6[4];
	u32 state;
};

// struct bpf_sock_tuple.
struct tuple4 {
	u32 saddr;
	u32 daddr;
	u16 sport;
	u16 dport;
};

struct tuple6 {
	u32 saddr[4];
	u32 daddr[4];
	u16 sport;
	u16 dport;
};

static u32 (*bpf_get_prandom_u32)(void) = (void *)7;
static s64 (*bpf_csum_diff)(u32 *from, u32 from_size, u32 *to, u32 to_size, u32 seed) = (void *)28;
static long (*bpf_skb_store_bytes)(void *skb, u32 offset, const void *from, u32 len, u64 flags) = (void *)9;
static long (*bpf_l4_csum_replace)(void *skb, u32 offset, u64 from, u64 to, u64 size) = (void *)11;
static long (*bpf_clone_redirect)(void *skb, u32 ifindex, u64 flags) = (void *)13;
static long (*bpf_redirect)(u32 ifindex, u64 flags) = (void *)23;
static long (*bpf_skb_load_bytes)(void *skb, u32 offset, void *to, u32 len) = (void *)26;
static long (*bpf_skb_pull_data)(void *skb, u32 len) = (void *)39;
static long (*bpf_sk_release)(void *sk) = (void *)86;
static struct bpf_sock *(*bpf_skc_lookup_tcp)(void *ctx, void *tuple, u32 size, u64 netns, u64 flags) = (void *)99;
static long (*bpf_tcp_check_syncookie)(void *sk, void *iph, u32 iph_len, void *th, u32 th_len) = (void *)100;
static s64 (*bpf_tcp_gen_syncookie)(void *sk, void *iph, u32 iph_len, void *th, u32 th_len) = (void *)110;
static u64 (*bpf_ktime_get_coarse_ns)(void) = (void *)160;
static long (*bpf_loop)(u32 times, void *step, void *ctx, u64 flags) = (void *)181;
static long (*bpf_xdp_load_bytes)(void *xdp, u32 offset, void *to, u32 len) = (void *)189;
static long (*bpf_xdp_store_bytes)(void *xdp, u32 offset, void *from, u32 len) = (void *)190;

#define CURRENT_NETNS ((u64)-1) // BPF_F_CURRENT_NETNS

// octets is the word that these four octets are in memory.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define octets(a, b, c, d) ((u32)(a) | (u32)(b) << 8 | (u32)(c) << 16 | (u32)(d) << 24)
#define halves(a, b) ((u32)(a) | (u32)(b) << 16) // two 16-bit values as they lie in memory
#define first_half(word) ((u16)(word))
#define second_half(word) ((u16)((word) >> 16))
#define octets16(a, b) ((u16)((a) | (b) << 8))
#define last_octet(word) ((word) >> 24)
#else
#define octets(a, b, c, d) ((u32)(a) << 24 | (u32)(b) << 16 | (u32)(c) << 8 | (u32)(d))
#define halves(a, b) ((u32)(a) << 16 | (u32)(b))
#define first_half(word) ((u16)((word) >> 16))
#define second_half(word) ((u16)(word))
#define octets16(a, b) ((u16)((a) << 8 | (b)))
#define last_octet(word) ((word)&0xff)
#endif

// Mirrored by control in guard_linux.go, which a test compares with this.
struct control {
	u64 keys[2][2];
	u64 old_until;	 // ns of CLOCK_MONOTONIC: till then ACKs of the other key are taken
	u64 lease_until; // after it no SYN is answered
	u64 acks_until;	 // after it no ACK is looked at
	u32 gate;	 // how many listeners are armed or shadowed; 0: every frame passes
	u32 current;	 // which key makes cookies
	u32 drops;	 // how many prefixes are in the drop lists
	u32 early;	 // forged ACKs may be dropped by XDP: no interface hides sockets from it
};

enum mode {
	OFF,
	SHADOW,	 // count what would be done
	ARMED,	 // answer SYNs, take ACKs
	CLOSING, // take ACKs only
};

// What a listener's end of the handshake offers; made by user space from its
// settings, so that a connection through the guard has what one without has.
enum offers {
	OFFER_TIMESTAMPS = 1,
	OFFER_SACK = 2,
	OFFER_WINDOW_SCALE = 4,
	OFFER_ECN = 8,
};

// Mirrored by listenerRecord in guard_linux.go.
struct listener {
	u8 mode;
	u8 offers;
	u8 wscale;
	u8 bound;   // the kernel makes the cookies, and takes their ACKs
	u16 mss;    // network order
	u16 window; // network order
};

struct port {
	u32 address; // the one IPv4 address that is guarded at this port
	u16 index;   // of its listener
	u16 flags;
};

enum port_flags {
	PORT_DIRECT = 1, // address and index are set
	PORT_MORE = 2,	 // further addresses stand in the hash
};

struct place {
	u32 address[4]; // IPv4 in the first word
	u16 port;
	u16 family;
};

// Mirrored by Counters in guard.go.
struct counters {
	u64 answered;	  // SYNs answered with a cookie
	u64 general;	  // of these, by the general path
	u64 would_answer; // in shadow
	u64 passed;	  // SYNs of a kind that is the kernel's
	u64 bad_checksum; // SYNs dropped
	u64 dropped;	  // SYNs of the drop lists
	u64 would_drop;
	u64 accepted; // ACKs whose cookie was right
	u64 old_key;  // of these, made with the other key
	u64 forged;   // ACKs dropped
	u64 refused;  // right cookies that the kernel did not take
	u64 reused;   // ACKs for a new connection over one in TIME-WAIT
};

struct prefix4 {
	u32 bits;
	u32 address;
};

struct prefix6 {
	u32 bits;
	u32 address[4];
};

enum { LISTENERS = 256 };

struct {
	number(type, MAP_ARRAY);
	number(max_entries, 1);
	type(key, u32);
	type(value, struct control);
} guard_control SEC(".maps");

struct {
	number(type, MAP_ARRAY);
	number(max_entries, 65536);
	type(key, u32);
	type(value, struct port);
} guard_ports SEC(".maps");

struct {
	number(type, MAP_HASH);
	number(max_entries, LISTENERS);
	type(key, struct place);
	type(value, u32);
} guard_places SEC(".maps");

struct {
	number(type, MAP_ARRAY);
	number(max_entries, LISTENERS);
	type(key, u32);
	type(value, struct listener);
} guard_listen SEC(".maps");

struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, LISTENERS);
	type(key, u32);
	type(value, struct counters);
} guard_counters SEC(".maps");

struct {
	number(type, MAP_LPM_TRIE);
	number(max_entries, 65536);
	number(map_flags, F_NO_PREALLOC);
	type(key, struct prefix4);
	type(value, u8);
} guard_drops4 SEC(".maps");

struct {
	number(type, MAP_LPM_TRIE);
	number(max_entries, 65536);
	number(map_flags, F_NO_PREALLOC);
	type(key, struct prefix6);
	type(value, u8);
} guard_drops6 SEC(".maps");

// segment is where a TCP segment lies in a frame, and between whom.
struct segment {
	void *frame;
	void *ip;
	void *tcp;
	u32 at;	 // of the TCP header in the frame
	u32 len; // of the TCP header and what follows
	int v6;
	int tagged;
};

struct tcp {
	u16 sport;
	u16 dport;
	u32 seq;
	u32 ack;
	u8 doff; // in words, in the upper half
	u8 flags;
	u16 window;
	u16 check;
	u16 urgent;
};

// locate finds the TCP header behind at most one VLAN tag. It returns 0 for
// everything that is not for the guard: fragments, IP options and extension
// headers, tunnels, two tags, frames that are no unicast.
static inline int locate(struct segment *s, void *data, void *end)
{
	u8 *frame = data;
	u32 at = 14;
	if (data + 18 > end || frame[0] & 1)
		return 0;
	u16 kind = *(u16 *)(frame + 12);
	if (kind == order16(0x8100) || kind == order16(0x88a8)) {
		kind = *(u16 *)(frame + 16);
		at = 18;
	}
	s->tagged = at == 18;
	u8 *ip = data + at;
	s->frame = data;
	s->ip = ip;
	if (kind == order16(0x0800)) {
		if ((void *)ip + 40 > end || ip[0] != 0x45 || ip[9] != IPPROTO_TCP || *(u16 *)(ip + 6) & order16(0x3fff))
			return 0;
		s->v6 = 0;
		s->tcp = ip + 20;
		s->at = at + 20;
		s->len = order16(*(u16 *)(ip + 2)) - 20;
		return 1;
	}
	if (kind == order16(0x86dd)) {
		if ((void *)ip + 60 > end || ip[0] >> 4 != 6 || ip[6] != IPPROTO_TCP)
			return 0;
		s->v6 = 1;
		s->tcp = ip + 40;
		s->at = at + 40;
		s->len = order16(*(u16 *)(ip + 4));
		return 1;
	}
	return 0;
}

// place_of looks for a listener at one of several addresses of a port.
static noinline s64 place_of(u32 a, u32 b, u32 c, u32 d, u32 port_and_family)
{
	struct place place = {{a, b, c, d}, first_half(port_and_family), second_half(port_and_family)};
	u32 *index = bpf_map_lookup_elem(&guard_places, &place);
	return index ? *index : -1;
}

// listener_of returns the number of the listener that the segment is for, or -1.
static inline s64 listener_of(struct segment *s)
{
	struct tcp *tcp = s->tcp;
	u32 number = order16(tcp->dport);
	struct port *port = bpf_map_lookup_elem(&guard_ports, &number);
	if (!port || !port->flags)
		return -1;
	u32 *ip = s->ip;
	if (!s->v6 && port->flags & PORT_DIRECT && port->address == ip[4])
		return port->index;
	if (!(port->flags & PORT_MORE))
		return -1;
	if (s->v6)
		return place_of(ip[6], ip[7], ip[8], ip[9], halves(tcp->dport, AF_INET6));
	return place_of(ip[4], 0, 0, 0, halves(tcp->dport, AF_INET));
}

// aimed returns the listener that the segment is for, with its counters, or 0.
static inline struct listener *aimed(struct segment *s, struct counters **c)
{
	s64 found = listener_of(s);
	if (found < 0)
		return 0;
	u32 index = found;
	*c = bpf_map_lookup_elem(&guard_counters, &index);
	return *c ? bpf_map_lookup_elem(&guard_listen, &index) : 0;
}

// dropped tells whether the source stands in the drop list of its family.
static noinline int dropped4(u32 source)
{
	struct prefix4 p = {.bits = 32, .address = source};
	return bpf_map_lookup_elem(&guard_drops4, &p) != 0;
}

static noinline int dropped6(u32 a, u32 b, u32 c, u32 d)
{
	struct prefix6 p = {.bits = 128, .address = {a, b, c, d}};
	return bpf_map_lookup_elem(&guard_drops6, &p) != 0;
}

static inline int dropped(struct segment *s)
{
	u32 *ip = s->ip;
	return s->v6 ? dropped6(ip[2], ip[3], ip[4], ip[5]) : dropped4(ip[3]);
}
