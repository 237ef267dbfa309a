// How many TCP sockets of one network namespace are in each state, and which
// listener took them: summed up while the kernel walks over them, so that nothing
// but the sums leaves it.
#include "synoptic.h"

// The kernel lends its helpers to compatible licences only: this folder may be used
// under the MIT licence or the GPL as well as under the repository's.
char dual_license[] SEC("license") = "Dual MIT/GPL";

// Set by the loader before the program is loaded.
const volatile u8 by_listener = 0;

// A cell for each of Linux's states, where NEW_SYN_RECV is a request and
// TIME_WAIT a minisocket, and one for minisockets in FIN_WAIT2.
enum {
	WAITING_ORPHAN = 13,
	CELLS = 16,
};

struct place {
	u32 address[4];
	u16 port;
	u16 family;
};

struct sums {
	u64 cells[CELLS];
	u64 v6_only;
};

struct {
	number(type, MAP_HASH);
	number(map_flags, F_NO_PREALLOC);
	number(max_entries, 1 << 16);
	type(key, struct place);
	type(value, struct sums);
} listeners SEC(".maps");

// Only the one reader runs the program, so nothing is added to twice at once.
u64 others[CELLS];    // what no listener took
u64 too_many;	      // listeners, for the map
static const struct sums nothing;

static inline u8 cell_of(struct sock_common *c)
{
	u8 state = c->skc_state;
	if (state == TCP_TIME_WAIT && fetch(((struct inet_timewait_sock *)c)->tw_substate) == TCP_FIN_WAIT2)
		return WAITING_ORPHAN;
	return state;
}

// listening finds the sums of a listener, and begins them.
static inline struct sums *listening(struct sock_common *c, struct place *at)
{
	struct sums *found = bpf_map_lookup_elem(&listeners, at);
	if (found)
		return found;
	bpf_map_update_elem(&listeners, at, &nothing, 0);
	found = bpf_map_lookup_elem(&listeners, at);
	if (!found)
		too_many++;
	else if (at->family == AF_INET6)
		found->v6_only = bits(c, skc_ipv6only);
	return found;
}

static inline void forget(struct place *at)
{
	at->address[0] = at->address[1] = at->address[2] = at->address[3] = 0;
}

// taken_by finds the listener that a connection came in through, as the kernel
// does: its own address, any of its family, any of IPv6.
static inline struct sums *taken_by(struct place *at)
{
	struct sums *found = bpf_map_lookup_elem(&listeners, at);
	if (found)
		return found;
	forget(at);
	found = bpf_map_lookup_elem(&listeners, at);
	if (found || at->family == AF_INET6)
		return found;
	at->family = AF_INET6;
	found = bpf_map_lookup_elem(&listeners, at);
	return found && !found->v6_only ? found : 0;
}

SEC("iter/tcp")
int counts(struct bpf_iter__tcp *ctx)
{
	struct sock_common *c = ctx->sk_common;
	if (!c)
		return 0;
	u32 cell = cell_of(c) & (CELLS - 1);
	struct sums *sums = 0;
	if (by_listener) {
		struct tuple t = {};
		read_tuple(&t, c);
		struct place at = {.port = t.local_port, .family = t.family};
		__builtin_memcpy(at.address, t.local, sizeof(at.address));
		sums = c->skc_state == TCP_LISTEN ? listening(c, &at) : taken_by(&at);
	}
	if (sums)
		sums->cells[cell]++;
	else
		others[cell]++;
	return 0;
}
