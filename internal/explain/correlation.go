package explain

import (
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/track/correlate"
)

// Correlation is what two captures tell of the same connections:
// "synoptic read --correlate A B -o json".
type Correlation struct {
	Schema      string                `json:"schema"` // synoptic.correlation/v1
	Points      [2]CorrelatedPoint    `json:"points"` // A and B
	Clock       CorrelatedClock       `json:"clock"`
	Joined      int                   `json:"joined"` // connections at both points
	Alone       [2]int                `json:"alone"`  // connections at A only, and at B only
	Segments    []PassedSegments      `json:"segments"`
	Findings    []CorrelationFinding  `json:"findings"`
	Connections []CorrelatedConnected `json:"connections"`
}

// CorrelatedPoint is one of the captures.
type CorrelatedPoint struct {
	Point       string     `json:"point"` // "A" or "B"
	File        string     `json:"file"`
	Packets     uint64     `json:"packets"`
	Segments    uint64     `json:"segments"`
	Connections int        `json:"connections"`
	FirstSeen   *time.Time `json:"first_seen"` // by its own clock
	LastSeen    *time.Time `json:"last_seen"`
	Dropped     uint64     `json:"dropped"`  // packets that the capture says it lost
	Misses      bool       `json:"misses"`   // it lacks segments that demonstrably passed
	NotKept     uint64     `json:"not_kept"` // segments for which there was no memory
}

// CorrelatedClock is how the clock of B differs from that of A.
type CorrelatedClock struct {
	Known       bool    `json:"known"`
	Offset      float64 `json:"offset_seconds"` // B minus A
	Uncertainty float64 `json:"uncertainty_seconds"`
	OneWay      bool    `json:"one_way"`   // only one direction could be compared
	Drift       float64 `json:"drift_ppm"` // 0 where the captures are too short to tell
	RoundTrip   float64 `json:"round_trip_seconds"`
	Jumped      bool    `json:"jumped"` // no steady clock fits
	Samples     int     `json:"samples"`
}

// PassedSegments counts segments of a kind in one direction by what became of them.
type PassedSegments struct {
	From     string `json:"from"` // the point nearer to the sender; "" where it is not known
	Kind     string `json:"kind"` // "SYN", "SYN,ACK", "ACK", "text", "FIN", "RST"
	Arrived  uint64 `json:"arrived"`
	Changed  uint64 `json:"changed"`
	Vanished uint64 `json:"vanished"`
	Made     uint64 `json:"made"`
	Unknown  uint64 `json:"unknown"`
}

// CorrelationFinding is one sentence about what happens between the points.
type CorrelationFinding struct {
	Topic       string `json:"topic"`
	From        string `json:"from,omitempty"`
	To          string `json:"to,omitempty"`
	Count       uint64 `json:"count"`
	Connections uint64 `json:"connections"`
	Text        string `json:"text"`
}

// CorrelatedConnected is one connection, a line of -o jsonl.
type CorrelatedConnected struct {
	Number   int                 `json:"number"` // in the order in which they began, from 1
	A        *ConnectedAt        `json:"a"`      // null where A did not see it
	B        *ConnectedAt        `json:"b"`
	Score    int                 `json:"score"` // how well they fit, to 100
	Reasons  []string            `json:"reasons"`
	Nearer   string              `json:"nearer_to_originator"` // "A", "B" or "" where it is not known
	Shift    PerEnd[uint32]      `json:"shift"`                // added to sequence numbers between A and B
	ToB      Outcomes            `json:"to_b"`                 // what became of segments on the way from A to B
	ToA      Outcomes            `json:"to_a"`
	Changes  []string            `json:"changes"`
	Passages []CorrelatedPassage `json:"segments,omitempty"` // with -o jsonl
}

// ConnectedAt is a connection at one point.
type ConnectedAt struct {
	Originator string   `json:"originator"`
	Responder  string   `json:"responder"`
	Also       []string `json:"also,omitempty"` // further tuples, "originator > responder"
}

