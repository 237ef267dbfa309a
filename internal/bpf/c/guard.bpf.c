// The guard: SYNs to armed listeners are answered by XDP with a cookie, before
// the kernel makes anything of them, and the ACK that brings a right cookie
// back becomes a connection at the traffic-control hook, with the options that
// its SYN offered. Everything else passes. Needs Linux 6.9 for
// bpf_sk_assign_tcp_reqsk; guardbound.bpf.c is for older ones.
#include "bound.h"

char dual_license[] SEC("license") = "Dual MIT/GPL";

// struct bpf_tcp_req_attrs, include/net/tcp.h.
struct bpf_tcp_req_attrs {
	u32 rcv_tsval;
	u32 rcv_tsecr;
	u16 mss;
	u8 rcv_wscale;
	u8 snd_wscale;
	u8 ecn_ok;
	u8 wscale_ok;
	u8 sack_ok;
	u8 tstamp_ok;
	u8 usec_ts_ok;
	u8 reserved[3];
};

extern int bpf_sk_assign_tcp_reqsk(struct __sk_buff *skb, struct sock *sk, struct bpf_tcp_req_attrs *attrs, int attrs__sz) SEC(".ksyms");

enum { SOCK_RCVBUF_LOCK = 2 }; // include/net/sock.h

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

// What guard_look reads; the loader takes what stands behind the name's ___ off.
struct sock___look {
	int sk_rcvbuf;
	u8 sk_userlocks : 4;
};

struct tcp_sock___look {
	u8 is_mptcp : 1;
};

// What a minisocket in TIME-WAIT expects.
struct sock_common___waits {
	u32 skc_tw_rcv_nxt;
};

struct tcp_timewait_sock___waits {
	u32 tw_ts_recent;
};

#pragma clang attribute pop

// offer fills in what the SYN-ACK says, with the cookie.
static inline void offer(struct reply *r, struct syn *syn, struct segment *s, struct control *g, struct listener *l, u64 now)
{
	struct tcp *tcp = s->tcp;
	u32 stamp = 0;
	u8 flags = SYN | ACK;
	if (syn->stamped) {
		if ((tcp->flags & (ECE | CWR)) == (ECE | CWR) && l->offers & OFFER_ECN) {
			syn->options |= OPTION_ECN;
			flags |= ECE;
		}
		stamp = milliseconds(now) - OPTIONS; // so that the options in it never lead the clock
		stamp = (stamp & ~OPTIONS) | syn->options;
	}
	u32 cookie = mint(g, s->ip, s->v6, *(u32 *)tcp, tcp->seq, stamp, syn->stamped, class_of(syn->mss, s->v6), syn->options);
	r->cookie = order32(cookie);
	r->stamp = order32(stamp);
	r->mss = MSS(l->mss);
	r->scale = SCALE(l->wscale);
	r->flags = halves(octets16(s->len << 2, flags), l->window);
}

