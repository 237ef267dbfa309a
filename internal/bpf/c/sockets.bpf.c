// The TCP sockets of one network namespace, each with what sock_diag tells of it
// and what sock_diag does not: the queues of listeners, and how often a half-open
// connection was answered and why. Read from the iterator over TCP sockets.
#include "synoptic.h"

// The kernel lends its helpers to compatible licences only: this folder may be used
// under the MIT licence or the GPL as well as under the repository's.
char dual_license[] SEC("license") = "Dual MIT/GPL";

// Set by the loader before the program is loaded.
const volatile u32 only_states = ~0; // bit n: sockets in Linux's state n; 3 stands for requests too
const volatile u8 details = 0;	     // write struct details behind each socket
const volatile u8 listeners_only = 0; // stop behind the listeners, which come first

enum {
	FULL,
	REQUEST,
	TIME_WAIT,
};

// idiag_timer
enum {
	TIMER_OFF,
	TIMER_RETRANSMIT,
	TIMER_KEEPALIVE,
	TIMER_TIME_WAIT,
	TIMER_PROBE,
};

// icsk_pending
enum {
	PENDING_RETRANSMIT = 1,
	PENDING_PROBE = 3,
	PENDING_LOSS_PROBE = 5,
	PENDING_REORDERING = 6,
};

// Mirrored by Socket in socket.go, which a test compares with this.
struct socket_record {
	u64 cookie;
	u64 cgroup;
	struct tuple tuple;
	s32 expires; // ticks until the timer fires
	u32 inode;
	u32 uid;
	u32 device;
	u32 mark;
	u32 recv_queue; // octets; listener: connections that wait for accept()
	u32 send_queue; // octets; listener: the most that may wait
	u8 state;	// as sock_diag gives it
	u8 kind;
	u8 timer;
	u8 retransmits;
	u8 shutdown;
	u8 v6_only;
	u8 timeouts;	 // request
	u8 acked;	 // request
	u8 cookie_sent;	 // request
	u8 defer_accept; // listener: tries, 0: accept() gets it at once
	u8 unused[2];
	u32 syn_queue;	  // listener
	u32 young;	  // listener: those of them whose timer has not expired yet
	u32 user_timeout; // ms
	u32 unused_too;
};

// What tcp_info and sk_meminfo tell, of full sockets. Times are ticks but for
// those in microseconds.
struct details {
	u64 bytes_acked, bytes_received, bytes_sent;
	u64 delivery_rate; // octets a second
	u32 busy, window_limited, buffer_limited;
	u32 rto, last_data_sent, last_data_received, last_ack_received;
	u32 rtt, rtt_variance, min_rtt; // us
	u32 send_mss, receive_mss, path_mtu;
	u32 unacked, sacked, total_retransmits, congestion_window, not_sent, send_window;
	u32 segments_in, segments_out;
	u32 receive_allocated, receive_buffer, send_allocated, send_buffer, forward, send_queued, option_memory, backlog, drops;
	u8 retransmits, probes, backoff, options;
	u32 unused;
};

struct detailed {
	struct socket_record socket;
	struct details details;
};

static inline s32 until(unsigned long expires) { return (s32)(u32)expires - (s32)(u32)bpf_jiffies64(); }

static inline int pending(struct timer_list *t) { return t->entry.pprev != 0; }

static inline u64 number_of(struct sock *sk)
{
	if (exists(sk->sk_ino))
		return sk->sk_ino;
	return inode_of(sk->sk_socket);
}

static inline u64 cgroup_of(struct sock *sk)
{
	if (!exists(sk->sk_cgrp_data.cgroup))
		return 0;
	struct cgroup *group = sk->sk_cgrp_data.cgroup;
	return group ? group->kn->id : 0;
}

static inline unsigned long retransmit_at(struct inet_connection_sock *c)
{
	if (exists(c->icsk_timeout))
		return c->icsk_timeout;
	return c->icsk_retransmit_timer.expires;
}

static inline struct timer_list *keepalive_of(struct inet_connection_sock *c)
{
	if (exists(c->icsk_keepalive_timer))
		return &c->icsk_keepalive_timer;
	return &c->icsk_inet.sk.sk_timer;
}

