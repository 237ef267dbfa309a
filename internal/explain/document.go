package explain

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/internal/remedy"
	"github.com/synoptic-net/synoptic/tcp"
)

// DiagnosisSchema names the form of a Diagnosis.
const DiagnosisSchema = "synoptic.diagnosis/v1"

// Diagnosis is a report in words: what "synoptic diagnose -o json" prints.
type Diagnosis struct {
	Schema        string        `json:"schema"`
	Time          time.Time     `json:"time"`
	WindowSeconds float64       `json:"window_seconds"`
	Host          Host          `json:"host"`
	Sources       []Source      `json:"sources"`
	States        States        `json:"states"`
	Namespaces    []Namespace   `json:"namespaces,omitempty"` // the parts, when several were looked at
	Findings      []Finding     `json:"findings"`
	NotAssessed   []NotAssessed `json:"not_assessed"`
}

// Namespace is a network namespace with its own states.
type Namespace struct {
	NetNS  string `json:"netns"`
	States States `json:"states"`
}

// Host is where the evidence comes from.
type Host struct {
	Name   string `json:"name"`
	Kernel string `json:"kernel"`
	NetNS  string `json:"netns"`
}

// Source says whether a source was read and, if not or not wholly, why.
type Source struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Why  string `json:"why,omitempty"`
	By   string `json:"by,omitempty"` // "iterator" or "netlink": how the sockets were read
}

// States counts sockets by state; as JSON an object with all eleven words in
// the order of RFC 9293.
type States tcp.Counts

// MarshalJSON writes the eleven words in order, zeros included.
func (s States) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, state := range tcp.States() {
		out.WriteString([]string{"{", ","}[min(i, 1)])
		word, err := json.Marshal(state)
		if err != nil {
			return nil, err
		}
		count, err := json.Marshal(s[state])
		if err != nil {
			return nil, err
		}
		out.Write(append(append(word, ':'), count...))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *States) UnmarshalJSON(text []byte) error {
	counts := map[tcp.State]uint64{}
	if err := json.Unmarshal(text, &counts); err != nil {
		return err
	}
	for state, n := range counts {
		s[state] = n
	}
	return nil
}

// Finding is one finding in words.
type Finding struct {
	Cause      string      `json:"cause"`
	State      string      `json:"state"`
	Severity   string      `json:"severity"`
	Confidence string      `json:"confidence"`
	BecauseOf  string      `json:"because_of,omitempty"`
	Summary    string      `json:"summary"`
	Subject    Subject     `json:"subject"`
	Count      int         `json:"count"`
	Evidence   []Evidence  `json:"evidence"`
	Excluded   []Exclusion `json:"excluded"`
	Open       []Exclusion `json:"open"` // rivals that are not excluded; because says what would settle them
	Fate       Fate        `json:"fate"`
	Growth     *Growth     `json:"growth,omitempty"`
	Oldest     float64     `json:"oldest_seconds,omitempty"` // how long at least the longest has been there
	Age        string      `json:"age,omitempty"`            // the same in words
	Remedies   []Remedy    `json:"remedies"`
	RefutedBy  string      `json:"refuted_by"`
}

// Subject is what a finding is about; empty where a field does not apply.
type Subject struct {
	Local     string  `json:"local"`
	Peer      string  `json:"peer"`
	Process   Process `json:"process"`
	NetNS     string  `json:"netns"`
	Container string  `json:"container"`
	Path      string  `json:"path"`
}

// Process is the process to act on; PID 0 when none is known.
type Process struct {
	PID  int    `json:"pid"`
	Name string `json:"name"`
	Exe  string `json:"exe"`
}

