// Package diagnose turns a bundle of evidence into findings: why are there so
// many sockets in this state? The causes are a table (causes.go), one file a
// state family. A finding carries message ids and arguments, never sentences;
// the words are in internal/explain.
package diagnose

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/evidence"
	"github.com/synoptic-net/synoptic/tcp"
)

// Cause is a code of the catalogue ("app-not-closing"). It is a promise to
// users and scripts and is never translated.
type Cause string

// Severity says how urgent a finding is.
type Severity uint8

// The severities, from the harmless to the urgent.
const (
	Info     Severity = iota // explained and benign
	Notice                   // worth knowing, harmless today
	Warning                  // resources leak or users wait
	Critical                 // service is refused, or will be within minutes
)

var severityNames = [...]string{Info: "info", Notice: "notice", Warning: "warning", Critical: "critical"}

// String returns the word of the contract.
func (s Severity) String() string { return severityNames[s] }

// MarshalText returns the word of the contract.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Confidence says how well the evidence settles the cause.
type Confidence uint8

// The confidences. Certain needs two independent pieces of evidence and no
// rival left open; a rival left open allows no more than Possible.
const (
	Possible Confidence = iota
	Probable
	Certain
)

var confidenceNames = [...]string{Possible: "possible", Probable: "probable", Certain: "certain"}

// String returns the word of the contract.
func (c Confidence) String() string { return confidenceNames[c] }

// MarshalText returns the word of the contract.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Message is a sentence to come: an id of the message catalogue and its
// arguments in the order in which the catalogue numbers them.
type Message struct {
	ID   string
	Args []any
}

// Say makes a Message.
func Say(id string, args ...any) Message { return Message{ID: id, Args: args} }

// String shows the id and the arguments, for tests and logs.
func (m Message) String() string { return fmt.Sprint(m.ID, m.Args) }

// Subject is what a finding is about: a listener, a process, a peer or a path.
// Fields that do not apply are empty.
type Subject struct {
	Local     string // "0.0.0.0:8080", "" when it is about no local port
	Peer      string // "192.0.2.7:443", or an address, "" when there are many
	PID       int    // the process to act on, 0 when none is known
	Name, Exe string
	NetNS     string
	Container string
	Path      string // route or interface, "" when it is about none
}

// Evidence is one observed fact.
type Evidence struct {
	Source  string  // a source name of package evidence, or one of the contract's finer ones ("listeners", "request-sockets")
	Fact    string  // machine name of the fact: counter name or a hyphenated word
	Value   float64 // in Unit
	Unit    string  // "sockets", "in window", "seconds", "ratio", "bytes", ...
	Text    Message
	Recheck string // a shell command that shows the fact again, "" when none does
}

// Exclusion says why a rival is not the cause.
type Exclusion struct {
	Cause   Cause
	Because Message
}

// Outlook says what happens to the sockets of a finding if nobody acts.
type Outlook struct {
	Text    Message
	Within  time.Duration // the longest that one of them stays; 0 when Forever or not known
	Forever bool
}

// Remedy is one way to act. Commands are exact; an empty Apply means that a
// person must change a program or a device that we cannot reach. Where Changes
// is not empty the commands are theirs, and the program can carry them out;
// where it is, commands only show what a person looks at or types.
type Remedy struct {
	ID      string
	Text    Message
	Risk    Message
	Changes []Change
	Apply   []string
	Undo    []string
	Persist []string
}

// Finding names one cause for one subject.
type Finding struct {
	Cause      Cause
	State      tcp.State // Unknown when it leaves no sockets here
	Severity   Severity
	Confidence Confidence
	Summary    Message
	Subject    Subject
	Count      int // sockets, or events in the window when State is Unknown
	Evidence   []Evidence
	Excluded   []Exclusion
	Open       []Exclusion // rivals that the evidence leaves open, and what would settle them
	Fate       Outlook
	Growth     *Growth // how it grew in the window; nil when it did not, or nobody can tell
	Age        *Age    // how long it has been there; nil when nobody can tell
	Remedies   []Remedy
	RefutedBy  Message
	BecauseOf  Cause // the root cause that this finding is a consequence of, "" for a root
	root       place // where that cause is
	workers    []int // the processes that it is about, nil for Subject.PID alone
}

// NotAssessed is a cause that could not be judged.
type NotAssessed struct {
	Cause Cause
	Needs []string // names of sources, or "rule" when this version has none for it
}

// Report is the outcome of a diagnosis.
type Report struct {
	Bundle      *evidence.Bundle // what it was made from
	States      tcp.Counts       // of the last snapshot
	Findings    []Finding        // root causes first, by severity and count; consequences follow their root
	NotAssessed []NotAssessed    // by catalogue order

	Namespaces []NamespaceStates // the parts of a merged report; nil for one namespace

	index *index // for those who join reports
}
