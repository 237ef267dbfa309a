package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/synoptic-net/synoptic/evidence"
)

// Where each process of a program serves one connection, a fault of the program
// shows as a socket or two in each of them. They are judged one by one, since
// only one of them may be blocked, and told together.

// workers is what processes of one program share that are told together.
type workers struct {
	cause       Cause
	local, peer string
	name, exe   string
	container   string
	because     Cause
}

// together joins the findings that are alike but for the process, where there are
// more than a few.
func together(findings []Finding) []Finding {
	groups := map[workers][]int{}
	for i := range findings {
		f := &findings[i]
		if s := f.Subject; s.PID != 0 && s.Name != "" && f.workers == nil && f.Cause != "unexplained" {
			key := workers{f.Cause, s.Local, s.Peer, s.Name, s.Exe, s.Container, f.BecauseOf}
			groups[key] = append(groups[key], i)
		}
	}
	told := make([]bool, len(findings))
	for _, group := range groups {
		if len(group) < few {
			continue
		}
		// The least certain one speaks for all, and the first process that is so.
		slices.SortFunc(group, func(a, b int) int {
			f, g := &findings[a], &findings[b]
			return cmp.Or(cmp.Compare(f.Confidence, g.Confidence), cmp.Compare(f.Subject.PID, g.Subject.PID))
		})
		findings[group[0]] = joinWorkers(findings, group)
		for _, i := range group[1:] {
			told[i] = true
		}
	}
	out := findings[:0]
	for i := range findings {
		if !told[i] {
			out = append(out, findings[i])
		}
	}
	return out
}

func joinWorkers(findings []Finding, group []int) Finding {
	f := findings[group[0]]
	f.Count = 0
	growth := Growth{}
	for _, i := range group {
		g := &findings[i]
		f.Count += g.Count
		f.Severity = max(f.Severity, g.Severity)
		f.Fate.Within = max(f.Fate.Within, g.Fate.Within)
		f.Fate.Forever = f.Fate.Forever || g.Fate.Forever
		f.workers = append(f.workers, g.Subject.PID)
		if g.Growth != nil {
			growth.PerSecond += g.Growth.PerSecond
		}
		if g.Age != nil && (f.Age == nil || g.Age.AtLeast > f.Age.AtLeast) {
			f.Age = g.Age
		}
	}
	if f.Severity == Notice && len(f.Open) == 0 && (f.Cause == "app-not-closing" || f.Cause == "half-close-held") {
		f.Severity = leakSeverity(f.Count, false)
	}
	if f.Growth = nil; growth.PerSecond > 0 {
		f.Growth = &growth
		growth.Text = Say("growth", growth.rate())
	}
	f.Summary = Say("workers-alike", f.Summary, len(group)-1, f.Count)
	f.Evidence = append([]Evidence{{
		Source: evidence.SourceProcesses, Fact: "processes-alike", Value: float64(len(group)), Unit: "processes",
		Text: Say("processes-alike", len(group), f.Subject.Name), Recheck: "synoptic sockets state " + strings.ToLower(f.State.String()),
	}}, f.Evidence...)
	return f
}

// keys are the piles of a finding: one for each process.
func (f *Finding) keys(of func(*Finding) (pileKey, bool)) []pileKey {
	key, ok := of(f)
	if !ok {
		return nil
	}
	if f.workers == nil || key.pid == 0 {
		return []pileKey{key}
	}
	keys := make([]pileKey, len(f.workers))
	for i, pid := range f.workers {
		keys[i] = key
		keys[i].pid = pid
	}
	return keys
}
