package track

import (
	"github.com/axiomhq/hyperloglog"

	"github.com/synoptic-net/synoptic/tcp"
)

// attempt is a SYN that nothing answered yet: 16 octets. A flood fills this
// table, which has a fixed size, and never that of the connections.
type attempt struct {
	tag  uint64 // fingerprint and what else is known, see below
	isn  tcp.Seq
	last uint32 // time of the last SYN, ticks
}

// The tag: 48 bits of the hash, and in the others what else is known.
const (
	tagBits            = 16
	tagPrint    uint64 = ^uint64(1<<tagBits - 1)
	tagUsed     uint64 = 1 << 15
	tagSide     uint64 = 1 << 14 // index of the sender
	tagScaled   uint64 = 1 << 13
	tagScale           = 9 // four bits
	tagAgainOne uint64 = 1 // SYNs sent again, nine bits
	tagAgain    uint64 = 1<<9 - 1
)

// bucketSize attempts share a line of the cache, and one home.
const bucketSize = 4

type bucket [bucketSize]attempt

// halfOpen holds the attempts. It grows up to its cap; then what finds its bucket
// full of fresh ones is counted by a sketch that knows how many different ones
// there were.
type halfOpen struct {
	buckets []bucket
	most    int // buckets
	used    int
	beyond  *hyperloglog.Sketch // nil until it is needed
}

const smallestHalfOpen = 1 << 12

func newHalfOpen(octets int) halfOpen {
	most := smallestHalfOpen
	for most*2*bucketSize*16 <= octets {
		most *= 2
	}
	return halfOpen{buckets: make([]bucket, smallestHalfOpen), most: most}
}

// bucket returns the home of a hash. Its place comes from bits that the tag
// keeps, so that the table can grow.
func (h *halfOpen) bucket(hash uint64) *bucket {
	return &h.buckets[hash>>tagBits&uint64(len(h.buckets)-1)]
}

// grow makes the table four times as large, or twice where its cap allows no
// more, unless the attempts crowd in one bucket only.
func (h *halfOpen) grow() bool {
	if 2*len(h.buckets) > h.most || h.used < len(h.buckets)/16 {
		return false
	}
	old, times := h.buckets, 4
	if 4*len(old) > h.most {
		times = 2
	}
	h.buckets = make([]bucket, times*len(old))
	for i := range old {
		var kept [4]int
		for _, a := range old[i] {
			if a.tag&tagUsed != 0 {
				part := int(a.tag>>tagBits/uint64(len(old))) & (times - 1)
				h.buckets[i+part*len(old)][kept[part]] = a
				kept[part]++
			}
		}
	}
	return true
}

// find returns the attempt between two ends, or nil.
func (h *halfOpen) find(hash uint64) *attempt {
	b := h.bucket(hash)
	for i := range b {
		if (b[i].tag^hash)&tagPrint == 0 && b[i].tag&tagUsed != 0 {
			return &b[i]
		}
	}
	return nil
}

// place returns a free place, or that of an attempt that was given up long ago;
// nil if there is none. gone says that an attempt lost its place.
func (h *halfOpen) place(hash uint64, now, limit uint32) (a *attempt, gone bool) {
	b := h.bucket(hash)
	var oldest *attempt
	for i := range b {
		switch a := &b[i]; {
		case a.tag&tagUsed == 0:
			h.used++
			return a, false
		case oldest == nil || int32(oldest.last-a.last) > 0:
			oldest = a
		}
	}
	switch {
	case idle(now, oldest.last, limit):
		return oldest, true
	case h.grow():
		return h.place(hash, now, limit)
	default:
		return nil, false
	}
}

func (a *attempt) fill(hash uint64, side int, o *observed) {
	*a = attempt{tag: hash&tagPrint | tagUsed | uint64(side)*tagSide, isn: o.seq, last: ticksOf(o.time)}
	if o.scale != noScale {
		a.tag |= tagScaled | uint64(min(o.scale, 15))<<tagScale
	}
}

func (a *attempt) side() int {
	if a.tag&tagSide != 0 {
		return 1
	}
	return 0
}

// again counts one more SYN of the attempt.
func (a *attempt) again(now uint32) {
	if a.tag&tagAgain != tagAgain {
		a.tag += tagAgainOne
	}
	a.last = now
}

// syn rebuilds what the machine needs of the SYN.
func (a *attempt) syn() observed {
	o := observed{seq: a.isn, flags: tcp.SYN, window: 1, scale: noScale, time: int64(a.last) << tickShift}
	if a.tag&tagScaled != 0 {
		o.scale = uint8(a.tag >> tagScale & 15)
	}
	return o
}

// free gives the place of an attempt away.
func (h *halfOpen) free(a *attempt) {
	*a = attempt{}
	h.used--
}

// overflow counts an attempt that found no place.
func (h *halfOpen) overflow(hash uint64) {
	if h.beyond == nil {
		h.beyond = hyperloglog.New16NoSparse()
	}
	h.beyond.InsertHash(hash)
}

// estimate is how many different attempts found no place.
func (h *halfOpen) estimate() uint64 {
	if h.beyond == nil {
		return 0
	}
	return h.beyond.Estimate()
}
