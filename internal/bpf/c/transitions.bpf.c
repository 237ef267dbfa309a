// Every change of state of a full TCP socket, from the tracepoint
// inet_sock_set_state: filtered, written to a ring buffer, or summed up in a
// matrix of transitions with the time spent in each state.
#include "synoptic.h"

// The kernel lends its helpers to compatible licences only: this folder may be used
// under the MIT licence or the GPL as well as under the repository's.
char dual_license[] SEC("license") = "Dual MIT/GPL";

// Set by the loader before the program is loaded.
const volatile u32 only_netns = 0;	// inode of a network namespace, 0: all
const volatile u32 only_states = ~0;	// bit n: what leaves or enters Linux's state n
const volatile u8 to_ring = 1;		// write records
const volatile u8 to_matrix = 0;	// sum up
const volatile u8 keep_time = 1;	// know the time in a state; else the reader must
const volatile u8 filtered = 0;		// the loader has replaced selected()
const volatile u64 timed_whole = 1 << 12; // sockets a processor of which each is timed
const volatile u64 wake_at = 1 << 16;	// octets in the ring that wake the reader
const volatile u64 sample_at = ~0ULL;	// octets in the ring from which on only some sockets are told of

// One of eight sockets is told of when the reader falls behind.
enum { SAMPLED = 8 };

// Mirrored by Transition in record.go, which a test compares with this.
struct transition {
	u64 time;      // ns of CLOCK_MONOTONIC
	u64 sock;      // address of the sock: identity until it is freed
	u64 cookie;    // SO_COOKIE
	u64 dwell;     // ns in the state that was left, 0: not known
	u64 inode;     // 0: no descriptor holds it
	struct tuple tuple;
	u32 netns;
	u32 pid;       // who makes the system call, 0: nobody
	u32 mark;
	u32 device;
	u16 error;     // sk_err
	u8 from;       // Linux's numbers
	u8 to;
	u8 orphan;     // no descriptor holds it any more
	u8 reset;      // a RST came
	char comm[16]; // of pid
	u8 unused[2];
};

struct {
	number(type, MAP_RINGBUF);
	number(max_entries, 1 << 23);
} events SEC(".maps");

// When the last transition of a socket was, by the address of its sock. Only
// filled where the reader cannot keep account itself.
struct {
	number(type, MAP_HASH);
	number(map_flags, F_NO_PREALLOC);
	number(max_entries, 1 << 20);
	type(key, u64);
	type(value, u64);
} since SEC(".maps");

// Beyond timed_whole only one of so many sockets is timed: to keep account of all
// costs more than all else that is done for a transition.
enum { TIMED_SHARE = 16, MAP_ARRAY = 2 };

// How many sockets were timed on this processor, and the address of the one at
// hand: the verifier lets nobody reckon with a pointer that was not stored.
struct timed {
	u64 sockets;
	volatile u64 address;
};
struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, 1);
	type(key, u32);
	type(value, struct timed);
} timed SEC(".maps");

// Whether a share is timed, on all processors: a socket that one of them passed
// over would have a wrong time on the next. It never becomes 0 again.
struct {
	number(type, MAP_ARRAY);
	number(max_entries, 1);
	type(key, u32);
	type(value, u64);
} share SEC(".maps");

// The sock that got the last RST on this processor: its end follows at once.
struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, 1);
	type(key, u32);
	type(value, u64);
} resets SEC(".maps");

// Counters of what was not told.
enum { LOST, SAMPLED_OUT, COUNTERS };
struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, COUNTERS);
	type(key, u32);
	type(value, u64);
} counters SEC(".maps");

// The matrix: for each pair of states a histogram of the time in the first.
// Cell 0 counts times that are not known, cell n > 0 those with
// BUCKETS_PER_OCTAVE cells an octave, beginning with 2^LEAST_OCTAVE ns.
enum {
	STATES = 16,
	BUCKETS_PER_OCTAVE = 4,
	LEAST_OCTAVE = 8,
	MOST_OCTAVE = 47,
	CELLS = 1 + (MOST_OCTAVE - LEAST_OCTAVE) * BUCKETS_PER_OCTAVE,
};
struct {
	number(type, MAP_PERCPU_ARRAY);
	number(max_entries, STATES *STATES *CELLS);
	type(key, u32);
	type(value, u64);
} matrix SEC(".maps");

