package track

import "encoding/binary"

// line is a connection in the table: 64 octets with IPv4 addresses, one line of
// the cache, and 96 with IPv6 ones. It holds no pointer.
type line[K comparable] struct {
	key  K
	core core
}

// table is an open-addressing hash table with linear probing. Its size is a
// power of two. The tags stand apart from the lines: looking for a key reads a
// few neighbours of them, and then one line.
type table[K comparable] struct {
	lines []line[K]
	tags  []uint16 // 0 for an empty line, else bits of the hash
	used  int
	sweep int // where the next sweep goes on
	each  int // octets of a line and its tag
}

const smallestTable = 1 << 10

func newTable[K comparable]() table[K] {
	return table[K]{
		lines: make([]line[K], smallestTable), tags: make([]uint16, smallestTable),
		each: binary.Size(line[K]{}) + 2,
	}
}

// tagOf takes bits that have no part in the place.
func tagOf(hash uint64) uint16 { return uint16(hash>>48) | 1 }

// probe returns where the hash seems to be, or the empty place where it would be
// put.
func (t *table[K]) probe(hash uint64) (place int, found bool) {
	mask := uint64(len(t.tags) - 1)
	want := tagOf(hash)
	for i := hash & mask; ; i = (i + 1) & mask {
		switch t.tags[i] {
		case want:
			return int(i), true
		case 0:
			return int(i), false
		}
	}
}

// find returns the place of the key, or -1.
func (t *table[K]) find(k *K, hash uint64) int {
	mask := uint64(len(t.lines) - 1)
	want := tagOf(hash)
	for i := hash & mask; t.tags[i] != 0; i = (i + 1) & mask {
		if t.tags[i] == want && t.lines[i].key == *k {
			return int(i)
		}
	}
	return -1
}

// at returns the place of the key, which an earlier probe guessed.
func (t *table[K]) at(guess int, k *K, hash uint64) int {
	if guess < len(t.lines) && t.tags[guess] != 0 && t.lines[guess].key == *k {
		return guess
	}
	return t.find(k, hash)
}

// insert returns a line for a key that is not in the table. The caller has made
// sure of room.
func (t *table[K]) insert(k *K, hash uint64) *line[K] {
	mask := uint64(len(t.lines) - 1)
	i := hash & mask
	for t.tags[i] != 0 {
		i = (i + 1) & mask
	}
	t.used++
	t.tags[i] = tagOf(hash)
	l := &t.lines[i]
	l.key = *k
	return l
}

// remove empties the place i and moves lines up that were pushed on by it.
func (t *table[K]) remove(i int, keys *keyed, hashOf hasher[K]) {
	mask := len(t.lines) - 1
	t.used--
	for j := (i + 1) & mask; t.tags[j] != 0; j = (j + 1) & mask {
		home := int(hashOf(keys, &t.lines[j].key)) & mask
		if (j-home)&mask >= (j-i)&mask {
			t.lines[i], t.tags[i] = t.lines[j], t.tags[j]
			i = j
		}
	}
	t.lines[i], t.tags[i] = line[K]{}, 0
}

// size is what the table takes, in octets.
func (t *table[K]) size() int { return len(t.lines) * t.each }

// full tells whether the next line needs a larger table.
func (t *table[K]) full() bool { return t.used >= len(t.lines)/4*3 }

// grow doubles the table.
func (t *table[K]) grow(keys *keyed, hashOf hasher[K]) {
	old, tags := t.lines, t.tags
	t.lines, t.tags = make([]line[K], 2*len(old)), make([]uint16, 2*len(old))
	t.used, t.sweep = 0, 0
	for i := range old {
		if l := &old[i]; tags[i] != 0 {
			*t.insert(&l.key, hashOf(keys, &l.key)) = *l
		}
	}
}
