package track

import "encoding/binary"

// line is a connection in the table: 64 octets with IPv4 addresses, one line of
// the cache, and 96 with IPv6 ones. It holds no pointer.
type line[K comparable] struct {
	key  K
	core core
}

// empty: an end of a connection is always in some state.
func (l *line[K]) empty() bool { return l.core.ends[0].set == 0 }

// table is an open-addressing hash table with linear probing. Its size is a
// power of two.
type table[K comparable] struct {
	lines []line[K]
	used  int
	sweep int // where the next sweep goes on
	each  int // octets of a line
}

const smallestTable = 1 << 10

func newTable[K comparable]() table[K] {
	return table[K]{lines: make([]line[K], smallestTable), each: binary.Size(line[K]{})}
}

// find returns the line of the key, or nil.
func (t *table[K]) find(k *K, hash uint64) *line[K] {
	mask := uint64(len(t.lines) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		l := &t.lines[i]
		if l.empty() {
			return nil
		}
		if l.key == *k {
			return l
		}
	}
}

// insert returns a line for a key that is not in the table, still empty. The
// caller has made sure of room, and must fill it.
func (t *table[K]) insert(k *K, hash uint64) *line[K] {
	mask := uint64(len(t.lines) - 1)
	i := hash & mask
	for !t.lines[i].empty() {
		i = (i + 1) & mask
	}
	t.used++
	l := &t.lines[i]
	l.key = *k
	return l
}

// remove empties the place i and moves lines up that were pushed on by it.
func (t *table[K]) remove(i int, keys *keyed, hashOf hasher[K]) {
	mask := len(t.lines) - 1
	t.used--
	for j := (i + 1) & mask; !t.lines[j].empty(); j = (j + 1) & mask {
		home := int(hashOf(keys, &t.lines[j].key)) & mask
		if (j-home)&mask >= (j-i)&mask {
			t.lines[i] = t.lines[j]
			i = j
		}
	}
	t.lines[i] = line[K]{}
}

// size is what the table takes, in octets.
func (t *table[K]) size() int { return len(t.lines) * t.each }

// full tells whether the next line needs a larger table.
func (t *table[K]) full() bool { return t.used >= len(t.lines)/4*3 }

// grow doubles the table.
func (t *table[K]) grow(keys *keyed, hashOf hasher[K]) {
	old := t.lines
	t.lines = make([]line[K], 2*len(old))
	t.used, t.sweep = 0, 0
	for i := range old {
		if l := &old[i]; !l.empty() {
			*t.insert(&l.key, hashOf(keys, &l.key)) = *l
		}
	}
}
