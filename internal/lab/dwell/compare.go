package dwell

import "time"

// Rule says what is compared, and how exactly.
type Rule struct {
	Least     time.Duration // shorter stays are not compared
	Tolerance time.Duration // an edge of one witness may be off that of the other by so much
}

// Pair is a stay that was compared. Equal ones have both sides.
type Pair struct {
	Kernel  *Interval // nil: only the packets tell of it
	Packets *Interval // of a different one: what stands there instead, nil for nothing
	Equal   bool
	Vague   bool // not equal, but the kernel only looked and may have seen less than is compared
}

// Stay returns the interval as the kernel tells it, else as the packets do.
func (p Pair) Stay() *Interval {
	if p.Kernel != nil {
		return p.Kernel
	}
	return p.Packets
}

// Compare holds the stays of one end against each other. Every stay of the
// kernel gives one pair; one of the packets gives another only if it is like
// none of the kernel's, and the kernel tells of no stay in that state then.
// Shorter stays than the rule wants give none.
func (r Rule) Compare(kernel, packets []Interval) (pairs []Pair) {
	for i := range kernel {
		k := &kernel[i]
		like := r.like(k, packets)
		switch {
		case k.Length() < r.Least || like != nil && like.Length() < r.Least:
		case like != nil:
			pairs = append(pairs, Pair{Kernel: k, Packets: like, Equal: true})
		default:
			pairs = append(pairs, Pair{Kernel: k, Packets: instead(k, packets), Vague: k.shortest() < r.Least})
		}
	}
	for i := range packets {
		if p := &packets[i]; p.Length() >= r.Least+2*r.Tolerance && !known(p, kernel) {
			pairs = append(pairs, Pair{Packets: p, Vague: between(p, kernel)})
		}
	}
	return pairs
}

// like returns the stay of the packets that is the same as the kernel's.
func (r Rule) like(k *Interval, packets []Interval) *Interval {
	for i := range packets {
		p := &packets[i]
		same := p.State == k.State && p.Open == k.Open
		if same && k.From.near(p.From.Latest, r.Tolerance) && (k.Open || k.To.near(p.To.Latest, r.Tolerance)) {
			return p
		}
	}
	return nil
}

// instead returns what the packets tell of the middle of a stay.
func instead(k *Interval, packets []Interval) *Interval {
	middle := k.From.Latest.Add(k.To.Earliest.Sub(k.From.Latest) / 2)
	for i := range packets {
		if p := &packets[i]; !p.From.Latest.After(middle) && middle.Before(p.To.Latest) {
			return p
		}
	}
	return nil
}

// known tells whether the kernel knows of a stay in that state at that time.
func known(p *Interval, kernel []Interval) bool {
	for _, k := range kernel {
		if k.State == p.State && k.overlaps(*p) {
			return true
		}
	}
	return false
}

// between tells whether a stay lies where the kernel only looked, so that it may
// have gone by between two looks.
func between(p *Interval, kernel []Interval) bool {
	for _, k := range kernel {
		for _, gap := range []Edge{k.From, k.To} {
			if gap.Earliest.Before(gap.Latest) && !p.From.Latest.Before(gap.Earliest) && !p.To.Latest.After(gap.Latest) {
				return true
			}
		}
	}
	return false
}
