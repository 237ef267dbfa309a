// Which process holds which TCP socket, in all network namespaces at once: read
// from the iterator over the descriptors of all processes.
#include "synoptic.h"

// The kernel lends its helpers to compatible licences only: this folder may be used
// under the MIT licence or the GPL as well as under the repository's.
char dual_license[] SEC("license") = "Dual MIT/GPL";

// Mirrored by Holder in holder.go, which a test compares with this.
struct holder {
	u64 inode;
	u32 pid;
	u32 fd;
	char comm[16]; // of the process
};

static noinline void name(struct holder *h, struct task_struct *leader)
{
	bpf_probe_read_kernel_str(h->comm, sizeof(h->comm), leader->comm);
}

SEC("iter/task_file")
int holders(struct bpf_iter__task_file *ctx)
{
	struct file *file = ctx->file;
	struct task_struct *task = ctx->task;
	if (!file || !task)
		return 0;
	struct socket *socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	struct sock *sk = socket->sk;
	if (!sk || (sk->sk_protocol != IPPROTO_TCP && sk->sk_protocol != IPPROTO_MPTCP))
		return 0;
	u16 family = sk->__sk_common.skc_family;
	if (family != AF_INET && family != AF_INET6)
		return 0;
	struct holder h = {
		.inode = inode_of(socket),
		.pid = task->tgid,
		.fd = ctx->fd,
	};
	name(&h, task->group_leader);
	bpf_seq_write(ctx->meta->seq, &h, sizeof(h));
	return 0;
}
