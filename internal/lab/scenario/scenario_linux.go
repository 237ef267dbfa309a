package scenario

import (
	"slices"

	"github.com/synoptic-net/synoptic/internal/lab"
	"github.com/synoptic-net/synoptic/internal/lab/verdict"
	"github.com/synoptic-net/synoptic/tcp"
)

// Scenario is one world and what a diagnosis of it must say.
type Scenario struct {
	Name   string // "syn-flood-cookies-on"
	Title  string // one line
	About  string // what it shows, a paragraph
	ByHand string // how a person makes it
	At     string // the host that is diagnosed

	Also []string // hosts that are looked at in the same window, as other network namespaces of one machine

	Expects []Expectation
	Beside  []string // causes that may also be named: true of this world, and not its point

	Probe bool // the diagnosis may ask peers whether they live

	Guarded *Guarded // the guard meets the fault after the diagnosis, nil where it has no part

	Build func(w *lab.World)
	Made  *Made // instead of Build where only the whole host could show it
}

// Guarded is how the guard meets what a scenario shows, and who notices.
type Guarded struct {
	XDP       bool // the second rung too, where the rights and the kernel allow it
	Interface string
	Clients   string // the host from which genuine clients come
	Server    string // where they go, "192.0.2.2:80"
}

// Expectation is a cause that must be named.
type Expectation = verdict.Expectation

// Expected is what a diagnosis of the scenario must say.
func (s Scenario) Expected() verdict.Expected {
	e := verdict.Expected{Scenario: s.Name, Expects: s.Expects, Beside: s.Beside, Made: s.Made != nil}
	if !e.Made {
		e.At = s.At
	}
	return e
}

// pile is what most scenarios expect: one cause, said of one program if any.
func pile(cause string, state tcp.State, atLeast int, program string) []Expectation {
	return []Expectation{{Cause: cause, State: state, AtLeast: atLeast, Program: program}}
}

// States returns the states of the expectations, in the order of RFC 9293.
func (s Scenario) States() []tcp.State {
	var states []tcp.State
	for _, e := range s.Expects {
		if e.State != tcp.Unknown && !slices.Contains(states, e.State) {
			states = append(states, e.State)
		}
	}
	slices.Sort(states)
	return states
}

// Causes returns the expected causes.
func (s Scenario) Causes() []string {
	causes := make([]string, 0, len(s.Expects))
	for _, e := range s.Expects {
		causes = append(causes, e.Cause)
	}
	return causes
}

// Find returns the scenario of that name.
func Find(name string) (Scenario, bool) {
	for _, s := range All() {
		if s.Name == name {
			return s, true
		}
	}
	return Scenario{}, false
}

// All returns every scenario, by state family.
func All() []Scenario {
	return slices.Concat(healthy, floods, replies, handshakes, listeners, published, connecting, targets, established,
		closeWait, closing, timeWait, resets, pairs, stories, hostWide)
}
