package explore

import "bytes"

// set holds keys of at most 255 octets, each once, by the number of the order in
// which they came. A key costs its length and 11 to 14 octets.
type set struct {
	blocks [][]byte
	at     []uint32 // where the key is: block, offset; its length stands before it
	slots  []uint32 // number+1; 0: free
}

const blockBits = 20

// add returns the number of a key and whether it is new.
func (s *set) add(key []byte) (n uint32, isNew bool) {
	if 4*(len(s.at)+1) > 3*len(s.slots) {
		s.grow()
	}
	slot := s.find(key)
	if s.slots[slot] != 0 {
		return s.slots[slot] - 1, false
	}
	n = uint32(len(s.at))
	s.slots[slot] = n + 1
	s.keep(key)
	return n, true
}

// find returns the slot of a key, or the free one where it belongs.
func (s *set) find(key []byte) int {
	mask := len(s.slots) - 1
	slot := int(hash(key)) & mask
	for s.slots[slot] != 0 && !bytes.Equal(s.key(s.slots[slot]-1), key) {
		slot = (slot + 1) & mask
	}
	return slot
}

// key returns the key of a number.
func (s *set) key(n uint32) []byte {
	at := s.at[n]
	b := s.blocks[at>>blockBits][at&(1<<blockBits-1):]
	return b[1 : 1+int(b[0])]
}

func (s *set) keep(key []byte) {
	last := len(s.blocks) - 1
	if last < 0 || len(s.blocks[last])+1+len(key) > 1<<blockBits {
		s.blocks = append(s.blocks, make([]byte, 0, 1<<blockBits))
		last++
	}
	s.at = append(s.at, uint32(last)<<blockBits|uint32(len(s.blocks[last])))
	s.blocks[last] = append(append(s.blocks[last], byte(len(key))), key...)
}

func (s *set) grow() {
	s.slots = make([]uint32, max(1024, 2*len(s.slots)))
	for n := range s.at {
		s.slots[s.find(s.key(uint32(n)))] = uint32(n) + 1
	}
}

// hash is FNV-1a, its high bits folded in.
func hash(key []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range key {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h ^ h>>29
}
