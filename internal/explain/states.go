package explain

import (
	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/host"
	"github.com/synoptic-net/synoptic/tcp"
)

// StateText is everything that is said about one state in one language. What
// the table of transitions or the vocabularies already know is not repeated.
type StateText struct {
	Summary  string // one line without a full stop
	Meaning  string // what the state means
	End      string // which end of the connection is in it
	Peer     string // what the other end is then likely in
	Linux    string // how Linux keeps it, where that surprises
	Lasts    string // how long, if nothing else happens
	Causes   []CauseText
	Counters []CounterText
	Settings []SettingText
}

// CauseText is one reason for a pile of a state.
type CauseText struct {
	Code diagnose.Cause `json:"cause"`
	Text string         `json:"text"`
}

// CounterText says what a kernel counter has to do with a state.
type CounterText struct {
	Name string `json:"name"` // as nstat prints it, or as host.Counters names a gauge of /proc/net/sockstat
	Text string `json:"text"`
}

// SettingText says what a kernel setting has to do with a state.
type SettingText struct {
	Name    string `json:"name"`    // sysctl name
	Default string `json:"default"` // of Linux 6.18, "by memory" when it depends
	Text    string `json:"text"`
}

// Look is a command that shows the sockets of a state.
type Look struct {
	Command string `json:"command"`
	Text    string `json:"text"`
}

// StateWords returns the page of a state; Unknown has an empty page.
func StateWords(s tcp.State, l Language) StateText { return (*stateTexts.in(l))[s] }

// looks returns the commands that show the sockets of a state.
func looks(s tcp.State, l Language) []Look {
	word, about := host.Vocabulary(s).SS, lookTexts.in(l)
	return []Look{
		{"synoptic sockets state " + word, about[0]},
		{"ss -tan state " + word, about[1]},
		{"synoptic diagnose", about[2]},
	}
}
