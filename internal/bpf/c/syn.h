// What a SYN says, and the SYN-ACK that takes its place in the frame. Every
// option that is answered takes as much room in the SYN as in the SYN-ACK, so
// the frame keeps its length.
#pragma once
#include "cookie.h"
#include "options.h"

// layout names the options of the commonest clients, word by word. Their order
// is each system's own and does not change from SYN to SYN.
enum layout {
	LAYOUT_OTHER,
	LAYOUT_LINUX,	// MSS, SACK, timestamps, NOP, scale (Android too)
	LAYOUT_BSD,	// MSS, NOP, scale, SACK, timestamps
	LAYOUT_APPLE,	// MSS, NOP, scale, NOP, NOP, timestamps, SACK, end
	LAYOUT_WINDOWS, // MSS, NOP, scale, NOP, NOP, SACK
	LAYOUT_BARE,	// MSS, NOP, NOP, SACK, NOP, scale: Linux without timestamps
};

struct syn {
	enum layout layout;
	u32 mss;
	u32 tsval; // network order
	u32 options;
	int stamped;
	u64 sum; // of the whole segment
};

#define SACK_STAMP octets(4, 2, 8, 10)
#define NOP_STAMP octets(1, 1, 8, 10)
#define NOP_SACK octets(1, 1, 4, 2)
#define SACK_END octets(4, 2, 0, 0)
#define SCALE(shift) octets(1, 3, 3, shift)
#define MSS(value) halves(octets16(2, 4), value)
#define is_mss(word) (((word) & octets(255, 255, 0, 0)) == octets(2, 4, 0, 0))
#define is_scale(word) (((word) & octets(255, 255, 255, 0)) == octets(1, 3, 3, 0))

