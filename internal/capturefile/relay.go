package capturefile

import (
	"io"
	"sync"
)

// relay lets several readers have the whole of one stream, each at its own pace:
// the one in front reads the next block, the others find it there. The one in
// front waits when it is as many blocks ahead of the last as there are.
type relay struct {
	source io.Reader
	lock   sync.Mutex
	moved  sync.Cond
	blocks [relayBlocks]block
	read   int  // blocks that were read so far
	busy   bool // somebody is reading the next one
	open   int  // readers that are not closed
}

// Blocks are so large that readers seldom meet, and all of them together fit
// into a cache that processors share.
const (
	relayBlocks = 16
	relayBlock  = 128 << 10
)

// block is a stretch of the stream, and why it ends there.
type block struct {
	octets  []byte
	size    int
	err     error
	waiting int // readers that have not done with it
}

// Relayed returns n readers of the same stream. Each must be read to its end or
// closed, or the others wait for ever.
func Relayed(source io.Reader, n int) []io.ReadCloser {
	r := &relay{source: source, open: n}
	r.moved.L = &r.lock
	all := make([]io.ReadCloser, n)
	for i := range all {
		all[i] = &relayed{relay: r}
	}
	return all
}

// relayed is one of the readers.
type relayed struct {
	relay  *relay
	next   int    // number of the block that follows the one at hand
	at     *block // nil before the first and when closed
	taken  int    // octets of it
	closed bool
}

// Read gives what is left of the block at hand, or of the next one.
func (r *relayed) Read(p []byte) (int, error) {
	if r.closed {
		return 0, io.ErrClosedPipe
	}
	if r.at == nil || r.taken == r.at.size {
		if r.at != nil && r.at.err != nil {
			return 0, r.at.err
		}
		r.advance()
	}
	n := copy(p, r.at.octets[r.taken:r.at.size])
	r.taken += n
	return n, nil
}

// advance gives the block at hand back and takes the next one.
func (r *relayed) advance() {
	l := r.relay
	l.lock.Lock()
	defer l.lock.Unlock()
	r.giveBack()
	b := &l.blocks[r.next%relayBlocks]
	for r.next == l.read {
		if l.busy || b.waiting > 0 {
			l.moved.Wait()
			continue
		}
		l.fill(b)
	}
	r.at, r.taken = b, 0
	r.next++
}

// giveBack is called with the lock held.
func (r *relayed) giveBack() {
	if r.at != nil {
		r.relay.leave(r.at)
		r.at = nil
	}
}

// leave ends a reader's claim to a block.
func (l *relay) leave(b *block) {
	if b.waiting--; b.waiting == 0 {
		l.moved.Broadcast()
	}
}

// fill reads the next block, without the lock while it waits for the source.
func (l *relay) fill(b *block) {
	l.busy = true
	l.lock.Unlock()
	if b.octets == nil {
		b.octets = make([]byte, relayBlock)
	}
	b.size, b.err = l.source.Read(b.octets)
	l.lock.Lock()
	l.busy, b.waiting = false, l.open
	l.read++
	l.moved.Broadcast()
}

// Close lets the others go on without this reader.
func (r *relayed) Close() error {
	l := r.relay
	l.lock.Lock()
	defer l.lock.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	r.giveBack()
	for ; r.next < l.read; r.next++ {
		l.leave(&l.blocks[r.next%relayBlocks])
	}
	l.open--
	return nil
}
