// The cookie of the kernel, bound to the listener, in a SYN-ACK of ours: for
// kernels that cannot make a connection of our cookie, and for listeners that
// cannot take one. Only helpers of Linux 5.3 are used.
#pragma once
#include "syn.h"

#define NOPS octets(OPTION_NOP, OPTION_NOP, OPTION_NOP, OPTION_NOP)

// ask returns the kernel's cookie for the SYN, negative if it makes none. The
// verifier wants to see the length of what it reads.
static inline s64 ask(struct bpf_sock *sk, struct segment *s, void *end)
{
	void *ip = s->ip, *tcp = s->tcp;
	u32 head = s->v6 ? 40 : 20;
	if (tcp + 44 <= end && s->len == 44)
		return bpf_tcp_gen_syncookie(sk, ip, head, tcp, 44);
	if (tcp + 40 <= end && s->len == 40)
		return bpf_tcp_gen_syncookie(sk, ip, head, tcp, 40);
	if (tcp + 32 <= end && s->len == 32)
		return bpf_tcp_gen_syncookie(sk, ip, head, tcp, 32);
	return -1;
}

// listening returns the cookie of whoever listens for the SYN.
static inline s64 listening(struct xdp_md *ctx, struct segment *s, void *end)
{
	u32 *ip = s->ip;
	struct tcp *tcp = s->tcp;
	struct bpf_sock *sk;
	if (s->v6) {
		struct tuple6 t = {{ip[2], ip[3], ip[4], ip[5]}, {ip[6], ip[7], ip[8], ip[9]}, tcp->sport, tcp->dport};
		sk = bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
	} else {
		struct tuple4 t = {ip[3], ip[4], tcp->sport, tcp->dport};
		sk = bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
	}
	if (!sk)
		return -1;
	s64 cookie = sk->state == TCP_LISTEN ? ask(sk, s, end) : -1;
	bpf_sk_release(sk);
	return cookie;
}

// write_plain answers with an MSS and nothing else: without timestamps the
// kernel's cookie remembers no option.
static inline void write_plain(struct segment *s, struct reply *r, u64 head, void *end)
{
	u32 *w = s->tcp;
	u32 ack = order32(order32(w[1]) + 1), ports = w[0];
	u64 sum = head + ports + r->cookie + ack + r->flags + r->mss + NOPS + NOPS;
	w[0] = ports << 16 | ports >> 16;
	w[1] = r->cookie;
	w[2] = ack;
	w[3] = r->flags;
	w[5] = r->mss;
	w[6] = NOPS;
	w[7] = NOPS;
	if (s->len >= 40 && (void *)(w + 10) <= end) {
		w[8] = NOPS;
		w[9] = NOPS;
		sum += (u64)NOPS + NOPS;
	}
	if (s->len == 44 && (void *)(w + 11) <= end) {
		w[10] = NOPS;
		sum += NOPS;
	}
	w[4] = halves((u16)~fold(sum), 0);
	turn(s);
}

// answer_bound gives the verdict on a SYN. One in a layout that is not known, or
// for which the kernel makes no cookie, passes.
static inline int answer_bound(struct xdp_md *ctx, struct segment *s, struct listener *l, struct counters *c)
{
	void *end = (void *)(long)ctx->data_end;
	struct tcp *tcp = s->tcp;
	struct syn syn;
	syn.layout = recognise(&syn, s, end);
	if (syn.layout == LAYOUT_OTHER || s->len != (u32)tcp->doff >> 4 << 2 || tcp->flags & (FIN | RST | ACK)) {
		c->passed++;
		return XDP_PASS;
	}
	u64 head = pseudo(s, s->len);
	if (!intact(s, syn.sum, head)) {
		c->bad_checksum++;
		return l->mode == SHADOW ? XDP_PASS : XDP_DROP;
	}
	if (l->mode == SHADOW) {
		c->would_answer++;
		return XDP_PASS;
	}
	s64 cookie = listening(ctx, s, end);
	if (cookie < 0) {
		c->passed++;
		return XDP_PASS;
	}
	const u8 all = OFFER_TIMESTAMPS | OFFER_SACK | OFFER_WINDOW_SCALE;
	u8 flags = SYN | ACK;
	struct reply r = {.cookie = order32((u32)cookie), .mss = MSS(l->mss), .scale = SCALE(l->wscale)};
	if (!syn.stamped || (l->offers & all) != all) {
		r.flags = halves(octets16(s->len << 2, flags), l->window);
		write_plain(s, &r, head, end);
	} else {
		if ((tcp->flags & (ECE | CWR)) == (ECE | CWR) && l->offers & OFFER_ECN) {
			syn.options |= OPTION_ECN;
			flags |= ECE;
		}
		// the kernel's own way to hide options in a timestamp (cookie_init_timestamp)
		r.stamp = order32(((milliseconds(bpf_ktime_get_ns()) - OPTIONS) & ~OPTIONS) | syn.options);
		r.flags = halves(octets16(s->len << 2, flags), l->window);
		write_reply(s, &syn, &r, head);
	}
	c->answered++;
	return XDP_TX;
}