static inline u32 fold(u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

// pseudo sums the pseudo header: it is the same in both directions.
static inline u64 pseudo(struct segment *s, u32 len)
{
	u32 *ip = s->ip;
	u64 sum = order16(len) + order16(IPPROTO_TCP);
	if (!s->v6)
		return sum + ip[3] + ip[4];
	return sum + ip[2] + ip[3] + ip[4] + ip[5] + ip[6] + ip[7] + ip[8] + ip[9];
}

static inline u32 scale_of(u32 word)
{
	u32 shift = last_octet(word);
	return shift > 14 ? 14 : shift;
}

// recognise reads a SYN in one of the known layouts.
static inline enum layout recognise(struct syn *syn, struct segment *s, void *end)
{
	u32 *w = s->tcp, *o = w + 5;
	u32 scale = 0;
	syn->stamped = 0;
	if ((void *)(w + 8) > end || !is_mss(o[0]))
		return LAYOUT_OTHER;
	syn->mss = order16(second_half(o[0]));
	syn->sum = (u64)w[0] + w[1] + w[2] + w[3] + w[4] + o[0] + o[1] + o[2];
	if (s->len == 32) {
		if (is_scale(o[1]) && o[2] == NOP_SACK) {
			syn->options = OPTION_SACK | scale_of(o[1]);
			return LAYOUT_WINDOWS;
		}
		if (o[1] == NOP_SACK && is_scale(o[2])) {
			syn->options = OPTION_SACK | scale_of(o[2]);
			return LAYOUT_BARE;
		}
		return LAYOUT_OTHER;
	}
	if ((void *)(w + 10) > end)
		return LAYOUT_OTHER;
	syn->stamped = 1;
	syn->sum += (u64)o[3] + o[4];
	if (s->len == 40 && o[1] == SACK_STAMP && is_scale(o[4])) {
		syn->tsval = o[2];
		scale = o[4];
		syn->layout = LAYOUT_LINUX;
	} else if (s->len == 40 && is_scale(o[1]) && o[2] == SACK_STAMP) {
		syn->tsval = o[3];
		scale = o[1];
		syn->layout = LAYOUT_BSD;
	} else if (s->len == 44 && (void *)(w + 11) <= end && is_scale(o[1]) && o[2] == NOP_STAMP && o[5] == SACK_END) {
		syn->tsval = o[3];
		scale = o[1];
		syn->sum += o[5];
		syn->layout = LAYOUT_APPLE;
	} else {
		return LAYOUT_OTHER;
	}
	syn->options = OPTION_SACK | scale_of(scale);
	return syn->layout;
}

// intact tells whether the checksum is right, or was left to the card that this
// frame never met: over a virtual link only the pseudo header is summed.
static inline int intact(struct segment *s, u64 sum, u64 head)
{
	struct tcp *tcp = s->tcp;
	return fold(sum + head) == 0xffff || tcp->check == fold(head);
}

// turn makes the way back of the frame's addresses.
static inline void turn(struct segment *s)
{
	u16 *mac = s->frame;
	u32 *ip = s->ip;
	for (int i = 0; i < 3; i++) {
		u16 keep = mac[i];
		mac[i] = mac[i + 3];
		mac[i + 3] = keep;
	}
	if (s->v6) {
		ip[0] = octets(0x60, 0, 0, 0);
		((u8 *)ip)[7] = 64;
		for (int i = 2; i < 6; i++) {
			u32 keep = ip[i];
			ip[i] = ip[i + 4];
			ip[i + 4] = keep;
		}
		return;
	}
	u32 from = ip[3], to = ip[4], first = halves(octets16(0x45, 0), order16(s->len + 20));
	ip[0] = first;
	ip[1] = octets(0, 0, 0x40, 0); // do not fragment
	u32 sum = fold((u64)first + octets(0, 0, 0x40, 0) + octets(64, IPPROTO_TCP, 0, 0) + from + to);
	ip[2] = halves(octets16(64, IPPROTO_TCP), (u16)~sum);
	ip[3] = to;
	ip[4] = from;
}

// reply holds the words of a SYN-ACK that are the same in every layout.
struct reply {
	u32 cookie; // network order
	u32 stamp;  // network order
	u32 mss;    // the option
	u32 flags;  // data offset, flags, window
	u32 scale;  // the option
};

static inline void write_options(struct tcp *tcp, enum layout layout, struct reply *r, u32 tsval)
{
	u32 *o = (u32 *)tcp + 5;
	o[0] = r->mss;
	switch (layout) {
	case LAYOUT_LINUX:
		o[2] = r->stamp;
		o[3] = tsval;
		o[4] = r->scale;
		return;
	case LAYOUT_BSD:
	case LAYOUT_APPLE:
		o[1] = r->scale;
		o[3] = r->stamp;
		o[4] = tsval;
		return;
	case LAYOUT_BARE:
		o[2] = r->scale;
		return;
	default:
		o[1] = r->scale;
	}
}

// unchanged sums what a layout has besides MSS, scale and timestamps.
static inline u64 unchanged(enum layout layout)
{
	switch (layout) {
	case LAYOUT_LINUX:
	case LAYOUT_BSD:
		return SACK_STAMP;
	case LAYOUT_APPLE:
		return (u64)NOP_STAMP + SACK_END;
	default:
		return NOP_SACK;
	}
}

// write_reply turns the SYN into the SYN-ACK, in place.
static inline void write_reply(struct segment *s, struct syn *syn, struct reply *r, u64 head)
{
	struct tcp *tcp = s->tcp;
	u32 *w = s->tcp;
	u32 ack = order32(order32(tcp->seq) + 1), ports = w[0];
	u64 sum = head + ports + r->cookie + ack + r->flags + r->mss + r->scale + unchanged(syn->layout);
	if (syn->stamped)
		sum += (u64)r->stamp + syn->tsval;
	w[0] = ports << 16 | ports >> 16;
	w[1] = r->cookie;
	w[2] = ack;
	w[3] = r->flags;
	w[4] = halves((u16)~fold(sum), 0);
	write_options(tcp, syn->layout, r, syn->tsval);
	turn(s);
}
