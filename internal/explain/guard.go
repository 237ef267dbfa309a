package explain

import (
	"fmt"
	"time"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/internal/remedy"
)

// The names of what the guard prints.
const (
	GuardPlanSchema   = "synoptic.guard-plan/v1"
	GuardStatusSchema = "synoptic.guard-status/v1"
	GuardRevertSchema = "synoptic.guard-revert/v1"
)

// GuardPlan is what "synoptic guard plan" would do, and "guard apply" did.
type GuardPlan struct {
	Schema    string       `json:"schema"`
	Diagnosis Diagnosis    `json:"diagnosis"` // what it was made from
	Changes   []PlanChange `json:"changes"`
	Refused   string       `json:"refused"`           // why nothing is done, "" when it is not refused
	Hints     []string     `json:"hints"`             // what a person may do besides
	Journal   string       `json:"journal,omitempty"` // of what was changed
	Text      string       `json:"text"`              // what is the matter, in a sentence
	With      string       `json:"-"`                 // further words of the command that comes next
	Applied   bool         `json:"-"`                 // it was to be carried out, and not only shown
}

// End is what a person is told last: how to go on, or that nothing is proposed.
func (g *GuardPlan) End(lang Language) []string {
	switch {
	case g.Refused != "":
		return []string{lang.Say("guard-nothing")}
	case g.Journal != "":
		return []string{lang.Say("guard-done", g.Journal), lang.Say("guard-back", g.With)}
	case len(g.Changes) > 0 && !g.Applied:
		return []string{lang.Say("guard-how", g.With)}
	}
	return nil
}

// GuardOutlook is what a guard makes of a diagnosis.
type GuardOutlook struct {
	Plan    remedy.Plan
	Flood   *diagnose.Finding
	Through *diagnose.Finding
	Instead *diagnose.Finding
	Unseen  string
	Hints   []diagnose.Message
}

// GuardPlanOf puts it into the words of a language.
func GuardPlanOf(o GuardOutlook, report diagnose.Report, lang Language) GuardPlan {
	out := GuardPlan{
		Schema: GuardPlanSchema, Diagnosis: Document(report, lang), Changes: PlanOf(o.Plan, lang).Changes,
		Refused: o.refusal(lang), Hints: []string{},
	}
	say := speaker(lang)
	for _, h := range o.Hints {
		if h.ID == "guard-hint-xdp" { // what it says is an error
			h = diagnose.Say(h.ID, lang.Phrase(fmt.Sprint(h.Args...)))
		}
		out.Hints = append(out.Hints, say(h))
	}
	switch {
	case out.Refused != "":
		out.Text = out.Refused
	case o.Flood != nil && len(out.Changes) == 0:
		out.Text = lang.Say("guard-after", say(o.Flood.Summary), lang.Say("guard-flood-settled"))
	case o.Flood != nil:
		out.Text = say(o.Flood.Summary)
	case o.Through != nil:
		out.Text = lang.Say("guard-after", say(o.Through.Summary), lang.Say("guard-through"))
	case len(out.Changes) > 0:
		out.Text = lang.Say("guard-quiet")
	default:
		out.Text = lang.Say("guard-settled")
	}
	return out
}

// heldBy sorts what looks like a flood by why no defence against one helps.
var heldBy = map[diagnose.Cause]string{
	"accept-stalled": "accept", "accept-backlog-too-small": "accept", "closed-before-accept": "accept",
	"synack-blocked-here": "way", "synack-lost-on-path": "way", "asymmetric-return": "way", "no-return-route": "way", "return-path-filtered": "way", "ack-lost": "way",
}

func (o *GuardOutlook) refusal(lang Language) string {
	switch {
	case o.Unseen != "":
		return lang.Say("guard-unseen", o.Unseen)
	case o.Instead == nil:
		return ""
	}
	why := heldBy[o.Instead.Cause]
	if why == "" {
		why = "other"
	}
	return lang.Say("guard-instead", string(o.Instead.Cause), speaker(lang)(o.Instead.Summary), lang.Say("guard-instead-"+why))
}

// GuardStatus compares what the guard's journals tell with the system, or says
// what was taken back.
type GuardStatus struct {
	Schema  string        `json:"schema"`
	Changes []GuardChange `json:"changes"`
	Guard   GuardLife     `json:"guard"`
	Intact  bool          `json:"intact"` // all that the journals tell of stands as it was set; of a revert: all is as it was before
	Text    string        `json:"text"`
}

// GuardChange is a change of the guard that a journal tells of.
type GuardChange struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Target  string    `json:"target"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Held    string    `json:"held"`   // what stands there now
	Status  string    `json:"status"` // "in-force", "taken-back", "altered", "unread", "gone"; of a revert "undone", "ended"
	Undo    string    `json:"undo"`
	Journal string    `json:"journal"`
	Applied time.Time `json:"applied"`
}
