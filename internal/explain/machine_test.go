package explain

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/synoptic-net/synoptic/tcp"
)

func TestParseMachine(t *testing.T) {
	synSentEstablished := Machine{Topic: AboutEdge, Edge: tcp.Edge{From: tcp.SynSent, To: tcp.Established}}
	tests := map[string]Machine{
		"":                          {},
		"transitions":               {Topic: AboutTransitions},
		"Transitions":               {Topic: AboutTransitions},
		"TIME-WAIT":                 {Topic: AboutState, State: tcp.TimeWait},
		"syn_recv":                  {Topic: AboutState, State: tcp.SynReceived},
		"ESTAB":                     {Topic: AboutState, State: tcp.Established},
		"SYN-SENT->ESTABLISHED":     synSentEstablished,
		"SYN-SENT -> ESTABLISHED":   synSentEstablished,
		"syn_sent --> estab":        synSentEstablished,
		"SYN-SENT→ESTABLISHED":      synSentEstablished,
		"SYN-SENT>ESTABLISHED":      synSentEstablished,
		"syn-sent => established":   synSentEstablished,
		"SYN-SENT ESTABLISHED":      synSentEstablished,
		"syn-sent to established":   synSentEstablished,
		"FIN-WAIT-1   ->   CLOSING": {Topic: AboutEdge, Edge: tcp.Edge{From: tcp.FinWait1, To: tcp.Closing}},
	}
	for text, want := range tests {
		got, err := ParseMachine(strings.Split(text, " ")...)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, %v, want %+v", text, got, err, want)
		}
	}
}

func TestParseMachineRefuses(t *testing.T) {
	tests := map[string]string{
		"LISTEN->TIME-WAIT":      "LISTEN->TIME-WAIT is not a transition of TCP; LISTEN leads to SYN-SENT, SYN-RECEIVED or CLOSED",
		"LAST-ACK TIME-WAIT":     "LAST-ACK->TIME-WAIT is not a transition of TCP; LAST-ACK leads to CLOSED",
		"ESTABLISHED->ESTAB":     "ESTABLISHED->ESTABLISHED is not a transition of TCP; ESTABLISHED leads to FIN-WAIT-1, CLOSE-WAIT or CLOSED",
		"SYN-SENT-":              "quote the arrow",
		"CLOSE-WIAT":             "did you mean CLOSE-WAIT?",
		"LISTEN->nowhere":        "\"nowhere\" is not a TCP state",
		"LISTEN to SYN-SENT now": "is not a TCP state",
	}
	for text, want := range tests {
		got, err := ParseMachine(text)
		if err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error is %q, want one line with %q", text, err, want)
		}
	}
}

func TestMachineGolden(t *testing.T) {
	page := func(args ...string) string { return mustParse(t, args...).Text(80) }
	goldenFile(t, "testdata/overview.txt", page())
	goldenFile(t, "testdata/time-wait.txt", page("TIME-WAIT"))
	goldenFile(t, "testdata/syn-received.txt", page("SYN-RECEIVED"))
	goldenFile(t, "testdata/fin-wait-1-closing.txt", page("FIN-WAIT-1", "CLOSING"))
}