// read_timer says which timer runs, in the order of sock_diag.
static inline void read_timer(struct socket_record *r, struct inet_connection_sock *c)
{
	struct timer_list *keepalive = keepalive_of(c);
	switch (c->icsk_pending) {
	case PENDING_RETRANSMIT:
	case PENDING_LOSS_PROBE:
	case PENDING_REORDERING:
		r->timer = TIMER_RETRANSMIT;
		r->retransmits = c->icsk_retransmits;
		r->expires = until(retransmit_at(c));
		return;
	case PENDING_PROBE:
		r->timer = TIMER_PROBE;
		r->retransmits = c->icsk_probes_out;
		r->expires = until(retransmit_at(c));
		return;
	}
	if (pending(keepalive)) {
		r->timer = TIMER_KEEPALIVE;
		r->retransmits = c->icsk_probes_out;
		r->expires = until(keepalive->expires);
	}
}

static inline void read_queues(struct socket_record *r, struct tcp_sock *t)
{
	struct inet_connection_sock *c = &t->inet_conn;
	struct sock *sk = &c->icsk_inet.sk;
	if (r->state == TCP_LISTEN) {
		r->recv_queue = sk->sk_ack_backlog;
		r->send_queue = sk->sk_max_ack_backlog;
		r->syn_queue = c->icsk_accept_queue.qlen.counter;
		r->young = c->icsk_accept_queue.young.counter;
		r->defer_accept = c->icsk_accept_queue.rskq_defer_accept;
		if (sk->__sk_common.skc_family == AF_INET6)
			r->v6_only = bits(t, inet_conn.icsk_inet.sk.__sk_common.skc_ipv6only);
		return;
	}
	s32 unread = t->rcv_nxt - t->copied_seq;
	r->recv_queue = unread > 0 ? unread : 0;
	r->send_queue = t->write_seq - t->snd_una;
}

static inline void read_full(struct socket_record *r, struct tcp_sock *t, u32 uid)
{
	struct sock *sk = &t->inet_conn.icsk_inet.sk;
	r->kind = FULL;
	r->inode = number_of(sk);
	r->uid = uid;
	r->mark = sk->sk_mark;
	r->cgroup = cgroup_of(sk);
	r->shutdown = sk->sk_shutdown;
	r->user_timeout = t->inet_conn.icsk_user_timeout;
	read_timer(r, &t->inet_conn);
	read_queues(r, t);
}

static noinline void read_request(struct socket_record *r, struct tcp_request_sock *t)
{
	r->kind = REQUEST;
	r->state = TCP_SYN_RECV;
	r->timer = TIMER_RETRANSMIT;
	r->retransmits = fetch(t->req.req.num_retrans);
	r->expires = until(fetch(t->req.req.rsk_timer.expires));
	r->mark = fetch(t->req.ir_mark);
	r->timeouts = bits(t, req.req.num_timeout);
	r->cookie_sent = bits(t, req.req.syncookie);
	r->acked = bits(t, req.acked);
}

static noinline void read_time_wait(struct socket_record *r, struct inet_timewait_sock *w)
{
	r->kind = TIME_WAIT;
	r->state = fetch(w->tw_substate);
	r->timer = TIMER_TIME_WAIT;
	r->expires = until(fetch(w->tw_timer.expires));
	r->mark = fetch(w->tw_mark);
}

static inline void read_memory(struct details *d, struct sock *sk)
{
	d->receive_allocated = sk->sk_backlog.rmem_alloc.counter;
	d->receive_buffer = sk->sk_rcvbuf;
	d->send_allocated = sk->sk_wmem_alloc.refs.counter - 1;
	d->send_buffer = sk->sk_sndbuf;
	d->forward = sk->sk_forward_alloc;
	d->send_queued = sk->sk_wmem_queued;
	d->option_memory = sk->sk_omem_alloc.counter;
	d->backlog = sk->sk_backlog.len;
	d->drops = sk->sk_drops.counter;
}

// options_of are the bits of tcpi_options.
static inline u8 options_of(struct tcp_sock *t)
{
	enum { ECN = 1 << 0, ECN_SEEN = 1 << 3, ACCURATE_ECN = 1 << 4 }; // ecn_flags
	u8 seen = t->ecn_flags;
	u8 options = bits(t, rx_opt.tstamp_ok);
	options |= bits(t, rx_opt.sack_ok) ? 2 : 0;
	options |= bits(t, rx_opt.wscale_ok) << 2;
	options |= seen & (ECN | ACCURATE_ECN) ? 8 : 0;
	options |= seen & ECN_SEEN ? 16 : 0;
	options |= bits(t, syn_data_acked) << 5;
	if (exists(t->tcp_usec_ts))
		options |= bits(t, tcp_usec_ts) << 6;
	if (exists(t->syn_fastopen_child))
		options |= bits(t, syn_fastopen_child) << 7;
	return options;
}

