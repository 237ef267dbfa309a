package verdict

import (
	"strings"
	"testing"

	"github.com/synoptic-net/synoptic/diagnose"
	"github.com/synoptic-net/synoptic/tcp"
)

func leak(change func(*diagnose.Finding)) diagnose.Finding {
	f := diagnose.Finding{
		Cause: "app-not-closing", State: tcp.CloseWait, Count: 20, Severity: diagnose.Warning, Confidence: diagnose.Certain,
		Subject: diagnose.Subject{Name: "web"},
	}
	if change != nil {
		change(&f)
	}
	return f
}

func TestOf(t *testing.T) {
	want := Expected{Expects: []Expectation{{Cause: "app-not-closing", State: tcp.CloseWait, AtLeast: 20, Program: "web"}}, Beside: []string{"idle-pool"}}
	benign := Expected{Expects: []Expectation{{Cause: "app-not-closing", Benign: true}}}
	unsure := Expected{Expects: []Expectation{{Cause: "app-not-closing", Unsure: true}}}
	unbuilt := Expected{Expects: []Expectation{{Cause: "stale-nat-entry", State: tcp.SynSent}}}
	unknown := []diagnose.NotAssessed{{Cause: "stale-nat-entry"}}
	followed := Expected{Expects: []Expectation{{Cause: "app-not-closing", Because: "accept-stalled"}}}
	folded := Expected{Expects: []Expectation{{Cause: "app-not-closing", Because: "app-not-closing"}}}
	because := func(cause diagnose.Cause) diagnose.Finding {
		return leak(func(f *diagnose.Finding) { f.BecauseOf = cause })
	}
	found := func(list ...diagnose.Finding) diagnose.Report { return diagnose.Report{Findings: list} }
	other := func(severity diagnose.Severity, confidence diagnose.Confidence) diagnose.Finding {
		return diagnose.Finding{Cause: "syn-flood", Severity: severity, Confidence: confidence}
	}
	for name, c := range map[string]struct {
		expected Expected
		report   diagnose.Report
		fails    string // "" when it passes
		deferred bool
	}{
		"named":                        {want, found(leak(nil)), "", false},
		"named twice":                  {want, found(leak(func(f *diagnose.Finding) { f.Count = 8 }), leak(func(f *diagnose.Finding) { f.Count = 12 })), "", false},
		"not named":                    {want, found(), "is not named", false},
		"deferred":                     {unbuilt, diagnose.Report{NotAssessed: unknown}, "", true},
		"too few":                      {want, found(leak(func(f *diagnose.Finding) { f.Count = 19 })), "counts 19", false},
		"only possible":                {want, found(leak(func(f *diagnose.Finding) { f.Confidence = diagnose.Possible })), "no more than possible", false},
		"as possible as it is":         {unsure, found(leak(func(f *diagnose.Finding) { f.Confidence = diagnose.Possible })), "", false},
		"another state":                {want, found(leak(func(f *diagnose.Finding) { f.State = tcp.FinWait2 })), "said of FIN-WAIT-2", false},
		"another program":              {want, found(leak(func(f *diagnose.Finding) { f.Subject.Name = "db" })), `the program "db"`, false},
		"benign":                       {benign, found(leak(func(f *diagnose.Finding) { f.Severity = diagnose.Notice })), "", false},
		"called dangerous":             {benign, found(leak(nil)), "called warning", false},
		"a rival beside":               {want, found(leak(nil), other(diagnose.Critical, diagnose.Probable)), "syn-flood is named", false},
		"a guess beside":               {want, found(leak(nil), other(diagnose.Warning, diagnose.Possible)), "syn-flood is named", false},
		"a notice beside":              {want, found(leak(nil), other(diagnose.Notice, diagnose.Certain)), "", false},
		"what may stand beside":        {want, found(leak(nil), diagnose.Finding{Cause: "idle-pool", Severity: diagnose.Warning}), "", false},
		"deferred, and a guess":        {unbuilt, diagnose.Report{NotAssessed: unknown, Findings: []diagnose.Finding{other(diagnose.Warning, diagnose.Possible)}}, "", true},
		"a rule that was not run":      {want, diagnose.Report{NotAssessed: []diagnose.NotAssessed{{Cause: "app-not-closing"}}}, "is not named", false},
		"one more, of another program": {want, found(leak(nil), leak(func(f *diagnose.Finding) { f.Subject.Name = "innocent" })), `the program "innocent"`, false},
		"deferred, and a sure notice":  {unbuilt, diagnose.Report{NotAssessed: unknown, Findings: []diagnose.Finding{other(diagnose.Notice, diagnose.Certain)}}, "syn-flood is named", true},
		"deferred, and a rival":        {unbuilt, diagnose.Report{NotAssessed: unknown, Findings: []diagnose.Finding{other(diagnose.Warning, diagnose.Probable)}}, "syn-flood is named", true},
		"a consequence":                {followed, found(because("accept-stalled")), "", false},
		"of nothing":                   {followed, found(leak(nil)), `follow from ""`, false},
		"told once":                    {folded, found(leak(nil), because("app-not-closing")), "", false},
		"told twice":                   {folded, found(leak(nil), leak(nil)), "told 2 times", false},
		"healthy":                      {Expected{}, found(), "", false},
		"healthy, and unexplained":     {Expected{}, found(diagnose.Finding{Cause: "unexplained", Severity: diagnose.Warning}), "unexplained is named", false},
	} {
		v := Of(c.expected, c.report)
		if v.Pass() != (c.fails == "") || !strings.Contains(strings.Join(v.Failures, "; "), c.fails) || (len(v.Deferred) > 0) != c.deferred {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
