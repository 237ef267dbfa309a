// The other side of the guard's bench, for private namespaces only: frames of a
// SYN flood (or of forged ACKs), a sink that counts answers, and the programs
// that the guard is compared with.
#include "syn.h"

char dual_license[] SEC("license") = "Dual MIT/GPL";

enum {
	XDP_REDIRECT = 4,
	NETWORK = 0xc6120000, // 198.18.0.0/15, RFC 2544
	NETWORK_MASK = 0xfffe0000,
	NETWORK6 = 0x20010002, // 2001:2::/48, RFC 5180
};

// Mirrored by template in flood_linux.go.
struct template {
	u32 interface;	// to which the frames go; 0: nowhere, only the making is measured
	u32 gap;	// ns from frame to frame, 0: none
	u32 len;	// of the frame
	u32 sum_ip;	// of the IPv4 header without its source and checksum
	u32 sum_tcp;	// of pseudo header and segment without source, its port, sequence and acknowledgement
	u32 ack;	// 1: the acknowledgement is random too
	u32 six;	// 1: IPv6
	u8 frame[100];	// Ethernet, IPv6 and 44 octets of TCP at most
};

struct {
	number(type, MAP_ARRAY);
	number(max_entries, 1);
	type(key, u32);
	type(value, struct template);
} flood_template SEC(".maps");

struct pace {
	u64 next;
	u64 seed;
};

struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, 1);
	type(key, u32);
	type(value, struct pace);
} flood_pace SEC(".maps");

enum { MADE, ANSWERS, RESETS, COUNTS };

struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, COUNTS);
	type(key, u32);
	type(value, u64);
} flood_counts SEC(".maps");

static inline void count(u32 what)
{
	u64 *n = bpf_map_lookup_elem(&flood_counts, &what);
	if (n)
		++*n;
}

static int wait_until(u32 i, u64 *until)
{
	(void)i;
	return bpf_ktime_get_ns() >= *until;
}

// pause keeps the pace, and forgets what was missed by more than a millisecond.
static inline void pause(struct pace *p, u32 gap)
{
	u64 now = bpf_ktime_get_ns(), until = p->next;
	if (now > until + 1000000)
		until = now;
	else if (now < until)
		bpf_loop(1 << 12, wait_until, &until, 0);
	p->next = until + gap;
}

// next is 64 random bits (xorshift64*), seeded once a processor: the kernel's own
// numbers cost more than the frame.
static inline u64 next(struct pace *p)
{
	u64 x = p->seed;
	if (!x)
		x = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	p->seed = x;
	return x * 0x2545f4914f6cdd1dull;
}

// segment writes port, sequence and sums of a segment; source is the sum of the
// address from which it comes.
static inline void segment(struct template *t, u32 *tcp, u64 random, u64 source)
{
	u32 seq = random >> 32;
	u16 port = order16((u16)(1024 + (random >> 17) % 64000));
	tcp[0] = halves(port, second_half(tcp[0]));
	tcp[1] = seq;
	u64 sum = (u64)t->sum_tcp + source + port + seq;
	if (t->ack) {
		tcp[2] = seq * 2654435761u;
		sum += tcp[2];
	}
	((u16 *)tcp)[8] = ~fold(sum);
}

// away sends the frame at its time.
static inline int away(struct template *t, struct pace *p)
{
	if (t->gap)
		pause(p, t->gap);
	count(MADE);
	if (!t->interface)
		return XDP_DROP;
	return bpf_redirect(t->interface, 0);
}

// copy writes octets from the template, in words of 16 bits, where the frame has
// them.
#define copy(from, to) \
	if ((void *)out + 2 * (to) <= end) \
		for (int i = from; i < (to); i++) \
			out[i] = in[i]