// Evidence is one fact in words.
type Evidence struct {
	Source  string  `json:"source"`
	Fact    string  `json:"fact"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Text    string  `json:"text"`
	Recheck string  `json:"recheck"`
}

// Exclusion is a rival and why it is out, or what would settle it.
type Exclusion struct {
	Cause   string `json:"cause"`
	Because string `json:"because"`
}

// Fate is what happens if nobody acts.
type Fate struct {
	Text          string  `json:"text"`
	WithinSeconds float64 `json:"within_seconds"`
	Forever       bool    `json:"forever"`
}

// Growth is how a pile grew in the window. Limit is empty when nothing known
// bounds it.
type Growth struct {
	PerMinute float64 `json:"per_minute"`
	Limit     string  `json:"limit,omitempty"`
	Used      int     `json:"used,omitempty"`
	Of        int     `json:"of,omitempty"`
	Reached   float64 `json:"reached_in_seconds,omitempty"`
	Text      string  `json:"text"`
}

// Remedy is one way to act.
type Remedy struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Risk    string   `json:"risk"`
	Apply   []string `json:"apply"`
	Undo    []string `json:"undo"`
	Persist []string `json:"persist"`
	Scope   string   `json:"scope,omitempty"` // who feels it: "namespace" or "host"; "" where a person must act
	Fix     string   `json:"fix,omitempty"`   // what --fix takes for it; "" where a person must act
}

// NotAssessed is a cause that could not be judged; Needs joins what is missing
// with commas, "rule" when this version cannot judge it whatever it reads.
type NotAssessed struct {
	Cause string `json:"cause"`
	Needs string `json:"needs"`
}

// Document puts a report into the words of a language.
func Document(report diagnose.Report, l Language) Diagnosis {
	say := speaker(l)
	doc := Diagnosis{
		Schema: DiagnosisSchema, States: States(report.States),
		Sources: []Source{}, Findings: []Finding{}, NotAssessed: []NotAssessed{},
	}
	if b := report.Bundle; b != nil {
		doc.Time, doc.WindowSeconds = b.Start.UTC(), seconds(b.Window())
		doc.Host = Host{Name: b.Host.Name, Kernel: b.Host.Kernel, NetNS: b.Host.NetNS}
		doc.Sources = append(doc.Sources, sources(b.Sources, l)...)
	}
	for _, n := range report.Namespaces {
		doc.Namespaces = append(doc.Namespaces, Namespace{NetNS: n.NetNS, States: States(n.States)})
	}
	for i := range report.Findings {
		doc.Findings = append(doc.Findings, finding(&report.Findings[i], say))
	}
	if len(report.Namespaces) == 0 && report.Bundle != nil && report.Bundle.Text == nil {
		doc.nameFixes(&report)
	}
	for _, n := range report.NotAssessed {
		doc.NotAssessed = append(doc.NotAssessed, NotAssessed{Cause: string(n.Cause), Needs: strings.Join(n.Needs, ", ")})
	}
	return doc
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond)) / float64(time.Second)
}

func sources(in []evidence.Source, l Language) []Source {
	out := make([]Source, len(in))
	for i, s := range in {
		out[i] = Source{Name: s.Name, OK: s.OK, Why: sourceWhy(s.Why, l)}
	}
	return out
}

func finding(f *diagnose.Finding, say func(diagnose.Message) string) Finding {
	out := Finding{
		Cause: string(f.Cause), Severity: f.Severity.String(), Confidence: f.Confidence.String(), BecauseOf: string(f.BecauseOf),
		Summary: say(f.Summary), Count: f.Count, RefutedBy: say(f.RefutedBy), Subject: subject(&f.Subject),
		Evidence: []Evidence{}, Remedies: []Remedy{}, Excluded: exclusions(f.Excluded, say), Open: exclusions(f.Open, say),
		Fate: Fate{Text: say(f.Fate.Text), WithinSeconds: seconds(f.Fate.Within), Forever: f.Fate.Forever},
	}
	if f.Age != nil {
		out.Oldest, out.Age = seconds(f.Age.AtLeast), say(f.Age.Text)
	}
	if g := f.Growth; g != nil {
		out.Growth = &Growth{PerMinute: math.Round(g.PerSecond*600) / 10, Limit: g.Limit, Used: g.Used, Of: g.Of, Reached: seconds(g.Reached), Text: say(g.Text)}
	}
	if f.State != tcp.Unknown {
		out.State = f.State.String()
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, Evidence{Source: e.Source, Fact: e.Fact, Value: e.Value, Unit: e.Unit, Text: say(e.Text), Recheck: e.Recheck})
	}
	for _, r := range f.Remedies {
		out.Remedies = append(out.Remedies, Remedy{
			ID: r.ID, Text: say(r.Text), Risk: say(r.Risk), Apply: list(r.Apply), Undo: list(r.Undo), Persist: list(r.Persist), Scope: scopeOf(r.Changes),
		})
	}
	return out
}

// scopeOf is the widest scope of the changes.
func scopeOf(changes []diagnose.Change) string {
	scope := remedy.Scope("")
	for _, c := range changes {
		if scope != remedy.WholeHost {
			scope = remedy.ScopeOf(c)
		}
	}
	return string(scope)
}

// nameFixes says how --fix is told of each remedy that it can carry out.
func (d *Diagnosis) nameFixes(report *diagnose.Report) {
	next := 0
	choices := remedy.Choices(report)
	for i := range d.Findings {
		for j := range d.Findings[i].Remedies {
			if c := choices[next]; len(c.Remedy.Changes) > 0 {
				d.Findings[i].Remedies[j].Fix = c.Name
			}
			next++
		}
	}
}

func subject(s *diagnose.Subject) Subject {
	return Subject{
		Local: s.Local, Peer: s.Peer, NetNS: s.NetNS, Container: s.Container, Path: s.Path,
		Process: Process{PID: s.PID, Name: s.Name, Exe: s.Exe},
	}
}

func exclusions(in []diagnose.Exclusion, say func(diagnose.Message) string) []Exclusion {
	out := make([]Exclusion, len(in))
	for i, e := range in {
		out[i] = Exclusion{Cause: string(e.Cause), Because: say(e.Because)}
	}
	return out
}

// list makes an absent list an empty one, so that JSON never says null.
func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}
