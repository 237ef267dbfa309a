package explain

import (
	"fmt"
	"strings"

	"github.com/synoptic-net/synoptic/internal/remedy"
	"github.com/synoptic-net/synoptic/tcp"
)

// FixSchema names the form of a Fix.
const FixSchema = "synoptic.fix/v1"

// Fix is what "synoptic diagnose --fix" did, or would do, in words.
type Fix struct {
	Schema    string     `json:"schema"`
	Diagnosis *Diagnosis `json:"diagnosis,omitempty"` // what called for it
	Plan      Plan       `json:"plan"`
	DryRun    bool       `json:"dry_run"`
	Refused   string     `json:"refused"` // why nothing was changed, "" when it was not refused
	Journal   string     `json:"journal"` // id for --undo, "" when nothing was changed
	Outcome   string     `json:"outcome"` // "helped", "not-yet", "no", "unknown", "" when nobody looked again
	Text      string     `json:"text"`    // the outcome in a sentence
	Undo      string     `json:"undo"`    // the command that takes it back, "" when nothing does
	After     *Diagnosis `json:"after,omitempty"`
}

// Plan is a plan in words.
type Plan struct {
	Remedy  string       `json:"remedy"`
	Cause   string       `json:"cause"`
	State   string       `json:"state"`
	Subject Subject      `json:"subject"`
	Effect  string       `json:"effect"`
	Cost    string       `json:"cost"`
	Check   string       `json:"check"` // what must change for it to have helped
	Changes []PlanChange `json:"changes"`
}

// PlanChange is one change of a plan.
type PlanChange struct {
	ID         string   `json:"id"`
	Kind       string   `json:"kind"`
	Preventive bool     `json:"preventive"`
	Target     string   `json:"target"`
	From       string   `json:"from"`
	To         string   `json:"to"`
	Undo       string   `json:"undo"`
	Effect     string   `json:"effect"`
	Cost       string   `json:"cost"`
	Scope      string   `json:"scope"`    // "namespace" or "host"
	Commands   []string `json:"commands"` // what a person may type instead
	Status     string   `json:"status"`   // "would-change", "changed", "already", "refused", "taken-back"
	Why        string   `json:"why,omitempty"`
	ScopeText  string   `json:"-"`
}

// PlanOf puts a plan into the words of a language. Every change would be made.
func PlanOf(p remedy.Plan, lang Language) Plan {
	say, words := speaker(lang), fixTexts.in(lang)
	out := Plan{
		Remedy: p.Remedy, Cause: string(p.Cause), Subject: subject(&p.Subject), Effect: say(p.Effect), Cost: say(p.Cost),
		Check: words.checkText(p), Changes: []PlanChange{},
	}
	if p.State != tcp.Unknown {
		out.State = p.State.String()
	}
	for _, c := range p.Changes {
		effect, cost := out.Effect, out.Cost
		if c.Effect.ID != "" {
			effect, cost = say(c.Effect), say(c.Cost)
		}
		out.Changes = append(out.Changes, PlanChange{
			ID: c.ID, Kind: string(c.Kind), Preventive: c.Preventive, Target: c.Target, From: c.From, To: c.To,
			Undo: strings.Join(c.Undo(), "; "), Effect: effect, Cost: cost, Scope: string(c.Scope),
			Commands: list(c.Apply()), Status: "would-change", ScopeText: words.Scopes[c.Scope],
		})
	}
	return out
}

func (w *fixWords) checkText(p remedy.Plan) string {
	text := w.Gone
	switch {
	case p.Check.Rises != "":
		text = w.Rises + p.Check.Rises
	case p.Check.Retries > 0:
		text = fmt.Sprintf(w.Retries, p.Check.Retries)
	case !p.Check.Gone():
		text = w.Still + strings.Join(p.Check.Counters, w.Join)
	}
	if p.Restart {
		text += w.AfterRestart
	}
	return text
}

// OutcomeText says in a sentence what another look showed.
func OutcomeText(p remedy.Plan, o remedy.Outcome, lang Language) string {
	words := fixTexts.in(lang)
	if o == remedy.NotYet && p.Restart {
		return words.Restart
	}
	if o == remedy.Helped && len(p.Check.Counters) > 0 {
		return words.Stands + strings.Join(p.Check.Counters, words.Join)
	}
	return words.Outcomes[o]
}
