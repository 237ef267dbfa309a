// The guard for kernels that cannot make a connection of our cookie (before
// Linux 6.9): the kernel makes the cookie, bound to the listener, and takes its
// ACK. Options survive only with tcp_timestamps=2.
#include "bound.h"

char dual_license[] SEC("license") = "Dual MIT/GPL";

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
	if ((tcp->flags & (SYN | ACK)) != SYN || bpf_ktime_get_ns() > g->lease_until)
		return XDP_PASS;
	struct counters *c;
	struct listener *l = aimed(&s, &c);
	if (!l || (l->mode != ARMED && l->mode != SHADOW))
		return XDP_PASS;
	if (g->drops && dropped(&s)) {
		if (l->mode == SHADOW) {
			c->would_drop++;
			return XDP_PASS;
		}
		c->dropped++;
		return XDP_DROP;
	}
	return answer_bound(ctx, &s, l, c);
}