// general reads and answers a SYN in a layout of its own. It returns the verdict.
noinline int general(struct xdp_md *ctx, struct control *g, struct listener *l, struct counters *c, u64 now)
{
	if (!g || !l || !c)
		return XDP_PASS;
	struct segment s;
	struct scan scan = {};
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (!locate(&s, data, end))
		return XDP_PASS;
	u32 len = s.len;
	if (len < 20 || len > 60 || bpf_xdp_load_bytes(ctx, s.at, scan.octet, len) < 0)
		return XDP_PASS;
	u64 head = pseudo(&s, len);
	if (!intact(&s, bpf_csum_diff(0, 0, (u32 *)scan.octet, len & 60, 0), head)) {
		c->bad_checksum++;
		return XDP_DROP;
	}
	scan_options(&scan, len);
	if (scan.special) {
		c->passed++;
		return XDP_PASS;
	}
	if (l->mode == SHADOW) {
		c->would_answer++;
		return XDP_PASS;
	}
	struct syn syn = {.mss = scan.mss ? scan.mss : 536, .tsval = scan.tsval};
	syn.stamped = scan.stamped && l->offers & OFFER_TIMESTAMPS;
	syn.options = l->offers & OFFER_WINDOW_SCALE ? scan.wscale : NO_SCALE;
	if (scan.sack && l->offers & OFFER_SACK)
		syn.options |= OPTION_SACK;
	struct reply r;
	offer(&r, &syn, &s, g, l, now);
	u32 *w = (u32 *)scan.octet, ack = order32(order32(w[1]) + 1), n = 5;
	for (int i = 5; i < 15; i++)
		w[i] = octets(OPTION_NOP, OPTION_NOP, OPTION_NOP, OPTION_NOP);
	if (scan.mss)
		w[n++] = r.mss;
	if (syn.stamped) {
		w[n & 15] = syn.options & OPTION_SACK ? SACK_STAMP : NOP_STAMP;
		w[(n + 1) & 15] = r.stamp;
		w[(n + 2) & 15] = syn.tsval;
		n += 3;
	} else if (syn.options & OPTION_SACK) {
		w[n++ & 15] = NOP_SACK;
	}
	if ((syn.options & NO_SCALE) != NO_SCALE)
		w[n & 15] = r.scale;
	w[0] = w[0] << 16 | w[0] >> 16;
	w[1] = r.cookie;
	w[2] = ack;
	w[3] = r.flags;
	w[4] = 0;
	w[4] = halves((u16)~fold(head + bpf_csum_diff(0, 0, w, len & 60, 0)), 0);
	if (bpf_xdp_store_bytes(ctx, s.at, scan.octet, len) < 0)
		return XDP_PASS;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (!locate(&s, data, end))
		return XDP_DROP; // it was found before
	turn(&s);
	c->answered++;
	c->general++;
	return XDP_TX;
}

// bound answers for a listener that the kernel's cookies are for.
noinline int bound(struct xdp_md *ctx, struct listener *l, struct counters *c)
{
	struct segment s;
	if (!l || !c || !locate(&s, (void *)(long)ctx->data, (void *)(long)ctx->data_end))
		return XDP_PASS;
	return answer_bound(ctx, &s, l, c);
}

// answer gives the verdict on a SYN for a listener.
static inline int answer(struct xdp_md *ctx, struct segment *s, struct control *g, struct listener *l, struct counters *c)
{
	void *end = (void *)(long)ctx->data_end;
	struct tcp *tcp = s->tcp;
	u64 now = bpf_ktime_get_coarse_ns();
	if (now > g->lease_until)
		return XDP_PASS;
	if (g->drops && dropped(s)) {
		if (l->mode == SHADOW) {
			c->would_drop++;
			return XDP_PASS;
		}
		c->dropped++;
		return XDP_DROP;
	}
	if (s->len != (u32)tcp->doff >> 4 << 2 || tcp->flags & (FIN | RST | ACK)) {
		c->passed++; // data of a fast open, or nonsense
		return XDP_PASS;
	}
	if (l->bound)
		return bound(ctx, l, c);
	const u8 all = OFFER_TIMESTAMPS | OFFER_SACK | OFFER_WINDOW_SCALE;
	struct syn syn;
	syn.layout = recognise(&syn, s, end);
	if (syn.layout == LAYOUT_OTHER || (l->offers & all) != all)
		return general(ctx, g, l, c, now);
	u64 head = pseudo(s, s->len);
	if (!intact(s, syn.sum, head)) {
		c->bad_checksum++;
		return XDP_DROP;
	}
	if (l->mode == SHADOW) {
		c->would_answer++;
		return XDP_PASS;
	}
	struct reply r;
	offer(&r, &syn, s, g, l, now);
	write_reply(s, &syn, &r, head);
	c->answered++;
	return XDP_TX;
}

// lookup returns what the segment belongs to; it must be released.
static inline struct bpf_sock *lookup(void *ctx, struct segment *s)
{
	u32 *ip = s->ip;
	struct tcp *tcp = s->tcp;
	if (s->v6) {
		struct tuple6 t = {{ip[2], ip[3], ip[4], ip[5]}, {ip[6], ip[7], ip[8], ip[9]}, tcp->sport, tcp->dport};
		return bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
	}
	struct tuple4 t = {ip[3], ip[4], tcp->sport, tcp->dport};
	return bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
}

