package live

import (
	"net/netip"

	"github.com/synoptic-net/synoptic/internal/bpf"
)

// ports holds back events that came too early to know their port: the kernel
// chooses it just after a socket has entered SYN-SENT. The next event of the
// socket or the next look tells it.
type ports struct {
	waiting map[uint64]*bpf.Transition // by cookie
	missed  map[uint64]bool            // by cookie: one look did not show it; it may have been under way
	known   map[uint64]uint16          // by cookie, within a batch
}

// early tells whether an event has no port yet.
func early(b *bpf.Transition) bool {
	const linuxSynSent = 2
	return b.To == linuxSynSent && b.Local.Port() == 0
}

// foresee notes the ports that later events of a batch know.
func (p *ports) foresee(batch []bpf.Transition) {
	clear(p.known)
	waits := false
	for i := range batch {
		waits = waits || early(&batch[i])
	}
	for i := range batch {
		if b := &batch[i]; waits && b.Local.Port() != 0 {
			if p.known == nil {
				p.known = map[uint64]uint16{}
			}
			p.known[b.Cookie] = b.Local.Port()
		}
	}
}

// hold keeps an event that has no port and will get one.
func (p *ports) hold(b *bpf.Transition) bool {
	if !early(b) {
		return false
	}
	if port := p.known[b.Cookie]; port != 0 {
		b.Local = netip.AddrPortFrom(b.Local.Addr(), port)
		return false
	}
	kept := *b
	p.waiting[b.Cookie] = &kept
	return true
}

// take returns the event that waits for the port of b, which is to be told
// first; nil if there is none.
func (p *ports) take(b *bpf.Transition) *bpf.Transition {
	kept := p.waiting[b.Cookie]
	if kept == nil {
		return nil
	}
	p.told(b.Cookie)
	kept.Local = b.Local
	return kept
}

// found returns the event that waited for what a look shows.
func (p *ports) found(m *bpf.Minisocket) *bpf.Transition {
	kept := p.waiting[m.Cookie]
	if kept == nil || kept.Remote != m.Remote {
		return nil
	}
	p.told(m.Cookie)
	kept.Local = m.Local
	return kept
}

func (p *ports) told(cookie uint64) {
	delete(p.waiting, cookie)
	delete(p.missed, cookie)
}

// giveUp hands over what two looks did not show: a look and events are not in
// step. The last look gives up all.
func (p *ports) giveUp(last bool, tell func(*bpf.Transition) error) error {
	for cookie, kept := range p.waiting {
		if !last && !p.missed[cookie] {
			p.missed[cookie] = true
			continue
		}
		p.told(cookie)
		if err := tell(kept); err != nil {
			return err
		}
	}
	return nil
}