// read_stays sums up the time with something to send, and what of it a closed
// window and a full buffer took (tcp_get_info_chrono_stats).
static inline void read_stays(struct details *d, struct tcp_sock *t, u32 now)
{
	enum { BUSY = 1, WINDOW, BUFFER };
	u32 which = bits(t, chrono_type), since = now - t->chrono_start;
	u32 busy = t->chrono_stat[0] + (which == BUSY ? since : 0);
	d->window_limited = t->chrono_stat[1] + (which == WINDOW ? since : 0);
	d->buffer_limited = t->chrono_stat[2] + (which == BUFFER ? since : 0);
	d->busy = busy + d->window_limited + d->buffer_limited;
}

static inline void read_counts(struct details *d, struct tcp_sock *t)
{
	d->unacked = t->packets_out;
	d->sacked = t->sacked_out;
	d->total_retransmits = t->total_retrans;
	s32 waiting = t->write_seq - t->snd_nxt;
	d->not_sent = waiting > 0 ? waiting : 0;
	d->send_window = t->snd_wnd;
	d->bytes_acked = t->bytes_acked;
	d->bytes_received = t->bytes_received;
	d->bytes_sent = t->bytes_sent;
	d->segments_in = t->segs_in;
	d->segments_out = t->segs_out;
	u64 interval = t->rate_interval_us, delivered = t->rate_delivered;
	if (interval && delivered)
		d->delivery_rate = delivered * t->mss_cache * 1000000 / interval;
}

static inline void read_info(struct details *d, struct tcp_sock *t)
{
	struct inet_connection_sock *c = &t->inet_conn;
	u32 now = bpf_jiffies64();
	d->retransmits = c->icsk_retransmits;
	d->probes = c->icsk_probes_out;
	d->backoff = c->icsk_backoff;
	d->options = options_of(t);
	d->rto = c->icsk_rto;
	d->send_mss = t->mss_cache;
	d->receive_mss = c->icsk_ack.rcv_mss;
	d->last_data_sent = now - t->lsndtime;
	d->last_data_received = now - c->icsk_ack.lrcvtime;
	d->last_ack_received = now - t->rcv_tstamp;
	d->path_mtu = c->icsk_pmtu_cookie;
	d->rtt = t->srtt_us >> 3;
	d->rtt_variance = t->mdev_us >> 2;
	d->min_rtt = t->rtt_min.s[0].v;
	read_stays(d, t, now);
	read_counts(d, t);
}

static noinline void read_details(struct details *d, struct tcp_sock *t)
{
	struct sock *sk = &t->inet_conn.icsk_inet.sk;
	d->congestion_window = t->snd_cwnd;
	read_memory(d, sk);
	if (sk->__sk_common.skc_state == TCP_LISTEN) {
		d->unacked = sk->sk_ack_backlog;
		d->sacked = sk->sk_max_ack_backlog;
	} else {
		read_info(d, t);
	}
}

SEC("iter/tcp")
int sockets(struct bpf_iter__tcp *ctx)
{
	struct sock_common *c = ctx->sk_common;
	if (!c)
		return 0;
	u8 state = c->skc_state;
	if (listeners_only && state != TCP_LISTEN)
		return 1; // asks for another try, which the reader does not make
	struct detailed d = {};
	struct socket_record *r = &d.socket;
	struct tcp_sock *full = 0;
	read_tuple(&r->tuple, c);
	r->state = state;
	if (state == TCP_NEW_SYN_RECV) {
		read_request(r, (struct tcp_request_sock *)c);
	} else if (state == TCP_TIME_WAIT) {
		read_time_wait(r, (struct inet_timewait_sock *)c);
	} else {
		full = bpf_skc_to_tcp_sock(c);
		if (!full)
			return 0;
		read_full(r, full, ctx->uid);
	}
	if (!(only_states >> (r->state & 31) & 1))
		return 0;
	r->device = c->skc_bound_dev_if;
	r->cookie = bpf_get_socket_cookie(c);
	if (!details) {
		bpf_seq_write(ctx->meta->seq, &d, sizeof(d.socket));
		return 0;
	}
	if (full)
		read_details(&d.details, full);
	bpf_seq_write(ctx->meta->seq, &d, sizeof(d));
	return 0;
}
