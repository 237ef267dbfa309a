// What goes wrong with TCP segments and sockets, and what only the kernel knows
// of it: segments dropped here and why, resets, segments and SYN-ACKs that are
// sent again, and errors of sockets. Everything is counted; a bounded number is
// told one by one.
#include "synoptic.h"
#include "segment.h"

// The kernel lends its helpers to compatible licences only: this folder may be used
// under the MIT licence or the GPL as well as under the repository's.
char dual_license[] SEC("license") = "Dual MIT/GPL";

// Set by the loader before the program is loaded.
const volatile u32 only_netns = 0;	// inode of a network namespace, 0: all
const volatile u32 only_states = ~0;	// bit n: what meets a socket in Linux's state n; ~0: also what meets none
const volatile u8 to_ring = 1;		// write records
const volatile u8 has_socket = 0;	// kfree_skb says for which socket it was (since 6.11)
const volatile u8 has_reason = 0;	// tcp_send_reset says why (since 6.10)
const volatile u64 wake_at = 1 << 16;	// octets in the ring that wake the reader
const volatile u64 most = 1000;		// records that a processor writes in a PERIOD

enum {
	PERIOD = 100000000,  // ns
	MAP_PERCPU_HASH = 5, // as in enum map_type
};

enum kind {
	DROP = 1,     // a segment was dropped
	RESET_SENT,
	RESET_CAME,
	SEGMENT_AGAIN,
	SYNACK_AGAIN,
	SOCKET_ERROR,
};

enum {
	OUTGOING = 1, // the segment was made here
	ROUTED = 2,   // its way was known
	PLACED = 4,   // its interface was known
	OURS = 8,     // its way leads to this host
};

// Mirrored by Mishap in mishap.go, which a test compares with this. It begins as
// struct transition does, where a filter looks at both.
struct mishap {
	u64 time;     // ns of CLOCK_MONOTONIC
	u64 sock;     // address of the sock, 0: none
	u64 cookie;   // 0: none was made
	u64 location; // of a drop: address of the kernel's code
	u64 unused;
	struct tuple tuple;
	u32 netns;
	u32 reason;   // of a drop or a reset, as the running kernel numbers them
	u32 mark;
	u32 device;   // that the segment came from
	u16 error;    // sk_err
	u8 kind;
	u8 state;     // Linux's number, 0: no socket is known
	u8 flags;     // of the segment's header, 0: not known
	u8 way;
	u16 length;   // of its text
};

struct {
	number(type, MAP_RINGBUF);
	number(max_entries, 1 << 20);
} events SEC(".maps");

// Mirrored by mishapKey in mishap.go, which a test compares with this.
struct key {
	u32 netns;
	u32 reason;
	u8 kind;
	u8 state;
	u8 flags; // SYN, ACK, FIN and RST only
	u8 way;
	u16 error;
	u16 unused;
};

struct {
	number(type, MAP_PERCPU_HASH);
	number(map_flags, F_NO_PREALLOC);
	number(max_entries, 4096);
	type(key, struct key);
	type(value, u64);
} counts SEC(".maps");

// Counters of what was not told: no room in the ring, more than most, no room
// among the counts.
enum { LOST, LEFT_OUT, UNCOUNTED, COUNTERS };
struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, COUNTERS);
	type(key, u32);
	type(value, u64);
} counters SEC(".maps");

struct budget {
	u64 begin;
	u64 told;
};
struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, 1);
	type(key, u32);
	type(value, struct budget);
} budgets SEC(".maps");

static inline void not_told(u32 which)
{
	u64 *n = bpf_map_lookup_elem(&counters, &which);
	if (n)
		*n += 1;
}

static inline void count(struct mishap *m)
{
	struct key key = {
		.netns = m->netns, .reason = m->reason, .kind = m->kind, .state = m->state,
		.flags = m->flags & (FIN | SYN | RST | ACK), .way = m->way, .error = m->error,
	};
	u64 one = 1, *n = bpf_map_lookup_elem(&counts, &key);
	if (n)
		*n += 1;
	else if (bpf_map_update_elem(&counts, &key, &one, 0))
		not_told(UNCOUNTED);
}

