package explain

import (
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// Transition is a row of the table as "synoptic explain" prints it.
type Transition struct {
	ID        string    `json:"id"`
	From      tcp.State `json:"from"`
	Event     string    `json:"event"`
	Guard     string    `json:"guard"`
	To        tcp.State `json:"to"`
	Action    string    `json:"action"`
	RFC       string    `json:"rfc"`
	Linux     string    `json:"linux"`
	Deviation string    `json:"deviation,omitempty"`
}

// TransitionsDocument is the whole table.
type TransitionsDocument struct {
	Transitions []Transition `json:"transitions"`
}

// EdgeDocument is one change of state with every row that makes it.
type EdgeDocument struct {
	From        tcp.State    `json:"from"`
	To          tcp.State    `json:"to"`
	Transitions []Transition `json:"transitions"`
}

// StateDocument is the page of one state.
type StateDocument struct {
	State    tcp.State     `json:"state"`
	Summary  string        `json:"summary"`
	Meaning  string        `json:"meaning"`
	End      string        `json:"end"`
	Peer     string        `json:"peer"`
	Kernel   string        `json:"kernel"`
	Lasts    string        `json:"lasts"`
	Stays    []Stay        `json:"stays,omitempty"` // none of CLOSED
	In       []Transition  `json:"in"`
	Out      []Transition  `json:"out"`
	Stay     []Transition  `json:"stay"`
	Causes   []CauseText   `json:"causes"`
	Names    StateNames    `json:"names"`
	Counters []CounterText `json:"counters"`
	Settings []SettingText `json:"settings"`
	Commands []Look        `json:"commands"`
}

// StateNames is one state in the vocabularies that users meet.
type StateNames struct {
	RFC           string   `json:"rfc"`
	Linux         string   `json:"linux"`
	SS            string   `json:"ss"`
	NodeExporter  string   `json:"node_exporter"`
	OpenTelemetry string   `json:"opentelemetry"`
	Netstat       []string `json:"netstat"`
}

// StateLine is a state in one line.
type StateLine struct {
	State   tcp.State `json:"state"`
	Summary string    `json:"summary"`
}

// OverviewDocument is the eleven states in a line each.
type OverviewDocument struct {
	States []StateLine `json:"states"`
}

// Document returns the page as a value for encoding/json.
func (m Machine) Document() any {
	switch m.Topic {
	case AboutState:
		return m.stateDocument()
	case AboutEdge:
		return EdgeDocument{From: m.Edge.From, To: m.Edge.To, Transitions: transitions(rowsOfEdge(m.Edge), m.Language)}
	case AboutTransitions:
		return TransitionsDocument{Transitions: transitions(tcp.Rows(), m.Language)}
	case AboutMyths:
		return MythsDocument{Myths: Myths(m.Language)}
	default:
		return m.overviewDocument()
	}
}

func (m Machine) overviewDocument() OverviewDocument {
	var d OverviewDocument
	for _, s := range tcp.States() {
		d.States = append(d.States, StateLine{State: s, Summary: StateWords(s, m.Language).Summary})
	}
	return d
}

func (m Machine) stateDocument() StateDocument {
	s := m.State
	t := StateWords(s, m.Language)
	return StateDocument{
		State: s, Summary: t.Summary, Meaning: t.Meaning, End: t.End, Peer: t.Peer, Kernel: t.Linux, Lasts: t.Lasts, Stays: m.stays(s),
		In: transitions(rowsInto(s), m.Language), Out: transitions(rowsOutOf(s), m.Language), Stay: transitions(rowsStaying(s), m.Language),
		Causes: t.Causes, Names: StateNames(host.Vocabulary(s)),
		Counters: t.Counters, Settings: t.Settings, Commands: looks(s, m.Language),
	}
}

// transitions never returns nil, so that an empty list is [] in JSON.
func transitions(rows []tcp.Row, l Language) []Transition {
	list := make([]Transition, 0, len(rows))
	for i := range rows {
		list = append(list, transition(&rows[i], l))
	}
	return list
}

func transition(r *tcp.Row, l Language) Transition {
	return Transition{
		ID: r.ID, From: r.From, Event: r.Event.String(), Guard: r.Guard.String(), To: r.To,
		Action: r.Actions.String(), RFC: r.RFC, Linux: r.Linux, Deviation: deviation(r, l),
	}
}
