package explain

import (
	"strconv"
	"strings"
	"time"
)

// GuardLife says who guards a network namespace.
type GuardLife struct {
	State      string     `json:"state"` // "none", "beginning", "running", "silent", "restoring", "grace", "changing", "died"
	PID        int        `json:"pid,omitempty"`
	Reaper     int        `json:"reaper,omitempty"`
	Interfaces []string   `json:"interfaces,omitempty"`
	Armed      []string   `json:"armed,omitempty"`
	Journals   string     `json:"journals,omitempty"` // their folder, of a guard that says it
	Since      *time.Time `json:"since,omitempty"`
	Until      *time.Time `json:"until,omitempty"` // the end of the grace
	Text       string     `json:"text,omitempty"`
}

// Say puts it into the words of a language; nothing is said of no guard.
func (g *GuardLife) Say(lang Language) {
	const clock = "2006-01-02 15:04:05 UTC"
	pid, reaper := strconv.Itoa(g.PID), strconv.Itoa(g.Reaper) // no thousands are parted in them
	args := []any{pid}
	switch g.State {
	case "none":
		return
	case "running":
		args = []any{g.Since.UTC().Format(clock), pid, strings.Join(g.Interfaces, ", "), reaper}
	case "grace":
		args = []any{g.Until.UTC().Format(clock), reaper}
	}
	g.Text = lang.Say("guard-life-"+g.State, args...)
	if g.State != "running" {
		return
	}
	armed := lang.Say("guard-life-disarmed")
	if len(g.Armed) > 0 {
		armed = lang.Say("guard-life-armed", strings.Join(g.Armed, ", "))
	}
	g.Text = lang.Say("guard-after", g.Text, armed)
}
