// Reading a TCP segment out of a packet buffer of the kernel.
#pragma once

enum {
	ETH_P_IP = 0x0800,
	ETH_P_IPV6 = 0x86dd,

	FIN = 1,
	SYN = 2,
	RST = 4,
	ACK = 16,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net_device {
	possible_net_t nd_net;
};

struct dst_entry {
	struct net_device *dev;
};

struct rtable {
	u32 rt_flags;
};

struct rt6_info {
	u32 rt6i_flags;
};

struct sk_buff {
	struct sock *sk;
	struct net_device *dev; // shares its place with other things while the segment waits to be sent
	unsigned long _skb_refdst;
	int skb_iif;
	u32 mark;
	u16 protocol;
	u16 network_header;
	unsigned char *head;
};

#pragma clang attribute pop

// segment is what the headers of a segment say.
struct segment {
	u32 source[4]; // network byte order; IPv4 in the first word
	u32 destination[4];
	u16 source_port; // of this machine's byte order
	u16 destination_port;
	u16 family;
	u16 length; // of its text
	u8 flags;
};

struct ipv4 {
	u8 version_length;
	u8 service;
	u16 total;
	u16 identity;
	u16 fragment;
	u8 hops;
	u8 protocol;
	u16 sum;
	u32 source;
	u32 destination;
};

struct ipv6 {
	u32 version;
	u16 payload;
	u8 next;
	u8 hops;
	u32 source[4];
	u32 destination[4];
};

struct tcp {
	u16 source;
	u16 destination;
	u32 sequence;
	u32 acknowledgment;
	u8 offset;
	u8 flags;
};

// read_tcp reads the header at the place, of a segment of so many octets.
static inline int read_tcp(struct segment *s, unsigned char *at, u32 size)
{
	struct tcp t;
	if (bpf_probe_read_kernel(&t, sizeof(t), at))
		return 0;
	s->source_port = order16(t.source);
	s->destination_port = order16(t.destination);
	s->flags = t.flags;
	u32 header = t.offset >> 4 << 2;
	s->length = size > header ? size - header : 0;
	return 1;
}

static inline int read_ipv4(struct segment *s, unsigned char *at)
{
	struct ipv4 h;
	if (bpf_probe_read_kernel(&h, sizeof(h), at) || h.protocol != IPPROTO_TCP || h.fragment & order16(0x1fff))
		return 0;
	u32 header = (h.version_length & 15) << 2, total = order16(h.total);
	s->family = AF_INET;
	s->source[0] = h.source;
	s->destination[0] = h.destination;
	return read_tcp(s, at + header, total > header ? total - header : 0);
}

// read_ipv6 does not look behind extension headers.
static inline int read_ipv6(struct segment *s, unsigned char *at)
{
	struct ipv6 h;
	if (bpf_probe_read_kernel(&h, sizeof(h), at) || h.next != IPPROTO_TCP)
		return 0;
	s->family = AF_INET6;
	for (int i = 0; i < 4; i++) {
		s->source[i] = h.source[i];
		s->destination[i] = h.destination[i];
	}
	return read_tcp(s, at + sizeof(h), order16(h.payload));
}

// read_segment returns 0 for what is no TCP segment.
static inline int read_segment(struct segment *s, struct sk_buff *skb)
{
	u16 protocol = skb->protocol;
	unsigned char *at = skb->head + skb->network_header;
	if (protocol == order16(ETH_P_IP))
		return read_ipv4(s, at);
	if (protocol == order16(ETH_P_IPV6))
		return read_ipv6(s, at);
	return 0;
}

// place makes both ends of it: the local one has sent an outgoing segment.
static inline void place(struct tuple *t, struct segment *s, int outgoing)
{
	t->family = s->family;
	t->local_port = outgoing ? s->source_port : s->destination_port;
	t->remote_port = outgoing ? s->destination_port : s->source_port;
	for (int i = 0; i < 4; i++) {
		t->local[i] = outgoing ? s->source[i] : s->destination[i];
		t->remote[i] = outgoing ? s->destination[i] : s->source[i];
	}
}

// leads_here tells whether the route of a packet ends on this host.
static inline int leads_here(struct sk_buff *skb, u16 family)
{
	enum { LOCAL = 0x80000000 }; // RTCF_LOCAL and RTF_LOCAL alike
	unsigned long route = skb->_skb_refdst & ~1UL;
	u32 flags = 0;
	if (family == AF_INET)
		bpf_probe_read_kernel(&flags, sizeof(flags), &((struct rtable *)route)->rt_flags);
	else
		bpf_probe_read_kernel(&flags, sizeof(flags), &((struct rt6_info *)route)->rt6i_flags);
	return (flags & LOCAL) != 0;
}

// output_device is where the route of a packet leads, 0 without a route.
static inline struct net_device *output_device(struct sk_buff *skb)
{
	struct dst_entry *route = (struct dst_entry *)(skb->_skb_refdst & ~1UL); // SKB_DST_NOREF
	struct net_device *dev = 0;
	if (route)
		bpf_probe_read_kernel(&dev, sizeof(dev), &route->dev);
	return dev;
}

static inline u32 device_netns(struct net_device *dev)
{
	struct net *net = 0;
	u32 inode = 0;
	if (dev && !bpf_probe_read_kernel(&net, sizeof(net), &dev->nd_net.net) && net)
		bpf_probe_read_kernel(&inode, sizeof(inode), &net->ns.inum);
	return inode;
}