// early drops an ACK that belongs to no connection and brings no cookie, before
// the kernel makes a buffer for it. What is not plain is left to guard_ack.
noinline int early(struct xdp_md *ctx, struct control *g, struct counters *c, int stamps)
{
	void *end = (void *)(long)ctx->data_end;
	struct segment where, *s = &where;
	if (!g || !c || !locate(s, (void *)(long)ctx->data, end))
		return XDP_PASS;
	struct tcp *tcp = s->tcp;
	u32 *o = (u32 *)tcp + 5, len = (u32)tcp->doff >> 4 << 2, stamp = 0;
	u32 ports = *(u32 *)tcp, seq = order32(order32(tcp->seq) - 1), cookie = order32(tcp->ack) - 1;
	int stamped = 0;
	if (len == 32 && (void *)(o + 3) <= end && o[0] == NOP_STAMP) {
		stamped = stamps;
		stamp = order32(o[2]);
	} else if (len != 20) {
		return XDP_PASS;
	}
	struct bpf_sock *found = lookup(ctx, s);
	if (!found)
		return XDP_PASS;
	u32 state = found->state;
	bpf_sk_release(found);
	struct grant grant;
	if (state != TCP_LISTEN || check(g, &grant, s->ip, s->v6, ports, seq, stamp, stamped, cookie, bpf_ktime_get_coarse_ns()))
		return XDP_PASS;
	c->forged++;
	return XDP_DROP;
}

SEC("xdp")
int guard_syn(struct xdp_md *ctx)
{
	u32 zero = 0;
	struct control *g = bpf_map_lookup_elem(&guard_control, &zero);
	if (!g || !g->gate)
		return XDP_PASS;
	struct segment s;
	if (!locate(&s, (void *)(long)ctx->data, (void *)(long)ctx->data_end))
		return XDP_PASS;
	struct tcp *tcp = s.tcp;
	u8 kind = tcp->flags & (SYN | ACK | RST);
	if (kind != ACK && kind != SYN)
		return XDP_PASS;
	s64 found = listener_of(&s);
	if (found < 0)
		return XDP_PASS;
	u32 index = found;
	struct listener *l = bpf_map_lookup_elem(&guard_listen, &index);
	struct counters *c = bpf_map_lookup_elem(&guard_counters, &index);
	if (!l || !c || (l->mode != ARMED && l->mode != SHADOW))
		return XDP_PASS;
	if (kind == SYN)
		return answer(ctx, &s, g, l, c);
	if (kind == ACK && g->early && l->mode == ARMED && !l->bound && !s.tagged)
		return early(ctx, g, c, l->offers & OFFER_TIMESTAMPS);
	return XDP_PASS;
}

// stamps_of reads the timestamps of an ACK.
static inline int stamps_of(struct __sk_buff *skb, struct segment *s, struct scan *scan, void *end)
{
	struct tcp *tcp = s->tcp;
	u32 *o = (u32 *)tcp + 5, len = (u32)tcp->doff >> 4 << 2;
	scan->stamped = 0;
	if (len == 20)
		return 1;
	if (len == 32 && (void *)(o + 3) <= end && o[0] == NOP_STAMP) {
		scan->stamped = 1;
		scan->tsval = o[1];
		scan->tsecr = o[2];
		return 1;
	}
	if (len < 20 || len > 60 || len > s->len || bpf_skb_load_bytes(skb, s->at, scan->octet, len) < 0)
		return 0;
	scan_options(scan, len);
	return 1;
}