// allowed keeps a flood of drops from becoming a flood of records.
static inline int allowed(struct mishap *m)
{
	u32 first = 0;
	struct budget *b = bpf_map_lookup_elem(&budgets, &first);
	if (!b)
		return 0;
	if (m->time - b->begin >= PERIOD) {
		b->begin = m->time;
		b->told = 0;
	}
	return b->told++ < most;
}

// selected is replaced by the loader with the user's filter; as it stands it
// selects everything. The assembly keeps the compiler from knowing that.
static noinline int selected(struct mishap *m)
{
	int yes;
	asm volatile("%0 = 1" : "=r"(yes) : "r"(m) : "memory");
	return yes;
}

static noinline void tell(struct mishap *m)
{
	if (only_netns && m->netns != only_netns)
		return;
	if (only_states != ~0U && (!m->state || !(only_states >> (m->state & 15) & 1)))
		return;
	if (!selected(m))
		return;
	m->time = bpf_ktime_get_ns();
	count(m);
	if (!to_ring)
		return;
	if (!allowed(m)) {
		not_told(LEFT_OUT);
		return;
	}
	u64 flags = bpf_ringbuf_query(&events, RB_AVAIL_DATA) >= wake_at ? RB_FORCE_WAKEUP : RB_NO_WAKEUP;
	if (bpf_ringbuf_output(&events, m, sizeof(*m), flags))
		not_told(LOST);
}

// meet notes the socket, which may be a minisocket: only what all have is read.
static inline void meet(struct mishap *m, struct sock *sk)
{
	m->sock = (u64)sk;
	m->cookie = sk->__sk_common.skc_cookie.counter;
	m->state = sk->__sk_common.skc_state;
}

static inline u32 netns_of(struct sock *sk)
{
	return sk->__sk_common.skc_net.net->ns.inum;
}

// about fills in what a full socket knows of itself.
static noinline void about(struct mishap *m, struct sock *sk)
{
	meet(m, sk);
	m->netns = netns_of(sk);
	m->mark = sk->sk_mark;
	m->device = sk->__sk_common.skc_bound_dev_if;
	read_tuple(&m->tuple, &sk->__sk_common);
}

// Resets and errors that end a socket are reported when it is over: the state
// that it was in is the one that it left last. A softirq may end its other end
// meanwhile, so that a processor remembers some.
enum { ENDINGS = 16 };
struct ending {
	u64 sock;
	u32 state;
	u32 remote_port; // network byte order; shutdown of a connection forgets it
};
struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, ENDINGS);
	type(key, u32);
	type(value, struct ending);
} endings SEC(".maps");

static inline struct ending *ending_of(struct sock *sk)
{
	u64 address = 0; // a number that may be reckoned with
	bpf_probe_read_kernel(&address, sizeof(address), &sk);
	u32 at = address >> 11 & (ENDINGS - 1); // a tcp_sock has more than 2,048 octets
	return bpf_map_lookup_elem(&endings, &at);
}

// look_back puts the state before its end into what is told of a socket.
static inline void look_back(struct mishap *m, struct sock *sk)
{
	struct ending *e = ending_of(sk);
	if (!e || e->sock != m->sock || m->state != TCP_CLOSE)
		return;
	m->state = e->state;
	if (!m->tuple.remote_port)
		m->tuple.remote_port = order16(e->remote_port);
}

// port_of_closed: who was closed has given the port back, and only the header
// template still knows it.
static inline u16 port_of_closed(struct sock *sk)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	return tp ? order16(tp->inet_conn.icsk_inet.inet_sport) : 0;
}

// note fills in what a segment tells.
static noinline int note(struct mishap *m, struct sk_buff *skb)
{
	struct segment s = {};
	if (!read_segment(&s, skb))
		return 0;
	m->flags = s.flags;
	m->length = s.length;
	m->mark = skb->mark;
	m->device = skb->skb_iif;
	m->way = m->device ? 0 : OUTGOING;
	place(&m->tuple, &s, m->way & OUTGOING);
	return 1;
}

