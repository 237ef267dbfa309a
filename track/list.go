package track

import (
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
)

// Conn is a listed connection.
type Conn struct {
	Originator, Responder End
	// Tuple names the ends as the Originator's segments do.
	Tuple packet.Tuple
	// Zone is 0 unless tags or tunnels kept the connection apart from others
	// between the same addresses and ports.
	Zone        uint32
	First, Last time.Time // of capture
	Word        Word
	// History holds a letter for each kind of segment in the order of their first
	// appearance, in Zeek's vocabulary: upper case for the Originator, lower for
	// the Responder. s SYN, h SYN,ACK, a bare ACK, d text, f FIN, r RST; t text
	// again, g gap, w window closed are repeated at the 10th, 100th, ... of them.
	// ^ in front: the roles are a guess.
	History   string
	Anomalies Anomalies
	// Transitions are the changes of state, if Config.Transitions asked for them.
	Transitions []Transition
}

// End is one end of a listed connection.
type End struct {
	State    tcp.State    // the likely one; Unknown while the end was not heard
	Possible tcp.StateSet // all that fit
	Heard    bool
	ISN      tcp.Seq // with ISNKnown
	ISNKnown bool
	Segments uint64
	Octets   uint64 // of text, retransmitted ones each time
	Effort   Effort // with Config.Efforts
}

// Certain tells whether the end can be in one state only.
func (e *End) Certain() bool { return e.Possible.Len() == 1 }

// Transition is one change of a likely state.
type Transition struct {
	Number     uint64 // of the packet in its capture
	Time       time.Time
	Originator bool // else the Responder's
	From, To   tcp.State
	Row        string // of the table; "" where several steps were taken at once
	RFC        string
	Certain    bool // no other state was possible afterwards; else it is assumed
}

// record is what is kept of a listed connection besides its line.
type record struct {
	key         packet.Tuple // as the end with index 0 sends
	zone        uint32
	first, last int64
	segments    [2]uint64
	octets      [2]uint64
	repeats     [2][3]uint32 // of t, g and w
	odd         Anomalies
	history     [historySize]byte // low seven bits a letter, high bit the side
	letters     uint8
	seen        [2]uint8 // letters that were already noted, by index in onceLetters
	final       core     // once the line is gone
	done        bool
	steps       []step
}

// recordSize is about what a record takes, octets, with room for the growth of
// the slice that holds it.
const recordSize = 512

const historySize = 24

// mostSteps are kept of a connection; stepsSize is what they take, octets, with
// room for the growth of their slice.
const (
	mostSteps = 16
	stepsSize = mostSteps * 32
)

type step struct {
	number   uint64
	time     int64
	side     uint8
	sends    bool // the end sent the segment, else it got it
	flags    tcp.Flags
	from, to tcp.State
	certain  bool
}

// list begins a record, if there is to be one and room for it.
func (t *Tracker) list(c *core, s *slot) {
	if len(t.records) >= t.most {
		return
	}
	r := record{first: s.time, last: s.time}
	if s.is4 {
		r.key, r.zone = s.four.tuple(0), s.four.zone
	} else {
		r.key, r.zone = s.six.tuple(0), s.six.zone
	}
	t.records = append(t.records, r)
	if t.config.Efforts {
		t.efforts = append(t.efforts, efforts{})
	}
	c.cold = uint32(len(t.records))
}

// finish keeps the last state of a line that is given up.
func (r *record) finish(c *core) { r.final, r.done = *c, true }

// note adds a segment.
func (r *record) note(c *core, s *slot, odd Anomalies, saw [2]tcp.State, transitions bool) {
	side := s.side & 1
	r.first, r.last = min(r.first, s.time), max(r.last, s.time)
	r.segments[side]++
	r.octets[side] += uint64(s.data)
	r.odd |= odd
	r.letter(s, odd)
	if !transitions {
		return
	}
	for i, from := range saw {
		if to := c.ends[i].showing(); to != from && len(r.steps) < mostSteps {
			r.steps = append(r.steps, step{
				number: s.number, time: s.time, side: uint8(i), sends: uint8(i) == side, flags: s.flags, from: from, to: to,
				certain: c.ends[i].set.Len() == 1,
			})
		}
	}
}

// Letters of the history: those that stand once for an end, and those that stand
// at powers of ten.
const (
	onceLetters   = "shadfr"
	repeatLetters = "tgw"
)

