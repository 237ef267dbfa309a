package explore

import "fmt"

// Limits stop a run that is larger than expected.
type Limits struct {
	States int         // joint states at most; 0: 6 million, which takes less than 1 GB
	Stop   func() bool // asked now and then; true stops the run
}

// Run tries everything that the bound allows, unless it has Breaks and all of
// them are found. The same bound gives the same report. A bound that makes no
// sense is an error.
func Run(b Bound, l Limits) (Report, error) {
	if err := b.check(); err != nil {
		return Report{}, err
	}
	if l.States == 0 {
		l.States = 6_000_000
	}
	if b.Invariants == 0 {
		b.Invariants = AllInvariants
	}
	s := newSearch(&b, l)
	s.run()
	s.finish()
	return s.report, nil
}

// search is a breadth-first search under way.
type search struct {
	*machine
	limits   Limits
	halfOpen bool
	report   Report

	seen    set
	parents []uint32 // by number of the joint state
	by      []move   // the move that led there from the parent
	leads   []uint32 // numbers of what the moves lead to
	leadEnd []uint32 // where those of each joint state end
	over    []bool   // nothing can happen any more, as it should be

	judged  map[uint64]Invariants // what pairs of locals break
	broken  map[Invariants]crime
	stopped bool

	base, variants []move // of the joint state that is expanded
	octets         []byte
}

// crime is where an invariant was broken first: in a joint state, or by a move
// from there.
type crime struct {
	state uint32
	by    move
	moved bool
}

func newSearch(b *Bound, l Limits) *search {
	s := &search{machine: newMachine(b), limits: l, halfOpen: b.halfOpens()}
	s.judged, s.broken = map[uint64]Invariants{}, map[Invariants]crime{}
	s.report = Report{Bound: b.Name, Taken: make([]int, len(s.rows))}
	return s
}

// run goes through the joint states in the order in which they were met, so that
// each is met first by a shortest way.
func (s *search) run() {
	j, fits := s.first()
	if !fits {
		s.stop(fmt.Sprintf("more than %d old packets", crowd))
		return
	}
	s.reach(&j, 0, 0)
	levelEnd := uint32(1)
	for n := uint32(0); int(n) < len(s.parents) && !s.limited(n); n++ {
		if n == levelEnd {
			s.report.Depth++
			levelEnd = uint32(len(s.parents))
		}
		j.read(s.seen.key(n))
		s.expand(n, &j)
		s.leadEnd = append(s.leadEnd, uint32(len(s.leads)))
	}
	s.report.Exhausted = !s.stopped
}

// askEvery is after how many joint states Stop is asked.
const askEvery = 1 << 12

// limited tells whether the search must end here.
func (s *search) limited(n uint32) bool {
	switch {
	case len(s.parents) > s.limits.States:
		s.stop(fmt.Sprintf("more than %d joint states", s.limits.States))
	case len(s.packets) > maxPackets || len(s.locals) > maxLocals:
		s.stop("more different packets or ends than can be numbered")
	case s.bound.Breaks != 0 && s.found(s.bound.Breaks):
		s.stop("all that the bound breaks is broken")
	case n%askEvery == 0 && s.limits.Stop != nil && s.limits.Stop():
		s.stop("stopped")
	}
	return s.stopped
}

func (s *search) stop(why string) { s.report.Unmet, s.stopped = why, true }

// found tells whether all of the invariants are known to be broken.
func (s *search) found(all Invariants) bool {
	for _, one := range all.List() {
		if _, known := s.broken[one]; !known {
			return false
		}
	}
	return true
}

// expand makes every move from a joint state.
func (s *search) expand(n uint32, j *joint) {
	s.base = s.moves(j, s.base[:0])
	s.over = append(s.over, len(s.base) == 0 && s.atRest(n, j))
	for _, mv := range s.base {
		sent := 0
		if mv.ofEnd() {
			sent = len(s.step(j.ends[mv.side()], mv.incident()).sent)
		}
		s.variants = losses(j, mv, sent, s.variants[:0])
		for _, mv := range s.variants {
			s.make(n, *j, mv)
		}
	}
}

// atRest judges a joint state in which nothing can happen any more.
func (s *search) atRest(n uint32, j *joint) bool {
	for _, id := range j.ends {
		if !s.locals[id].atRest() {
			s.breaks(NoDeadlock, crime{state: n})
			return false
		}
	}
	s.report.Ends++
	return true
}

// make makes one move.
func (s *search) make(n uint32, j joint, mv move) {
	o, fits := s.apply(&j, mv)
	if !fits {
		s.stop(fmt.Sprintf("more than %d packets under way, or more than %d sent at once", crowd, maxSent))
		return
	}
	s.report.Moves++
	if o != nil {
		for _, row := range o.rows {
			s.report.Taken[row]++
		}
		s.breaks(o.breaks, crime{n, mv, true})
	}
	s.leads = append(s.leads, s.reach(&j, n, mv))
}

// reach returns the number of a joint state, and judges it if it is new.
func (s *search) reach(j *joint, parent uint32, by move) uint32 {
	s.octets = j.append(s.octets[:0])
	n, isNew := s.seen.add(s.octets)
	if !isNew {
		return n
	}
	s.parents, s.by = append(s.parents, parent), append(s.by, by)
	a, b := s.locals[j.ends[0]], s.locals[j.ends[1]]
	s.report.Pairs[a.state()][b.state()]++
	s.report.Crowd = max(s.report.Crowd, int(j.n))
	s.breaks(s.judge(a, b), crime{state: n})
	return n
}

// judge tells what two locals break together, and has each of them called in
// vain when it is met.
func (s *search) judge(a, b *local) Invariants {
	key := uint64(a.number)<<32 | uint64(b.number)
	broken, known := s.judged[key]
	if !known {
		broken = jointBreaks(a, b, s.halfOpen)
		s.judged[key] = broken
		s.meet(a)
		s.meet(b)
	}
	return broken
}

// breaks notes the first time that invariants are broken.
func (s *search) breaks(broken Invariants, c crime) {
	for _, one := range (broken & s.bound.Invariants).List() {
		if _, known := s.broken[one]; !known {
			s.broken[one] = c
		}
	}
}