// Outcomes counts segments by what became of them.
type Outcomes struct {
	Arrived  uint64 `json:"arrived"`
	Changed  uint64 `json:"changed"`
	Vanished uint64 `json:"vanished"`
	Made     uint64 `json:"made"`
	Unknown  uint64 `json:"unknown"`
}

// CorrelatedPassage is what became of one segment.
type CorrelatedPassage struct {
	Sender  string   `json:"sender"` // "originator" or "responder"
	Segment string   `json:"segment"`
	A       *SeenAt  `json:"a"` // null where the capture lacks it
	B       *SeenAt  `json:"b"`
	Verdict string   `json:"verdict"` // "arrived", "changed", "vanished", "made", "unknown"
	Why     string   `json:"why"`
	Changes []string `json:"changes,omitempty"`
	Lacks   uint32   `json:"lacks,omitempty"` // octets of its text that vanished, where not all did
	Parts   uint16   `json:"parts,omitempty"` // segments at the other point that hold its text
}

// SeenAt is where a capture has a segment.
type SeenAt struct {
	Packet uint64    `json:"packet"`
	Time   time.Time `json:"time"` // by the clock of the capture
	TTL    uint8     `json:"ttl"`
}

// NewCorrelation puts a report into the form for machines. keep, if it is not nil,
// says which connections are meant.
func NewCorrelation(files [2]string, r *correlate.Report, keep func(*correlate.Pair) bool, l Language) Correlation {
	out := Correlation{Schema: "synoptic.correlation/v1", Clock: clockOf(&r.Clock), Segments: []PassedSegments{}, Findings: []CorrelationFinding{}, Connections: []CorrelatedConnected{}}
	for i := range r.Points {
		out.Points[i] = pointOf(correlate.Point(i), files[i], &r.Points[i])
	}
	var tally [3]correlate.Tally // by the point nearer to the sender of direction 0; the last is not known
	for i := range r.Pairs {
		p := &r.Pairs[i]
		if keep != nil && !keep(p) {
			continue
		}
		switch {
		case p.Joined:
			out.Joined++
		case len(p.Tuples[correlate.A]) > 0:
			out.Alone[0]++
		default:
			out.Alone[1]++
		}
		at := 2
		if p.Ordered {
			at = int(p.Nearer)
		}
		tally[at].Add(&p.Tally)
		out.Connections = append(out.Connections, NewCorrelated(i+1, r, p, false))
	}
	out.Segments = passed(&tally)
	for _, f := range r.Findings(keep) {
		out.Findings = append(out.Findings, correlationFinding(&f, l))
	}
	return out
}

func clockOf(c *correlate.Clock) CorrelatedClock {
	return CorrelatedClock{
		Known: c.Known, Offset: c.Offset.Seconds(), Uncertainty: c.Uncertainty.Seconds(), OneWay: c.OneWay,
		Drift: c.Drift * 1e6, RoundTrip: c.RoundTrip.Seconds(), Jumped: c.Jumped, Samples: c.Samples,
	}
}

func pointOf(p correlate.Point, file string, c *correlate.Coverage) CorrelatedPoint {
	out := CorrelatedPoint{
		Point: p.String(), File: file, Packets: c.Packets, Segments: c.Segments, Connections: c.Connections,
		Dropped: c.Dropped, Misses: c.Misses, NotKept: c.NotKept,
	}
	if c.Packets > 0 {
		out.FirstSeen, out.LastSeen = &c.First, &c.Last
	}
	return out
}

// passed sums up by the point that a direction comes from.
func passed(tally *[3]correlate.Tally) []PassedSegments {
	out := []PassedSegments{}
	for from := range 3 {
		for _, kind := range kindsInOrder {
			row := PassedSegments{Kind: kind.String()}
			if from < 2 {
				row.From = correlate.Point(from).String()
			}
			var sum [correlate.Verdicts]uint64
			for near := range tally {
				for d := range 2 {
					if directionFrom(near, d) == from {
						for v, n := range tally[near][d][kind] {
							sum[v] += n
						}
					}
				}
			}
			row.Arrived, row.Changed, row.Vanished = sum[correlate.Arrived], sum[correlate.Changed], sum[correlate.Vanished]
			row.Made, row.Unknown = sum[correlate.Made], sum[correlate.Unknown]
			if sum != [correlate.Verdicts]uint64{} {
				out = append(out, row)
			}
		}
	}
	return out
}

