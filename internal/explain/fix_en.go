package explain

import "github.com/synoptic-net/synoptic/internal/remedy"

// fixWords are the words about carrying out a remedy.
type fixWords struct {
	Scopes       map[remedy.Scope]string
	Outcomes     map[remedy.Outcome]string
	Restart      string
	Stands       string // then counters
	Gone         string
	Still        string // then counters
	Rises        string // then a counter
	Retries      string // number
	AfterRestart string
	Join         string // between counters
}

var fixEnglish = fixWords{
	Scopes: map[remedy.Scope]string{
		remedy.ThisNamespace: "this network namespace",
		remedy.WholeHost:     "the whole host",
	},
	Outcomes: map[remedy.Outcome]string{
		remedy.Helped:  "It helped: what called for it is not there any more.",
		remedy.NotYet:  "Not yet: it is less than it was, or was not seen to move. Diagnose again in a while.",
		remedy.NoHelp:  "It did not help: what called for it is there as before. Take it back, and see what else the finding offers.",
		remedy.Unknown: "Whether it helped could not be seen: what would show it was not read.",
	},
	Restart:      "Not yet: the program gets it when it calls listen() again. Restart it, then diagnose again.",
	Stands:       "It helped, whatever else goes on: no more ",
	Gone:         "the finding is gone",
	Still:        "these counters stand still: ",
	Rises:        "this counter rises: ",
	Retries:      "no half-open connection is answered more than %d times again",
	AfterRestart: ", once the program was restarted",
	Join:         ", ",
}
