package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Topic is what a page about the state machine is about.
type Topic uint8

// The topics.
const (
	AboutMachine     Topic = iota // the eleven states in a line each
	AboutState                    // one state
	AboutEdge                     // one change of state
	AboutTransitions              // the whole table
	AboutMyths                    // what is often written and wrong
)

// TransitionsWord is the argument that asks for the whole table.
const TransitionsWord = "transitions"

// Machine is a page about the state machine, as text, document or picture.
// The zero Machine is the overview.
type Machine struct {
	Topic Topic
	State tcp.State // of AboutState
	Edge  tcp.Edge  // of AboutEdge, one of tcp.Edges()

	Settings host.Settings // of the host that is asked, for how long a state lasts; nil: the kernel's defaults
	Language Language      // of its words
}

// ParseMachine reads what to explain from command line arguments: nothing, a
// state, two states with or without an arrow between them, "transitions" or
// "myths".
// States are taken in every spelling that host.ParseState knows.
func ParseMachine(args ...string) (Machine, error) {
	subject := strings.TrimSpace(strings.Join(args, " "))
	switch {
	case subject == "":
		return Machine{}, nil
	case strings.EqualFold(subject, TransitionsWord):
		return Machine{Topic: AboutTransitions}, nil
	case strings.EqualFold(subject, MythsWord):
		return Machine{Topic: AboutMyths}, nil
	}
	if from, to, ok := splitEdge(subject); ok {
		return parseEdge(from, to)
	}
	if strings.HasSuffix(subject, "-") {
		return Machine{}, fmt.Errorf(bareArrow, subject)
	}
	state, err := host.ParseState(subject)
	if err != nil {
		return Machine{}, err
	}
	return Machine{Topic: AboutState, State: state}, nil
}

// bareArrow is the answer to an arrow without quotes, of which the shell leaves
// only the hyphen.
const bareArrow = "%q is not a TCP state; \">\" means something to the shell: quote the arrow, 'SYN-SENT->ESTABLISHED', or leave it out, SYN-SENT ESTABLISHED"

// arrows are the signs between two states, the longer ones before their parts.
var arrows = []string{"-->", "->", "=>", "→", ">"}

func splitEdge(subject string) (from, to string, ok bool) {
	for _, arrow := range arrows {
		if from, to, ok = strings.Cut(subject, arrow); ok {
			return strings.TrimSpace(from), strings.TrimSpace(to), true
		}
	}
	fields := strings.Fields(subject)
	if len(fields) == 3 && strings.EqualFold(fields[1], "to") {
		fields = []string{fields[0], fields[2]}
	}
	if len(fields) != 2 {
		return "", "", false
	}
	return fields[0], fields[1], true
}

func parseEdge(from, to string) (Machine, error) {
	var edge tcp.Edge
	var err error
	if edge.From, err = host.ParseState(from); err != nil {
		return Machine{}, err
	}
	if edge.To, err = host.ParseState(to); err != nil {
		return Machine{}, err
	}
	if !slices.Contains(tcp.Edges(), edge) {
		return Machine{}, fmt.Errorf("%s is not a transition of TCP; %s leads to %s", edge, edge.From, joinStates(exits(edge.From)))
	}
	return Machine{Topic: AboutEdge, Edge: edge}, nil
}

// exits returns the states that one step leads to.
func exits(from tcp.State) []tcp.State {
	var set tcp.StateSet
	for _, e := range tcp.Edges() {
		if e.From == from {
			set |= tcp.SetOf(e.To)
		}
	}
	return set.States()
}

// Exits returns the states that one step leads to from a state in any
// spelling, none for a word that is no state.
func Exits(word string) []tcp.State {
	from, err := host.ParseState(word)
	if err != nil {
		return nil
	}
	return exits(from)
}

func joinStates(states []tcp.State) string {
	words := make([]string, len(states))
	for i, s := range states {
		words[i] = s.String()
	}
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + " or " + words[last]
	}
	return strings.Join(words, "")
}

// rowsWhere returns the rows of the table that are wanted, in its order.
func rowsWhere(want func(*tcp.Row) bool) []tcp.Row {
	var rows []tcp.Row
	for _, row := range tcp.Rows() {
		if want(&row) {
			rows = append(rows, row)
		}
	}
	return rows
}

func rowsInto(s tcp.State) []tcp.Row {
	return rowsWhere(func(r *tcp.Row) bool { return r.To == s && r.From != s })
}

func rowsOutOf(s tcp.State) []tcp.Row {
	return rowsWhere(func(r *tcp.Row) bool { return r.From == s && r.To != s })
}

func rowsStaying(s tcp.State) []tcp.Row {
	return rowsWhere(func(r *tcp.Row) bool { return r.From == s && r.To == s })
}

func rowsOfEdge(e tcp.Edge) []tcp.Row {
	return rowsWhere(func(r *tcp.Row) bool { return r.From == e.From && r.To == e.To })
}

// focus is the diagram option that points at the page's subject.
func (m Machine) focus() DiagramOption {
	return func(o *diagramOptions) { o.state, o.edge, o.language = m.State, m.Edge, m.Language }
}

// SVG draws the diagram, with the subject highlighted if there is one.
func (m Machine) SVG() string { return DiagramSVG(m.focus()) }

// DOT describes the diagram for Graphviz, with the subject highlighted.
func (m Machine) DOT() string { return DiagramDOT(m.focus()) }

// Mermaid describes the diagram for Mermaid, with the subject highlighted.
func (m Machine) Mermaid() string { return DiagramMermaid(m.focus()) }