// accept hands the connection of a right cookie to the listener.
static inline int accept(struct __sk_buff *skb, struct bpf_sock *found, struct grant *grant, struct listener *l, struct scan *scan, int v6)
{
	struct sock *sk = (struct sock *)bpf_skc_to_tcp_sock(found);
	u8 scale = grant->options & NO_SCALE;
	struct bpf_tcp_req_attrs a = {
		.mss = mss_of(grant->class, v6),
		.tstamp_ok = scan->stamped,
		.sack_ok = !!(grant->options & OPTION_SACK),
		.ecn_ok = !!(grant->options & OPTION_ECN),
		.wscale_ok = scale != NO_SCALE,
	};
	if (!sk)
		return -1;
	if (a.wscale_ok) {
		a.snd_wscale = scale;
		a.rcv_wscale = l->wscale;
	}
	if (scan->stamped) {
		a.rcv_tsval = order32(scan->tsval);
		a.rcv_tsecr = order32(scan->tsecr);
	}
	return bpf_sk_assign_tcp_reqsk(skb, sk, &a, sizeof(a));
}

// succeeds tells whether the segment is of a later connection than the one in
// TIME-WAIT, as the kernel asks of a SYN (RFC 6191). What is late of the old one
// must not take its place.
static inline int succeeds(struct bpf_sock *old, u32 seq, struct scan *scan, u32 *expects)
{
	struct tcp_timewait_sock *waits = bpf_skc_to_tcp_timewait_sock(old);
	if (!waits)
		return 0;
	*expects = ((struct sock_common___waits *)waits)->skc_tw_rcv_nxt;
	u32 recent = ((struct tcp_timewait_sock___waits *)waits)->tw_ts_recent;
	return (int)(seq - *expects) > 0 || (scan->stamped && (int)(order32(scan->tsval) - recent) > 0);
}

enum { SUPPLANTED = 0x5379 }; // in tc_index: the segment came from here

// change writes a word of the TCP header and corrects the checksum.
static inline void change(struct __sk_buff *skb, u32 tcp, u32 offset, u32 from, u32 to)
{
	bpf_l4_csum_replace(skb, tcp + __builtin_offsetof(struct tcp, check), from, to, sizeof(to));
	bpf_skb_store_bytes(skb, tcp + offset, &to, sizeof(to), 0);
}

// supplant makes room for a new connection where one in TIME-WAIT has its ends.
// The kernel would have let the SYN do that, but it never saw it; so now the
// minisocket sees a reset, made of this ACK, and then the ACK comes again. The
// client has proved that it is there, and that it began anew.
static noinline int supplant(struct __sk_buff *skb, u32 tcp, u32 expects)
{
	u32 seq, flags, reset;
	if (bpf_skb_load_bytes(skb, tcp + 4, &seq, sizeof(seq)) < 0 || bpf_skb_load_bytes(skb, tcp + 12, &flags, sizeof(flags)) < 0)
		return TC_NEXT;
	reset = (flags & ~octets(0, 255, 0, 0)) | octets(0, RST, 0, 0);
	skb->tc_index = SUPPLANTED;
	change(skb, tcp, 4, seq, order32(expects));
	change(skb, tcp, 12, flags, reset);
	long failed = bpf_clone_redirect(skb, skb->ifindex, TO_INGRESS);
	change(skb, tcp, 4, order32(expects), seq);
	change(skb, tcp, 12, reset, flags);
	return failed ? TC_NEXT : bpf_redirect(skb->ifindex, TO_INGRESS);
}

// judge gives the verdict on an ACK that may bring back a cookie.
static inline int judge(struct __sk_buff *skb, struct segment *s, struct control *g, struct listener *l, struct counters *c, u64 now)
{
	struct tcp *tcp = s->tcp;
	void *end = (void *)(long)skb->data_end;
	u32 ports = *(u32 *)tcp, seq = order32(order32(tcp->seq) - 1), cookie = order32(tcp->ack) - 1, at = s->at;
	struct scan scan = {};
	struct grant grant;
	struct bpf_sock *found = lookup(skb, s);
	int verdict = TC_NEXT;
	if (!found)
		return TC_NEXT;
	if (found->state != TCP_LISTEN && (found->state != TCP_TIME_WAIT || skb->tc_index == SUPPLANTED))
		goto out;
	if (!stamps_of(skb, s, &scan, end))
		goto out;
	if (!(l->offers & OFFER_TIMESTAMPS))
		scan.stamped = 0;
	int right = check(g, &grant, s->ip, s->v6, ports, seq, order32(scan.tsecr), scan.stamped, cookie, now);
	if (found->state == TCP_TIME_WAIT) {
		u32 expects = 0;
		int later = right && succeeds(found, order32(seq), &scan, &expects);
		bpf_sk_release(found);
		if (!later)
			return TC_NEXT;
		c->reused++;
		return supplant(skb, at, expects);
	}
	if (!right) {
		if (l->mode == ARMED) {
			c->forged++;
			verdict = TC_SHOT;
		}
		goto out;
	}
	if (accept(skb, found, &grant, l, &scan, s->v6)) {
		c->refused++;
		goto out;
	}
	c->accepted++;
	c->old_key += grant.old;
out:
	bpf_sk_release(found);
	return verdict;
}

