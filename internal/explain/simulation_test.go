package explain

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// TestStoriesHaveWords: each story has a title and says what to see, and nothing
// is said of stories that do not exist.
func TestStoriesHaveWords(t *testing.T) {
	for _, s := range simulate.Stories() {
		text, ok := storiesEnglish[s.Name]
		if !ok || text.Title == "" || strings.HasSuffix(text.Title, ".") || !strings.HasSuffix(text.About, ".") {
			t.Errorf("%s: %+v", s.Name, text)
		}
	}
	for name := range storiesEnglish {
		if _, ok := simulate.FindStory(name); !ok {
			t.Errorf("there is no story %s", name)
		}
	}
	if StoryWords("of somebody", English).Title != "of somebody" {
		t.Error("a story without words has no title")
	}
}

// TestSteps: a step that takes a row makes the change of state that the row says,
// and the states of each side follow one another.
func TestSteps(t *testing.T) {
	rows := map[string]tcp.Row{}
	for _, row := range tcp.Rows() {
		rows[row.ID] = row
	}
	for _, s := range simulate.Stories() {
		r := simulate.Run(s.Config)
		doc := SimulationDocument(s.Name, false, &r, English)
		now, state := 0.0, map[string]tcp.State{"originator": tcp.Closed, "responder": tcp.Closed}
		for i, step := range doc.Steps {
			row, known := rows[step.Row]
			switch {
			case step.Text == "" || step.Time < now:
				t.Errorf("%s, step %d: %+v", s.Name, i, step)
			case step.Row != "" && !known:
				t.Errorf("%s, step %d takes %q, which is no row", s.Name, i, step.Row)
			case step.From != step.To && step.Row != "" && (row.From != step.From || row.To != step.To):
				t.Errorf("%s, step %d: %s is not %v->%v", s.Name, i, step.Row, step.From, step.To)
			case (step.Kind == "sent" || step.Kind == "arrived" || step.Kind == "lost") != (step.Segment != ""):
				t.Errorf("%s, step %d: %q with segment %q", s.Name, i, step.Kind, step.Segment)
			}
			if s.Config.Service == nil && state[step.Side] != step.From {
				t.Errorf("%s, step %d: the %s was in %v, now from %v", s.Name, i, step.Side, state[step.Side], step.From)
			}
			now, state[step.Side] = step.Time, step.To
		}
		if doc.OriginatorState != s.States[0] || doc.ResponderState != s.States[1] || doc.Stopped != "quiet" {
			t.Errorf("%s: %v, %v, %q", s.Name, doc.OriginatorState, doc.ResponderState, doc.Stopped)
		}
	}
}

// TestContractOfSimulate: the names that others rely on.
func TestContractOfSimulate(t *testing.T) {
	story, _ := simulate.FindStory("handshake")
	r := simulate.Run(story.Config)
	text, err := json.Marshal(SimulationDocument("handshake", false, &r, English))
	if err != nil {
		t.Fatal(err)
	}
	const step = `{"time":0.01,"side":"responder","kind":"arrived","segment":"\u003cSEQ=100\u003e\u003cCTL=SYN\u003e","from":"LISTEN","to":"SYN-RECEIVED","row":"listen-syn","rfc":"RFC 9293 3.10.7.2","text":"SEGMENT ARRIVES [`
	for _, want := range []string{`{"story":"handshake",`, `"steps":[{"time":0,`, step, `"originator_state":"ESTABLISHED","responder_state":"ESTABLISHED"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s\nlacks %s", text, want)
		}
	}
}

func TestStoriesText(t *testing.T) {
	for _, wide := range []bool{false, true} {
		text := StoriesText(80, wide, English)
		for _, line := range strings.Split(text, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%q is too long", line)
			}
		}
		if got := strings.Contains(strings.Join(strings.Fields(text), " "), "one round trip after its SYN"); got != wide {
			t.Errorf("wide %v says what to see: %v", wide, got)
		}
	}
}

// TestMyths: what refutes them exists.
func TestMyths(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Myths(English) {
		if m.ID == "" || seen[m.ID] || m.Said == "" || m.Truth == "" || len(m.Proofs) == 0 {
			t.Errorf("%+v", m)
		}
		seen[m.ID] = true
		for _, p := range m.Proofs {
			if _, isStory := simulate.FindStory(p.Name); p.Kind == storyProof && !isStory {
				t.Errorf("%s: there is no story %q", m.ID, p.Name)
			}
			if p.Text == "" || p.Kind == figureProof && p.Source == "" {
				t.Errorf("%s: %+v", m.ID, p)
			}
		}
	}
	if len(seen) < 12 {
		t.Errorf("%d myths", len(seen))
	}
}