func mustParse(t *testing.T, args ...string) Machine {
	t.Helper()
	m, err := ParseMachine(args...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// allPages returns every page there is.
func allPages() []Machine {
	pages := []Machine{{}, {Topic: AboutTransitions}}
	for _, s := range tcp.States() {
		pages = append(pages, Machine{Topic: AboutState, State: s})
	}
	for _, e := range tcp.Edges() {
		pages = append(pages, Machine{Topic: AboutEdge, Edge: e})
	}
	return pages
}

func TestTextKeepsItsWidth(t *testing.T) {
	for _, width := range []int{0, 40, 80, 132} {
		for _, m := range allPages() {
			for line := range strings.Lines(m.Text(width)) {
				line = strings.TrimSuffix(line, "\n")
				single := len(strings.Fields(line)) <= 1
				if utf8.RuneCountInString(line) > max(width, minWidth) && !single && width >= 80 {
					t.Errorf("%+v at %d columns: %q is too long", m, width, line)
				}
				if strings.HasSuffix(line, " ") {
					t.Errorf("%+v: a space ends %q", m, line)
				}
			}
		}
	}
}

func TestTextHasEveryRow(t *testing.T) {
	text := Machine{Topic: AboutTransitions}.Text(200)
	for _, row := range tcp.Rows() {
		if !idle(&row) && !strings.Contains(text, "; "+row.ID+"\n") {
			t.Errorf("the table lacks %s", row.ID)
		}
	}
}

func TestTransitionsDocument(t *testing.T) {
	raw, err := json.Marshal(Machine{Topic: AboutTransitions}.Document())
	if err != nil {
		t.Fatal(err)
	}
	var document map[string][]map[string]string
	if err := json.Unmarshal(raw, &document); err != nil {
		t.Fatal(err)
	}
	if len(document) != 1 || len(document["transitions"]) != len(tcp.Rows()) {
		t.Fatalf("%d keys, %d transitions, want 1 and %d", len(document), len(document["transitions"]), len(tcp.Rows()))
	}
	ids, edges := map[string]bool{}, map[string]bool{}
	for _, row := range document["transitions"] {
		for _, key := range []string{"id", "from", "event", "guard", "to", "action", "rfc", "linux"} {
			if _, ok := row[key]; !ok {
				t.Errorf("%s has no %s", row["id"], key)
			}
		}
		if ids[row["id"]] {
			t.Errorf("%s twice", row["id"])
		}
		ids[row["id"]] = true
		isState(t, row["from"])
		isState(t, row["to"])
		if row["from"] != row["to"] {
			edges[row["from"]+">"+row["to"]] = true
		}
	}
	if len(edges) != 29 {
		t.Errorf("%d edges, want 29", len(edges))
	}
}

func isState(t *testing.T, word string) {
	t.Helper()
	if !slices.ContainsFunc(tcp.States(), func(s tcp.State) bool { return s.String() == word }) {
		t.Errorf("%q is not one of the eleven words", word)
	}
}

// TestTransitionShape pins the keys and their order.
func TestTransitionShape(t *testing.T) {
	raw, err := json.Marshal(TransitionsDocument{Transitions: []Transition{{
		ID: "a", From: tcp.Closed, Event: "b", Guard: "c", To: tcp.Listen, Action: "d", RFC: "e", Linux: "f",
	}}})
	want := `{"transitions":[{"id":"a","from":"CLOSED","event":"b","guard":"c","to":"LISTEN","action":"d","rfc":"e","linux":"f"}]}`
	if err != nil || string(raw) != want {
		t.Errorf("got %s, %v\nwant %s", raw, err, want)
	}
}

func TestStateDocumentsAreFull(t *testing.T) {
	for _, s := range tcp.States() {
		raw, err := json.Marshal(Machine{Topic: AboutState, State: s}.Document())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), ":null") || strings.Contains(string(raw), ":[]") {
			t.Errorf("%v has an empty list: %s", s, raw)
		}
	}
}

func TestEdgeDocument(t *testing.T) {
	for _, e := range tcp.Edges() {
		document, ok := Machine{Topic: AboutEdge, Edge: e}.Document().(EdgeDocument)
		if !ok || len(document.Transitions) == 0 {
			t.Errorf("%v has no rows", e)
		}
		for _, row := range document.Transitions {
			if row.From != e.From || row.To != e.To {
				t.Errorf("%v shows %s", e, row.ID)
			}
		}
	}
}

func TestExits(t *testing.T) {
	if got := Exits("syn_sent"); !slices.Equal(got, []tcp.State{tcp.SynReceived, tcp.Established, tcp.Closed}) {
		t.Errorf("SYN-SENT leads to %v", got)
	}
	if got := Exits("nowhere"); got != nil {
		t.Errorf("nowhere leads to %v", got)
	}
}

func TestPicturesFollowTheTopic(t *testing.T) {
	whole := Machine{Topic: AboutTransitions}
	if whole.SVG() != DiagramSVG() || whole.DOT() != DiagramDOT() || whole.Mermaid() != DiagramMermaid() {
		t.Error("the picture of the table is not the whole diagram")
	}
	edge := mustParse(t, "TIME-WAIT->CLOSED")
	if edge.SVG() == DiagramSVG() || edge.DOT() == DiagramDOT() || edge.Mermaid() == DiagramMermaid() {
		t.Error("the picture of an edge does not highlight it")
	}
}
