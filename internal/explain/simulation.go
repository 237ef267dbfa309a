package explain

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/simulate"
	"github.com/synoptic-net/synoptic/tcp"
)

// Simulation is a run as "synoptic simulate -o json" prints it.
type Simulation struct {
	Story           string    `json:"story"`
	Changed         bool      `json:"changed"` // flags changed the story
	Title           string    `json:"title"`
	Text            string    `json:"text"`
	Steps           []Step    `json:"steps"`
	OriginatorState tcp.State `json:"originator_state"`
	ResponderState  tcp.State `json:"responder_state"`
	EndSeconds      float64   `json:"end_seconds"`
	Segments        int       `json:"segments"`
	Lost            int       `json:"lost"`
	Stopped         string    `json:"stopped"` // "quiet": nothing more can happen; "time", "count": a bound was met
}

// Step is one thing that happens in a run. From and To are the states of Side
// before and after it, UNKNOWN while its host is off.
type Step struct {
	Time    float64   `json:"time"` // seconds since the run began
	Side    string    `json:"side"`
	Kind    string    `json:"kind"`    // "call", "timer", "arrived", "sent", "lost", "delivered", "told", "ignored", "note"
	Segment string    `json:"segment"` // which is sent, arrives or is lost, else ""
	From    tcp.State `json:"from"`
	To      tcp.State `json:"to"`
	Row     string    `json:"row"` // of the table of transitions, "" where none is taken
	RFC     string    `json:"rfc"`
	Text    string    `json:"text"`
}

var stepKinds = map[simulate.Kind]string{
	simulate.Called: "call", simulate.Fired: "timer", simulate.Arrived: "arrived", simulate.Sent: "sent", simulate.Lost: "lost",
	simulate.Delivered: "delivered", simulate.Told: "told", simulate.Ignored: "ignored", simulate.Noted: "note",
}

var stoppedWords = map[simulate.Stopped]string{simulate.Quiet: "quiet", simulate.TimeIsUp: "time", simulate.TooMuch: "count"}

// SimulationDocument puts a run of a story into words.
func SimulationDocument(story string, changed bool, r *simulate.Result, l Language) Simulation {
	text := StoryWords(story, l)
	return Simulation{
		Story: story, Changed: changed, Title: text.Title, Text: text.About, Steps: steps(r.Trace, l),
		OriginatorState: r.States[simulate.Originator], ResponderState: r.States[simulate.Responder],
		EndSeconds: seconds(r.End), Segments: r.Segments, Lost: r.Lost, Stopped: stoppedWords[r.Stopped],
	}
}

// steps joins each row with the call, timer or segment that it answers.
func steps(trace simulate.Trace, l Language) []Step {
	w := simulationTexts.in(l)
	list := make([]Step, 0, len(trace))
	states := [2]tcp.State{tcp.Closed, tcp.Closed}
	open := false // the last step is one that a row may answer
	for i := range trace {
		h := &trace[i]
		if h.Kind != simulate.Took {
			list = append(list, w.step(h, states[h.Side], l))
			open = h.Kind == simulate.Called || h.Kind == simulate.Fired || h.Kind == simulate.Arrived
			states = h.States
			continue
		}
		if !open && len(list) > 0 { // a second row of the same segment, or one that the end causes itself
			again := list[len(list)-1]
			again.Time, again.Side, again.Kind, again.From = seconds(h.At), h.Side.String(), "row", states[h.Side]
			again.Segment = ""
			list = append(list, again)
		}
		if n := len(list); n > 0 {
			w.takeRow(&list[n-1], h, states[h.Side], l)
		}
		open, states = false, h.States
	}
	return list
}

