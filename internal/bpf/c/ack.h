// ACKs: those of a right cookie become connections, those of nothing are dropped.
#pragma once
#include "cookie.h"
#include "syn.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

// What a minisocket in TIME-WAIT expects; the loader takes what stands behind a
// name's ___ off.
struct sock_common___waits {
	u32 skc_tw_rcv_nxt;
};

struct tcp_timewait_sock___waits {
	u32 tw_ts_recent;
};

#pragma clang attribute pop

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

// kernels tells whether the ACK brings back a cookie that the kernel made: before
// the listener was armed, or for a SYN that was left to it.
static inline int kernels(struct bpf_sock *listener, struct segment *s)
{
	u32 head = s->v6 ? 40 : 20;
	return bpf_tcp_check_syncookie(listener, s->ip, head, s->tcp, sizeof(struct tcp)) == 0;
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
	struct grant grant;
	int verdict = XDP_PASS;
	if (found->state == TCP_LISTEN && !check(g, &grant, s->ip, s->v6, ports, seq, stamp, stamped, cookie, bpf_ktime_get_coarse_ns()) && !kernels(found, s)) {
		c->forged++;
		verdict = XDP_DROP;
	}
	bpf_sk_release(found);
	return verdict;
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
		int later = right && !(tcp->flags & FIN) && succeeds(found, order32(seq), &scan, &expects);
		bpf_sk_release(found);
		if (!later)
			return TC_NEXT;
		c->reused++;
		return supplant(skb, at, expects);
	}
	if (!right) {
		if (l->mode == ARMED && !kernels(found, s)) {
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
