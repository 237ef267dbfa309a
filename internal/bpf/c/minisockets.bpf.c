// The half-open requests and time-wait minisockets of one network namespace, of
// which no tracepoint tells, and the sockets in SYN-SENT, of which it tells too
// early to know their port: read from the iterator over TCP sockets.
#include "synoptic.h"

// The kernel lends its helpers to compatible licences only: this folder may be used
// under the MIT licence or the GPL as well as under the repository's.
char dual_license[] SEC("license") = "Dual MIT/GPL";

// Mirrored by Minisocket in minisocket.go, which a test compares with this.
struct minisocket {
	u64 cookie; // 0: none was made
	u64 since;  // request: ns of CLOCK_MONOTONIC of the first SYN-ACK, 0: not known
	struct tuple tuple;
	u32 mark;
	u32 device;
	u32 netns;
	u8 state; // Linux's number: NEW_SYN_RECV, TIME_WAIT, FIN_WAIT2 or SYN_SENT
	u8 unused[3];
};

static noinline void read_request(struct minisocket *m, struct tcp_request_sock *r)
{
	m->state = TCP_NEW_SYN_RECV;
	m->since = fetch(r->snt_synack) * 1000;
	m->mark = fetch(r->req.ir_mark);
}

static noinline void read_time_wait(struct minisocket *m, struct inet_timewait_sock *w)
{
	m->state = fetch(w->tw_substate);
	m->mark = fetch(w->tw_mark);
}

SEC("iter/tcp")
int minisockets(struct bpf_iter__tcp *ctx)
{
	struct sock_common *c = ctx->sk_common;
	if (!c)
		return 0;
	struct minisocket m = {};
	u8 state = c->skc_state;
	if (state == TCP_NEW_SYN_RECV) {
		read_request(&m, (struct tcp_request_sock *)c);
	} else if (state == TCP_TIME_WAIT) {
		read_time_wait(&m, (struct inet_timewait_sock *)c);
	} else if (state == TCP_SYN_SENT) {
		m.state = state;
	} else {
		return 0;
	}
	read_tuple(&m.tuple, c);
	m.cookie = c->skc_cookie.counter;
	m.device = c->skc_bound_dev_if;
	m.netns = c->skc_net.net->ns.inum;
	bpf_seq_write(ctx->meta->seq, &m, sizeof(m));
	return 0;
}