func (w *simulationWords) step(h *simulate.Happening, before tcp.State, l Language) Step {
	s := Step{Time: seconds(h.At), Side: h.Side.String(), Kind: stepKinds[h.Kind], From: before, To: h.States[h.Side]}
	switch h.Kind {
	case simulate.Called:
		s.Text = w.call(h)
	case simulate.Fired:
		s.Text = l.Phrase(h.Event.String())
	case simulate.Arrived:
		s.Segment = segmentLabel(&h.Packet)
		s.Text = fmt.Sprintf(w.Arrived, s.Segment)
	case simulate.Sent:
		s.Segment = segmentLabel(&h.Packet)
		s.Text = fmt.Sprintf(w.Sent, s.Segment)
	case simulate.Lost:
		s.Segment = segmentLabel(&h.Packet)
		s.Text = w.Lost[h.Why]
	case simulate.Delivered:
		s.Text = w.delivered(h.Octets)
	case simulate.Told:
		s.Text = h.Word.String()
	case simulate.Ignored:
		s.Text = fmt.Sprintf(w.Ignored, h.Why)
	case simulate.Noted:
		s.Text = w.note(h)
	}
	return s
}

// takeRow says in a step which row was taken.
func (w *simulationWords) takeRow(s *Step, h *simulate.Happening, before tcp.State, l Language) {
	s.To, s.Row, s.RFC = h.States[h.Side], h.Row.ID, h.Row.RFC
	s.Text = rowSentence(&h.Row, l) + " (" + h.Row.RFC + ")"
	if stranger(&h.Row, before) {
		s.Text = fmt.Sprintf(w.Before, w.NoConnection, s.Text)
	}
}

// stranger tells whether a row answers a packet that belongs to no connection
// here: it begins in CLOSED and the end is elsewhere.
func stranger(row *tcp.Row, state tcp.State) bool {
	return row.From == tcp.Closed && state != tcp.Closed
}

// StoryLadder is the ladder of a run with the words of its story and a last line.
// Of a story that flags have changed the title says so, and what there is to see
// in the story is left out.
func StoryLadder(story string, changed bool, r *simulate.Result, lang Language) Ladder {
	w, text := simulationTexts.in(lang), StoryWords(story, lang)
	l := TraceLadder(r.Trace, lang)
	l.Title, l.About, l.Close = lang.Say("card-rival", story, text.Title), text.About, w.closing(r)
	if changed {
		l.Title, l.About = fmt.Sprintf(w.Changed, story, text.Title), ""
	}
	return l
}

// closing is the last word about a run.
func (w *simulationWords) closing(r *simulate.Result) string {
	words := fmt.Sprintf(w.Ends, w.state(r.States[0]), w.state(r.States[1]), r.End.Round(time.Millisecond)) +
		w.Gap + fmt.Sprintf(w.Segments, r.Segments, r.Lost)
	if c := r.Listener; c.SynDropped+c.ListenOverflow+c.CookiesSent > 0 {
		words += w.Gap + fmt.Sprintf(w.Listener, c.SynDropped, c.ListenOverflow, c.CookiesSent, c.CookiesRight)
	}
	return words + w.Gap + w.Stopped[r.Stopped]
}

// StoryLine is a story as "synoptic simulate list" prints it.
type StoryLine struct {
	Story           string    `json:"story"`
	Title           string    `json:"title"`
	Text            string    `json:"text"`
	OriginatorState tcp.State `json:"originator_state"`
	ResponderState  tcp.State `json:"responder_state"`
}

// StoriesDocument is the list of all stories.
type StoriesDocument struct {
	Stories []StoryLine `json:"stories"`
}

// Stories puts the stories of package simulate into words, in their order.
func Stories(l Language) StoriesDocument {
	var d StoriesDocument
	for _, s := range simulate.Stories() {
		text := StoryWords(s.Name, l)
		d.Stories = append(d.Stories, StoryLine{s.Name, text.Title, text.About, s.States[0], s.States[1]})
	}
	return d
}

// StoriesText lists the stories in a line or two each; wide adds what there is to
// see.
func StoriesText(width int, wide bool, l Language) string {
	const column = 28
	p := &page{width: max(width, minWidth)}
	for _, s := range Stories(l).Stories {
		p.item(0, column, s.Story, s.Title)
		if wide {
			p.paragraph(column+2, s.Text)
		}
	}
	p.line("")
	p.paragraph(0, simulationTexts.in(l).ListHint)
	return p.String()
}
