package duel

import (
	"slices"

	"github.com/synoptic-net/synoptic/tcp"
)

// turn is one incident of one game.
type turn struct {
	game     int
	incident tcp.Incident // for our end
	skipped  bool
	seen     Difference
}

// turn prepares the incident at that place.
func (g *game) turn(at int) *turn {
	t := &turn{seen: Difference{Script: g.script, At: at, Before: g.end.State(), Variables: g.end.Variables()}}
	if at < 0 {
		t.incident = g.open()
		return t
	}
	in := g.script.Incidents[at]
	t.seen.Incident = in
	t.incident = in.Call.event()
	if in.Call == NoCall {
		p := g.packet(in)
		t.incident = tcp.Incident{Event: tcp.SegmentArrives, Packet: p}
		t.seen.Segment = p.Segment
	}
	return t
}

// finish lets our end live through the incident, after the other one, whose
// initial sequence number it takes over, and compares.
func (g *game) finish(habits *Habits, t *turn, theirState tcp.State, sent []tcp.Packet) {
	d := &t.seen
	for _, p := range sent {
		if p.Segment.Flags.Has(tcp.SYN) {
			g.iss, g.echo = p.Segment.Seq, p.Segment.Timestamp.Value
		}
		d.Theirs = append(d.Theirs, answerOf(p.Segment))
	}
	g.rows = nil
	if !t.skipped {
		g.hear(habits, &t.incident)
		d.Ours = g.step(t.incident)
	}
	d.Rows, d.OurState, d.TheirState, d.WrongACK, d.Child = slices.Clone(g.rows), g.end.State(), theirState, g.wrong, g.child
	d.Variables.SND.ISS = g.end.Variables().SND.ISS
	g.passOver(habits, d)
	if !d.same() && !g.explain(habits.Deviations, d) {
		g.result = d
		return
	}
	g.listenAgain()
}

// hear takes off an arriving segment what the other TCP does not hear.
func (g *game) hear(habits *Habits, in *tcp.Incident) {
	if in.Event != tcp.SegmentArrives || habits.hears == nil {
		return
	}
	rest, name := habits.hears(g.end, in.Packet)
	if name != "" {
		in.Packet = rest
		g.known = append(g.known, Met{Name: name})
	}
}

// passOver takes out of what the other TCP sent what it sent besides.
func (g *game) passOver(habits *Habits, d *Difference) {
	rest := slices.Clone(d.Ours)
	d.Theirs = slices.DeleteFunc(d.Theirs, func(a Answer) bool {
		if i := slices.Index(rest, a); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			return false
		}
		for name, extra := range habits.extra {
			if extra(d, a) {
				g.known = append(g.known, Met{Name: name})
				return true
			}
		}
		return false
	})
}

// explain names the difference, and tells whether the two are nevertheless where
// they can go on together.
func (g *game) explain(deviations []Deviation, d *Difference) bool {
	for i := range deviations {
		if known := &deviations[i]; known.is(d) {
			d.Name = known.Name
			g.known = append(g.known, Met{d.Name, d.Rows})
			return known.passing && over(d.OurState) == over(d.TheirState)
		}
	}
	return false
}

// listenAgain: a listener stays where a connection that came to it ends.
func (g *game) listenAgain() {
	if g.script.Listens && g.end.State() == tcp.Closed {
		g.step(tcp.Incident{Event: tcp.CallPassiveOpen})
	}
}
