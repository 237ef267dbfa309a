// The guard: SYNs to armed listeners are answered by XDP with a cookie, before
// the kernel makes anything of them, and the ACK that brings a right cookie
// back becomes a connection at the traffic-control hook, with the options that
// its SYN offered. Everything else passes. Needs Linux 6.9 for
// bpf_sk_assign_tcp_reqsk; guardbound.bpf.c is for older ones.
#include "ack.h"
#include "bound.h"
#include "general.h"
#include "look.h"

char dual_license[] SEC("license") = "Dual MIT/GPL";

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
		return l->mode == SHADOW ? XDP_PASS : XDP_DROP;
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
	struct counters *c;
	struct listener *l = aimed(&s, &c);
	if (!l || (l->mode != ARMED && l->mode != SHADOW))
		return XDP_PASS;
	if (kind == SYN)
		return answer(ctx, &s, g, l, c);
	if (kind == ACK && g->early && l->mode == ARMED && !l->bound && !s.tagged)
		return early(ctx, g, c, l->offers & OFFER_TIMESTAMPS);
	return XDP_PASS;
}

enum { HEADERS = 118 }; // Ethernet with a tag, IPv6, TCP with all its options

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
	if (skb->data_end - skb->data < skb->len && skb->data_end - skb->data < HEADERS)
		bpf_skb_pull_data(skb, skb->len < HEADERS ? skb->len : HEADERS); // some drivers leave the headers in a page of their own
	struct segment s;
	if (!locate(&s, (void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_NEXT;
	struct tcp *tcp = s.tcp;
	if ((tcp->flags & (SYN | ACK | RST)) != ACK)
		return TC_NEXT;
	struct counters *c;
	struct listener *l = aimed(&s, &c);
	if (!l || l->bound || l->mode == OFF) // shadowed, it may have been armed a moment ago
		return TC_NEXT;
	return judge(skb, &s, g, l, c, now);
}
