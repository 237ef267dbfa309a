package duel

import (
	"context"
	"errors"
	"net/netip"
	"slices"

	"github.com/synoptic-net/synoptic/tcp"
)

// TCP is the one that is compared with ours. It plays many connections at a
// time, each between two sockets, in rounds.
type TCP interface {
	// Begin makes room for connections that listen or connect. The sockets have
	// been used by nobody before.
	Begin(ctx context.Context, listens []bool) (sockets []Sockets, err error)
	// Do lets an incident happen to a connection: a segment that arrives, or a
	// call, which is passed over if the program holds no socket.
	Do(connection int, call Call, segment tcp.Packet) error
	// Holds tells whether the program holds a socket of the connection.
	Holds(connection int) bool
	// Settle waits until everything that was done has had its effect, and returns
	// the state of every connection, CLOSED where there is none, and what it
	// sent since the last time.
	Settle(ctx context.Context) ([]tcp.State, [][]tcp.Packet, error)
	// End takes away what is left of the connections.
	End() error
}

// Sockets are the two ends of a connection.
type Sockets struct{ Local, Peer netip.AddrPort }

// Outcome is what a script led to.
type Outcome struct {
	Script  Script
	Played  int         // incidents that were played
	Known   []Met       // deviations that were met, in order
	Differs *Difference // where the two went different ways; nil: never
}

// Met is a deviation that was met, and the rows that our end took there. No rows
// were taken where our end heard less than was sent.
type Met struct {
	Name string
	Rows []tcp.Row
}

// Shows tells whether the deviation was met.
func (o Outcome) Shows(name string) bool {
	return slices.ContainsFunc(o.Known, func(m Met) bool { return m.Name == name })
}

// Play plays the scripts against the other TCP, all at a time. What differs by
// habit is named.
func Play(ctx context.Context, other TCP, habits Habits, scripts []Script) ([]Outcome, error) {
	listens := make([]bool, len(scripts))
	for i := range scripts {
		listens[i] = scripts[i].Listens
	}
	sockets, err := other.Begin(ctx, listens)
	if err != nil {
		return nil, err
	}
	m := &match{other: other, habits: &habits, outcomes: make([]Outcome, len(scripts))}
	for i, s := range scripts {
		m.games = append(m.games, newGame(s, sockets[i], habits.Configure))
		m.outcomes[i].Script = s
	}
	err = m.play(ctx)
	if end := other.End(); err == nil {
		err = end
	}
	if err != nil {
		return nil, err
	}
	return m.outcomes, nil
}

// ErrLate says that a game took so long that timers took part in it. Nothing
// can be learned from it; play again.
var ErrLate = errors.New("duel: the machine was too busy to play in time")

// PlayInTime plays, and plays again when the machine was too busy.
func PlayInTime(ctx context.Context, other TCP, habits Habits, scripts []Script) (outcomes []Outcome, err error) {
	const tries = 10
	for range tries {
		if outcomes, err = Play(ctx, other, habits, scripts); !errors.Is(err, ErrLate) {
			break
		}
	}
	return outcomes, err
}

// match is many games at a time.
type match struct {
	other    TCP
	habits   *Habits
	games    []*game
	outcomes []Outcome
}

func (m *match) play(ctx context.Context) error {
	if err := m.round(ctx, -1); err != nil {
		return err
	}
	most := 0
	for _, g := range m.games {
		most = max(most, len(g.script.Incidents))
	}
	for at := range most {
		if err := m.round(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// round lets the incident at that place happen to every game that is not over.
func (m *match) round(ctx context.Context, at int) error {
	var turns []*turn
	for i, g := range m.games {
		if g.result != nil || at >= len(g.script.Incidents) {
			continue
		}
		t := g.turn(at)
		t.game = i
		if at >= 0 {
			if err := m.offer(t, g.script.Incidents[at]); err != nil {
				return err
			}
		}
		turns = append(turns, t)
	}
	states, sent, err := m.other.Settle(ctx)
	if err != nil {
		return err
	}
	for _, t := range turns {
		g := m.games[t.game]
		g.finish(m.habits, t, states[t.game], sent[t.game])
		o := &m.outcomes[t.game]
		o.Played, o.Known, o.Differs = o.Played+1, g.known, g.result
	}
	return nil
}

// offer gives the incident to the other TCP.
func (m *match) offer(t *turn, in Incident) error {
	t.seen.Orphan = !m.other.Holds(t.game)
	if g := m.games[t.game]; g.script.Listens && t.seen.Before == tcp.SynReceived && !t.seen.Orphan {
		g.child = true
	}
	if in.Call != NoCall && !callable(in.Call, &t.seen) {
		t.skipped = true
		return nil
	}
	return m.other.Do(t.game, in.Call, t.incident.Packet)
}

// callable tells whether a program could make the call: somebody must be there,
// and who would write waits until the connection is open.
func callable(c Call, d *Difference) bool {
	if c == Pause {
		return true
	}
	return !d.Orphan && (c != Write || d.Before != tcp.SynSent && d.Before != tcp.SynReceived)
}