func (r *record) letter(s *slot, odd Anomalies) {
	side := s.side & 1
	for i, has := range [...]bool{
		s.has(tcp.SYN) && !s.has(tcp.ACK), s.has(tcp.SYN) && s.has(tcp.ACK),
		s.flags&(tcp.SYN|tcp.FIN|tcp.RST|tcp.ACK) == tcp.ACK && s.data == 0,
		s.data > 0, s.has(tcp.FIN), s.has(tcp.RST),
	} {
		if has && r.seen[side]>>i&1 == 0 {
			r.seen[side] |= 1 << i
			r.write(onceLetters[i], side)
		}
	}
	for i, kind := range [...]Anomalies{TextAgain | OutOfOrder | GapFilled, Gap, ZeroWindow} {
		if odd&kind == 0 {
			continue
		}
		r.repeats[side][i]++
		if powerOfTen(r.repeats[side][i]) {
			r.write(repeatLetters[i], side)
		}
	}
}

func (r *record) write(letter byte, side uint8) {
	if int(r.letters) < historySize {
		r.history[r.letters] = letter | side<<7
		r.letters++
	}
}

func powerOfTen(n uint32) bool {
	for n >= 10 && n%10 == 0 {
		n /= 10
	}
	return n == 1
}

// Each calls visit for every listed connection, in the order in which they began,
// until it returns false. Without Config.List there are none. The Conn is the
// caller's only until visit returns.
func (t *Tracker) Each(visit func(*Conn) bool) {
	t.Flush()
	for i := range t.records {
		c := t.conn(&t.records[i])
		if t.config.Efforts {
			c.tell(&t.efforts[i], c.Tuple == t.records[i].key)
		}
		if !visit(&c) {
			return
		}
	}
}

// Unlisted returns how many connections have no record for want of memory.
func (t *Tracker) Unlisted() uint64 {
	t.Flush()
	if !t.config.List {
		return 0
	}
	return t.totals.Connections + uint64(t.half.used) + t.half.estimate() - uint64(len(t.records))
}

// core returns the hot part of a record's connection, with TIME-WAIT ended if it
// is over by now.
func (t *Tracker) core(r *record) core {
	c := r.final
	if !r.done {
		c = t.lookup(r)
	}
	if idle(t.now, c.last, t.timeWait) {
		c.expire()
	}
	return c
}

func (t *Tracker) lookup(r *record) core {
	if r.key.Source.Is4() && r.key.Destination.Is4() {
		k := keyOf4(&r.key, 0, r.zone)
		return lookup(&t.four, &k, t.keys.of4(&k))
	}
	k := keyOf6(&r.key, 0, r.zone)
	return lookup(&t.six, &k, t.keys.of6(&k))
}

func lookup[K comparable](tab *table[K], k *K, hash uint64) (c core) {
	if i := tab.find(k, hash); i >= 0 {
		c = tab.lines[i].core
	}
	return c
}

func (t *Tracker) conn(r *record) Conn {
	c := t.core(r)
	o := c.originator()
	conn := Conn{
		Originator: r.end(&c, o), Responder: r.end(&c, 1-o), Tuple: r.key, Zone: r.zone,
		First: time.Unix(0, r.first).UTC(), Last: time.Unix(0, r.last).UTC(),
		Word: c.word(), Anomalies: r.odd, History: r.historyOf(o),
	}
	if o == 1 {
		conn.Tuple = r.key.Reverse()
	}
	if c.ends[0].has(guessed) || c.ends[1].has(guessed) {
		conn.History = "^" + conn.History
		conn.Anomalies |= RoleGuessed
	}
	for _, s := range r.steps {
		conn.Transitions = append(conn.Transitions, s.transition(o))
	}
	return conn
}

func (r *record) end(c *core, i int) End {
	e := &c.ends[i]
	return End{
		State: e.showing(), Possible: e.set, Heard: e.has(heard), ISN: e.isn, ISNKnown: e.has(isnKnown),
		Segments: r.segments[i], Octets: r.octets[i],
	}
}

func (r *record) historyOf(originator int) string {
	letters := make([]byte, r.letters)
	for i := range letters {
		letters[i] = r.history[i] & 0x7f
		if int(r.history[i]>>7) == originator {
			letters[i] -= 'a' - 'A'
		}
	}
	return string(letters)
}

func (s *step) transition(originator int) Transition {
	from := s.from
	if from == tcp.Unknown {
		from = begunFrom[s.to%states]
	}
	row := rowOf(from, s.to, s.sends, s.flags)
	return Transition{
		Number: s.number, Time: time.Unix(0, s.time).UTC(), Originator: int(s.side) == originator,
		From: from, To: s.to, Row: row.ID, RFC: row.RFC, Certain: s.certain,
	}
}

// begunFrom is the state before the first segment that an end sends, where that
// segment tells.
var begunFrom = [states]tcp.State{tcp.SynSent: tcp.Closed, tcp.SynReceived: tcp.Listen}
