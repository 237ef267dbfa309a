// What the programs of this folder need to know about the kernel: the fields
// that they read, and the helpers that they call. Offsets are not meant to be
// right: preserve_access_index lets the loader fit them to the running kernel
// (CO-RE), by the names of structures and fields. No other header is needed.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

#define SEC(name) __attribute__((section(name), used))
#define noinline __attribute__((noinline))
#define inline __attribute__((always_inline)) inline

// A map is described by the types of a variable's members, in its BTF.
#define number(name, value) int(*name)[value]
#define type(name, value) typeof(value) *name

enum map_type {
	MAP_HASH = 1,
	MAP_PERCPU_ARRAY = 6,
	MAP_RINGBUF = 27,
};

enum {
	F_NO_PREALLOC = 1,	   // BPF_F_NO_PREALLOC
	RB_NO_WAKEUP = 1,	   // BPF_RB_NO_WAKEUP
	RB_FORCE_WAKEUP = 2,	   // BPF_RB_FORCE_WAKEUP
	RB_AVAIL_DATA = 0,	   // BPF_RB_AVAIL_DATA

	AF_INET = 2,
	AF_INET6 = 10,
	IPPROTO_TCP = 6,
	IPPROTO_MPTCP = 262,
	PF_KTHREAD = 0x00200000,

	// include/net/tcp_states.h
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT = 2,
	TCP_SYN_RECV = 3,
	TCP_FIN_WAIT1 = 4,
	TCP_FIN_WAIT2 = 5,
	TCP_TIME_WAIT = 6,
	TCP_CLOSE = 7,
	TCP_LISTEN = 10,
	TCP_CLOSING = 11,
	TCP_NEW_SYN_RECV = 12,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	u32 inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr {
	union {
		u32 u6_addr32[4];
	} in6_u;
};

typedef struct {
	s64 counter;
} atomic64_t;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	atomic_t refs;
} refcount_t;

struct hlist_node {
	struct hlist_node **pprev;
};

struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
};

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	volatile u8 skc_state;
	u8 skc_ipv6only : 1;
	int skc_bound_dev_if;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	unsigned long skc_flags;
};

struct inode {
	unsigned long i_ino;
};

struct file;
struct sock;

struct socket {
	struct sock *sk;
};

struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

typedef struct {
	int owned;
} socket_lock_t;

struct kernfs_node {
	u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct sock_cgroup_data {
	struct cgroup *cgroup; // Linux 5.15
};

struct sock {
	struct sock_common __sk_common;
	socket_lock_t sk_lock;
	struct {
		atomic_t rmem_alloc;
		int len;
	} sk_backlog;
	atomic_t sk_drops;
	atomic_t sk_omem_alloc;
	refcount_t sk_wmem_alloc;
	int sk_rcvbuf;
	int sk_sndbuf;
	int sk_forward_alloc;
	int sk_wmem_queued;
	u16 sk_protocol;
	u8 sk_shutdown;
	u32 sk_mark;
	u32 sk_ack_backlog;
	u32 sk_max_ack_backlog;
	int sk_err;
	unsigned long sk_ino; // Linux 6.18
	struct socket *sk_socket;
	struct timer_list sk_timer;
	struct sock_cgroup_data sk_cgrp_data;
};

struct inet_sock {
	struct sock sk;
	u16 inet_sport;
};

struct request_sock_queue {
	u8 rskq_defer_accept;
	atomic_t qlen;
	atomic_t young;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct request_sock_queue icsk_accept_queue;
	unsigned long icsk_timeout;		  // before Linux 6.18
	struct timer_list icsk_retransmit_timer;  // since: its expires is the timeout
	struct timer_list icsk_keepalive_timer;	  // since: before, sk_timer of the sock
	u32 icsk_rto;
	u32 icsk_pmtu_cookie;
	u8 icsk_retransmits;
	u8 icsk_pending;
	u8 icsk_backoff;
	u8 icsk_probes_out;
	struct {
		u16 rcv_mss;
		u32 lrcvtime;
	} icsk_ack;
	u32 icsk_user_timeout;
};

struct minmax_sample {
	u32 t;
	u32 v;
};

struct minmax {
	struct minmax_sample s[3];
};

struct tcp_options_received {
	u16 tstamp_ok : 1;
	u16 wscale_ok : 1;
	u16 sack_ok : 3;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	struct tcp_options_received rx_opt;
	struct minmax rtt_min;
	u64 bytes_acked;
	u64 bytes_received;
	u64 bytes_sent;
	u32 srtt_us;
	u32 mdev_us;
	u32 rcv_nxt;
	u32 copied_seq;
	u32 write_seq;
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_wnd;
	u32 snd_cwnd;
	u32 mss_cache;
	u32 packets_out;
	u32 sacked_out;
	u32 total_retrans;
	u32 segs_in;
	u32 segs_out;
	u32 lsndtime;
	u32 rcv_tstamp;
	u32 rate_delivered;
	u32 rate_interval_us;
	u32 chrono_start;
	u32 chrono_stat[3];
	u32 chrono_type : 2; // a whole octet since Linux 6.10
	u8 ecn_flags;
	u8 syn_data_acked : 1;
	u8 syn_fastopen_child : 1; // Linux 5.7
	u8 tcp_usec_ts : 1;	   // Linux 6.7
};

struct request_sock {
	struct sock_common __req_common;
	u8 num_retrans;
	u8 syncookie : 1;
	u8 num_timeout : 7;
	struct timer_list rsk_timer;
};

struct inet_request_sock {
	struct request_sock req;
	u16 acked : 1;
	u32 ir_mark;
};

struct tcp_request_sock {
	struct inet_request_sock req;
	u64 snt_synack;
};

struct inet_timewait_sock {
	struct sock_common __tw_common;
	u32 tw_mark;
	volatile u8 tw_substate;
	struct timer_list tw_timer;
};

struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
	u32 uid;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

struct task_struct {
	int tgid;
	u32 flags;
	struct task_struct *group_leader;
	char comm[16];
};

#pragma clang attribute pop

enum sock_flags {
	SOCK_DEAD,
	SOCK_DONE,
};

// The helpers, by their numbers in include/uapi/linux/bpf.h.
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static long (*bpf_map_update_elem)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*bpf_map_delete_elem)(void *map, const void *key) = (void *)3;
static u64 (*bpf_ktime_get_ns)(void) = (void *)5;
static u64 (*bpf_jiffies64)(void) = (void *)118;
static long (*bpf_get_current_comm)(void *buf, u32 size) = (void *)16;
static u64 (*bpf_get_socket_cookie)(void *sk) = (void *)46;
static long (*bpf_seq_write)(void *seq, const void *data, u32 len) = (void *)127;
static long (*bpf_ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static u64 (*bpf_ringbuf_query)(void *ring, u64 flags) = (void *)134;
static struct tcp_sock *(*bpf_skc_to_tcp_sock)(void *sk) = (void *)137;
static struct tcp_timewait_sock *(*bpf_skc_to_tcp_timewait_sock)(void *sk) = (void *)138;
static long (*bpf_probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*bpf_probe_read_kernel_str)(void *to, u32 size, const void *from) = (void *)115;
static struct task_struct *(*bpf_get_current_task_btf)(void) = (void *)158;
static struct socket *(*bpf_sock_from_file)(struct file *file) = (void *)162;

// has tells whether a flag of a sock is set; the bit is the running kernel's.
#define has(sk, flag) \
	((sk)->__sk_common.skc_flags >> __builtin_preserve_enum_value(*(enum sock_flags *)flag, 1) & 1)

// fetch reads a field of a request or a minisocket. The helpers that make typed
// pointers of them know TCP's own sockets only, and not the parts of MPTCP
// connections, which listeners of Go programs and all that comes of them are.
#define fetch(field) ({ \
	typeof(field) fetched = 0; \
	bpf_probe_read_kernel((void *)&fetched, sizeof(fetched), (const void *)&(field)); \
	fetched; \
})

