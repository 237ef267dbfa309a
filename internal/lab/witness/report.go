package witness

import (
	"cmp"
	"slices"

	"github.com/synoptic-net/synoptic/tcp"
)

// Report is what the three witnesses saw of one host.
type Report struct {
	Sockets, Events, Packets tcp.Counts // connections by state; of several possible states the most likely one
	Differences              []Difference
}

// Difference is connections about which the sockets and another witness differ in
// the same way.
type Difference struct {
	Witness string    `json:"witness"` // that differs from the sockets: "events" or "packets"
	Socket  tcp.State `json:"sockets"` // what the sockets say
	Other   []string  `json:"says"`    // what the other says: every state that it leaves possible
	Reason  Reason    `json:"reason"`
	Count   int       `json:"count"`
	Example Ends      `json:"-"`
}

// Compare judges every connection.
func Compare(connections []Connection) Report {
	var r Report
	for i := range connections {
		c := &connections[i]
		r.Sockets[c.Socket]++
		if n := len(c.Events); n > 0 {
			r.Events[c.Events[n-1]]++
		}
		if c.Packets != 0 {
			r.Packets[likely(c)]++
		}
		if v := c.AgainstEvents(); v.Differs() {
			r.differ("events", c, c.Events, v.Reason)
		}
		if v := c.AgainstPackets(); v.Differs() {
			r.differ("packets", c, c.Packets.States(), v.Reason)
		}
	}
	slices.SortFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Witness, b.Witness), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Socket, b.Socket), slices.Compare(a.Other, b.Other))
	})
	return r
}

// likely is the state that packets are counted under: the one that the sockets
// have, if it is possible.
func likely(c *Connection) tcp.State {
	if c.Packets.Has(c.Socket) {
		return c.Socket
	}
	return c.Packets.States()[0]
}

func (r *Report) differ(witness string, c *Connection, other []tcp.State, reason Reason) {
	words := make([]string, 0, len(other))
	for _, s := range other {
		words = append(words, s.String())
	}
	for i := range r.Differences {
		d := &r.Differences[i]
		if d.Witness == witness && d.Socket == c.Socket && d.Reason == reason && slices.Equal(d.Other, words) {
			d.Count++
			return
		}
	}
	r.Differences = append(r.Differences, Difference{witness, c.Socket, words, reason, 1, c.Ends})
}

// Unexplained counts the differences for which no reason is known.
func (r *Report) Unexplained() (n int) {
	for _, d := range r.Differences {
		if d.Reason == Unexplained {
			n += d.Count
		}
	}
	return n
}
