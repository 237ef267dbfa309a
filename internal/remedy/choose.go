package remedy

import (
	"strings"

	"github.com/synoptic-net/synoptic/diagnose"
)

// Choice is a remedy of a finding, and the shortest name that is its alone.
type Choice struct {
	Name    string // "kill-dead-sockets", "peer-vanished/kill-dead-sockets" or ".../kill-dead-sockets@192.0.2.7"
	Finding *diagnose.Finding
	Remedy  *diagnose.Remedy
}

// Choices lists every remedy of a report, in its order.
func Choices(r *diagnose.Report) []Choice {
	var all []Choice
	short, long := map[string]int{}, map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		for j := range f.Remedies {
			c := Choice{Finding: f, Remedy: &f.Remedies[j]}
			all = append(all, c)
			short[c.Remedy.ID]++
			long[c.ofCause()]++
		}
	}
	for i := range all {
		c := &all[i]
		switch {
		case short[c.Remedy.ID] == 1:
			c.Name = c.Remedy.ID
		case long[c.ofCause()] == 1:
			c.Name = c.ofCause()
		default:
			c.Name = c.ofSubject()
		}
	}
	return all
}

func (c Choice) ofCause() string { return string(c.Finding.Cause) + "/" + c.Remedy.ID }

func (c Choice) ofSubject() string {
	s := c.Finding.Subject
	for _, word := range []string{s.Peer, s.Local, s.Path, s.Name} {
		if word != "" {
			return c.ofCause() + "@" + word
		}
	}
	return c.ofCause()
}

// Choose returns the remedies that a word means: an id, "cause/id", or either
// with "@" and an end, interface or program of the finding. Where all of them make
// the same changes it is one. None is no such remedy.
func Choose(r *diagnose.Report, word string) []Choice {
	name, subject, about := strings.Cut(word, "@")
	var meant []Choice
	for _, c := range Choices(r) {
		s := c.Finding.Subject
		if name != c.Remedy.ID && name != c.ofCause() {
			continue
		}
		if about && subject != s.Peer && subject != s.Local && subject != s.Path && subject != s.Name {
			continue
		}
		meant = append(meant, c)
	}
	if len(meant) > 1 && alike(meant) {
		return meant[:1]
	}
	return meant
}

// alike tells whether the remedies are typed and the same: one setting cures
// several findings.
func alike(list []Choice) bool {
	for _, c := range list {
		if len(c.Remedy.Changes) == 0 || len(c.Remedy.Changes) != len(list[0].Remedy.Changes) {
			return false
		}
		for i, change := range c.Remedy.Changes {
			if change != list[0].Remedy.Changes[i] {
				return false
			}
		}
	}
	return true
}