// exists tells whether the running kernel has a field.
#define exists(field) __builtin_preserve_field_info(field, 2)

// bits reads a bit field, wherever the running kernel keeps it. s must come from a
// helper or the context: the compiler counts the offset from where a pointer began.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRST_OCTET(size) 0
#else
#define FIRST_OCTET(size) (8 - (size))
#endif
#define bits(s, field) ({ \
	u64 whole = 0; \
	u32 size = __builtin_preserve_field_info((s)->field, 1); \
	bpf_probe_read_kernel((char *)&whole + FIRST_OCTET(size), size, \
			      (const char *)(s) + __builtin_preserve_field_info((s)->field, 0)); \
	whole << __builtin_preserve_field_info((s)->field, 4) >> __builtin_preserve_field_info((s)->field, 5); \
})

// inode_of is the number by which /proc and sock_diag know a socket, 0 without
// one. The parts of an MPTCP connection have the number of the whole, and no
// file.
static inline u64 inode_of(struct socket *socket)
{
	struct socket_alloc *a = (struct socket_alloc *)socket;
	unsigned long number = 0;
	if (a)
		bpf_probe_read_kernel(&number, sizeof(number), &a->vfs_inode.i_ino);
	return number;
}

// order turns a number of the network around where the machine needs it.
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define order16(x) __builtin_bswap16(x)
#define order32(x) __builtin_bswap32(x)
#else
#define order16(x) (x)
#define order32(x) (x)
#endif

// tuple is both ends of a connection, in 40 octets.
struct tuple {
	u32 local[4];  // network byte order; IPv4 in the first word
	u32 remote[4];
	u16 local_port; // of this machine's byte order
	u16 remote_port;
	u16 family; // IPv4-mapped is AF_INET
	u16 unused;
};

static inline int mapped(struct in6_addr *a)
{
	return a->in6_u.u6_addr32[0] == 0 && a->in6_u.u6_addr32[1] == 0 && a->in6_u.u6_addr32[2] == order32(0xffff);
}

static inline void copy(u32 *to, struct in6_addr *a)
{
	to[0] = a->in6_u.u6_addr32[0];
	to[1] = a->in6_u.u6_addr32[1];
	to[2] = a->in6_u.u6_addr32[2];
	to[3] = a->in6_u.u6_addr32[3];
}

// read_tuple reads both ends. An IPv6 socket with an IPv4 peer is IPv4.
static inline void read_tuple(struct tuple *t, struct sock_common *c)
{
	t->local_port = c->skc_num;
	t->remote_port = order16(c->skc_dport);
	t->family = c->skc_family;
	if (t->family == AF_INET6 && !mapped(&c->skc_v6_rcv_saddr) && !mapped(&c->skc_v6_daddr)) {
		copy(t->local, &c->skc_v6_rcv_saddr);
		copy(t->remote, &c->skc_v6_daddr);
		return;
	}
	t->family = AF_INET;
	t->local[0] = c->skc_rcv_saddr;
	t->remote[0] = c->skc_daddr;
}
