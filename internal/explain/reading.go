package explain

import (
	"net/netip"
	"slices"
	"time"

	"github.com/synoptic-net/synoptic/packet"
	"github.com/synoptic-net/synoptic/tcp"
	"github.com/synoptic-net/synoptic/track"
)

// Connection is one tracked connection, a line of "synoptic read -o jsonl".
type Connection struct {
	Number          uint64               `json:"number"` // in the order in which they began, from 1
	Originator      string               `json:"originator"`
	Responder       string               `json:"responder"`
	OriginatorState string               `json:"originator_state"` // the likely one, "" while the end was not heard
	ResponderState  string               `json:"responder_state"`
	Possible        PerEnd[[]tcp.State]  `json:"possible"`
	FirstSeen       time.Time            `json:"first_seen"`
	LastSeen        time.Time            `json:"last_seen"`
	Segments        PerEnd[uint64]       `json:"segments"`
	Bytes           PerEnd[uint64]       `json:"bytes"` // of text, sent again ones each time
	ConnState       string               `json:"conn_state"`
	History         string               `json:"history"`
	Anomalies       []string             `json:"anomalies"`
	Transitions     []CapturedTransition `json:"transitions,omitempty"`
}

// PerEnd is a value for each end.
type PerEnd[T any] struct {
	Originator T `json:"originator"`
	Responder  T `json:"responder"`
}