SEC("tc")
int guard_ack(struct __sk_buff *skb)
{
	u32 zero = 0;
	struct control *g = bpf_map_lookup_elem(&guard_control, &zero);
	if (!g || !g->acks_until)
		return TC_NEXT;
	u64 now = bpf_ktime_get_coarse_ns();
	if (now > g->acks_until)
		return TC_NEXT;
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct segment s;
	if (!locate(&s, data, end))
		return TC_NEXT;
	struct tcp *tcp = s.tcp;
	if ((tcp->flags & (SYN | ACK | RST)) != ACK)
		return TC_NEXT;
	s64 index64 = listener_of(&s);
	if (index64 < 0)
		return TC_NEXT;
	u32 index = index64;
	struct listener *l = bpf_map_lookup_elem(&guard_listen, &index);
	struct counters *c = bpf_map_lookup_elem(&guard_counters, &index);
	if (!l || !c || l->bound || (l->mode != ARMED && l->mode != CLOSING))
		return TC_NEXT;
	return judge(skb, &s, g, l, c, now);
}

// A question to the kernel, put as a frame to a test run: what listens there?
// Mirrored by lookRecord in guard_look_linux.go.
struct look {
	u32 address[4]; // network order; IPv4 in the first word
	u16 port;	// network order
	u16 family;
	u32 found;
	u32 mptcp;
	u32 buffer; // SO_RCVBUF, if the program set it
};

// own_bits reads a bit field of a socket that may be read directly, where the running kernel has it (bpf_core_read.h of
// libbpf explains the numbers).
#define own_bits(of, field) \
	({ \
		u64 value = 0; \
		if (__builtin_preserve_field_info((of)->field, 2)) { \
			void *p = (void *)(of) + __builtin_preserve_field_info((of)->field, 0); \
			switch (__builtin_preserve_field_info((of)->field, 1)) { \
			case 1: \
				value = *(u8 *)p; \
				break; \
			case 2: \
				value = *(u16 *)p; \
				break; \
			case 4: \
				value = *(u32 *)p; \
				break; \
			case 8: \
				value = *(u64 *)p; \
				break; \
			} \
			value = value << __builtin_preserve_field_info((of)->field, 4) >> __builtin_preserve_field_info((of)->field, 5); \
		} \
		value; \
	})

SEC("xdp")
int guard_look(struct xdp_md *ctx)
{
	struct look *l = (void *)(long)ctx->data;
	struct bpf_sock *found;
	if ((void *)(l + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	if (l->family == AF_INET6) {
		struct tuple6 t = {{}, {l->address[0], l->address[1], l->address[2], l->address[3]}, 0, l->port};
		found = bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
	} else {
		struct tuple4 t = {0, l->address[0], 0, l->port};
		found = bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
	}
	if (!found)
		return XDP_PASS;
	struct tcp_sock *tcp = found->state == TCP_LISTEN ? bpf_skc_to_tcp_sock(found) : 0;
	if (tcp) {
		struct sock___look *sk = (void *)tcp;
		l->found = 1;
		l->mptcp = own_bits((struct tcp_sock___look *)tcp, is_mptcp);
		if (own_bits(sk, sk_userlocks) & SOCK_RCVBUF_LOCK)
			l->buffer = sk->sk_rcvbuf;
	}
	bpf_sk_release(found);
	return XDP_PASS;
}
