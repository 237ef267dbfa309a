package correlate

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Topic says what a Finding is about.
type Topic uint8

// The topics, in the order in which findings are listed.
const (
	Proxied       Topic = iota // something in between answers SYNs in the responder's place
	MadeBetween                // segments were made in between
	StrangeAnswer              // the answer comes from another socket than was asked
	VanishBetween              // segments vanish
	Translated                 // addresses or ports are changed
	Altered                    // another field is changed
	UnseenArrival              // segments arrived though a capture lacks them
	SeenAtOne                  // connections that one point alone saw
	NotTold                    // segments of which it is not known
	Topics        = iota
)

var topicNames = [Topics]string{"proxied", "made", "strange-answer", "vanished", "translated", "altered", "unseen-arrival", "seen-at-one", "not-told"}

// String returns a word with hyphens.
func (t Topic) String() string {
	if int(t) < len(topicNames) {
		return topicNames[t]
	}
	return "topic?"
}

// Finding is one thing that two captures show, over all connections. Which fields
// mean something is said with each.
type Finding struct {
	Topic       Topic
	From, To    Point     // the direction between the points; SeenAtOne: From saw them
	Segments    Kind      // MadeBetween, VanishBetween
	Change      Changes   // Altered: one of them
	Why         Why       // MadeBetween, NotTold, UnseenArrival
	Count       uint64    // segments; SeenAtOne: connections
	Of          uint64    // VanishBetween: segments of the kind whose fate is known
	Connections uint64    // in how many connections
	Old, New    int       // Altered: the value at From and at To, where all have the same; else -1
	Removed     uint64    // Altered, of an option: of Count, segments that lost it
	Added       uint64    // and that got it
	TTL         [2]int    // MadeBetween, Foreign: that of the segments and of their sender, where all have the same; else -1
	Gone, Came  tcp.Size  // VanishBetween of text: all segments from Gone octets on vanish, none up to Came; 0 where it is not so
	Sockets     [2]Socket // Translated: a socket at From and at To; StrangeAnswer: who was asked, who answered; where all are the same
}

// Socket is an address with a port, invalid where there are several.
type Socket = netip.AddrPort

// findingKey tells findings apart.
type findingKey struct {
	topic  Topic
	from   Point
	kind   Kind
	change Changes
	why    Why
	place  uint8 // Translated: 0 source, 1 destination
}

type finder struct {
	r    *Report
	list map[findingKey]*Finding
	last map[findingKey]int // the pair that was counted last
	text [Points]textSizes
	// translates: what the originator of the pair sends is translated, so that the
	// translation of its answers needs no words.
	translates bool
}

// textSizes are sizes of text that vanished and arrived, from one point.
type textSizes struct {
	leastGone, mostCame tcp.Size
	gone                bool
}

// Findings sums up the passages of all connections, or of those that keep accepts.
func (r *Report) Findings(keep func(*Pair) bool) []Finding {
	f := finder{r: r, list: map[findingKey]*Finding{}, last: map[findingKey]int{}}
	known := map[findingKey]uint64{}
	for i := range r.Pairs {
		p := &r.Pairs[i]
		if keep != nil && !keep(p) {
			continue
		}
		f.pair(i, p)
		for d := range 2 {
			from, _ := p.Direction(d)
			for k := range Kind(Kinds) {
				known[findingKey{topic: VanishBetween, from: from, kind: k}] += p.Tally[d][k][Arrived] + p.Tally[d][k][Changed] + p.Tally[d][k][Vanished]
			}
		}
	}
	var list []Finding
	for key, one := range f.list {
		if key.topic == VanishBetween {
			one.Of = known[key]
			if s := f.text[key.from]; key.kind == KindText && s.gone && s.leastGone > s.mostCame {
				one.Gone, one.Came = s.leastGone, s.mostCame
			}
		}
		list = append(list, *one)
	}
	slices.SortFunc(list, order)
	return list
}

func order(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(b.Count, a.Count), cmp.Compare(a.From, b.From),
		cmp.Compare(a.Segments, b.Segments), cmp.Compare(a.Change, b.Change), cmp.Compare(a.Why, b.Why), a.Sockets[0].Compare(b.Sockets[0]))
}

// note counts a finding; made is called with it when it is new.
func (f *finder) note(pair int, key findingKey, to Point) (one *Finding, fresh bool) {
	one, ok := f.list[key]
	if !ok {
		one = &Finding{Topic: key.topic, From: key.from, To: to, Segments: key.kind, Change: key.change, Why: key.why, Old: -1, New: -1, TTL: [2]int{-1, -1}}
		f.list[key] = one
	}
	one.Count++
	if last, counted := f.last[key]; !counted || last != pair {
		f.last[key] = pair
		one.Connections++
	}
	return one, !ok
}

func (f *finder) pair(i int, p *Pair) {
	if !p.Joined {
		at := A
		if len(p.Tuples[A]) == 0 {
			at = B
		}
		f.note(i, findingKey{topic: SeenAtOne, from: at}, at.Other())
	}
	f.strange(i, p)
	f.translates = slices.ContainsFunc(p.Passages, func(x Passage) bool { return x.FromOriginator && x.Changes&(Addresses|Ports) != 0 })
	for j := range p.Passages {
		f.passage(i, p, &p.Passages[j])
	}
}