static inline void count(u32 which)
{
	u64 *n = bpf_map_lookup_elem(&counters, &which);
	if (n)
		*n += 1;
}

// octave is the position of the highest bit.
static inline u32 octave(u64 v)
{
	u32 n = 0;
	for (u32 step = 32; step; step >>= 1) {
		if (v >> step) {
			v >>= step;
			n += step;
		}
	}
	return n;
}

static inline u32 cell(u64 dwell)
{
	if (dwell == 0)
		return 0;
	if (dwell < 1ULL << LEAST_OCTAVE)
		return 1;
	u32 n = octave(dwell);
	if (n >= MOST_OCTAVE)
		return CELLS - 1;
	u32 quarter = dwell >> (n - 2) & 3;
	return 1 + (n - LEAST_OCTAVE) * BUCKETS_PER_OCTAVE + quarter;
}

static inline void sum_up(struct transition *t)
{
	if (t->from == t->to) // a minisocket takes over, and nothing else changes
		return;
	u32 key = ((t->from & (STATES - 1)) * STATES + (t->to & (STATES - 1))) * CELLS + cell(t->dwell);
	u64 *n = bpf_map_lookup_elem(&matrix, &key);
	if (n)
		*n += 1;
}

// selected is replaced by the loader with the user's filter; as it stands it
// selects everything. The assembly keeps the compiler from knowing that.
static noinline int selected(struct transition *t)
{
	int yes;
	asm volatile("%0 = 1" : "=r"(yes) : "r"(t) : "memory");
	return yes;
}

// read_ends reads the tuple. A socket that was closed has given its port back,
// and only its header template still knows it. One that begins to connect has
// none yet: that is chosen a moment later.
static inline void read_ends(struct tuple *t, struct sock *sk)
{
	read_tuple(t, &sk->__sk_common);
	if (t->local_port)
		return;
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	if (tp)
		t->local_port = order16(tp->inet_conn.icsk_inet.inet_sport);
}

// read_caller notes who makes a system call on the socket. In softirq, where
// packets come and timers fire, the current task is anybody; there the socket
// is locked without being owned.
static inline void read_caller(struct transition *t, struct sock *sk)
{
	if (!sk->sk_lock.owned)
		return;
	struct task_struct *task = bpf_get_current_task_btf();
	if (task->flags & PF_KTHREAD)
		return;
	t->pid = task->tgid;
	bpf_get_current_comm(t->comm, sizeof(t->comm));
}

// is_timed tells whether account is kept of a socket, by its address alone.
static inline int is_timed(struct transition *t)
{
	u32 key = 0;
	u64 *begun = bpf_map_lookup_elem(&share, &key);
	if (!begun || !*begun)
		return 1;
	struct timed *here = bpf_map_lookup_elem(&timed, &key);
	if (!here)
		return 1;
	here->address = t->sock;
	return here->address * 0x9e3779b97f4a7c15ULL < ~0ULL / TIMED_SHARE;
}

// note_timed counts a socket of which account is kept from now on.
static inline void note_timed(void)
{
	u32 key = 0;
	struct timed *here = bpf_map_lookup_elem(&timed, &key);
	if (!here || ++here->sockets < timed_whole)
		return;
	u64 *begun = bpf_map_lookup_elem(&share, &key);
	if (begun && !*begun)
		*begun = 1;
}

// keep_account returns the time in the state that is left, and starts that of the
// next one.
static inline u64 keep_account(struct transition *t)
{
	u64 key = t->sock, spent = 0, *last = 0;
	if (to_matrix && !is_timed(t))
		return 0;
	if (t->from != TCP_CLOSE) // else it begins, and what stands there is another socket's
		last = bpf_map_lookup_elem(&since, &key);
	if (last)
		spent = t->time - *last;
	if (t->to == TCP_CLOSE)
		bpf_map_delete_elem(&since, &key);
	else if (last)
		*last = t->time;
	else if (!bpf_map_update_elem(&since, &key, &t->time, 0) && to_matrix)
		note_timed();
	return spent;
}

