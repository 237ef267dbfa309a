// The options of a TCP header that are in no layout known by heart: read one by
// one over a copy. The verifier follows a loop over 40 octets only as bpf_loop
// with an index that cannot leave the copy.
#pragma once
#include "guard.h"

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_TIMESTAMPS = 8,
	OPTION_MD5 = 19,
	OPTION_AO = 29,
	OPTION_MPTCP = 30,
	OPTION_FASTOPEN = 34,
	OPTION_EXPERIMENT1 = 253, // RFC 6994; the older fast open among them
	OPTION_EXPERIMENT2 = 254,
};

struct scan {
	u8 octet[64]; // the TCP header, and what cannot be reached
	u32 at;
	u32 end;
	u32 tsval; // network order
	u32 tsecr;
	u16 mss; // 0: none
	u8 wscale; // 15: none
	u8 sack;
	u8 stamped;
	u8 special; // an option that only the kernel understands
};

#define at(offset) (s->octet[(s->at + (offset)) & 63])

static int scan_option(u32 i, struct scan *s)
{
	(void)i;
	if (s->at >= s->end)
		return 1;
	u8 kind = at(0), len = at(1);
	if (kind == OPTION_END)
		return 1;
	if (kind == OPTION_NOP) {
		s->at++;
		return 0;
	}
	if (len < 2 || s->at + len > s->end)
		return 1;
	if (kind == OPTION_MSS && len == 4)
		s->mss = (u16)at(2) << 8 | at(3);
	else if (kind == OPTION_WSCALE && len == 3)
		s->wscale = at(2) > 14 ? 14 : at(2);
	else if (kind == OPTION_SACK_PERMITTED && len == 2)
		s->sack = 1;
	else if (kind == OPTION_TIMESTAMPS && len == 10) {
		s->stamped = 1;
		s->tsval = octets(at(2), at(3), at(4), at(5));
		s->tsecr = octets(at(6), at(7), at(8), at(9));
	} else if (kind == OPTION_MD5 || kind == OPTION_AO || kind == OPTION_MPTCP || kind == OPTION_FASTOPEN || kind >= OPTION_EXPERIMENT1) {
		s->special = 1;
	}
	s->at += len;
	return 0;
}

#undef at

// scan_options reads the options of a header of len octets that stands in
// out->octet. It is global so that the verifier looks at it once, and works on
// a copy because a loop takes nothing but its caller's stack.
noinline int scan_options(struct scan *out, u32 len)
{
	if (!out || len > sizeof(out->octet))
		return -1;
	struct scan s = *out;
	s.at = 20;
	s.end = len;
	s.tsval = 0;
	s.tsecr = 0;
	s.mss = 0;
	s.wscale = 15;
	s.sack = 0;
	s.stamped = 0;
	s.special = 0;
	bpf_loop(40, scan_option, &s, 0);
	*out = s;
	return 0;
}