// strange notes an originator that gets its answer from a socket it did not ask.
func (f *finder) strange(i int, p *Pair) {
	for at := range Point(Points) {
		var asked, answered packet.Tuple
		var both [2]bool
		for j := range p.Passages {
			x := &p.Passages[j]
			k := f.r.Kept(at, x.Seen[at])
			if k == nil {
				continue
			}
			t, _ := f.r.Tuple(p, x, at)
			switch {
			case k.Kind() == KindSYN && x.FromOriginator && !both[0]:
				asked, both[0] = t, true
			case k.Kind() == KindSYNACK && !x.FromOriginator && !both[1]:
				answered, both[1] = t, true
			}
		}
		if both[0] && both[1] && asked != answered.Reverse() {
			one, fresh := f.note(i, findingKey{topic: StrangeAnswer, from: at}, at.Other())
			one.sockets(asked.DestinationAddrPort(), answered.SourceAddrPort(), fresh)
		}
	}
}

func (one *Finding) sockets(a, b Socket, fresh bool) {
	if fresh {
		one.Sockets = [2]Socket{a, b}
	}
	for i, s := range [2]Socket{a, b} {
		if one.Sockets[i] != s {
			one.Sockets[i] = Socket{}
		}
	}
}

func (f *finder) passage(i int, p *Pair, x *Passage) {
	d := 0
	if !x.FromOriginator {
		d = 1
	}
	from, to := p.Direction(d)
	k := f.r.Kept(from, x.Seen[from])
	if k == nil {
		k = f.r.Kept(to, x.Seen[to])
	}
	f.size(from, k, x)
	switch x.Verdict {
	case Vanished:
		f.note(i, findingKey{topic: VanishBetween, from: from, kind: k.Kind()}, to)
	case Made:
		f.made(i, p, x, from, k)
	case Changed:
		f.changed(i, p, x, from)
	case Arrived:
		if x.Why == Acknowledged {
			f.note(i, findingKey{topic: UnseenArrival, from: from}, to)
		}
	case Unknown:
		f.note(i, findingKey{topic: NotTold, from: from, why: x.Why}, to)
	}
}

func (f *finder) size(from Point, k *Kept, x *Passage) {
	if k.Kind() != KindText || x.Verdict == Unknown || x.Verdict == Made {
		return
	}
	s := &f.text[from]
	if x.Verdict == Vanished {
		if !s.gone || k.Data < s.leastGone {
			s.leastGone, s.gone = k.Data, true
		}
		return
	}
	if x.Changes&Length == 0 {
		s.mostCame = max(s.mostCame, k.Data)
	}
}

func (f *finder) made(i int, p *Pair, x *Passage, from Point, k *Kept) {
	to := from.Other()
	if x.Why == TooEarly || x.Why == OtherInstead && slices.ContainsFunc(p.Passages, opensInItsPlace) {
		f.note(i, findingKey{topic: Proxied, from: from}, to)
		return
	}
	one, fresh := f.note(i, findingKey{topic: MadeBetween, from: from, kind: k.Kind(), why: x.Why}, to)
	if x.Why != Foreign {
		return
	}
	t, _ := f.r.Tuple(p, x, to)
	own := f.r.c.ttl[to][t.Source]
	for j, v := range [2]int{int(k.TTL), int(own.ttl)} {
		if fresh {
			one.TTL[j] = v
		}
		if one.TTL[j] != v {
			one.TTL[j] = -1
		}
	}
}

func opensInItsPlace(x Passage) bool { return x.Verdict == Made && x.Why == InItsPlace }

func (f *finder) changed(i int, p *Pair, x *Passage, from Point) {
	to := from.Other()
	for _, change := range ChangeList() {
		switch {
		case !x.Changes.Has(change):
		case change == Addresses || change == Ports && !x.Changes.Has(Addresses):
			f.translated(i, p, x, from)
		case change == Ports:
		default:
			one, fresh := f.note(i, findingKey{topic: Altered, from: from, change: change}, to)
			one.values(f.r.Kept(from, x.Seen[from]), f.r.Kept(to, x.Seen[to]), change, fresh)
		}
	}
}

func (f *finder) translated(i int, p *Pair, x *Passage, from Point) {
	if f.translates && !x.FromOriginator {
		return
	}
	to := from.Other()
	a, _ := f.r.Tuple(p, x, from)
	b, _ := f.r.Tuple(p, x, to)
	ends := [2][2]Socket{{a.SourceAddrPort(), b.SourceAddrPort()}, {a.DestinationAddrPort(), b.DestinationAddrPort()}}
	for place, s := range ends {
		if s[0] != s[1] {
			one, fresh := f.note(i, findingKey{topic: Translated, from: from, place: uint8(place)}, to)
			one.sockets(s[0], s[1], fresh)
			one.Old = place
		}
	}
}

// values notes what a field was and became, while all are the same.
func (one *Finding) values(k, l *Kept, change Changes, fresh bool) {
	if k == nil || l == nil {
		return
	}
	if option := optionOf[change]; option != 0 && k.Options&option != l.Options&option {
		if l.Options&option == 0 {
			one.Removed++
		} else {
			one.Added++
		}
		return
	}
	var old, now int
	switch change {
	case MSS:
		old, now = int(k.MSS), int(l.MSS)
	case WindowScale:
		old, now = int(k.Scale), int(l.Scale)
	case ECN:
		old, now = int(k.Class&3), int(l.Class&3)
	case DSCP:
		old, now = int(k.Class>>2), int(l.Class>>2)
	default:
		return
	}
	if fresh || one.Count == one.Removed+one.Added+1 {
		one.Old, one.New = old, now
	}
	if one.Old != old || one.New != now {
		one.Old, one.New = -1, -1
	}
}

// optionOf names the options whose removal is a change.
var optionOf = map[Changes]packet.OptionSet{
	MSS: packet.OptionMSS, WindowScale: packet.OptionWindowScale, SACKPermitted: packet.OptionSACKPermitted | packet.OptionSACK,
	Timestamps: packet.OptionTimestamps, MPTCP: packet.OptionMPTCP, FastOpen: packet.OptionFastOpen,
}