// dwell returns the time in the state that is left. The child of a listener was
// in none; a half-open connection has lasted as long as the SYN-ACK took to be
// acknowledged.
static inline u64 dwell(struct transition *t, struct sock *sk)
{
	if (to_matrix && !keep_time) // only how often
		return 0;
	u64 spent = keep_time ? keep_account(t) : 0;
	if (t->from == TCP_LISTEN && t->to == TCP_SYN_RECV)
		return 0;
	if (t->from != TCP_SYN_RECV || t->to != TCP_ESTABLISHED)
		return spent;
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	return tp && tp->srtt_us ? (u64)(tp->srtt_us >> 3) * 1000 : spent;
}

// was_reset tells whether a RST ended the socket. Whatever ends next on this
// processor settles it: an address that stayed would meet another socket there.
static inline int was_reset(struct transition *t)
{
	u32 key = 0;
	u64 *sock = t->to == TCP_CLOSE ? bpf_map_lookup_elem(&resets, &key) : 0;
	if (!sock)
		return 0;
	int same = *sock == t->sock;
	*sock = 0;
	return same;
}

// successor is the state that a connection goes on in when its socket becomes
// TCP_CLOSE because a minisocket takes over. Only FIN-WAIT-2 and CLOSING end so,
// without an error; the peer's FIN decides what the minisocket is in.
static inline u8 successor(struct transition *t, struct sock *sk)
{
	if (t->to != TCP_CLOSE || t->error || t->reset)
		return t->to;
	if (t->from == TCP_CLOSING && !sk->sk_lock.owned)
		return TCP_TIME_WAIT;
	if (t->from != TCP_FIN_WAIT2)
		return t->to;
	if (has(sk, SOCK_DONE))
		return TCP_TIME_WAIT;
	return t->orphan ? TCP_FIN_WAIT2 : t->to;
}

static inline void tell(struct transition *t)
{
	u64 waiting = bpf_ringbuf_query(&events, RB_AVAIL_DATA);
	if (waiting > sample_at && t->cookie % SAMPLED) {
		count(SAMPLED_OUT);
		return;
	}
	u64 flags = waiting >= wake_at ? RB_FORCE_WAKEUP : RB_NO_WAKEUP;
	if (bpf_ringbuf_output(&events, t, sizeof(*t), flags))
		count(LOST);
}

// see returns whether the transition is wanted, as far as its states say.
static inline int see(struct transition *t, struct sock *sk)
{
	t->dwell = dwell(t, sk);
	t->error = sk->sk_err;
	t->orphan = has(sk, SOCK_DEAD);
	t->to = successor(t, sk);
	u32 both = 1 << (t->from & (STATES - 1)) | 1 << (t->to & (STATES - 1));
	return (only_states & both) != 0;
}

SEC("tp_btf/inet_sock_set_state")
int set_state(u64 *ctx)
{
	struct sock *sk = (struct sock *)ctx[0];
	u32 from = ctx[1], to = ctx[2];

	// close() after shutdown() sets a state that the socket is in
	if (sk->sk_protocol != IPPROTO_TCP || from == to)
		return 0;
	struct transition t = {
		.time = bpf_ktime_get_ns(),
		.sock = (u64)sk,
		.from = from,
		.to = to,
		.netns = sk->__sk_common.skc_net.net->ns.inum,
	};
	t.reset = was_reset(&t); // in every namespace
	if (only_netns && t.netns != only_netns)
		return 0;
	if (!see(&t, sk))
		return 0;
	if (to_ring || filtered) {
		read_ends(&t.tuple, sk);
		t.mark = sk->sk_mark;
		t.device = sk->__sk_common.skc_bound_dev_if;
	}
	if (filtered && !selected(&t))
		return 0;
	if (to_matrix)
		sum_up(&t);
	if (!to_ring)
		return 0;
	t.cookie = bpf_get_socket_cookie(sk);
	t.inode = inode_of(sk->sk_socket);
	read_caller(&t, sk);
	tell(&t);
	return 0;
}

// An error alone may also come from an ICMP message.
SEC("tp_btf/tcp_receive_reset")
int receive_reset(u64 *ctx)
{
	u32 key = 0;
	u64 *sock = bpf_map_lookup_elem(&resets, &key);
	if (sock)
		*sock = ctx[0];
	return 0;
}