// CapturedTransition is a change of state that a packet shows.
type CapturedTransition struct {
	Packet  uint64    `json:"packet"`
	Time    time.Time `json:"time"`
	Side    string    `json:"side"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Row     string    `json:"row,omitempty"`
	RFC     string    `json:"rfc,omitempty"`
	Certain bool      `json:"certain"` // else it is assumed: the segment may not have arrived
}

// NewConnection puts a connection into the form for machines.
func NewConnection(number uint64, c *track.Conn) Connection {
	d := Connection{
		Number:          number,
		Originator:      netip.AddrPortFrom(c.Tuple.Source.Addr(), c.Tuple.SourcePort).String(),
		Responder:       netip.AddrPortFrom(c.Tuple.Destination.Addr(), c.Tuple.DestinationPort).String(),
		OriginatorState: likely(&c.Originator), ResponderState: likely(&c.Responder),
		Possible:  PerEnd[[]tcp.State]{c.Originator.Possible.States(), c.Responder.Possible.States()},
		FirstSeen: c.First, LastSeen: c.Last,
		Segments:  PerEnd[uint64]{c.Originator.Segments, c.Responder.Segments},
		Bytes:     PerEnd[uint64]{c.Originator.Octets, c.Responder.Octets},
		ConnState: c.Word.String(), History: c.History, Anomalies: anomalyNames(c.Anomalies),
	}
	for i := range c.Transitions {
		d.Transitions = append(d.Transitions, capturedTransition(&c.Transitions[i]))
	}
	return d
}

func likely(e *track.End) string {
	if e.State == tcp.Unknown {
		return ""
	}
	return e.State.String()
}

func anomalyNames(set track.Anomalies) []string {
	names := []string{}
	for _, one := range set.List() {
		names = append(names, one.String())
	}
	return names
}

func capturedTransition(t *track.Transition) CapturedTransition {
	side := "responder"
	if t.Originator {
		side = "originator"
	}
	return CapturedTransition{
		Packet: t.Number, Time: t.Time, Side: side, From: wordOf(t.From), To: wordOf(t.To), Row: t.Row, RFC: t.RFC, Certain: t.Certain,
	}
}

func wordOf(s tcp.State) string {
	if s == tcp.Unknown {
		return ""
	}
	return s.String()
}

// Reading is the summary of captures: "synoptic read -o json".
type Reading struct {
	Files       []string          `json:"files"`
	Packets     uint64            `json:"packets"`
	Segments    uint64            `json:"segments"`
	Bytes       uint64            `json:"bytes"` // of text
	FirstSeen   *time.Time        `json:"first_seen"`
	LastSeen    *time.Time        `json:"last_seen"`
	Connections uint64            `json:"connections"`
	States      []PairCount       `json:"states"` // most first
	ConnStates  map[string]uint64 `json:"conn_states"`
	Handshakes  Handshakes        `json:"handshakes"`
	Anomalies   map[string]uint64 `json:"anomalies"`
	Sources     []SourceCount     `json:"sources"`  // networks that sent most SYNs without a connection
	NotRead     map[string]uint64 `json:"not_read"` // packets that gave no segment, and what was not followed, by reason
}

// PairCount counts connections by the likely states of both ends; "" is an end
// that was not heard.
type PairCount struct {
	Originator  string `json:"originator_state"`
	Responder   string `json:"responder_state"`
	Connections uint64 `json:"connections"`
}

// Handshakes is how connections opened.
type Handshakes struct {
	Attempts   uint64 `json:"attempts"`
	Answered   uint64 `json:"answered"`
	Completed  uint64 `json:"completed"`
	Unanswered uint64 `json:"unanswered"`
	Beyond     uint64 `json:"unanswered_beyond_memory,omitempty"` // an estimate: different SYNs for which there was no room
	Answer     Times  `json:"answer"`                             // from SYN to SYN,ACK
	Finish     Times  `json:"finish"`                             // from SYN,ACK to its acknowledgment
}

// Times are durations in seconds, exact within a factor of two.
type Times struct {
	Median float64 `json:"median_seconds"`
	P99    float64 `json:"p99_seconds"`
}

// SourceCount is a network and the SYNs that came from it.
type SourceCount struct {
	Network string `json:"network"`
	SYNs    uint64 `json:"syns"`
}

// NewReading puts a summary into the form for machines.
func NewReading(files []string, packets uint64, s *track.Summary, reasons *packet.Reasons) Reading {
	d := Reading{
		Files: files, Packets: packets, Segments: s.Segments, Bytes: s.Octets, Connections: s.Connections + s.UnansweredBeyond,
		States: pairsOf(s), ConnStates: map[string]uint64{}, Anomalies: map[string]uint64{}, Sources: []SourceCount{},
		Handshakes: Handshakes{
			Attempts: s.Attempts, Answered: s.Answered, Completed: s.Completed, Unanswered: s.Unanswered, Beyond: s.UnansweredBeyond,
			Answer: timesOf(&s.Answers), Finish: timesOf(&s.Finishes),
		},
		NotRead: notRead(s, reasons),
	}
	if s.Segments > 0 {
		d.FirstSeen, d.LastSeen = &s.First, &s.Last
	}
	for i, n := range s.Words {
		if n > 0 {
			d.ConnStates[track.Word(i).String()] = n
		}
	}
	for i, one := range track.AnomalyList() {
		if n := s.Anomalies[i]; n > 0 {
			d.Anomalies[one.String()] = n
		}
	}
	for _, source := range s.Sources {
		d.Sources = append(d.Sources, SourceCount{source.Network.String(), source.Attempts})
	}
	return d
}

func pairsOf(s *track.Summary) []PairCount {
	list := []PairCount{}
	for o := range s.States {
		for r, n := range s.States[o] {
			if n > 0 {
				list = append(list, PairCount{wordOf(tcp.State(o)), wordOf(tcp.State(r)), n})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b PairCount) int {
		switch {
		case a.Connections > b.Connections:
			return -1
		case a.Connections < b.Connections:
			return 1
		}
		return 0
	})
	return list
}

func timesOf(h *track.Histogram) Times {
	return Times{Median: h.Quantile(0.5).Seconds(), P99: h.Quantile(0.99).Seconds()}
}

func notRead(s *track.Summary, reasons *packet.Reasons) map[string]uint64 {
	out := map[string]uint64{}
	for i, n := range reasons {
		if n > 0 && packet.Reason(i) != packet.IsSegment {
			out[packet.Reason(i).String()] = n
		}
	}
	for name, n := range map[string]uint64{"no-room": s.Untracked, "bad-checksum": s.BadChecksum, "equal-ends": s.EqualEnds} {
		if n > 0 {
			out[name] = n
		}
	}
	return out
}
