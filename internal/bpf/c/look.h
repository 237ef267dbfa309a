// A question that user space puts to the kernel by a test run: what listens
// there?
#pragma once
#include "guard.h"

enum { SOCK_RCVBUF_LOCK = 2 }; // include/net/sock.h

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

// The loader takes what stands behind a name's ___ off.
struct sock___look {
	int sk_rcvbuf;
	u8 sk_userlocks : 4;
};

struct tcp_sock___look {
	u8 is_mptcp : 1;
};

#pragma clang attribute pop

// The frame of the test run is the question, and then the answer. Mirrored by lookRecord in guard_look_linux.go.
struct look {
	u32 address[4]; // network order; IPv4 in the first word
	u16 port;	// network order
	u16 family;
	u32 found;
	u32 mptcp;
	u32 buffer; // SO_RCVBUF, if the program set it
};

// own_bits reads a bit field where the running kernel has it (bpf_core_read.h of
// libbpf explains the numbers).
#define own_bits(of, field) \
	({ \
		u64 value = 0; \
		if (__builtin_preserve_field_info((of)->field, 2)) { \
			void *p = (void *)(of) + __builtin_preserve_field_info((of)->field, 0); \
			switch (__builtin_preserve_field_info((of)->field, 1)) { \
			case 1: \
				value = *(u8 *)p; \
				break; \
			case 2: \
				value = *(u16 *)p; \
				break; \
			case 4: \
				value = *(u32 *)p; \
				break; \
			case 8: \
				value = *(u64 *)p; \
				break; \
			} \
			value = value << __builtin_preserve_field_info((of)->field, 4) >> __builtin_preserve_field_info((of)->field, 5); \
		} \
		value; \
	})

SEC("xdp")
int guard_look(struct xdp_md *ctx)
{
	struct look *l = (void *)(long)ctx->data;
	struct bpf_sock *found;
	if ((void *)(l + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	if (l->family == AF_INET6) {
		struct tuple6 t = {{}, {l->address[0], l->address[1], l->address[2], l->address[3]}, 0, l->port};
		found = bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
	} else {
		struct tuple4 t = {0, l->address[0], 0, l->port};
		found = bpf_skc_lookup_tcp(ctx, &t, sizeof(t), CURRENT_NETNS, 0);
	}
	if (!found)
		return XDP_PASS;
	struct tcp_sock *tcp = found->state == TCP_LISTEN ? bpf_skc_to_tcp_sock(found) : 0;
	if (tcp) {
		struct sock___look *sk = (void *)tcp;
		l->found = 1;
		l->mptcp = own_bits((struct tcp_sock___look *)tcp, is_mptcp);
		if (own_bits(sk, sk_userlocks) & SOCK_RCVBUF_LOCK)
			l->buffer = sk->sk_rcvbuf;
	}
	bpf_sk_release(found);
	return XDP_PASS;
}