// kindsInOrder is the order of a connection's life.
var kindsInOrder = [...]correlate.Kind{
	correlate.KindSYN, correlate.KindSYNACK, correlate.KindACK, correlate.KindText, correlate.KindFIN, correlate.KindRST,
}

// directionFrom returns the point from which a direction comes, 2 where that is not
// known.
func directionFrom(near, d int) int {
	if near == 2 {
		return 2
	}
	return near ^ d
}

// NewCorrelated puts one connection into the form for machines, on request with all
// its segments.
func NewCorrelated(number int, r *correlate.Report, p *correlate.Pair, segments bool) CorrelatedConnected {
	out := CorrelatedConnected{
		Number: number, A: connectedAt(p, correlate.A), B: connectedAt(p, correlate.B), Score: p.Reasons.Score(), Reasons: p.Reasons.List(),
		Shift: PerEnd[uint32]{uint32(p.Shift[0]), uint32(p.Shift[1])},
	}
	toB := 0
	if p.Ordered {
		out.Nearer = p.Nearer.String()
		toB = int(p.Nearer)
	}
	out.ToB, out.ToA = outcomes(&p.Tally, toB), outcomes(&p.Tally, 1-toB)
	var changes correlate.Changes
	for i := range p.Passages {
		changes |= p.Passages[i].Changes
		if segments {
			out.Passages = append(out.Passages, correlatedPassage(r, p, &p.Passages[i]))
		}
	}
	out.Changes = changes.List()
	return out
}

func connectedAt(p *correlate.Pair, at correlate.Point) *ConnectedAt {
	if len(p.Tuples[at]) == 0 {
		return nil
	}
	t := p.Tuples[at][0]
	out := &ConnectedAt{Originator: t.SourceAddrPort().String(), Responder: t.DestinationAddrPort().String()}
	for _, also := range p.Tuples[at][1:] {
		out.Also = append(out.Also, also.String())
	}
	return out
}

func outcomes(t *correlate.Tally, d int) Outcomes {
	return Outcomes{
		Arrived: t.Of(d, correlate.Arrived), Changed: t.Of(d, correlate.Changed), Vanished: t.Of(d, correlate.Vanished),
		Made: t.Of(d, correlate.Made), Unknown: t.Of(d, correlate.Unknown),
	}
}

func correlatedPassage(r *correlate.Report, p *correlate.Pair, x *correlate.Passage) CorrelatedPassage {
	out := CorrelatedPassage{
		Sender: endNames[1], Segment: passageLabel(r, p, x), A: seenAt(r, x, correlate.A), B: seenAt(r, x, correlate.B),
		Verdict: x.Verdict.String(), Why: x.Why.String(), Changes: x.Changes.List(), Lacks: uint32(x.Lacks), Parts: x.Parts,
	}
	if x.FromOriginator {
		out.Sender = endNames[0]
	}
	return out
}

func seenAt(r *correlate.Report, x *correlate.Passage, p correlate.Point) *SeenAt {
	k := r.Kept(p, x.Seen[p])
	if k == nil {
		return nil
	}
	return &SeenAt{Packet: k.Number, Time: k.At(), TTL: k.TTL}
}

// CorrelatedEnds returns the tuples of a pair at both points, for a filter.
func CorrelatedEnds(p *correlate.Pair) []packet.Tuple {
	return slices.Concat(p.Tuples[:]...)
}

// tupleEnd returns an end of a tuple, 0 the originator.
func tupleEnd(t packet.Tuple, end int) netip.AddrPort {
	if end == 0 {
		return t.SourceAddrPort()
	}
	return t.DestinationAddrPort()
}