static inline int flood6(struct template *t, struct pace *p, u16 *out, void *end)
{
	if ((void *)out + 74 > end)
		return XDP_DROP;
	u16 *in = (u16 *)t->frame;
	copy(0, 37);
	copy(37, 43);
	copy(43, 47);
	copy(47, 49);
	u64 random = next(p), more = random * 0x9e3779b97f4a7c15ull;
	u32 *source = (void *)out + 22;
	source[1] = order32((u32)random & 0xffff);
	source[2] = more;
	source[3] = more >> 32;
	segment(t, (void *)out + 54, random, (u64)source[1] + source[2] + source[3]);
	return away(t, p);
}

// The whole frame is written each time: the page behind it comes back with what
// its receiver made of it.
SEC("xdp")
int flood(struct xdp_md *ctx)
{
	u32 zero = 0;
	struct template *t = bpf_map_lookup_elem(&flood_template, &zero);
	struct pace *p = bpf_map_lookup_elem(&flood_pace, &zero);
	u16 *out = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	if (!t || !p || (void *)out + 54 > end)
		return XDP_DROP;
	if (t->six)
		return flood6(t, p, out, end);
	u16 *in = (u16 *)t->frame;
	copy(0, 27);
	copy(27, 33);
	copy(33, 37);
	copy(37, 39);
	u64 random = next(p);
	u32 source = order32(NETWORK | ((u32)random & ~NETWORK_MASK));
	u32 *ip = (void *)out + 14;
	ip[3] = source;
	ip[2] = halves(octets16(64, IPPROTO_TCP), (u16)~fold((u64)t->sum_ip + source));
	segment(t, (void *)out + 34, random, source);
	return away(t, p);
}

// benchmark4 tells whether the address, in network order, is one of the flood's.
static inline int benchmark4(u32 address)
{
	return (address & order32(NETWORK_MASK)) == order32(NETWORK);
}

enum { FROM, TO };

// spoofed returns the segment of a frame from or to one of the flood's addresses,
// else 0.
static inline u8 *spoofed(struct xdp_md *ctx, u32 end)
{
	u8 *frame = (void *)(long)ctx->data;
	void *behind = (void *)(long)ctx->data_end;
	if ((void *)frame + 54 > behind)
		return 0;
	if (*(u16 *)(frame + 12) == order16(0x0800)) {
		return benchmark4(*(u32 *)(frame + 26 + 4 * end)) ? frame + 34 : 0;
	}
	if (*(u16 *)(frame + 12) != order16(0x86dd) || (void *)frame + 74 > behind)
		return 0;
	u32 *address = (void *)frame + 22 + 16 * end;
	return address[0] == order32(NETWORK6) && !(address[1] & order32(0xffff0000)) ? frame + 54 : 0;
}

// The attacker's side: what the flood's sources get is counted and ends here.
SEC("xdp")
int sink(struct xdp_md *ctx)
{
	u8 *tcp = spoofed(ctx, TO);
	if (!tcp)
		return XDP_PASS;
	if ((tcp[13] & (SYN | ACK)) == (SYN | ACK))
		count(ANSWERS);
	if (tcp[13] & RST)
		count(RESETS);
	return XDP_DROP;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

// What knows the attacker can do: nothing is cheaper.
SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return spoofed(ctx, FROM) ? XDP_DROP : XDP_PASS;
}

// The least that any answer costs: the frame turned around as a SYN-ACK without
// meaning, and its checksum as it was. IPv4 only.
SEC("xdp")
int bounce(struct xdp_md *ctx)
{
	u8 *frame = (void *)(long)ctx->data;
	if ((void *)frame + 54 > (void *)(long)ctx->data_end || *(u16 *)(frame + 12) != order16(0x0800))
		return XDP_PASS;
	u32 *ip = (void *)frame + 14, *tcp = (void *)frame + 34;
	u16 *mac = (void *)frame;
	if (!benchmark4(ip[3]))
		return XDP_PASS;
	for (int i = 0; i < 3; i++) {
		u16 keep = mac[i];
		mac[i] = mac[i + 3];
		mac[i + 3] = keep;
	}
	u32 source = ip[3];
	ip[3] = ip[4];
	ip[4] = source;
	tcp[0] = tcp[0] << 16 | tcp[0] >> 16;
	((u8 *)tcp)[13] = SYN | ACK;
	return XDP_TX;
}
