// The cookie: the initial sequence number of our SYN-ACK, by which an ACK proves
// that its sender received it, and in which, with the timestamp, stands what the
// SYN offered. No other trace of a SYN is kept.
//
//	with timestamps    27 bits of hash, 4 of the MSS, 1 names the key
//	  timestamp        26 bits of ms, 6 of options: ECN, SACK, window scale
//	without            23 bits of hash, 5 of options, 3 of the MSS, 1 names the key
//
// The hash is SipHash-1-3 with a key of 128 bits over both ends, the client's
// sequence number, the timestamp and the low bits.
#pragma once
#include "guard.h"

enum {
	NO_SCALE = 15,	 // RFC 7323 allows shifts to 14
	OPTION_SACK = 16,
	OPTION_ECN = 32,
	OPTIONS = 63,
	LONGEST_MS = 120000, // age at which a timestamp is refused; keys are younger
};

// The even entries are those that a cookie without timestamp can name.
static const volatile u16 classes4[16] = {536, 1024, 1200, 1240, 1300, 1340, 1360, 1380,
					  1400, 1412, 1440, 1452, 1460, 4056, 8960, 65495};
static const volatile u16 classes6[16] = {1220, 1240, 1280, 1300, 1340, 1360, 1380, 1390,
					  1400, 1412, 1420, 1432, 1440, 4036, 8940, 65475};

// class_of is the largest class that is not above the MSS.
static inline u32 class_of(u32 mss, int v6)
{
	const volatile u16 *table = v6 ? classes6 : classes4;
	if (mss == table[12]) // Ethernet without detours
		return 12;
	u32 i = mss >= table[8] ? 8 : 0;
	i += mss >= table[i + 4] ? 4 : 0;
	i += mss >= table[i + 2] ? 2 : 0;
	i += mss >= table[i + 1] ? 1 : 0;
	return i;
}

static inline u32 mss_of(u32 class, int v6)
{
	return v6 ? classes6[class & 15] : classes4[class & 15];
}

// milliseconds is the kernel's own clock of timestamps, and never ahead of it:
// 1e6 divides no power of two, and a division would cost more than the hash.
static inline u32 milliseconds(u64 ns)
{
	return (ns >> 22) * 140737488 >> 25; // 2^22 ns = 140737488.36 / 2^25 ms
}

#define rotate(x, by) ((x) << (by) | (x) >> (64 - (by)))
#define siphash_round(a, b, c, d) \
	do { \
		a += b; b = rotate(b, 13); b ^= a; a = rotate(a, 32); \
		c += d; d = rotate(d, 16); d ^= c; \
		a += d; d = rotate(d, 21); d ^= a; \
		c += b; b = rotate(b, 17); b ^= c; c = rotate(c, 32); \
	} while (0)
#define siphash_word(m) \
	do { \
		u64 word = (m); \
		d ^= word; \
		siphash_round(a, b, c, d); \
		a ^= word; \
	} while (0)

// hash covers the addresses (of IPv4 both in one word), the ports, the client's
// sequence number, and what the cookie carries.
static inline u32 hash(u64 *key, u32 *ip, int v6, u32 ports, u32 seq, u32 stamp, u32 low)
{
	u64 a = key[0] ^ 0x736f6d6570736575ull, b = key[1] ^ 0x646f72616e646f6dull;
	u64 c = key[0] ^ 0x6c7967656e657261ull, d = key[1] ^ 0x7465646279746573ull;
	if (v6) {
		siphash_word((u64)ip[2] << 32 | ip[3]);
		siphash_word((u64)ip[4] << 32 | ip[5]);
		siphash_word((u64)ip[6] << 32 | ip[7]);
		siphash_word((u64)ip[8] << 32 | ip[9]);
	} else {
		siphash_word((u64)ip[3] << 32 | ip[4]);
	}
	siphash_word((u64)ports << 32 | seq);
	siphash_word((u64)(v6 ? 44 : 20) << 56 | (u64)low << 32 | stamp);
	c ^= 0xff;
	siphash_round(a, b, c, d);
	siphash_round(a, b, c, d);
	siphash_round(a, b, c, d);
	a ^= b ^ c ^ d;
	return a ^ a >> 32;
}

// With timestamps the lowest 5 bits of a cookie are plain, without 9.
enum {
	LOW_STAMP = 31,
	LOW_PLAIN = 511,
	HASH_STAMP = 1 << 9, // tells the two apart in what is hashed
};

// mint returns the cookie. options are those of the timestamp, which is 0 for a
// client that sent none.
static inline u32 mint(struct control *g, u32 *ip, int v6, u32 ports, u32 seq, u32 stamp, int stamped, u32 class, u32 options)
{
	u32 which = g->current & 1;
	if (stamped) {
		u32 low = class << 1 | which;
		return (hash(g->keys[which], ip, v6, ports, seq, stamp, HASH_STAMP | low) & ~LOW_STAMP) | low;
	}
	u32 low = (options & (OPTION_SACK | NO_SCALE)) << 4 | class >> 1 << 1 | which;
	return (hash(g->keys[which], ip, v6, ports, seq, 0, low) & ~LOW_PLAIN) | low;
}

// grant is what a cookie that was right says of its connection.
struct grant {
	u32 class;
	u32 options;
	int old; // made with the key before
};

// check tells whether the cookie is one of ours and still valid.
static inline int check(struct control *g, struct grant *out, u32 *ip, int v6, u32 ports, u32 seq, u32 stamp, int stamped, u32 cookie, u64 now)
{
	u32 which = cookie & 1, mask = LOW_PLAIN, low = cookie & LOW_PLAIN;
	out->old = which != (g->current & 1);
	if (out->old && now > g->old_until)
		return 0;
	if (stamped) {
		if (milliseconds(now) - (stamp & ~OPTIONS) > LONGEST_MS)
			return 0;
		mask = LOW_STAMP;
		low = HASH_STAMP | (cookie & LOW_STAMP);
		out->class = cookie >> 1 & 15;
		out->options = stamp & OPTIONS;
	} else {
		out->class = cookie & 14;
		out->options = low >> 4 & (OPTION_SACK | NO_SCALE);
	}
	u32 right = hash(g->keys[which], ip, v6, ports, seq, stamped ? stamp : 0, low);
	return !((right ^ cookie) & ~mask);
}
