// What the SYN-ACK says, and the way of SYNs whose options lie in no layout that
// is known by heart.
#pragma once
#include "syn.h"

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

// compose writes the header of the SYN-ACK over the SYN's. It never needs more
// words than the SYN's options had.
static inline void compose(u32 *w, struct reply *r, struct syn *syn, int mss)
{
	u32 ack = order32(order32(w[1]) + 1), n = 5;
	for (int i = 5; i < 15; i++)
		w[i] = octets(OPTION_NOP, OPTION_NOP, OPTION_NOP, OPTION_NOP);
	if (mss)
		w[n++] = r->mss;
	if (syn->stamped) {
		w[n & 15] = syn->options & OPTION_SACK ? SACK_STAMP : NOP_STAMP;
		w[(n + 1) & 15] = r->stamp;
		w[(n + 2) & 15] = syn->tsval;
		n += 3;
	} else if (syn->options & OPTION_SACK) {
		w[n++ & 15] = NOP_SACK;
	}
	if ((syn->options & NO_SCALE) != NO_SCALE)
		w[n & 15] = r->scale;
	w[0] = w[0] << 16 | w[0] >> 16;
	w[1] = r->cookie;
	w[2] = ack;
	w[3] = r->flags;
	w[4] = 0;
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
		return l->mode == SHADOW ? XDP_PASS : XDP_DROP;
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
	u32 *w = (u32 *)scan.octet;
	compose(w, &r, &syn, scan.mss);
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