// where finds out how far a segment had come, and in which namespace: one that
// was made here may have no interface yet.
static inline void where(struct mishap *m, struct sk_buff *skb, struct sock *sk)
{
	struct net_device *out = output_device(skb), *dev = skb->dev;
	if (out)
		m->way |= ROUTED | (leads_here(skb, m->tuple.family) ? OURS : 0);
	if (!(m->way & OUTGOING)) {
		m->netns = dev->nd_net.net->ns.inum;
		return;
	}
	if (out && dev == out)
		m->way |= PLACED;
	m->netns = sk ? netns_of(sk) : device_netns(out);
}

SEC("tp_btf/kfree_skb")
int drop(u64 *ctx)
{
	struct sk_buff *skb = (struct sk_buff *)ctx[0];
	struct mishap m = { .kind = DROP, .location = ctx[1], .reason = ctx[2] };
	if (!note(&m, skb))
		return 0;
	struct sock *sk = 0;
	if (has_socket)
		sk = (struct sock *)ctx[3];
	struct sock *own = skb->sk;
	where(&m, skb, own);
	if (sk)
		meet(&m, sk);
	else if (own)
		meet(&m, own);
	tell(&m);
	return 0;
}

SEC("tp_btf/tcp_send_reset")
int send_reset(u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	struct sk_buff *skb = (struct sk_buff *)ctx[1];
	struct mishap m = { .kind = RESET_SENT };
	if (has_reason)
		m.reason = ctx[2];
	if (skb) { // that it answers
		if (!note(&m, skb))
			return 0;
		m.netns = skb->dev->nd_net.net->ns.inum;
		if (sk)
			meet(&m, sk);
	} else if (sk) {
		about(&m, sk);
		look_back(&m, sk);
		m.way = OUTGOING;
		if (!m.tuple.local_port)
			m.tuple.local_port = port_of_closed(sk);
	}
	tell(&m);
	return 0;
}

SEC("tp_btf/tcp_receive_reset")
int reset_came(u64 *ctx)
{
	struct mishap m = { .kind = RESET_CAME };
	about(&m, (struct sock *)ctx[0]);
	tell(&m);
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int segment_again(u64 *ctx)
{
	struct mishap m = { .kind = SEGMENT_AGAIN, .way = OUTGOING };
	about(&m, (struct sock *)ctx[0]);
	tell(&m);
	return 0;
}

SEC("tp_btf/tcp_retransmit_synack")
int synack_again(u64 *ctx)
{
	struct request_sock *r = (struct request_sock *)ctx[1];
	struct mishap m = { .kind = SYNACK_AGAIN, .way = OUTGOING, .flags = SYN | ACK };
	struct sock_common *c = &r->__req_common;
	m.sock = (u64)r;
	m.cookie = c->skc_cookie.counter;
	m.state = TCP_NEW_SYN_RECV;
	m.netns = c->skc_net.net->ns.inum;
	m.device = c->skc_bound_dev_if;
	read_tuple(&m.tuple, c);
	tell(&m);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int ends(u64 *ctx)
{
	struct ending *e = ctx[2] == TCP_CLOSE ? ending_of((struct sock *)ctx[0]) : 0;
	if (e) {
		e->sock = ctx[0];
		e->state = ctx[1];
		e->remote_port = ((struct sock *)ctx[0])->__sk_common.skc_dport;
	}
	return 0;
}

SEC("tp_btf/inet_sk_error_report")
int socket_error(u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	struct mishap m = { .kind = SOCKET_ERROR, .error = sk->sk_err };
	if (sk->sk_protocol != IPPROTO_TCP || !m.error) // the error was taken meanwhile
		return 0;
	about(&m, sk);
	look_back(&m, sk);
	if (!m.tuple.local_port)
		m.tuple.local_port = port_of_closed(sk);
	tell(&m);
	return 0;
}
