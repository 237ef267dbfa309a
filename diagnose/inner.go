package diagnose

import (
	"time"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// insight is what the kernel's own structures tell of half-open connections, as an
// iterator reads them.
type insight struct {
	acked int // the client's ACK came, and the program cannot have the connection yet
	again int // more SYN,ACKs were sent again than timers expired: the client sent its SYN again, and lives
}

// insightOf sums up; ok is false unless all of them are told of.
func insightOf(requests []seen) (in insight, ok bool) {
	for _, s := range requests {
		inner := s.now.Inner
		if inner == nil {
			return insight{}, false
		}
		in.acked += count(inner.Acked)
		in.again += count(s.now.Retransmits > inner.Timeouts)
	}
	return in, len(requests) > 0
}

// clientsSendAgain is how many of these clients sent their SYN again. Where the
// requests do not tell, it is how many SYN,ACKs of the whole host answered such.
func (x *index) clientsSendAgain(requests []seen) int {
	if in, ok := insightOf(requests); ok {
		return in.again
	}
	return x.resentByClients()
}

// defers tells whether the listener waits for text before accept() returns
// (TCP_DEFER_ACCEPT); known is false where the kernel was not asked.
func (l *listener) defers() (on, known bool) {
	for _, s := range l.sockets {
		if inner := s.now.Inner; inner != nil {
			on, known = on || inner.DeferAccept > 0, true
		}
	}
	return on, known
}

// held tells whether a half-open connection is complete and waits for its text.
// Without the kernel's own word for it, it is one that outlived its first timer
// and was not answered again, as no other does.
func (x *index) held(l *listener, s seen) bool {
	if s.now.Inner == nil {
		return x.window >= firstTimer && s.outlived() && s.now.Retransmits == 0
	}
	on, _ := l.defers()
	return on && s.now.Inner.Acked
}

// firstTimer is a little more than the time until the first SYN,ACK is sent again.
const firstTimer = 1500 * time.Millisecond

// noRoom returns the half-open connections of a listener whose ACK came and found
// the accept queue full.
func (x *index) noRoom(l *listener) (list []seen) {
	if on, known := l.defers(); on || !known {
		return nil
	}
	for _, s := range x.byState[tcp.SynReceived] {
		if inner := s.now.Inner; inner != nil && inner.Acked && s.now.Kind == host.Request && x.listenerOf(s.now.Local) == l && !x.claimed[s.at] {
			list = append(list, s)
		}
	}
	return list
}

// takeNoRoom claims what waits for room in the accept queue, and says so.
func (x *index) takeNoRoom(f *Finding, l *listener) {
	list := x.noRoom(l)
	if len(list) == 0 {
		return
	}
	x.claim(list)
	f.Evidence = append(f.Evidence, Evidence{
		Source: sourceRequests, Fact: "acked-without-room", Value: float64(len(list)), Unit: "sockets",
		Text: Say("acked-without-room", len(list)), Recheck: "synoptic sockets --source iterator state syn-recv -o jsonl",
	})
}

// synQueueLooks counts the looks at which the half-open queue of some socket was
// full, and all at which its length was told.
func (l *listener) synQueueLooks() (full, looks int) {
	for _, s := range l.sockets {
		for _, n := range l.synQueues[s.now.Cookie] {
			looks++
			full += count(n >= s.now.SendQueue && n > 0)
		}
	}
	return full, looks
}

// synQueueEvidence tells at how many looks the half-open queue was full.
func synQueueEvidence(f *Finding, l *listener) {
	if full, looks := l.synQueueLooks(); full > 0 {
		f.Evidence = append(f.Evidence, Evidence{
			Source: sourceListeners, Fact: "syn-queue-full-looks", Value: float64(full), Unit: "looks",
			Text: Say("syn-queue-looks", full, looks, l.limit()), Recheck: "synoptic listeners",
		})
	}
}

// fullForMoments returns the listener whose half-open queue was seen full most
// often, nil when none was.
func (x *index) fullForMoments() (worst *listener) {
	most := 0
	for _, l := range x.sorted() {
		if full, _ := l.synQueueLooks(); full > most {
			worst, most = l, full
		}
	}
	return worst
}
